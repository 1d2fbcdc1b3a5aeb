"""The batch table as rules look at it: a glance over whole columns, and row by row where something is odd."""

from __future__ import annotations

from collections.abc import Iterator
from operator import add
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..location import Location
from ..segment import Segment

SEGMENT_OFFSETS = 2**31
"""A segment holds so many offsets from its name on: its index counts them in 31 bits."""


ONE = 1


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
    columns = (chunk.batches.columns[name] for name in Row._fields)
    return map(Row._make, zip(*(_listed(column, len(chunk.batches)) for column in columns), strict=True))


def first_row(chunk: Chunk) -> Row:
    """The first of them; there must be one."""
    return Row._make(chunk.batches.columns[name][0] for name in Row._fields)


def _listed(column: Any, length: int) -> list[Any]:
    """The values of a column; only where some may be missing it takes a look at each."""
    return [column[row] for row in range(length)] if column.field.nullable else list(column.values)


def values(chunk: Chunk, name: str) -> Any:
    """A whole column of numbers, 0 where there is none."""
    column: Any = chunk.batches.columns[name]
    return column.values


def follow_each_other(chunk: Chunk, expected: int | None) -> bool:
    """Whether the first batch begins at `expected`, and each other one where the one before it ends."""
    bases, lasts = values(chunk, "base_offset"), values(chunk, "last_offset")
    return bases[0] == expected and list(bases[1:]) == list(map(ONE.__add__, lasts[:-1]))


def are_full(chunk: Chunk) -> bool:
    """Whether each batch holds as many records as it covers offsets."""
    bases, lasts, counts = (values(chunk, name) for name in ("base_offset", "last_offset", "records_count"))
    return list(map(add, bases, counts)) == list(map(ONE.__add__, lasts))
