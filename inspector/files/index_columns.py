"""The entries of an index as columns, looked over once before they are used: an orderly index costs next to nothing.

An index of which all entries keep the order is handed out as it lies, a piece at a time. Any other is read entry by
entry by `index_files.py`, which says what is wrong, and handed out in the order of one field all the same: it falls
into a few runs that keep this order, and these are merged. So what follows the entries along a log needs to hold but
one of them, whatever the file holds.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from operator import lt
from typing import NamedTuple

from ..engine.window import ShrunkError, Window
from ..findings import Finding
from ..location import Location
from ..source import Source
from .index_files import OFFSET_INDEX, TIME_INDEX, read_offset_index, read_time_index
from .looks_like import another_kind
from .sweep import PIECE_ENTRIES, Layout

SMALL_PIECE_ENTRIES = 512
"""Of each run of a disordered index so many are read at a time, because there may be a hundred runs."""

MOST_HELD = 4
"""An orderly index of no more pieces than this is not read twice."""

_UNUSABLE = ("not-what-it-is-called", "shrunk-file")


class Columns(NamedTuple):
    """Some entries, in the order of `keys`. numbers: their places in the file, from 0. offsets: absolute.

    keys: positions in the log (`.index`), or timestamps (`.timeindex`).
    """

    numbers: Sequence[int]
    keys: Sequence[int]
    offsets: Sequence[int]

    def part(self, start: int, stop: int | None = None) -> Columns:
        """Some of them."""
        return Columns(self.numbers[start:stop], self.keys[start:stop], self.offsets[start:stop])


NO_COLUMNS = Columns((), (), ())


class IndexLayout(NamedTuple):
    """What the two indexes differ in.

    offset_first: which of the two fields of an entry is the offset. read: the entries one by one, with findings.
    is_strict: whether the keys must grow from entry to entry; offsets must where keys need not.
    """

    layout: Layout
    offset_first: bool
    read: Callable[[Source, int, Location, list[Finding]], Iterator[tuple[int, int]]]
    is_strict: bool


OFFSETS = IndexLayout(OFFSET_INDEX, True, read_offset_index, False)
TIMES = IndexLayout(TIME_INDEX, False, read_time_index, True)


class LookedOver(NamedTuple):
    """What is known of an index from its own bytes.

    findings: what is wrong with the file. runs: the numbers of the entries, each run in the order of the keys; none
    where it cannot be used. broken: entries that no writer makes. held: the entries, where they were few enough.
    """

    findings: list[Finding]
    runs: list[range]
    broken: frozenset[int]
    held: list[Columns]

    @property
    def entries(self) -> int:
        """How many entries there are."""
        return sum(map(len, self.runs))


def look_over(source: Source, which: IndexLayout, base_offset: int, at: Location) -> LookedOver:
    """Reads the whole index once, in constant memory."""
    layout = which.layout
    try:
        held = _if_orderly(source, which, base_offset)
        if held is not None and another_kind(source, layout, ()) is None:
            count = source.size // layout.entry.size
            return LookedOver([], [range(count)] if count else [], frozenset(), held)
        return _entry_by_entry(source, which, base_offset, at)
    except ShrunkError as error:
        return LookedOver([Finding("shrunk-file", at, source.size, error.size)], [], frozenset(), [])


def columns_of(source: Source, which: IndexLayout, base_offset: int, known: LookedOver) -> Iterator[Columns]:
    """The entries that a writer could have made, in the order of the keys. Ends where the file has shrunk."""
    if known.held:
        yield from known.held
        return
    try:
        if len(known.runs) < 2 and not known.broken:
            for run in known.runs:
                yield from _pieces(source, which, base_offset, run, PIECE_ENTRIES)
        else:
            yield from _merged(source, which, base_offset, known)
    except ShrunkError:  # whoever looks the file over again says so
        return


def _pieces(source: Source, which: IndexLayout, base_offset: int, run: range, entries: int) -> Iterator[Columns]:
    size = which.layout.entry.size
    window = Window(source, entries * size)
    for position, data in window.pieces(run.start * size, run.stop * size):
        first = position // size
        yield _unpacked(data, which, base_offset, first)


def _unpacked(data: bytes, which: IndexLayout, base_offset: int, first: int) -> Columns:
    entry = which.layout.entry
    count = len(data) // entry.size
    one = entry.format[1:]
    layout = f"{len(one) * count}{one[0]}" if len(set(one)) == 1 else one * count  # the first is far quicker
    values = struct.unpack(f">{layout}", data)
    relative, keys = (values[0::2], values[1::2]) if which.offset_first else (values[1::2], values[0::2])
    return Columns(range(first, first + count), keys, [base_offset + one for one in relative])


def _merged(source: Source, which: IndexLayout, base_offset: int, known: LookedOver) -> Iterator[Columns]:
    def entries(run: range) -> Iterator[tuple[int, int, int]]:
        for piece in _pieces(source, which, base_offset, run, SMALL_PIECE_ENTRIES):
            yield from zip(piece.keys, piece.numbers, piece.offsets, strict=True)

    merged = (entry for entry in heapq.merge(*map(entries, known.runs)) if entry[1] not in known.broken)
    while piece := list(islice(merged, PIECE_ENTRIES)):
        keys, numbers, offsets = zip(*piece, strict=True)
        yield Columns(numbers, keys, offsets)


# ---- Looking it over


def _if_orderly(source: Source, which: IndexLayout, base_offset: int) -> list[Columns] | None:
    """The entries, or none of them where they are many; None where the file is not whole, or its order broken."""
    size = which.layout.entry.size
    if source.size % size:
        return None
    held: list[Columns] = []
    last: tuple[int, int] | None = None
    for piece in _pieces(source, which, base_offset, range(source.size // size), PIECE_ENTRIES):
        if not _follows(piece, which, last) or (last is None and not _starts_well(piece, base_offset, source, which)):
            return None
        last = piece.keys[-1], piece.offsets[-1]
        held.append(piece)
        del held[MOST_HELD + 1 :]
    return held if len(held) <= MOST_HELD else []


def _starts_well(piece: Columns, base_offset: int, source: Source, which: IndexLayout) -> bool:
    is_zero = piece.keys[0] == 0 and piece.offsets[0] == base_offset
    is_space = is_zero and source.size > which.layout.entry.size
    return piece.keys[0] >= 0 and piece.offsets[0] >= base_offset and not is_space


def _follows(piece: Columns, which: IndexLayout, last: tuple[int, int] | None) -> bool:
    growing, other = (piece.keys, piece.offsets) if which.is_strict else (piece.offsets, piece.keys)
    if last is not None:
        strict, loose = last if which.is_strict else reversed(last)
        if growing[0] <= strict or other[0] < loose:
            return False
    # Sorting what is sorted is the quickest way to see that it is.
    return all(map(lt, growing, islice(growing, 1, None))) and sorted(other) == list(other)


def _entry_by_entry(source: Source, which: IndexLayout, base_offset: int, at: Location) -> LookedOver:
    findings: list[Finding] = []
    starts, count, before = [0], 0, None
    for entry in which.read(source, base_offset, at, findings):
        key = entry[1] if which.offset_first else entry[0]
        if before is not None and key < before:
            starts.append(count)
        before, count = key, count + 1
    if any(one.slug in _UNUSABLE for one in findings):
        return LookedOver(findings, [], frozenset(), [])
    size = which.layout.entry.size
    places = (one.location.position or 0 for one in findings if one.slug == "impossible-entry")
    runs = [range(start, end) for start, end in pairwise([*starts, count]) if start < end]
    return LookedOver(findings, runs, frozenset(place // size for place in places), [])
