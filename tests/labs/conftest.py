"""A lab's topic as it might be read from a disk, made without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from inspector.labs import Lab
from inspector.labs.tally import SeenRecord
from inspector.location import Location

Payload = tuple[bytes | None, bytes | None]

RECORD_BYTES = 90
"""How far apart the records of these topics lie in their segments."""


class Topic:
    """Keys and values by partition, to be bent as a test needs it, and read as `SeenRecord`s."""

    def __init__(self, name: str, partitions: list[list[Payload]]) -> None:
        self.name = name
        self.partitions = partitions

    @property
    def count(self) -> int:
        """How many partitions it has."""
        return len(self.partitions)

    def records(self) -> Iterator[SeenRecord]:
        """Partition after partition, each in the order of its offsets."""
        for partition, payloads in enumerate(self.partitions):
            for offset, payload in enumerate(payloads):
                yield self.record(partition, offset, payload)

    def record(self, partition: int, offset: int, payload: Payload) -> SeenRecord:
        """One record at the place that its partition and offset give."""
        path = f"{self.name}-{partition}/00000000000000000000.log"
        place = Location(path, offset * RECORD_BYTES, topic=self.name, partition=partition)
        return SeenRecord(partition, offset, *payload, place)


@pytest.fixture
def topic_of() -> Callable[..., Topic]:
    """Makes the topic that so many runs of a lab, one after the other, leave behind."""

    def make(lab: Lab, count: int | None = None, runs: int = 1) -> Topic:
        count = count or lab.partitions
        partitions: list[list[Payload]] = [[] for _ in range(count)]
        for number, record in enumerate(lab.expected(count) * runs):
            # A lab without fixed places: seven records here, seven there.
            place = (number // 7) % count if record.partition is None else record.partition
            partitions[place].append(record.identity)
        return Topic(lab.topic, partitions)

    return make


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""
