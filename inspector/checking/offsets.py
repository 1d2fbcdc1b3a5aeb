"""A flipped bit in an offset, which no CRC covers: the batches beside it tell, where offsets go on without a gap."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..engine.messages import MAGICS
from ..findings import Finding
from .flips import Bit
from .restoring import BIT_FLIP, Diagnosis, place_in_words

_OFFSET_SIZE = 8


class _Span(NamedTuple):
    """One batch: where it lies, and the offsets it claims.

    field: what stands in its first field, in messages the last offset.
    """

    position: int
    first: int
    last: int
    field: int


def flipped_offset(finding: Finding, chunk: Chunk) -> Diagnosis | None:
    """The bit of this batch's offset, or of the one's before, with which offsets go on from batch to batch.

    Where both would do, or either of several bits, nothing is told.
    """
    columns: dict[str, Any] = dict(chunk.batches.columns)
    row = bisect_left(columns["position"].values, finding.location.position or 0)
    here, before, behind, earlier = (_span(columns, at) for at in (row, row - 1, row + 1, row - 2))
    if here is None or here.position != finding.location.position:
        return None
    places = _bits_between(before, here, behind)
    if before is not None:
        places += _bits_between(earlier, before, here)
    if len(places) != 1:
        return None
    return BIT_FLIP, f"looks like a single flipped bit at {places[0]}"


def _bits_between(before: _Span | None, batch: _Span, behind: _Span | None) -> list[str]:
    """The bits that make a batch begin right behind one and end before the other."""
    if before is None and behind is None:
        return []
    return [
        place_in_words(batch.position, Bit(_OFFSET_SIZE - 1 - bit // 8, bit % 8))
        for bit in range(8 * _OFFSET_SIZE - 1)
        if _fits(before, (batch.field ^ 1 << bit) - batch.field, batch, behind)
    ]


def _fits(before: _Span | None, shift: int, batch: _Span, behind: _Span | None) -> bool:
    follows = before is None or batch.first + shift == before.last + 1
    precedes = behind is None or batch.last + shift + 1 == behind.first
    return follows and precedes


def _span(columns: dict[str, Any], row: int) -> _Span | None:
    """None where there is no such row, or where a compressed set could not be opened."""
    if not 0 <= row < len(columns["position"].values):
        return None
    first, last = columns["base_offset"][row], columns["last_offset"][row]
    field = last if columns["magic"].values[row] in MAGICS else first
    return None if first is None else _Span(columns["position"].values[row], first, last, field)
