"""The forecast of a start, held against Kafka itself: its own loading on random damage, and whole brokers.

`KINSPECT_RECOVERY_CASES=200` asks for so many random damages of each kind and version (20 unless told), with
`KINSPECT_RECOVERY_SEED` for others than usual; `-s` shows the rate of hits of each kind with its 95 % interval.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from fixtures.make import kafka
from tests.conftest import FIXTURES
from tests.kafka.recovery_judge import judged, rates

pytestmark = pytest.mark.kafka

CASES = int(os.environ.get("KINSPECT_RECOVERY_CASES", "20"))
SEED = int(os.environ.get("KINSPECT_RECOVERY_SEED", "1"))
TOPICS = ("flipped", "zeroed", "cut", "index-lost", "swapped", "whole")
RECORDS = 60


@pytest.fixture(scope="module", params=kafka.VERSIONS)
def found(request, require, tmp_path_factory):
    """What was forecast and what Kafka did, for all random damages."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    workdir = tmp_path_factory.mktemp("judged")
    yield judged(FIXTURES / "real", request.param, CASES, workdir, SEED)
    shutil.rmtree(workdir, ignore_errors=True)


def test_kafka_leaves_behind_what_was_forecast(found):
    by_kind = rates(found)
    sys.stdout.write("".join(f"\n{kind:24} {rate}" for kind, rate in by_kind.items()) + "\n")
    missed = [f"{one.kind}: {one.name}: {one.difference}" for one in found if not one.hit]
    assert not missed, "\n".join(missed)


def test_the_damages_reach_every_outcome(found):
    ends = {one.kafka["end"] for one in found}
    assert ends == {"loaded", "refused", "offline"}


# ---- Whole brokers


@pytest.fixture(scope="module")
def original(new_broker, version):
    """A broker that wrote a little and was killed, and a copy of all that it left."""
    broker = new_broker(version, **{"log.message.timestamp.type": "CreateTime"})
    broker.start()
    for topic in TOPICS:
        broker.create_topic(topic)
    with_producer(broker, produce)
    broker.kill()
    broker.stop()
    return broker


def with_producer(broker: kafka.Broker, use: Callable[[KafkaProducer], None]) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    try:
        use(producer)
    finally:
        producer.close()


def produce(producer: KafkaProducer) -> None:
    for number in range(RECORDS):
        for topic in TOPICS:
            producer.send(topic, key=b"key", value=b"%04d" % number * 40)
        producer.flush()


@pytest.fixture
def left(original, tmp_path):
    """The broker, as it was left; what a test does to the directory is undone behind it."""
    kept = tmp_path / "kept"
    shutil.copytree(original.log_dir, kept)
    yield original
    original.stop()
    shutil.rmtree(original.log_dir)
    shutil.copytree(kept, original.log_dir)


def forecast(kinspect: Any, broker: kafka.Broker, code: int) -> list[dict[str, Any]]:
    config = broker.workdir / "server.properties"
    done = kinspect("recovery", broker.log_dir, "-J", "--broker-version", broker.version, "--config", config)
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_topic(rows: list[dict[str, Any]], topic: str, action: str) -> dict[str, Any]:
    return next(row for row in rows if row["topic"] == topic and row["action"] == action)


def log_of(broker: kafka.Broker, topic: str) -> Path:
    return broker.log_dir / f"{topic}-0" / f"{0:020}.log"


def flip(broker: kafka.Broker, topic: str, place: int) -> None:
    """A wrong bit in the batch with which the second half of the log begins, which are all of one size."""
    log = log_of(broker, topic)
    data = bytearray(log.read_bytes())
    data[len(data) // 2 + place] ^= 4
    log.write_bytes(data)


def spoil(broker: kafka.Broker) -> None:
    """One damage for each topic but the last."""
    flip(broker, "flipped", 100)
    with log_of(broker, "zeroed").open("ab") as log:
        log.write(bytes(4096))
    cut = log_of(broker, "cut")
    cut.write_bytes(cut.read_bytes()[:-100])
    log_of(broker, "index-lost").with_suffix(".index").unlink()
    swapped = log_of(broker, "swapped")
    shutil.copyfile(swapped, swapped.with_name(swapped.name + ".swap"))
    swapped.with_name(f"{7:020}.log.deleted").write_bytes(b"old")


def test_a_killed_broker_leaves_what_was_forecast(kinspect, left):
    spoil(left)
    rows = forecast(kinspect, left, code=1)
    left.start()
    consumer = KafkaConsumer(bootstrap_servers=left.bootstrap)
    try:
        ends = consumer.end_offsets([TopicPartition(topic, 0) for topic in TOPICS])
    finally:
        consumer.close()
    for topic in TOPICS:
        cut = [row["becomes"] for row in rows if row["topic"] == topic and row["action"] == "truncate"]
        size = cut[0] if cut else log_of(left, topic).stat().st_size
        assert log_of(left, topic).stat().st_size == size, topic
        assert ends[TopicPartition(topic, 0)] == of_topic(rows, topic, "log")["becomes"], topic
    assert of_topic(rows, "flipped", "truncate")["intact_lost"] == RECORDS // 2 - 1
    assert of_topic(rows, "zeroed", "truncate")["batches_lost"] == 0
    assert not list((left.log_dir / "swapped-0").glob("*.swap"))
    assert not list((left.log_dir / "swapped-0").glob("*.deleted"))


def on(version: str) -> pytest.MarkDecorator:
    """On brokers of one version: starts take long, and both versions are asked about every kind of damage above."""
    return pytest.mark.parametrize("version", [version], indirect=True, scope="module")


def refuses(kinspect: Any, broker: kafka.Broker, action: str, words: str) -> None:
    rows = forecast(kinspect, broker, code=1)
    assert any(row["action"] == action and words in row["what"] for row in rows), rows
    with pytest.raises(kafka.KafkaError, match="ended with"):
        broker.start()


@on("3.6.0")
def test_a_foreign_folder_keeps_the_broker_from_starting(kinspect, left):
    (left.log_dir / "lost+found").mkdir()
    refuses(kinspect, left, "refuse", "a folder that is no partition")


@on("4.3.0")
def test_an_offset_with_a_wrong_bit_keeps_the_broker_from_starting(kinspect, left):
    flip(left, "whole", 0)
    refuses(kinspect, left, "refuse", "an offset that does not belong into its segment")


@on("3.6.0")
def test_a_zero_tail_after_a_clean_stop_keeps_the_broker_from_starting(kinspect, left):
    (left.log_dir / ".kafka_cleanshutdown").touch()
    for index in left.log_dir.glob("*/*.*index"):
        index.write_bytes(b"")
    with log_of(left, "zeroed").open("ab") as log:
        log.write(bytes(4096))
    refuses(kinspect, left, "refuse", "a batch length of 0")


@on("4.3.0")
def test_an_empty_partition_metadata_keeps_the_broker_from_starting(kinspect, left):
    (left.log_dir / "whole-0" / "partition.metadata").write_bytes(b"")
    refuses(kinspect, left, "refuse", "an empty file")


@on("3.6.0")
@pytest.mark.parametrize("name", ["recovery-point-offset-checkpoint", "log-start-offset-checkpoint"])
def test_a_checkpoint_that_cannot_be_read_takes_the_only_directory_offline(kinspect, left, name):
    (left.log_dir / name).write_text("7\n0\n")
    refuses(kinspect, left, "go-offline", "version 7")


@on("4.3.0")
def test_a_checkpoint_with_a_field_that_is_no_number_is_ignored(kinspect, left):
    (left.log_dir / "recovery-point-offset-checkpoint").write_text("0\n1\nwhole 0 x\n")
    rows = forecast(kinspect, left, code=0)
    assert any(row["action"] == "ignore-checkpoint" for row in rows)
    left.start()


@on("3.6.0")
def test_the_leader_epochs_of_one_partition_take_the_directory_offline(kinspect, left):
    (left.log_dir / "whole-0" / "leader-epoch-checkpoint").write_text("0\n2\n0 0\n")
    refuses(kinspect, left, "go-offline", "2 entries claimed, 1 found")


def test_a_damaged_meta_properties(kinspect, left):
    (left.log_dir / "meta.properties").write_text("version=9\n")
    refuses(kinspect, left, "refuse", "version 9")


def test_what_the_metadata_does_not_name_becomes_a_stray(kinspect, left):
    """A topic that nobody knows, and one that was made anew meanwhile. A broker with ZooKeeper keeps both."""
    shutil.copytree(left.log_dir / "whole-0", left.log_dir / "ghost-0")
    for topic in ("ghost", "cut"):
        (left.log_dir / f"{topic}-0" / "partition.metadata").write_text(
            "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAZg\n"
        )
    rows = forecast(kinspect, left, code=0)
    told = {row["topic"] for row in rows if row["action"] == "stray"}
    assert told == ({"ghost", "cut"} if left.version == "4.3.0" else set())
    left.start()
    strays = {one.name.partition("-0.")[0] for one in left.log_dir.glob("*-stray")}
    assert strays == told
