"""The batch table as rules look at it: a glance over whole columns, and row by row where something is odd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..location import Location
from ..segment import Segment

SEGMENT_OFFSETS = 2**31
"""A segment holds so many offsets from its name on: its index counts them in 31 bits."""


class Row(NamedTuple):
    """One batch. base_offset, records_count: None where a compressed set of v0 or v1 cannot be opened."""

    position: int
    batch_bytes: int
    base_offset: int | None
    last_offset: int
    records_count: int | None
    magic: int
    attributes: int
    crc: int
    crc_ok: bool | None
    partition_leader_epoch: int

    @property
    def end(self) -> int:
        """The position behind it."""
        return self.position + self.batch_bytes

    def at(self, segment: Segment) -> Location:
        """The whole batch as a place."""
        return segment.location().at(self.position, self.batch_bytes)

    def is_outside(self, segment: Segment) -> bool:
        """Whether it begins at an offset that a segment of this name cannot hold."""
        base, name = self.base_offset, segment.base_offset
        return base is not None and name is not None and not 0 <= base - name < SEGMENT_OFFSETS


def rows_of(chunk: Chunk) -> Iterator[Row]:
    """The batches of a chunk one by one."""
    columns = [chunk.batches.columns[name] for name in Row._fields]
    return (Row(*(column[row] for column in columns)) for row in range(len(chunk.batches)))  # type: ignore[arg-type]


def values(chunk: Chunk, name: str) -> Any:
    """A whole column of numbers, 0 where there is none."""
    column: Any = chunk.batches.columns[name]
    return column.values


def follow_each_other(chunk: Chunk, expected: int | None) -> bool:
    """Whether the first batch begins at `expected`, and each other one where the one before it ends."""
    bases, lasts = list(values(chunk, "base_offset")), list(values(chunk, "last_offset"))
    return bases[0] == expected and bases[1:] == [last + 1 for last in lasts[:-1]]


def are_full(chunk: Chunk) -> bool:
    """Whether each batch holds as many records as it covers offsets."""
    columns = (list(values(chunk, name)) for name in ("base_offset", "last_offset", "records_count"))
    bases, lasts, counts = columns
    return counts == [last - base + 1 for base, last in zip(bases, lasts, strict=True)]
