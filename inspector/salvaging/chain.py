"""Which of many batches make up a log: the longest chain of offsets that only rise.

No CRC covers `base_offset` and `partition_leader_epoch`, so a batch can be intact and yet claim a place that is not its
own. Its neighbours tell: what contradicts fewer of them stays.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple


class Found(NamedTuple):
    """A batch whose CRC holds (v0, v1: a message), and what the CRC does not prove.

    position, size: bytes, in its file. first, last: offsets. records: how many, 0 where it is not known.
    epoch: the leader's, -1 for none.
    """

    position: int
    size: int
    first: int
    last: int
    records: int
    epoch: int

    @property
    def end(self) -> int:
        """The first position behind it."""
        return self.position + self.size


def _longs() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Batches:
    """Many of them, in some forty bytes each."""

    positions: array[int] = field(default_factory=_longs)
    sizes: array[int] = field(default_factory=_longs)
    firsts: array[int] = field(default_factory=_longs)
    lasts: array[int] = field(default_factory=_longs)
    counts: array[int] = field(default_factory=_longs)
    epochs: array[int] = field(default_factory=_longs)

    def append(self, one: Found) -> None:
        """Adds one."""
        for column, value in zip(self._columns(), one, strict=True):
            column.append(value)

    def of(self, rows: Iterable[int]) -> Batches:
        """Those of some rows."""
        picked = Batches()
        for row in rows:
            picked.append(self[row])
        return picked

    def _columns(self) -> tuple[array[int], ...]:
        return self.positions, self.sizes, self.firsts, self.lasts, self.counts, self.epochs

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, row: int) -> Found:
        return Found._make(column[row] for column in self._columns())

    def __iter__(self) -> Iterator[Found]:
        return map(self.__getitem__, range(len(self)))


def longest(batches: Batches) -> list[int]:
    """The rows of the longest chain in which each batch begins behind the end of the one before; earlier ones first.

    Where two would do, the one that joins its neighbours without a gap stays.
    """
    return _joined(batches, _longest(batches.firsts, batches.lasts))


def _longest(firsts: Sequence[int], lasts: Sequence[int]) -> list[int]:
    """By patience sorting: of all chains of a length, the one that ends lowest is remembered."""
    ends: list[int] = []
    rows: list[int] = []
    before = array("q")
    for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        length = bisect_left(ends, first)
        before.append(rows[length - 1] if length else -1)
        if length == len(ends):
            ends.append(last)
            rows.append(row)
        elif last < ends[length]:
            ends[length], rows[length] = last, row
    chain: list[int] = []
    row = rows[-1] if rows else -1
    while row >= 0:
        chain.append(row)
        row = before[row]
    return chain[::-1]


def _joined(batches: Batches, chain: list[int]) -> list[int]:
    """The chain, with a member given up for a rival that overlaps nothing but it, and fits its neighbours better."""
    chosen = bytearray(len(batches))
    for row in chain:
        chosen[row] = 1
    for rival in (row for row in range(len(batches)) if not chosen[row]):
        place = bisect_left(chain, rival)
        for at in (place - 1, place):
            if 0 <= at < len(chain) and _fits_better(batches, chain, at, rival):
                chain[at] = rival
                break
    return chain


def _fits_better(batches: Batches, chain: list[int], at: int, rival: int) -> bool:
    before = batches.lasts[chain[at - 1]] if at else None
    after = batches.firsts[chain[at + 1]] if at + 1 < len(chain) else None
    first, last = batches.firsts[rival], batches.lasts[rival]
    if (before is not None and first <= before) or (after is not None and last >= after):
        return False

    def joins(row: int) -> int:
        left = before is not None and batches.firsts[row] == before + 1
        right = after is not None and batches.lasts[row] + 1 == after
        return left + right

    return joins(rival) > joins(chain[at])


MOST_GAPS = 0.1
"""More gaps than this are no damage, whatever they are."""

LEAST_TOUCHING = 2
"""So many neighbours must be there to judge by."""


def misplaced(batches: Batches, chain: list[int], uncleaned: int) -> set[int]:
    """Rows of the chain whose offset fits between its neighbours, but not where the batch stands.

    Where no cleaner was at work, batches that touch each other in the file have touching offsets too.
    uncleaned: the offset from which on that is so.
    """
    has_gap = [_leaves_gap(batches, a, b, uncleaned) for a, b in pairwise(chain)]
    touching = sum(one is not None for one in has_gap)
    gaps = sum(bool(one) for one in has_gap)
    if touching < LEAST_TOUCHING or gaps > max(2, touching * MOST_GAPS):
        return set()
    joins_next = [one is False for one in has_gap[1:]] + [False]
    pairs = zip(has_gap, joins_next, chain[1:], strict=True)
    return {row for gap, joins, row in pairs if gap and not joins}


def _leaves_gap(batches: Batches, a: int, b: int, uncleaned: int) -> bool | None:
    """Whether offsets are missing between two batches; None where there may be: they do not touch, or were cleaned."""
    if batches.positions[a] + batches.sizes[a] != batches.positions[b] or batches.lasts[a] + 1 < uncleaned:
        return None
    return batches.lasts[a] + 1 != batches.firsts[b]


def out_of_epoch(batches: Batches, chain: list[int]) -> set[int]:
    """Rows of the chain whose leader epoch contradicts most of the others; -1 says nothing."""
    known = [row for row in chain if batches.epochs[row] >= 0]
    if all(batches.epochs[a] <= batches.epochs[b] for a, b in pairwise(known)):
        return set()
    # Epochs may repeat, so the number of the row is added: then what may stand still only rises.
    firsts = [batches.epochs[row] * len(known) + number for number, row in enumerate(known)]
    kept = {known[number] for number in _longest(firsts, firsts)}
    return set(known) - kept
