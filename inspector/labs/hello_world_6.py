"""Lab 6: two clients, one topic.

What it teaches: which partition a key goes to is decided by the producer, and clients do not agree. kafka-python hashes
as Java does (murmur2); librdkafka, and with it the clients for Python, Go, .NET, Node and PHP that build on it, takes
CRC-32. Each keeps the order of a key by itself; together they break it.

The rule: murmur2(key) modulo 3 for the first four records, crc32(key) modulo 3 for the last four.

A surprise: carol lies in partition 2 by both rules, so a test with one key may see nothing. Set `partitioner` to
`murmur2_random` in librdkafka, and it does as Java does.
"""

from __future__ import annotations

import json

from ..partitioners import PARTITIONERS, HashPartitioner
from .lab import KAFKA_PYTHON, LIBRDKAFKA, Lab, LabRecord, Part, Producer, as_json
from .text import shown

TOPIC = "hello-world-6"

NAMES = ("alice", "bob", "carol", "dave")
RULES = {KAFKA_PYTHON: "java", LIBRDKAFKA: "librdkafka"}
"""The partitioner of each client, where nobody sets another."""


def produce(producer: Producer, client: str) -> None:
    """Sends a record for each name."""
    for name in NAMES:
        producer.send(TOPIC, key=name, value={"sent by": client})


def by_kafka_python(producer: Producer) -> None:
    """The first half."""
    produce(producer, KAFKA_PYTHON)


def by_librdkafka(producer: Producer) -> None:
    """The second half."""
    produce(producer, LIBRDKAFKA)


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """Each record where the rule of its client sends it."""
    return tuple(
        LabRecord(name.encode(), as_json({"sent by": client}), rule.partition(name.encode(), partition_count))
        for client, rule in ((client, PARTITIONERS[rule]) for client, rule in RULES.items())
        for name in NAMES
    )


def reason(record: LabRecord, partition_count: int) -> str:
    """The hash and what is left of it."""
    return _rule_of(record).explain(record.key or b"", shown(record.key), partition_count)


def label(record: LabRecord) -> str:
    """Key and client."""
    return f"{shown(record.key)} by {_client_of(record)}"


def _client_of(record: LabRecord) -> str:
    return str(json.loads(record.value or b"{}").get("sent by"))


def _rule_of(record: LabRecord) -> HashPartitioner:
    rule = PARTITIONERS[RULES[_client_of(record)]]
    assert isinstance(rule, HashPartitioner)
    return rule


LAB = Lab(
    number=6,
    topic=TOPIC,
    title="two clients, one topic",
    teaches="The producer decides, and clients do not agree: the same key may lie in two partitions.",
    rule="murmur2(key) by kafka-python, crc32(key) by librdkafka, each modulo the number of partitions",
    surprise="Both rules send carol to partition 2: a test with one key may see nothing.",
    expected=expected,
    parts=(Part(by_kafka_python), Part(by_librdkafka, LIBRDKAFKA)),
    reason=reason,
    label=label,
    key_serializer=str.encode,
    value_serializer=as_json,
)
