"""Lab 3: a partition per key, with serializers.

What it teaches: keys and values may be anything in the program; a serializer makes bytes of them, and the bytes of the
key are what is hashed. Records with the key `ping` lie in one partition, those with `pong` in one, each in order.

The rule: as in lab 2. Of three partitions, ping goes to 0 and pong to 2.

A surprise: two keys need not get two partitions. Of two partitions, both keys go to 0. And of three, partition 1 stays
empty: a hash scatters keys, it does not deal them out.
"""

from __future__ import annotations

from ..partitioners import PARTITIONERS
from .lab import Lab, LabRecord, Part, Producer, as_json, number_in
from .text import shown

TOPIC = "hello-world-3"

PLAN = (("ping", 1), ("ping", 2), ("ping", 3), ("pong", 4), ("pong", 5), ("pong", 6))
"""Each key, and the number sent with it."""


def produce(producer: Producer) -> None:
    """Sends three numbers with the key ping, then three with the key pong."""
    for key, number in PLAN:
        producer.send(TOPIC, key=key, value={"number": number})


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """Each record where Java's rule (which kafka-python follows) sends its key."""
    java = PARTITIONERS["java"]
    return tuple(
        LabRecord(key.encode(), as_json({"number": number}), java.partition(key.encode(), partition_count))
        for key, number in PLAN
    )


def reason(record: LabRecord, partition_count: int) -> str:
    """The hash and what is left of it."""
    return PARTITIONERS["java"].explain(record.key or b"", shown(record.key), partition_count)


def label(record: LabRecord) -> str:
    """Key and number."""
    return f"{shown(record.key)} {number_in(record.value)}"


LAB = Lab(
    number=3,
    topic=TOPIC,
    title="a partition per key",
    teaches="Serializers make bytes of keys and values; the bytes of the key are hashed.",
    rule="murmur2(key) without its sign bit, modulo the number of partitions",
    surprise="Two keys need not get two partitions, and a partition may stay empty: a hash scatters, it does not deal.",
    expected=expected,
    parts=(Part(produce),),
    reason=reason,
    label=label,
    key_serializer=str.encode,
    value_serializer=as_json,
)
