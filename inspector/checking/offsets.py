"""A flipped bit in an offset, which no CRC covers: the batches beside it tell, where offsets go on without a gap."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..engine.messages import MAGICS
from ..findings import Finding
from ..segment import Segment
from .flips import Bit
from .restoring import Diagnosis, of_bit

_OFFSET_SIZE = 8


class _Span(NamedTuple):
    """One batch: where it lies, and the offsets it claims.

    field: what stands in its first field, in messages the last offset.
    """

    position: int
    first: int
    last: int
    field: int


class Neighbours:
    """The last batches of a segment that passed, because a chunk may begin with the one that is asked about."""

    def __init__(self) -> None:
        self._segment: Segment | None = None
        self._last: list[_Span] = []

    def pass_by(self, segment: Segment, chunk: Chunk) -> None:
        """Remembers the last two batches."""
        count = len(chunk.batches)
        spans = [span for row in range(max(0, count - 2), count) if (span := _span(chunk, row))]
        self._last = [*(self._last if segment is self._segment else ()), *spans][-2:]
        self._segment = segment

    def flipped_offset(self, finding: Finding, segment: Segment, chunk: Chunk) -> Diagnosis | None:
        """The bit of this batch's offset, or of the one's before, with which offsets go on on both sides of it.

        chunk: the next one to pass by. Where both would do, or either of several bits, nothing is told.
        """
        position, positions = finding.location.position, _positions(chunk)
        row = bisect_left(positions, position or 0)
        if row == len(positions) or positions[row] != position or (here := _span(chunk, row)) is None:
            return None
        passed: list[_Span | None] = [None, _start(segment), *(self._last if segment is self._segment else ())]
        passed += [_span(chunk, at) for at in range(max(0, row - 2), row)]
        earlier, before = passed[-2:]
        places = [*_bits_between(before, here, _span(chunk, row + 1)), *_bits_between(earlier, before, here)]
        return places[0] if len(places) == 1 else None


def _bits_between(before: _Span | None, batch: _Span | None, behind: _Span | None) -> list[Diagnosis]:
    """The bits that make a batch begin right behind one and end right before the other."""
    if before is None or batch is None or behind is None:
        return []
    return [
        of_bit(batch.position, Bit(_OFFSET_SIZE - 1 - bit // 8, bit % 8))
        for bit in range(8 * _OFFSET_SIZE - 1)
        if _fits(before, (batch.field ^ 1 << bit) - batch.field, batch, behind)
    ]


def _fits(before: _Span, shift: int, batch: _Span, behind: _Span) -> bool:
    return batch.first + shift == before.last + 1 and batch.last + shift + 1 == behind.first


def _start(segment: Segment) -> _Span | None:
    """What ends before the first offset that the name of the segment promises."""
    base = segment.base_offset
    return None if base is None else _Span(-1, base, base - 1, base)


def _positions(chunk: Chunk) -> Any:
    columns: dict[str, Any] = dict(chunk.batches.columns)
    return columns["position"].values


def _span(chunk: Chunk, row: int) -> _Span | None:
    """None where there is no such row, or where a compressed set could not be opened."""
    if not 0 <= row < len(chunk.batches):
        return None
    columns: dict[str, Any] = dict(chunk.batches.columns)
    first, last = columns["base_offset"][row], columns["last_offset"][row]
    field = last if columns["magic"].values[row] in MAGICS else first
    return None if first is None else _Span(columns["position"].values[row], first, last, field)
