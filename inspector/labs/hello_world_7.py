"""Lab 7: partitions are added.

What it teaches: the partition is what is left of a hash divided by the number of partitions. Whoever adds partitions
changes the divisor: keys move, their old records stay behind, and the order of a key is kept no longer.

The rule: murmur2(key) modulo 3 for the first four records, modulo 4 for the last four.

A surprise: with one partition more, three of four keys move; carol stays by luck. With twice as many, half would stay.
"""

from __future__ import annotations

import json

from ..partitioners import PARTITIONERS
from .lab import Lab, LabRecord, Part, Producer, as_json
from .text import shown

TOPIC = "hello-world-7"

NAMES = ("alice", "bob", "carol", "dave")
BEFORE, SINCE = "before", "since"


def before(producer: Producer) -> None:
    """Sends a record for each name while there are three partitions."""
    for name in NAMES:
        producer.send(TOPIC, key=name, value={"sent": BEFORE})


def since(producer: Producer) -> None:
    """Likewise when there are four."""
    for name in NAMES:
        producer.send(TOPIC, key=name, value={"sent": SINCE})


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """Each record where its key went when there were so many partitions as then."""
    return tuple(
        LabRecord(name.encode(), as_json({"sent": when}), PARTITIONERS["java"].partition(name.encode(), count))
        for when, count in ((BEFORE, _before(partition_count)), (SINCE, partition_count))
        for name in NAMES
    )


def reason(record: LabRecord, partition_count: int) -> str:
    """The hash and what is left of it."""
    count = _before(partition_count) if _when(record) == BEFORE else partition_count
    return PARTITIONERS["java"].explain(record.key or b"", shown(record.key), count)


def label(record: LabRecord) -> str:
    """Key and time."""
    return f"{shown(record.key)} {_when(record)}"


def _before(partition_count: int) -> int:
    """How many partitions there were, where there are so many now."""
    return max(1, partition_count - 1)


def _when(record: LabRecord) -> str:
    return str(json.loads(record.value or b"{}").get("sent"))


LAB = Lab(
    number=7,
    topic=TOPIC,
    title="partitions are added",
    teaches="Adding partitions moves keys; their old records stay where they are.",
    rule="murmur2(key) modulo 3, then, with a partition more, modulo 4",
    surprise="With one partition more, three of four keys move; with twice as many, half of them would stay.",
    expected=expected,
    parts=(Part(before, partitions=3), Part(since)),
    reason=reason,
    label=label,
    partitions=4,
    key_serializer=str.encode,
    value_serializer=as_json,
)
