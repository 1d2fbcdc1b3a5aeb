"""Salvaged directories under a real broker: it loads them without complaint, and its consumers read every record.

What they must read is told by Kafka's own reading of the original segments, and by the recipes of the damage.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixtures.make import kafka
from fixtures.make.damage import BASE, RECIPES, damaged
from tests.conftest import FIXTURES
from tests.kafka.answers import succeeded
from tests.salvaging.harm import Harmed, flip, harm, split
from tests.salvaging.test_proving import ALL, EXPECTED

pytestmark = pytest.mark.kafka

PARTS = ("codecs", "append-time", "transactions", "indexed")
TOPICS = ("codecs", "append-time", "transactions", "indexed")
DAMAGED = "damaged"
"""A topic with a partition for each bundled damage."""
OLD = sorted((FIXTURES / "real" / "kafka-3.6.0-old-formats").glob("m*-[0-9]/*.log"))
"""Segments of the formats v0 and v1, with and without compression, and one with all three formats."""

COMPLAINT = re.compile(r"^\[.*?\] (?:WARN|ERROR|FATAL) .*$", re.MULTILINE)
ABOUT_LOGS = re.compile(r"\(kafka\.log|storage\.internals|LogLoader|LogManager|UnifiedLog|LogSegment|ProducerState")

Record = tuple[str, int, int, int, str | None, str | None, str]
"""Topic, partition, offset, timestamp, key, value, headers."""


class Left(NamedTuple):
    """A broker that was stopped, a copy of what it left, and what Kafka reads in it.

    committed: what a consumer with read_committed was given before the broker was stopped.
    """

    broker: kafka.Broker
    original: Path
    committed: list[Record]
    said: Mapping[Path, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def left(new_broker, version, tmp_path_factory) -> Left:
    broker = new_broker(version)
    with broker:
        broker.create_topic(DAMAGED, partitions=len(RECIPES))
        kafka.run_java(version, "kinspect.Workload", broker.bootstrap, *PARTS)
        committed = consumed(broker, "read_committed", ["transactions"])
    original = Path(shutil.copytree(broker.log_dir, tmp_path_factory.mktemp("left") / "original"))
    segments = segments_of(original)
    said: dict[Path, list[dict[str, Any]]] = {}
    for line in kafka.read(version, *segments):
        if line["line"] == "file":
            current = said.setdefault(Path(line["file"]), [])
        else:
            current.append(line)
    return Left(broker, original, committed, said)


def segments_of(log_dir: Path) -> list[Path]:
    return [path for topic in TOPICS for path in sorted(log_dir.glob(f"{topic}-[0-9]/*.log"))]


def records(left: Left, lost: Mapping[Path, Harmed] = {}) -> list[Record]:
    """What a consumer must be given: all data records of batches that no harm was done to."""
    expected = []
    for path, lines in left.said.items():
        topic, _, number = path.parent.name.rpartition("-")
        harmed = lost.get(path)
        whole = None if harmed is None else set(harmed.left_whole(path.read_bytes()))
        data = {one.position: one.data for one in split(path.read_bytes())}
        expected += [
            as_record(topic, int(number), line)
            for line in lines
            if line["line"] == "record" and "controlType" not in line
            and (whole is None or data[line["position"]] in whole)
        ]  # fmt: skip
    return sorted(expected, key=place)


def as_record(topic: str, partition: int, line: Mapping[str, Any]) -> Record:
    return (
        topic, partition, line["offset"], line["timestamp"], line["key"], line["value"], json.dumps(line["headers"])
    )  # fmt: skip


def place(record: Record) -> tuple[str, int, int]:
    return record[:3]


def consumed(broker: kafka.Broker, isolation: str = "read_uncommitted", topics: Iterable[str] = TOPICS) -> list[Record]:
    answer = kafka.run_java(broker.version, "kinspect.Consumed", broker.bootstrap, isolation, *topics)
    lines = [json.loads(line) for line in answer.splitlines()]
    return sorted((as_record(line["topic"], line["partition"], line) for line in lines), key=place)


def put_in_place(broker: kafka.Broker, data: Path) -> int:
    """Gives the broker the new directory instead of its own; the length of its text log so far."""
    shutil.rmtree(broker.log_dir)
    shutil.copytree(data, broker.log_dir)
    return len(said_in_all(broker))


def said_in_all(broker: kafka.Broker) -> str:
    return (broker.workdir / "server.log").read_text(errors="replace")


def complaints(broker: kafka.Broker, since: int) -> list[str]:
    return [line for line in COMPLAINT.findall(said_in_all(broker)[since:]) if ABOUT_LOGS.search(line)]


def salvaged(kinspect, log_dir: Path, target: Path, code: int = 0) -> Path:
    succeeded(kinspect("salvage", log_dir, "--output", target), code=code)
    return target / "data"


def test_an_undamaged_directory_is_loaded_at_once_and_read_as_it_was(kinspect, left, tmp_path):
    data = salvaged(kinspect, left.original, tmp_path / "out")
    since = put_in_place(left.broker, data)
    with left.broker as broker:
        for start in ("without the marker of a clean stop", "after a clean stop"):
            assert consumed(broker) == records(left), start
            assert complaints(broker, since) == [], start
            assert consumed(broker, "read_committed", ["transactions"]) == left.committed, start
            broker.restart()
    text = said_in_all(left.broker)[since:]
    assert "rebuilding index" not in text and "Rebuilding index" not in text


@pytest.mark.parametrize("seed", range(2))
def test_every_record_that_no_harm_was_done_to_is_consumed(kinspect, left, tmp_path, seed):
    damaged = Path(shutil.copytree(left.original, tmp_path / "damaged"))
    lost = {}
    for number, path in enumerate(segments_of(left.original)):
        original = path.read_bytes()
        if original:
            _, harmed = harm(original, 1000 * seed + number)
            (damaged / path.relative_to(left.original)).write_bytes(harmed.data)
            lost[path] = harmed
    data = salvaged(kinspect, damaged, tmp_path / "out", code=1)
    since = put_in_place(left.broker, data)
    with left.broker as broker:
        found = consumed(broker)
        assert complaints(broker, since) == []
    expected, all_records = records(left, lost), set(records(left))
    assert set(expected) <= set(found), sorted(set(expected) - set(found))[:5]
    assert set(found) <= all_records, sorted(set(found) - all_records)[:5]
    assert len(set(map(place, found))) == len(found)


def test_every_bundled_damage_is_loaded_and_what_is_whole_is_consumed(kinspect, left, version, tmp_path):
    log_dir = Path(shutil.copytree(left.original, tmp_path / "damaged"))
    for number, recipe in enumerate(RECIPES):
        (log_dir / f"{DAMAGED}-{number}" / BASE.name).write_bytes(damaged(recipe))
    data = salvaged(kinspect, log_dir, tmp_path / "out", code=3)  # the bomb is not decompressed to its end
    since = put_in_place(left.broker, data)
    with left.broker as broker:
        found = consumed(broker, topics=[DAMAGED])
        assert complaints(broker, since) == []
    base = [as_record(DAMAGED, 0, line) for line in kafka.read(version, BASE) if line["line"] == "record"]
    for number, recipe in enumerate(RECIPES):
        missing, _ = EXPECTED[recipe]
        kept = {offset + delta for offset in ALL if offset not in missing for delta in range(4)}
        read = {record[2]: record[3:] for record in found if record[1] == number}
        expected = {record[2]: record[3:] for record in base if record[2] in kept}
        if recipe == "batch-in-a-value":  # one batch is another than in the base, with three records
            expected = {offset: values for offset, values in expected.items() if not 12 <= offset < 16}
            assert {12, 13, 14} <= read.keys()
            read = {offset: values for offset, values in read.items() if not 12 <= offset < 16}
        assert read == expected, recipe


def test_old_formats_are_loaded_and_what_is_whole_is_consumed(kinspect, left, version, tmp_path):
    log_dir = Path(shutil.copytree(left.original, tmp_path / "damaged"))
    expected = []
    for number, path in enumerate(OLD):
        original = path.read_bytes()
        harmed = flip(original, random.Random(number))
        (log_dir / f"{DAMAGED}-{number}" / BASE.name).write_bytes(harmed.data)
        whole = {one.position for one in split(original) if one.data in harmed.left_whole(original)}
        lines = (line for line in kafka.read(version, path) if line["line"] == "record" and line["position"] in whole)
        expected += [as_record(DAMAGED, number, line) for line in lines]
    data = salvaged(kinspect, log_dir, tmp_path / "out", code=1)
    since = put_in_place(left.broker, data)
    with left.broker as broker:
        found = consumed(broker, topics=[DAMAGED])
        assert complaints(broker, since) == []
    assert found == sorted(expected, key=place)
    assert len(OLD) == 9 and len({record[1] for record in found}) > 6
