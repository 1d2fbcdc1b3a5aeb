"""What a real log cleaner leaves is explained, and one batch that is taken out of a log is not.

One broker's life: topics that are compacted, never compacted, and compacted no more. Its directory is copied while it
runs, after a kill, and after a clean stop.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from fixtures.make import kafka
from tests.kafka.answers import rows

pytestmark = pytest.mark.kafka

KEYS = 40
PER_BATCH = 3
CLEAN_SECONDS = 60
CHECKPOINT = "cleaner-offset-checkpoint"
QUICK = {"segment.ms": 100, "min.cleanable.dirty.ratio": "0.5"}
"""Each batch of a later time opens a segment; a second pass waits until most of the log is dirty."""

COMPACTED, KEPT, NO_MORE = TOPICS = "compacted", "kept", "compacted-no-more"


def produce(broker: kafka.Broker, topic: str, numbers: range, first_batch: int) -> int:
    """Sends a batch of a few records for each of these numbers, overwriting what had the number before."""
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, linger_ms=60_000)
    for batch, number in enumerate(numbers, start=first_batch):
        for record in range(PER_BATCH):
            key, at = f"{number}-{record}".encode(), 1_700_000_000_000 + 1000 * batch
            producer.send(topic, key=key, value=b"x" * 50, partition=0, timestamp_ms=at)
        producer.flush()
    producer.close()
    return first_batch + len(numbers)


def cleaned(log_dir: Path, topic: str) -> int:
    """How far the cleaner came."""
    file = log_dir / CHECKPOINT
    rows = [line.split() for line in file.read_text().splitlines()[2:]] if file.exists() else []
    return next((int(offset) for name, _, offset in rows if name == topic), 0)


def wait_for_cleaner(broker: kafka.Broker, topic: str, offset: int) -> None:
    deadline = time.monotonic() + CLEAN_SECONDS
    while cleaned(broker.log_dir, topic) < offset:
        assert time.monotonic() < deadline, f"the cleaner came to {cleaned(broker.log_dir, topic)} only"
        time.sleep(0.5)


def set_policy(broker: kafka.Broker, topic: str, policy: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": policy})])
    admin.close()


@pytest.fixture(scope="module")
def life(new_broker, version, tmp_path_factory) -> Mapping[str, Path]:
    """The copies."""
    copies = tmp_path_factory.mktemp("gaps")

    def copied(broker: kafka.Broker, name: str) -> Path:
        return Path(shutil.copytree(broker.log_dir, copies / name))

    with new_broker(version) as broker:
        for topic in TOPICS:
            broker.create_topic(topic, config={**QUICK, "cleanup.policy": "delete"})
            sent = produce(broker, topic, range(KEYS), 0)
            sent = produce(broker, topic, range(0, KEYS, 3), sent)
        for topic in (COMPACTED, NO_MORE):  # only now, so that the cleaner goes over all of it at once
            set_policy(broker, topic, "compact")
            wait_for_cleaner(broker, topic, (sent - 2) * PER_BATCH)
        set_policy(broker, NO_MORE, "delete")
        for topic in TOPICS:
            produce(broker, topic, range(1000, 1006), sent)
        running = copied(broker, "running")
        broker.kill()
        killed = copied(broker, "killed")
        broker.start()
        broker.stop()
        stopped = copied(broker, "stopped")
    return {"running": running, "killed": killed, "stopped": stopped}


def verified(kinspect: Any, directory: Path, *options: str) -> list[dict[str, Any]]:
    """Findings that follow from no other, but for what is not damage."""
    found = rows(kinspect("verify", directory, "-J", *options))
    return [one for one in found if one["caused_by"] is None and one["severity"] != "info"]


def batches(segment: Path, version: str) -> list[dict[str, Any]]:
    """The batches of a segment, as Kafka reads them."""
    return [line for line in kafka.read(version, segment) if line["line"] == "batch"]


@pytest.mark.parametrize("end", ["running", "killed", "stopped"])
def test_nothing_that_a_broker_left_is_unexplained(life, end, kinspect):
    assert verified(kinspect, life[end]) == []


@pytest.mark.parametrize("topic", [COMPACTED, NO_MORE])
def test_what_the_cleaner_took_is_counted(life, topic, version, kinspect):
    found = rows(kinspect("verify", life["stopped"], "-J", "-t", topic))
    (told,) = [one for one in found if one["slug"] == "offsets-without-records"]
    segments = sorted((life["stopped"] / f"{topic}-0").glob("*.log"))
    read = [batch for segment in segments for batch in batches(segment, version)]
    taken = read[-1]["lastOffset"] + 1 - sum(batch["countOrNull"] for batch in read)
    assert taken >= 10 * PER_BATCH, "the cleaner did next to nothing"
    assert told["expected"] == taken
    assert told["found"].startswith(f"{taken} compacted away")


def test_a_topic_without_gaps_is_not_spoken_of(life, kinspect):
    assert rows(kinspect("verify", life["stopped"], "-J", "-t", KEPT)) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_one_batch_taken_out_beyond_the_cleaner_is_one_finding(life, topic, version, kinspect, tmp_path):
    directory = Path(shutil.copytree(life["stopped"], tmp_path / "cut"))
    reach = cleaned(directory, topic)
    cut = next(one for one in sorted((directory / f"{topic}-0").glob("*.log"))[1:] if int(one.stem) >= reach)
    (batch,) = batches(cut, version)
    cut.write_bytes(b"")
    unexplained = [one for one in verified(kinspect, directory) if one["code"].startswith("KI-41")]
    assert [(one["slug"], one["topic"], one["first_offset"], one["last_offset"]) for one in unexplained] == [
        ("unexplained-gap", topic, batch["baseOffset"], batch["lastOffset"])
    ]


def test_a_missing_end_is_told_by_the_checkpoints(life, kinspect, tmp_path):
    directory = Path(shutil.copytree(life["stopped"], tmp_path / "cut"))
    last = sorted((directory / f"{KEPT}-0").glob("*.log"))[-1]
    last.write_bytes(b"")
    found = [one for one in verified(kinspect, directory, "-t", KEPT) if one["code"].startswith("KI-44")]
    assert [(one["slug"], one["found"]) for one in found] == [("log-ends-early", int(last.stem))]


def test_a_log_start_beyond_the_end_makes_the_broker_delete_all_segments(new_broker, version, kinspect):
    """The threat in the finding is true."""
    with new_broker(version) as broker:
        broker.create_topic(KEPT)
        produce(broker, KEPT, range(4), 0)
        broker.stop()
        (broker.log_dir / "log-start-offset-checkpoint").write_text(f"0\n1\n{KEPT} 0 100\n")
        found = verified(kinspect, broker.log_dir)
        assert [(one["slug"], one["expected"], one["found"]) for one in found] == [("log-start-beyond-end", 100, 12)]
        broker.start()
        names = {one.name for one in (broker.log_dir / f"{KEPT}-0").glob("*.log")}
    assert names == {f"{100:020}.log"}
