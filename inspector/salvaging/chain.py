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
    records: array[int] = field(default_factory=_longs)
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
        return self.positions, self.sizes, self.firsts, self.lasts, self.records, self.epochs

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, row: int) -> Found:
        return Found._make(column[row] for column in self._columns())

    def __iter__(self) -> Iterator[Found]:
        return map(self.__getitem__, range(len(self)))


def longest(batches: Batches, base_offset: int) -> array[int]:
    """The rows of the longest chain in which each batch begins behind the end of the one before; earlier ones first.

    Where two would do, the one stays that agrees with its neighbours on what is missing between them.
    base_offset: the one that a log begins with.
    """
    return _agreeing(batches, _longest(batches.firsts, batches.lasts), base_offset)


def _longest(firsts: Sequence[int], lasts: Sequence[int]) -> array[int]:
    """By patience sorting: of all chains of a length, the one that ends lowest is remembered."""
    ends, rows, before = _longs(), _longs(), _longs()
    for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        length = bisect_left(ends, first)
        before.append(rows[length - 1] if length else -1)
        if length == len(ends):
            ends.append(last)
            rows.append(row)
        elif last < ends[length]:
            ends[length], rows[length] = last, row
    chain = _longs()
    row = rows[-1] if rows else -1
    while row >= 0:
        chain.append(row)
        row = before[row]
    chain.reverse()
    return chain


def _agreeing(batches: Batches, chain: array[int], base_offset: int) -> array[int]:
    """The chain, with members given up for rivals that overlap nothing but them, and agree better with the others."""
    chosen = bytearray(len(batches))
    for row in chain:
        chosen[row] = 1
    for rival in (row for row in range(len(batches)) if not chosen[row]):
        place = bisect_left(chain, rival)
        for at in (place - 1, place):
            if 0 <= at < len(chain) and _agrees_better(batches, chain, at, rival, base_offset):
                chain[at] = rival
                break
    return chain


def _agrees_better(batches: Batches, chain: array[int], at: int, rival: int, base_offset: int) -> bool:
    before = batches[chain[at - 1]] if at else Found(0, 0, base_offset, base_offset - 1, 0, -1)
    after = batches[chain[at + 1]] if at + 1 < len(chain) else None
    one, other = batches[rival], batches[chain[at]]
    fits = before.last < one.first and (after is None or one.last < after.first) and before.end <= one.position
    if not fits or (after is not None and one.end > after.position):
        return False
    return _agreement(before, one, after) > _agreement(before, other, after)


def _agreement(before: Found, one: Found, after: Found | None) -> int:
    """On how many of its sides offsets are missing where bytes are, and none where none are."""
    sides = [(before, one)] if after is None else [(before, one), (one, after)]
    return sum((a.last + 1 < b.first) == (a.end < b.position) for a, b in sides)


MOST_GAPS = 0.1
"""If offsets are missing so often where no byte is, a cleaner was at work after all."""

LEAP, LEAP_PER_BYTE = 2**20, 1000
"""So many offsets are not lost at once, even where as many as compress best were lost with each byte."""


def misplaced(batches: Batches, chain: array[int], base_offset: int, uncleaned: int) -> set[int]:
    """Rows of the chain whose offset fits between its neighbours, and yet is not their own.

    Where no cleaner was at work, offsets are missing only where batches are. A batch is odd that no other one joins,
    and whose offset differs in a single bit from the next one, or leaves more missing than can have been lost, or
    agrees with neither neighbour.
    base_offset: the one that a log begins with. uncleaned: the offset from which on no cleaner was at work.
    """
    missing = list(_missing(batches, chain, base_offset, uncleaned))
    if sum(one is not None and not one[1] for one in missing) > max(2, len(chain) * MOST_GAPS):
        return set()
    return {row for at, row in enumerate(chain) if _is_odd(batches, chain, at, missing[at], base_offset, uncleaned)}


def _missing(batches: Batches, chain: array[int], base_offset: int, uncleaned: int) -> Iterator[tuple[int, int] | None]:
    """For each of the chain, the offset it should have and the bytes before it that are none; None where it has it."""
    expected, end = base_offset, 0
    for row in chain:
        has_gap = batches.firsts[row] > expected >= uncleaned
        yield (expected, batches.positions[row] - end) if has_gap else None
        expected, end = batches.lasts[row] + 1, batches.positions[row] + batches.sizes[row]


def _is_odd(
    batches: Batches, chain: array[int], at: int, gap: tuple[int, int] | None, base_offset: int, uncleaned: int
) -> bool:
    first = batches.firsts[chain[at]]
    joins_next = at + 1 < len(chain) and batches.lasts[chain[at]] + 1 == batches.firsts[chain[at + 1]]
    if joins_next or first < uncleaned:
        return False
    if gap is not None and _is_leap(first, *gap):
        return True
    before = batches[chain[at - 1]] if at else Found(0, 0, base_offset, base_offset - 1, 0, -1)
    if at + 1 == len(chain) or before.last + 1 < uncleaned:
        return False
    return not _agreement(before, batches[chain[at]], batches[chain[at + 1]])


def _is_leap(first: int, expected: int, lost_bytes: int) -> bool:
    if not lost_bytes and (first ^ expected).bit_count() == 1:
        return True
    return first - expected > LEAP + LEAP_PER_BYTE * lost_bytes


def unlike_its_records(batches: Batches, chain: array[int], uncleaned: int) -> set[int]:
    """Rows of the chain that hold another number of records than of offsets, where no cleaner took any.

    The records of a v0 set have offsets of their own.
    """
    return {
        row for row in chain
        if batches.firsts[row] >= uncleaned
        and 0 < batches.records[row] != batches.lasts[row] - batches.firsts[row] + 1
    }  # fmt: skip


def out_of_epoch(batches: Batches, chain: array[int]) -> set[int]:
    """Rows of the chain whose leader epoch contradicts most of the others; -1 says nothing."""
    known = array("q", (row for row in chain if batches.epochs[row] >= 0))
    if all(batches.epochs[a] <= batches.epochs[b] for a, b in pairwise(known)):
        return set()
    # Epochs may repeat, so the number of the row is added: then what may stand still only rises.
    firsts = [batches.epochs[row] * len(known) + number for number, row in enumerate(known)]
    kept = {known[number] for number in _longest(firsts, firsts)}
    return set(known) - kept
