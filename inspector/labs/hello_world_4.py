"""Lab 4: a partitioner of our own.

What it teaches: the rule that takes a key to a partition is the producer's, and it can be replaced. The broker only
appends where it is told to, and does not know which rule was used.

The rule: partition = int(key) % number of partitions. Of three, keys 3 and 369 go to 0, 301 to 1, 2 to 2.

A surprise: the tutorial's comment says that 369 % 3 = 2. It is 0 (3 + 6 + 9 = 18 is divisible by 3): two records share
partition 0. And whoever reads the topic with another client finds no trace of the rule: Java's default would have put
these four keys elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from .lab import Lab, LabRecord, Part, Producer
from .text import shown

TOPIC = "hello-world-4"

PLAN = (
    (b"3", b"Hello Partitioner"),
    (b"2", b"Hello Partitioner 2"),
    (b"369", b"Hello Partitioner 3"),
    (b"301", b"Hello Partitioner 4"),
)
"""Each key, and the value sent with it, as bytes: no serializer is needed."""


def by_remainder(key: bytes, all_partitions: Sequence[int], available: Sequence[int]) -> int:  # noqa: ARG001
    """The tutorial's partitioner, with the three arguments that older kafka-python clients gave.

    kafka-python 3 asks an object with a method of six arguments; `run.py` adapts this function to it.
    """
    return all_partitions[int(key) % len(all_partitions)]


def produce(producer: Producer) -> None:
    """Sends four records; the producer was made with `by_remainder` as its partitioner."""
    for key, value in PLAN:
        producer.send(TOPIC, key=key, value=value)


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """Each record where our own partitioner sends it."""
    partitions = range(partition_count)
    return tuple(LabRecord(key, value, by_remainder(key, partitions, partitions)) for key, value in PLAN)


def reason(record: LabRecord, partition_count: int) -> str:
    """The division."""
    return f"{shown(record.key)} % {partition_count} = {int(record.key or b'0') % partition_count}"


def label(record: LabRecord) -> str:
    """The key."""
    return shown(record.key)


LAB = Lab(
    number=4,
    topic=TOPIC,
    title="a partitioner of our own",
    teaches="The rule is the producer's and can be replaced; the broker appends where it is told to.",
    rule="int(key) modulo the number of partitions",
    surprise="369 % 3 is 0, not 2 as the tutorial's comment says: keys 3 and 369 share partition 0.",
    expected=expected,
    parts=(Part(produce),),
    reason=reason,
    label=label,
    partitioner=by_remainder,
)
