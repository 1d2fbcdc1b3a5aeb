"""Lab 2: the same key goes to the same partition.

What it teaches: without `partition=`, the client hashes the key. Equal keys have equal hashes, so both records lie in
one partition, in the order they were sent.

The rule: partition = (murmur2(key) without its sign bit) % number of partitions. murmur2("foo") is 597841616, and
597841616 % 3 = 2: partition 2 of three.

A surprise: the number of partitions is part of the rule. Add a partition to the topic, and the same key may go
elsewhere from then on, while its old records stay where they are.
"""

from __future__ import annotations

from ..partitioners import PARTITIONERS
from .lab import Lab, LabRecord, Part, Producer
from .text import shown

TOPIC = "hello-world-2"
KEY = b"foo"
VALUE = b"bar"
TIMES = 2


def produce(producer: Producer) -> None:
    """Sends the same key and value twice, as bytes: no serializer is needed."""
    for _ in range(TIMES):
        producer.send(TOPIC, key=KEY, value=VALUE)


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """Twice the same record, where Java's rule (which kafka-python follows) sends its key."""
    return (LabRecord(KEY, VALUE, PARTITIONERS["java"].partition(KEY, partition_count)),) * TIMES


def reason(record: LabRecord, partition_count: int) -> str:
    """The hash and what is left of it."""
    return PARTITIONERS["java"].explain(record.key or b"", shown(record.key), partition_count)


def label(record: LabRecord) -> str:
    """The key."""
    return shown(record.key)


LAB = Lab(
    number=2,
    topic=TOPIC,
    title="the same key, the same partition",
    teaches="Without partition= the client hashes the key, so equal keys lie in one partition, in order.",
    rule="murmur2(key) without its sign bit, modulo the number of partitions",
    surprise="The number of partitions is part of the rule: add one, and the same key may go elsewhere.",
    expected=expected,
    parts=(Part(produce),),
    reason=reason,
    label=label,
)
