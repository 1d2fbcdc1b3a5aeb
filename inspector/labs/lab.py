"""What a lab is: a small producer that teaches one rule, and the records it must leave on the disk.

A lab knows its data and its rule, but neither a broker nor a disk: `run.py` hands it a producer, `check.py` compares
what was read with what it expects. This file holds the vocabulary that the lab files share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

ThreeArguments = Callable[[bytes, Sequence[int], Sequence[int]], int]
"""A partitioner as the tutorial writes it: (serialized key, all partitions, available partitions) → partition."""


class Producer(Protocol):
    """The part of kafka-python's KafkaProducer that the labs need."""

    def send(self, topic: str, value: object = None, key: object = None, *, partition: int | None = None) -> object:
        """Takes a record to be sent soon; the value returned can be waited for."""


KAFKA_PYTHON, LIBRDKAFKA = "kafka-python", "librdkafka"
"""The clients that labs send with."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a lab sends in one go.

    produce: sends the records through a producer that has the serializers and the partitioner of the lab. client: which
    client the producer is of. partitions: how many the topic must have by then (None: as many as at the end).
    """

    produce: Callable[[Producer], None]
    client: str = KAFKA_PYTHON
    partitions: int | None = None


@dataclass(frozen=True, slots=True)
class LabRecord:
    """One record that a lab sends: key and value as they lie on the disk, and its partition (None: any will do)."""

    key: bytes | None
    value: bytes | None
    partition: int | None = None

    @property
    def identity(self) -> tuple[bytes | None, bytes | None]:
        """What tells it from other records, wherever it lies."""
        return self.key, self.value


@dataclass(frozen=True, slots=True)
class Lab:
    """One example producer.

    number: what users type; topic: where it sends to; partitions: how many the topic must have in the end.
    title, teaches, rule, surprise: one line each, for people.
    expected: partition count → the records in the order they are sent, each with the partition it must lie in.
        Records that cannot be produced with that count are left out.
    parts: what is sent, one after the other.
    reason: why a record lies in its partition when there are so many; empty where there is nothing to compute.
    label: a few characters for a record, as it may be shown on a terminal.
    """

    number: int
    topic: str
    title: str
    teaches: str
    rule: str
    surprise: str
    expected: Callable[[int], tuple[LabRecord, ...]]
    parts: tuple[Part, ...]
    reason: Callable[[LabRecord, int], str]
    label: Callable[[LabRecord], str]
    partitions: int = 3
    key_serializer: Callable[[str], bytes] | None = None
    value_serializer: Callable[[object], bytes] | None = None
    partitioner: ThreeArguments | None = None

    @property
    def first_partitions(self) -> int:
        """How many partitions the topic must have at first."""
        return self.parts[0].partitions or self.partitions

    @property
    def has_fixed_places(self) -> bool:
        """True when every record has one partition to lie in (all labs but the fifth)."""
        return all(record.partition is not None for record in self.expected(self.partitions))


def as_json(value: object) -> bytes:
    """The tutorial's value serializer: JSON as `json.dumps` writes it, in UTF-8."""
    return json.dumps(value).encode()


def number_in(value: bytes | None) -> str:
    """The number in a value that a lab made with `as_json({"number": …})`."""
    return str(json.loads(value or b"{}").get("number", "?"))
