"""Lab 1: the producer names the partition itself.

What it teaches: a record that is sent with `partition=` goes there and nowhere else. No key is looked at, no
partitioner is asked.

The rule: numbers 1, 2 and 3 go to partition 1, numbers 4 and 5 to partition 2, number 6 to partition 0.

A surprise: numbers 1 to 6 were sent in this order, yet a consumer of the whole topic may well read 6 first. Kafka
keeps the order within a partition, and promises nothing across partitions.
"""

from __future__ import annotations

from .lab import Lab, LabRecord, Part, Producer, as_json, number_in

TOPIC = "hello-world-1"

PLAN = ((1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 0))
"""Each number, and the partition it is sent to."""


def produce(producer: Producer) -> None:
    """Sends six records, each to the partition we say."""
    for number, partition in PLAN:
        producer.send(TOPIC, value={"number": number}, partition=partition)


def expected(partition_count: int) -> tuple[LabRecord, ...]:
    """A partition that does not exist cannot be sent to: kafka-python raises before anything leaves the machine."""
    return tuple(
        LabRecord(None, as_json({"number": number}), partition)
        for number, partition in PLAN
        if partition < partition_count
    )


def reason(record: LabRecord, _partition_count: int) -> str:
    """There is nothing to compute: the producer said so."""
    return f"sent with partition={record.partition}"


def label(record: LabRecord) -> str:
    """The number."""
    return number_in(record.value)


LAB = Lab(
    number=1,
    topic=TOPIC,
    title="an explicit partition",
    teaches="A record that is sent with partition= goes there; neither key nor partitioner is asked.",
    rule="1, 2, 3 go to partition 1; 4, 5 to partition 2; 6 to partition 0",
    surprise="The order 1 to 6 holds within each partition only: a consumer of all three may read 6 first.",
    expected=expected,
    parts=(Part(produce),),
    reason=reason,
    label=label,
    value_serializer=as_json,
)
