"""Directories that real clients wrote, and what `kinspect placement` makes of them: right, or abstaining."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from fixtures.make import kafka

pytestmark = pytest.mark.kafka

PRODUCE_KEYS = kafka.MAKE / "src" / "any" / "ProduceKeys.java"
SILENT = logging.getLogger("librdkafka")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False

KEYS = [b"user-%d" % (number * 7919) for number in range(200)]
OTHERS = [b"order-%d" % (number * 104_729) for number in range(200)]
NUMBERS = [b"%d" % number for number in range(200)]

Send = Callable[["Writers", str], None]


class Writers:
    """Clients that write to a topic of the broker."""

    def __init__(self, broker: kafka.Broker, version: str, folder: Path) -> None:
        self.bootstrap = broker.bootstrap
        self.version = version
        self.folder = folder

    def java(self, topic: str, keys: Sequence[bytes | None], **settings: Any) -> None:
        listed = self.folder / "keys"
        listed.write_text("".join("null\n" if key is None else f"{key.hex()}\n" for key in keys))
        more = [f"{name.replace('_', '.')}={value}" for name, value in settings.items()]
        kafka.run_java(self.version, str(PRODUCE_KEYS), self.bootstrap, topic, str(listed), *more)

    def kafka_python(self, topic: str, keys: Sequence[bytes]) -> None:
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for key in keys:
            producer.send(topic, b"value", key)
        producer.flush()
        producer.close()

    def librdkafka(
        self,
        topic: str,
        keys: Sequence[bytes | None],
        place: Callable[[bytes], int] | None = None,
        pause: float = 0,
        **settings: Any,
    ) -> None:
        from confluent_kafka import Producer

        named = {name.replace("_", "."): value for name, value in settings.items()}
        producer = Producer({"bootstrap.servers": self.bootstrap, "logger": SILENT, **named})
        for key in keys:
            more = {} if place is None or key is None else {"partition": place(key)}
            producer.produce(topic, b"value", key, **more)
            time.sleep(pause)
        producer.flush()

    def add_partitions(self, topic: str, count: int) -> None:
        from confluent_kafka.admin import AdminClient, NewPartitions

        admin = AdminClient({"bootstrap.servers": self.bootstrap, "logger": SILENT})
        admin.create_partitions([NewPartitions(topic, count)])[topic].result()

    def create(self, topic: str, count: int) -> None:
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.bootstrap, "logger": SILENT})
        admin.create_topics([NewTopic(topic, count, 1)])[topic].result()


def grown(old: int, new: int) -> Send:
    def send(writers: Writers, topic: str) -> None:
        writers.java(topic, KEYS)
        writers.add_partitions(topic, new)
        writers.java(topic, KEYS)

    del old
    return send


def paced_librdkafka(writers: Writers, topic: str) -> None:
    writers.librdkafka(topic, [None] * 400, pause=0.001, sticky_partitioning_linger_ms=30)


def random_librdkafka(writers: Writers, topic: str) -> None:
    writers.librdkafka(topic, [None] * 200, pause=0.002, partitioner="random", sticky_partitioning_linger_ms=0)


def mixed(writers: Writers, topic: str) -> None:
    writers.java(topic, KEYS)
    writers.librdkafka(topic, KEYS, enable_idempotence=True)


def one_after_the_other(writers: Writers, topic: str) -> None:
    writers.librdkafka(topic, KEYS)
    writers.java(topic, OTHERS, enable_idempotence=False)


ROUND_ROBIN = "org.apache.kafka.clients.producer.RoundRobinPartitioner"
KEYLESS: Mapping[str, tuple[Send, str]] = {
    "keyless-java": (lambda to, topic: to.java(topic, [None] * 400, pause=2, linger_ms=20, batch_size=600), "runs"),
    "keyless-librdkafka": (paced_librdkafka, "runs"),
    "keyless-round-robin": (
        lambda to, topic: to.java(topic, [None] * 200, pause=3, linger_ms=0, partitioner_class=ROUND_ROBIN), "turns",
    ),
    "keyless-random": (random_librdkafka, "neither"),
}  # fmt: skip
"""Topics of three partitions without a key: who writes, and how that is spread in time."""

SCENES: Mapping[str, tuple[int, Send, str, list[tuple[str, int]]]] = {
    "java": (6, lambda to, topic: to.java(topic, KEYS), "explained", [("murmur2", 6)]),
    "kafka-python": (6, lambda to, topic: to.kafka_python(topic, KEYS), "explained", [("murmur2", 6)]),
    "librdkafka": (6, lambda to, topic: to.librdkafka(topic, KEYS), "explained", [("crc32", 6)]),
    "librdkafka-murmur2": (
        6, lambda to, topic: to.librdkafka(topic, KEYS, partitioner="murmur2_random"), "explained", [("murmur2", 6)],
    ),
    "librdkafka-fnv1a": (
        6, lambda to, topic: to.librdkafka(topic, KEYS, partitioner="fnv1a_random"), "explained", [("fnv1a", 6)],
    ),
    "mixed": (3, mixed, "mixed", [("crc32", 3), ("murmur2", 3)]),
    "one-after-the-other": (3, one_after_the_other, "mixed", [("crc32", 3), ("murmur2", 3)]),
    "grown-3-4": (3, grown(3, 4), "grown", [("murmur2", 3), ("murmur2", 4)]),
    "grown-4-8": (4, grown(4, 8), "grown", [("murmur2", 4), ("murmur2", 8)]),
    "explicit": (
        3, lambda to, topic: to.librdkafka(topic, KEYS, place=lambda key: len(key) * 31 % 3), "no rule", [],
    ),
    "custom": (3, lambda to, topic: to.librdkafka(topic, NUMBERS, place=lambda key: int(key) % 3), "no rule", []),
    "at-random": (3, lambda to, topic: to.librdkafka(topic, KEYS, partitioner="random"), "no rule", []),
    "keyless": (3, lambda to, topic: to.librdkafka(topic, [None] * 200), "undecidable", []),
    "few": (3, lambda to, topic: to.java(topic, KEYS[:8]), "undecidable", []),
    "single": (1, lambda to, topic: to.java(topic, KEYS), "undecidable", []),
}  # fmt: skip
"""Partitions at first, who writes, the outcome, and the rules by algorithm and partition count."""


@pytest.fixture(scope="module")
def told(version, new_broker, kinspect, tmp_path_factory) -> Mapping[str, Mapping[str, Any]]:
    """What is told of each topic, by its name."""
    pytest.importorskip("confluent_kafka")
    with new_broker(version) as broker:
        writers = Writers(broker, version, tmp_path_factory.mktemp("keys"))
        for topic, (count, send, _, _) in SCENES.items():
            writers.create(topic, count)
            send(writers, topic)
        for topic, (send, _) in KEYLESS.items():
            writers.create(topic, 3)
            send(writers, topic)
        log_dir = broker.log_dir
        broker.stop()
        lines = kinspect("placement", log_dir, "-J").stdout.splitlines()
    return {one["topic"]: one for one in map(json.loads, lines)}


@pytest.mark.parametrize("topic", SCENES)
def test_each_topic_is_judged_rightly_or_not_at_all(told, topic):
    _, _, outcome, rules = SCENES[topic]
    found = told[topic]
    assert found["outcome"] == outcome
    assert sorted((one["algorithms"][0], one["partition_count"]) for one in found["rules"]) == rules


def test_the_producers_of_a_mixed_topic_are_named_apart(told):
    named = {one["rules"][0]["rules"][0] for one in told["mixed"]["producers"] if one["rules"]}
    assert named == {"java", "librdkafka"}


@pytest.mark.parametrize(("topic", "old", "new"), [("grown-3-4", 3, 4), ("grown-4-8", 4, 8)])
def test_the_moment_at_which_partitions_were_added_lies_between_two_records(told, topic, old, new):
    (change,) = told[topic]["changes"]
    assert (change["old_count"], change["new_count"], change["clear"]) == (old, new, True)
    assert change["last_before"]["timestamp"] <= change["first_since"]["timestamp"]
    assert len(change["moved_keys"]) > 50


@pytest.mark.parametrize("topic", KEYLESS)
def test_records_without_a_key_are_spread_as_their_client_does(told, topic):
    (spread,) = told[topic]["keyless"]
    assert spread["manner"] == KEYLESS[topic][1]


def test_clients_one_after_the_other_are_told_apart_in_time(told):
    first, then = told["one-after-the-other"]["spans"]
    assert (first["algorithm"], then["algorithm"]) == ("crc32", "murmur2")
    assert first["last_timestamp"] <= then["first_timestamp"]


@pytest.mark.parametrize(("topic", "old", "new"), [("grown-3-4", 3, 4), ("grown-4-8", 4, 8)])
def test_the_metadata_log_tells_when_partitions_were_added(told, version, topic, old, new):
    added = told[topic]["partitions_added"]
    if version.startswith("3."):  # its metadata is in ZooKeeper
        assert added == []
        return
    (growth,) = added
    assert (growth["old"], growth["new"]) == (old, new)
    (change,) = told[topic]["changes"]
    assert change["last_before"]["timestamp"] <= growth["timestamp"] <= change["first_since"]["timestamp"]
