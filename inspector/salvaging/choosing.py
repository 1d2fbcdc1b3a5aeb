"""Which of the whole batches of a segment are its log, and of the others why they are not.

What no CRC covers is judged here, by the neighbours (`chain.py`) and by what the broker wrote down elsewhere.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..segment import MAX_OFFSET, Segment
from .chain import Batches, longest, misplaced, out_of_epoch, unlike_its_records

OFFSETS = 2**31
"""A segment holds offsets from its base offset up to this many further on."""

MAX_EPOCH = 2**31 - 1


LEAST_AGREEING = 3
"""So many batches must say so before the name of their file is taken for wrong."""

OUTSIDE = "its offset lies outside of its segment"
OVERLAPS = "its offsets overlap those of others: doubled, or out of order"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beyond the bytes of a segment.

    newest_epoch: of the leader epochs that the
    broker wrote down. uncleaned: the offset from which on no log cleaner was at work.
    """

    newest_epoch: int = MAX_EPOCH
    uncleaned: int = MAX_OFFSET


@dataclass(slots=True)
class Chain:
    """The rows that make up the log, and of the others why they do not."""

    rows: array[int]
    why: dict[int, str] = field(default_factory=dict)

    def without(self, odd: set[int], why: str) -> None:
        """Takes rows out."""
        self.why.update(dict.fromkeys(odd, why))
        if odd:
            self.rows = array("q", (row for row in self.rows if row not in odd))


def chosen_chain(batches: Batches, segment: Segment, known: Known) -> Chain:
    """Which of the batches of a segment, in the order of the file, are its log."""
    outside = _outside(batches, segment)
    numbers = array("q", (row for row in range(len(batches)) if row not in outside))
    base_offset = segment.base_offset or 0
    rows = longest(batches.of(numbers) if outside else batches, base_offset)
    chosen = Chain(rows, dict.fromkeys(outside, OUTSIDE))
    if outside:
        chosen.rows = array("q", (numbers[row] for row in chosen.rows))
    chosen.why.update((row, OVERLAPS) for row in _others(chosen.rows, len(batches)) if row not in outside)
    chosen.without(unlike_its_records(batches, chosen.rows, known.uncleaned), "its offset is not that of its records")
    chosen.without(misplaced(batches, chosen.rows, base_offset, known.uncleaned), "its offset is not the next one")
    chosen.without(out_of_epoch(batches, chosen.rows), "its leader epoch is not that of its neighbours")
    unknown = {row for row in chosen.rows if batches.epochs[row] > known.newest_epoch}
    chosen.without(unknown, "its leader epoch is newer than the newest that the broker knew")
    return chosen


def _others(rows: Sequence[int], count: int) -> Iterator[int]:
    chosen = bytearray(count)
    for row in rows:
        chosen[row] = 1
    return (row for row in range(count) if not chosen[row])


def _outside(batches: Batches, segment: Segment) -> set[int]:
    """Rows that cannot lie in a segment of that name; none where it is the name that must be wrong."""
    base = segment.base_offset
    if base is None:
        return set()
    pairs = enumerate(zip(batches.firsts, batches.lasts, strict=True))
    outside = {row for row, (first, last) in pairs if not base <= first <= last < base + OFFSETS}
    is_misnamed = len(outside) >= LEAST_AGREEING and 2 * len(outside) > len(batches)
    return set() if is_misnamed else outside
