"""Files of entries of one size: the three indexes, and the snapshots of producer state."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..engine.window import ShrunkError, Window
from ..errors import NothingThereError
from ..findings import Finding
from ..location import FILE_BUFFER, Location
from ..regions import Buffer, Explanation, Region
from ..source import Source
from ..words import counted
from .leaves import ZEROS, Piece, group, parse, unread
from .told import tell_at_positions
from .wanted import Wanted

ENTRIES_SHOWN = 256
"""So many entries are explained where nothing was chosen."""

SHOWN_OF_REST = 4096
"""Of what lies behind the entries, so many bytes are kept for showing them."""

_PREALLOCATED = "Zeros up to the end: room for entries to come, which is cut off when the segment is closed."
_PARTIAL = "Less than an entry: it was cut off."

Values = Mapping[str, Any]
Notes = dict[str, dict[str, Any]]


class Entries(NamedTuple):
    """What a kind of file holds.

    definition: of one entry. size: of one entry. since: the releases of its fields. start: where the first entry lies.
    read: sweeps the file; gives the findings, and the positions of all entries that can be told.
    notes: what is to be said of an entry's fields, by its values. sentence: what one entry says.
    offset_of: the offset that is looked up in it, by its raw values; None where nothing can be looked up by offset.
    """

    definition: Any
    size: int
    since: Mapping[str, str]
    read: Callable[[Source, Location], tuple[int, list[Finding]]]
    notes: Callable[[Values], Notes]
    sentence: Callable[[Values], str]
    offset_of: Callable[[Values], int] | None = None
    start: int = 0
    head: Callable[[Source], list[Region]] = lambda _source: []


@dataclass
class TableExplainer:
    """Explains one such file."""

    source: Source
    entries: Entries
    wanted: Wanted
    what: str
    shown_as: str
    notes: list[str] = field(default_factory=list)
    _count: int = 0

    def explanation(self) -> Explanation:
        """What the file holds. Raises NothingThereError where nothing is at the place that was asked for."""
        at = Location(self.source.path)
        end, findings = self.entries.read(self.source, at)
        regions = tell_at_positions(self._regions(end, findings), findings)
        tree = group(self.source.path, regions, Piece(b"").span(0, 0), sentence=f"This file is {self.what}.")
        data = self._data(tree)
        file = Buffer(FILE_BUFFER, self.source.path, self.source.size, tree, data)
        return Explanation(self.shown_as, self.what, (file,), tuple(findings), tuple(self.notes))

    def _data(self, tree: Region) -> bytes:
        """The bytes of the range; of a long rest only the beginning."""
        last = next(reversed(tree.children), tree)
        kept = last.span.position + SHOWN_OF_REST if last.span.size > SHOWN_OF_REST else last.span.end
        return self.source.read_at(tree.span.position, kept - tree.span.position)

    def _regions(self, end: int, findings: list[Finding]) -> list[Region]:
        size, start = self.entries.size, self.entries.start
        count = max(0, end - start) // size
        if not self.wanted.is_everything:
            return self._chosen(count, end, findings)
        shown = min(count, ENTRIES_SHOWN)
        regions = [*self.entries.head(self.source), *(self._entry(number) for number in range(shown))]
        if shown < count:
            self.notes.append(
                f"{counted(count - shown, 'more entry', 'more entries')} from position {start + shown * size} on are "
                f"left out: choose one with --batch {shown}, --position P or --offset O"
            )
            return regions
        return [*regions, *self._rest(end, findings)]

    # -- what was asked for

    def _chosen(self, count: int, end: int, findings: list[Finding]) -> list[Region]:
        wanted, start, size = self.wanted, self.entries.start, self.entries.size
        self._count = count
        if wanted.position is not None and not start <= wanted.position < end:
            outside = [*self.entries.head(self.source), *self._rest(end, findings)]
            held = [one for one in outside if one.span.position <= wanted.position < one.span.end]
            return held or self._nothing(f"position {wanted.position}")
        number = self._number(count)
        if number is None or not 0 <= number < count:
            return self._nothing(self._asked())
        return [self._entry(number)] if start + (number + 1) * size <= end else []

    def _number(self, count: int) -> int | None:
        wanted = self.wanted
        if wanted.position is not None:
            return (wanted.position - self.entries.start) // self.entries.size
        if wanted.batch is not None:
            return wanted.batch if wanted.batch >= 0 else count + wanted.batch
        return self._looked_up(count, wanted.offset or 0)

    def _looked_up(self, count: int, offset: int) -> int | None:
        """The last entry whose offset is not beyond the one sought, by halving, as the broker looks it up."""
        offset_of = self.entries.offset_of
        if offset_of is None:
            return None
        return bisect_right(range(count), offset, key=lambda number: offset_of(self._values(number))) - 1

    def _values(self, number: int) -> Values:
        """Those of an entry, by name; of one that is gone by now, zeros."""
        data = self.source.read_at(self.entries.start + number * self.entries.size, self.entries.size)
        return dict(self.entries.definition.parse(data.ljust(self.entries.size, b"\0")))

    def _asked(self) -> str:
        wanted = self.wanted
        if wanted.batch is not None:
            return f"entry {wanted.batch}"
        return f"position {wanted.position}" if wanted.position is not None else f"entry for offset {wanted.offset}"

    def _nothing(self, asked: str) -> list[Region]:
        hint = f"It has {self._count:,} {'entry' if self._count == 1 else 'entries'}"
        if self.wanted.offset is not None and self.entries.offset_of is None:
            hint += "; they are not looked up by offset: choose one with --batch N or --position P"
        raise NothingThereError(f"no {asked} in {self.shown_as}", location=Location(self.shown_as), hint=f"{hint}.")

    # -- regions

    def _entry(self, number: int) -> Region:
        position = self.entries.start + number * self.entries.size
        piece = Piece(self.source.read_at(position, self.entries.size), position)
        leaves = parse(self.entries.definition, piece, io.BytesIO(piece.data), self.entries.since)
        name = f"entry {number}"
        if not leaves.is_whole:  # the file became shorter
            return unread(name, piece.span(0, len(piece.data)), "the file became shorter while it was read")
        regions = leaves.enrich(self.entries.notes(leaves.values))
        return group(name, regions, sentence=self.entries.sentence(leaves.values))

    def _rest(self, end: int, findings: list[Finding]) -> Iterator[Region]:
        """What lies behind the entries: zeros, or what is no entry."""
        try:
            behind = Window(self.source).first_nonzero(end)
        except ShrunkError as error:
            behind = error.size
        piece = Piece(b"", 0)
        is_room = any(finding.slug in ("preallocated-tail", "data-behind-zeros") for finding in findings)
        if is_room and behind > end:
            yield Region("zeros", piece.span(end, behind), ZEROS, sentence=_PREALLOCATED)
            end = behind
        if end < self.source.size:
            partial = self.source.size - end < self.entries.size
            sentence = _PARTIAL if partial else "These bytes are no entries of this kind of file."
            problem = None if findings else "no entry begins here"
            yield unread("rest", piece.span(end, self.source.size), problem, sentence)
