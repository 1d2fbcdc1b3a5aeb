"""Lab 5: neither partition nor key.

What it teaches: a record with a null key and no partition goes wherever the client likes. No rule can be checked,
but what happened can be looked at: how many records each partition got, and how often the next record stayed with the
one before it.

The rule: none for a single record. Older clients, and most books, deal such records out in turn (round-robin).
kafka-python draws a partition at random for each record; Java's client (since 2.4) stays with one partition until a
batch is full, as kafka-python's StickyPartitioner does, because few large batches are cheaper than many small ones.

A surprise: a sticky client may put all 300 records of this lab into one partition. That is no fault: in the long run
the partitions even out.
"""

from __future__ import annotations

from .lab import Lab, LabRecord, Part, Producer, as_json, number_in

TOPIC = "hello-world-5"
COUNT = 300
"""Enough records to tell random from sticky and from round-robin at a glance."""


def produce(producer: Producer) -> None:
    """Sends the numbers 1 to 300 and leaves the partition to the client."""
    for number in range(1, COUNT + 1):
        producer.send(TOPIC, value={"number": number})


def expected(partition_count: int) -> tuple[LabRecord, ...]:  # noqa: ARG001
    """All numbers in the order they are sent; any partition will do."""
    return tuple(LabRecord(None, as_json({"number": number})) for number in range(1, COUNT + 1))


def reason(_record: LabRecord, _partition_count: int) -> str:
    """There is none to tell: the client chose."""
    return ""


def label(record: LabRecord) -> str:
    """The number."""
    return number_in(record.value)


LAB = Lab(
    number=5,
    topic=TOPIC,
    title="neither partition nor key",
    teaches="Where there is no key, the client chooses: at random or sticky today, no longer in turn.",
    rule="none: every partition is right, and each keeps the order of sending",
    surprise="A sticky client may put all 300 records into one partition; over many batches it evens out.",
    expected=expected,
    parts=(Part(produce),),
    reason=reason,
    label=label,
    value_serializer=as_json,
)
