"""Files that are nothing but entries of one fixed size: swept in pieces, each entry held against what can be.

Such files have no header and no checksum, so any bytes can be read by them. Therefore the first entries are looked at
before any is believed: where most of them break the rules, the file is of another kind, and one finding says so. What
the rules of a kind are is told by its `Layout`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from ..engine.window import ShrunkError, Window
from ..findings import Finding
from ..location import Location
from ..source import Source

HEAD_ENTRIES = 512
"""So many entries are looked at before any is believed."""

MOST_FINDINGS = 100
"""A file with more broken entries than this is not read further."""

PIECE_ENTRIES = 16 * 1024

Values = tuple[int, ...]


class Problem(NamedTuple):
    """What is wrong with an entry: the slug of a finding, Kafka's name of the field, and what it should be."""

    slug: str
    field: str
    expected: str
    found: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of file promises.

    title: its name in a sentence. entry: how an entry lies in bytes. check: what is wrong with an entry behind another
    one (or behind none). is_preallocated: zeros may follow the last entry. is_odd: whether two entries in a row break
    no rule, but make one ask whether the file is what it is called.
    """

    title: str
    entry: struct.Struct
    check: Callable[[Values, Values | None], Problem | None]
    is_preallocated: bool = False
    is_odd: Callable[[Values, Values], bool] = lambda _before, _values: False

    def head(self, data: bytes) -> list[Values]:
        """The whole entries in `data`, up to the zeros that are not written yet."""
        size = self.entry.size
        entries = list(self.entry.iter_unpack(data[: len(data) // size * size]))
        unwritten = (number for number, values in enumerate(entries) if self.is_unwritten(values, len(data)))
        return entries[: next(unwritten, None)]

    def is_unwritten(self, values: Values, size: int) -> bool:
        """Whether an entry is but space, in a file of `size` bytes. A file of one entry was trimmed to it."""
        return self.is_preallocated and not any(values) and size > self.entry.size

    def broken(self, entries: list[Values]) -> int:
        """How many of these entries break a rule."""
        befores = chain([None], entries)
        return sum(self.check(values, before) is not None for values, before in zip(entries, befores, strict=False))


def impossible(field: str, expected: str, found: int) -> Problem:
    """A value that no entry can have."""
    return Problem("impossible-entry", field, expected, found)


def disorder(field: str, expected: str, found: int) -> Problem:
    """A value that cannot follow the one before."""
    return Problem("entry-out-of-order", field, expected, found)


def sweep(source: Source, layout: Layout, at: Location, findings: list[Finding]) -> Iterator[tuple[int, Values]]:
    """The entries of a file that holds nothing else, with their positions; what is wrong goes to `findings`."""
    try:
        yield from entries_from(0, source.size, Window(source, PIECE_ENTRIES * layout.entry.size), layout, at, findings)
    except ShrunkError as error:
        findings.append(Finding("shrunk-file", at, source.size, error.size))


def entries_from(
    start: int,
    end: int,
    window: Window,
    layout: Layout,
    at: Location,
    findings: list[Finding],
    cause: str | None = None,
) -> Iterator[tuple[int, Values]]:
    """The entries between two positions. Those that break a rule are kept, but not too many. Raises ShrunkError.

    cause: what is known already, from which all follows that is wrong with an entry; see `Finding.caused_by`.
    """
    size = layout.entry.size
    whole = end - (end - start) % size
    before: Values | None = None
    broken = 0
    for position, values in _unpacked(start, whole, window, layout):
        if layout.is_unwritten(values, window.size):
            findings.append(_zeros(window, position, at))
            return
        problem = layout.check(values, before)
        if problem is not None:
            place = at.at(position, size).of(problem.field)
            findings.append(Finding(problem.slug, place, *problem[2:], caused_by=cause))
            broken += 1
        if broken == MOST_FINDINGS:
            found = f"{broken} entries up to here that it cannot hold"
            findings.append(Finding("not-what-it-is-called", at.at(position), layout.title, found))
            return
        yield position, values
        before = values
    if whole < end:
        findings.append(Finding("partial-entry", at.at(whole, end - whole), size, end - whole, caused_by=cause))


def _unpacked(start: int, end: int, window: Window, layout: Layout) -> Iterator[tuple[int, Values]]:
    """In pieces of whole entries, as the window's step is a multiple of their size."""
    size = layout.entry.size
    for position, piece in window.pieces(start, end):
        yield from zip(range(position, end, size), layout.entry.iter_unpack(piece), strict=False)


def _zeros(window: Window, position: int, at: Location) -> Finding:
    """What the first entry of zeros means: nothing but zeros is space not yet used."""
    end = window.first_nonzero(position)
    if end < window.size:
        return Finding("data-behind-zeros", at.at(end), f"zeros from position {position} on", f"data at {end}")
    return Finding("preallocated-tail", at.at(position, end - position), found=end - position)
