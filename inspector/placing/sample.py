"""What is known of the keys of a topic before anything is inferred: which lie where, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..hashing import ALGORITHMS

NAMES = tuple(ALGORITHMS)
"""The algorithms, in the order of `Key.numbers`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a record was: its timestamp in milliseconds (-1: it has none), and its offset in its partition."""

    timestamp: int
    offset: int


@dataclass(frozen=True, slots=True)
class Stay:
    """The records of one key that one producer sent to one partition. producer_id: -1 where producers leave none."""

    partition: int
    producer_id: int
    records: int
    first: Moment
    last: Moment


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it lies. numbers: what each algorithm takes the remainder of."""

    key: bytes
    numbers: tuple[int, ...]
    stays: tuple[Stay, ...]

    def partitions(self) -> set[int]:
        """Where it lies."""
        return {stay.partition for stay in self.stays}

    def by(self, producer_id: int) -> Key:
        """What one producer sent of it."""
        return Key(self.key, self.numbers, tuple(stay for stay in self.stays if stay.producer_id == producer_id))


@dataclass(frozen=True, slots=True)
class Sample:
    """Distinct keys of a topic with their places: all of them, or as many as are remembered, taken by a hash of their own.

    distinct: how many there are in all; an estimate where `keys` are fewer.
    """

    keys: Sequence[Key]
    distinct: int
    partition_count: int

    @property
    def is_whole(self) -> bool:
        """Whether no key is missing."""
        return len(self.keys) == self.distinct


def numbers_of(key: bytes) -> tuple[int, ...]:
    """What each algorithm takes the remainder of."""
    return tuple(algorithm.reduce(algorithm.hash(key)) for algorithm in ALGORITHMS.values())
