"""What a broker leaves: killed before its first orderly stop, cleanly stopped, and killed after a restart.

The same checks hold for all three, and every segment is compared field by field with what Kafka itself reads in it.
"""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixtures.make import kafka
from tests.kafka.answers import LAB_4_ON_DISK, high_watermarks, places, rows, succeeded

pytestmark = pytest.mark.kafka

SECONDS_BEFORE_THE_KILL = 2
CLEAN = "cleanly stopped"
KILLED = "not cleanly stopped (killed, or copied while it ran)"


class Left(NamedTuple):
    """A directory as a broker left it."""

    path: Path
    lab_4_runs: int
    words: str


@pytest.fixture(scope="module")
def left_behind(new_broker, version, kinspect, tmp_path_factory) -> Mapping[str, Left]:
    """One broker's life; its directory is copied at each end."""
    copies = tmp_path_factory.mktemp("left")

    def labs(broker: kafka.Broker, *numbers: int) -> None:
        succeeded(kinspect("labs", "run", *numbers, "--bootstrap-server", broker.bootstrap))

    def copied(broker: kafka.Broker, name: str, *known: Any) -> Left:
        return Left(Path(shutil.copytree(broker.log_dir, copies / name)), *known)

    with new_broker(version) as broker:
        labs(broker, *range(1, 8))
        time.sleep(SECONDS_BEFORE_THE_KILL)
        broker.kill()
        killed_young = copied(broker, "killed-young", 1, KILLED)
        broker.start()
        labs(broker, 4)
        kafka.run_java(version, "kinspect.Workload", broker.bootstrap, "codecs", "append-time", "transactions")
        broker.stop()
        stopped = copied(broker, "stopped", 2, CLEAN)
        broker.start()
        labs(broker, 4)
        time.sleep(SECONDS_BEFORE_THE_KILL)
        broker.kill()
        killed = copied(broker, "killed", 3, KILLED)
    return {"killed-young": killed_young, "stopped": stopped, "killed": killed}


@pytest.fixture(params=["killed-young", "stopped", "killed"])
def left(left_behind, request) -> Left:
    """Each of the three ends."""
    return left_behind[request.param]


def run_times(count: int) -> str:
    return "run once" if count == 1 else f"run {count} times"


def lab_4_on_disk(runs: int) -> list[tuple[int, int, str, str]]:
    """Partition by partition, run after run."""
    return [
        (partition, offset + run * len(of_one_run), key, value)
        for partition, found in groupby(LAB_4_ON_DISK, key=lambda record: record[0])
        for of_one_run in [list(found)]
        for run in range(runs)
        for _, offset, key, value in of_one_run
    ]


def test_the_records_lie_where_the_partitioner_put_them(kinspect, left):
    done = succeeded(kinspect("show", left.path, "--topic", "hello-world-4", "-J"))
    assert places(done) == lab_4_on_disk(left.lab_4_runs)
    count = 4 * left.lab_4_runs
    verdict = f"lab 4: placed as expected ({count} of {count} records, {run_times(left.lab_4_runs)})"
    assert verdict in done.stderr


def test_the_facts_tell_how_the_broker_ended(kinspect, left):
    done = succeeded(kinspect(left.path, "--topic", "hello-world-4"))
    assert done.stdout.count(f", {left.words}\n") == 3
    assert "checkpointed 0" not in done.stdout
    assert done.stderr == ""


def test_the_high_watermark_is_right_or_unknown_but_never_0(kinspect, left):
    partitions = rows(succeeded(kinspect("ls", left.path, "-J")))
    watermarks = high_watermarks(row for row in partitions if row["topic"] != "__cluster_metadata")
    assert len(watermarks) > 9
    if left.words == CLEAN:
        assert all(mark == end for mark, end in watermarks.values()), watermarks
    assert all(mark is None or 0 < mark <= end for mark, end in watermarks.values()), watermarks


def test_all_labs_are_as_expected(kinspect, left):
    done = succeeded(kinspect("labs", "check", left.path))
    assert f", {run_times(left.lab_4_runs)})\n" in done.stdout
    assert done.stdout.endswith("\n7 of 7 labs as expected\n")


def test_there_is_no_damage(kinspect, left):
    said = succeeded(kinspect("verify", left.path, "--fail-on", "warning")).stdout
    assert said.splitlines()[-1].startswith("no damage")  # notes there are: control records, an open transaction


def test_a_moved_record_is_named(kinspect, left, tmp_path):
    moved = Path(shutil.copytree(left.path, tmp_path / "moved"))
    one, two = (moved / f"hello-world-4-{partition}" / f"{0:020}.log" for partition in (1, 2))
    of_one, of_two = one.read_bytes(), two.read_bytes()
    one.write_bytes(of_two)
    two.write_bytes(of_one)
    done = succeeded(kinspect(moved, "--topic", "hello-world-4"), code=1)
    assert "expected in partition 2, found key 2, value Hello Partitioner 2 in partition 1\n" in done.stdout
    assert "expected in partition 1, found key 301, value Hello Partitioner 4 in partition 2\n" in done.stdout
    found = rows(succeeded(kinspect("labs", "check", moved, "4", "-J"), code=1))
    assert {(each["slug"], each["partition"], each["expected"]) for each in found} == {
        ("lab-record-misplaced", 1, 2),
        ("lab-record-misplaced", 2, 1),
    }


# ---- Field by field against Kafka


def test_every_batch_and_record_is_what_kafka_reads(kinspect, left, version):
    segments = sorted(left.path.glob("*/*.log"))
    said = by_segment(kafka.read(version, *segments))
    batches = rows(succeeded(kinspect("batches", left.path, "-J", "-t", "*")))
    records = rows(succeeded(kinspect("show", left.path, "-J", "-t", "*", "-n", "0")))
    seen_batches, seen_records = by_name(batches), by_name(records)
    assert {name for name, lines in said.items() if lines} == seen_batches.keys() == seen_records.keys()
    for name, lines in said.items():
        assert [as_kafka_says_batch(row) for row in seen_batches.get(name, [])] == of_kind(lines, "batch"), name
        assert [as_kafka_says_record(row) for row in seen_records.get(name, [])] == of_kind(lines, "record"), name
    assert not any(row["damaged"] for row in records)


def test_the_compared_segments_hold_all_codecs_and_control_records(kinspect, left_behind):
    batches = rows(succeeded(kinspect("batches", left_behind["stopped"].path, "-J", "-t", "*")))
    assert {row["compression"] for row in batches} == {"none", "gzip", "snappy", "lz4", "zstd"}
    assert {row["timestamp_type"] for row in batches} == {"CreateTime", "LogAppendTime"}
    assert any(row["is_control"] for row in batches)


def by_segment(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What Kafka says, by `folder/file`; nothing in it may be a refusal."""
    said: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if line["line"] == "file":
            current = said.setdefault("/".join(Path(line["file"]).parts[-2:]), [])
        else:
            assert line["line"] in ("batch", "record"), line
            current.append(line)
    return said


def by_name(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of kinspect, by `folder/file`."""
    seen: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        seen.setdefault(f"{row['topic']}-{row['partition']}/{row['segment']}", []).append(row)
    return seen


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["line"] == kind]


def as_kafka_says_batch(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "line": "batch",
        "position": row["position"],
        "sizeInBytes": row["batch_bytes"],
        "baseOffset": row["base_offset"],
        "lastOffset": row["last_offset"],
        "countOrNull": row["records_count"],
        "magic": row["magic"],
        "compressionType": row["compression"],
        "checksum": row["crc"],
        "isValid": row["crc_ok"],
        "partitionLeaderEpoch": row["partition_leader_epoch"],
        "producerId": row["producer_id"],
        "producerEpoch": row["producer_epoch"],
        "baseSequence": row["base_sequence"],
        "lastSequence": row["last_sequence"],
        "isTransactional": row["is_transactional"],
        "isControlBatch": row["is_control"],
        "deleteHorizonMs": row["delete_horizon_ms"],
        "timestampType": row["timestamp_type"],
        "maxTimestamp": row["max_timestamp"],
    }


def as_kafka_says_record(row: dict[str, Any]) -> dict[str, Any]:
    said = {
        "line": "record",
        "position": row["position"],
        "offset": row["offset"],
        "timestamp": row["timestamp"],
        "sequence": row["sequence"],
        "key": as_base64(row["key"]),
        "value": as_base64(row["value"]),
        "headers": [[key, as_base64(value)] for key, value in row["headers"]],
    }
    return said | ({"controlType": row["control_type"]} if row["is_control"] else {})


def as_base64(value: str | dict[str, str] | None) -> str | None:
    """Bytes as Kafka's reading has them, from bytes as kinspect's JSON has them."""
    if isinstance(value, dict):
        return value["$base64"]
    return None if value is None else base64.b64encode(value.encode()).decode()
