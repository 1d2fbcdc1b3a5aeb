"""The keys of a topic, counted while its records pass: how many there are, and how many lie elsewhere than expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from ..hashing import ALGORITHMS
from ..spec.attributes import CONTROL
from .chunk import BinaryColumn, Chunk

EXPECTED_BY = "murmur2"
"""The rule of Java's default partitioner, which most clients share."""


class HashRule(Protocol):
    """A rule of a client, as `HashPartitioner` has it."""

    @property
    def algorithm(self) -> str:
        """What is taken of a key, by its name in `ALGORITHMS`."""

    @property
    def hashes_null(self) -> bool:
        """Whether a null key goes where an empty one goes."""

    @property
    def spreads_empty(self) -> bool:
        """Whether an empty key is treated as none."""

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """The partition, or None where the record is spread."""


class Placed(NamedTuple):
    """How many records lie as a rule says, of how many it says nothing, and the rows of those that lie elsewhere."""

    explained: int
    undecidable: int
    elsewhere: list[int]


class KeyTally(Protocol):
    """Distinct keys, up to a number, and those of them seen in another partition than the rule says.

    is_cut: whether there were more distinct keys than are remembered, or more records than were counted.
    """

    is_cut: bool

    @property
    def records(self) -> int:
        """How many records were counted, with or without a key."""

    @property
    def distinct(self) -> int:
        """How many keys there are."""

    @property
    def astray(self) -> int:
        """How many of them were seen elsewhere."""

    def add(self, key: bytes | None, partition: int) -> None:
        """Counts one record."""

    def add_rows(self, chunk: Chunk, rows: range, partition: int) -> None:
        """Counts some records of a chunk that has the column `key`."""


class PlainKeyTally:
    """See `KeyTally`: the keys themselves in a dict. count: partitions of the topic. most: keys that are remembered."""

    def __init__(self, count: int, most: int) -> None:
        self.records = 0
        self.is_cut = False
        self._count = count
        self._most = most
        self._expected: dict[bytes, int] = {}
        self._astray: set[bytes] = set()

    @property
    def distinct(self) -> int:
        """See `KeyTally.distinct`."""
        return len(self._expected)

    @property
    def astray(self) -> int:
        """See `KeyTally.astray`."""
        return len(self._astray)

    def add(self, key: bytes | None, partition: int) -> None:
        """See `KeyTally.add`."""
        self.records += 1
        if key is None:
            return
        expected = self._expected.get(key)
        if expected is None:
            if len(self._expected) == self._most:
                self.is_cut = True
                return
            expected = self._expected[key] = ALGORITHMS[EXPECTED_BY](key, self._count)
        if expected != partition:
            self._astray.add(key)

    def add_rows(self, chunk: Chunk, rows: range, partition: int) -> None:
        """See `KeyTally.add_rows`."""
        keys = chunk.records.columns["key"]
        for row in rows:
            self.add(keys[row], partition)  # type: ignore[arg-type]


def place_plainly(chunk: Chunk, rule: HashRule, count: int, partition: int) -> Placed:
    """See `Engine.place`."""
    keys: Any = chunk.records.columns["key"]
    return place_rows(chunk, partition, lambda row: rule.partition(keys[row], count))


def place_rows(chunk: Chunk, partition: int, expect: Callable[[int], int | None]) -> Placed:
    """Likewise by whatever says where the record of a row belongs; None: it does not say."""
    records: Any = chunk.records.columns
    attributes: Any = chunk.batches.columns["attributes"]
    explained = undecidable = 0
    elsewhere = []
    for row in range(len(chunk.records)):
        if attributes[records["batch"][row]] & CONTROL:
            continue
        expected = None if records["damaged"][row] else expect(row)
        explained += expected == partition
        undecidable += expected is None
        if expected not in (None, partition):
            elsewhere.append(row)
    return Placed(explained, undecidable, elsewhere)


def hash_plainly(keys: BinaryColumn, algorithm: str, count: int) -> Sequence[int]:
    """The partition of each key of a column, -1 for null; see `Engine.hash_keys`."""
    rule = ALGORITHMS[algorithm]

    def partitions() -> Iterator[int]:
        for row in range(keys.length):
            key = keys[row]
            yield -1 if key is None else rule(key, count)

    return list(partitions())
