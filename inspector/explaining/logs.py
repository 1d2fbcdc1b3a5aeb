"""A file of record batches: which of its entries are explained, and each of them by its format."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..broker_files import Shutdown
from ..engine import Engine
from ..engine.records import MAX_BATCH_BYTES
from ..errors import KinspectError, NothingThereError
from ..files.kraft_snapshot import is_kraft_snapshot
from ..findings import Finding
from ..location import FILE_BUFFER, Location, Span
from ..regions import ELIDED, Buffer, Explanation, Region
from ..schemas import CLUSTER_METADATA
from ..segment import Segment
from ..source import Source
from ..words import counted
from .batch import BatchExplainer
from .entries import Entries, Stretch
from .leaves import ZEROS, Piece, group, needed, unread
from .messages import MessageExplainer
from .told import tell
from .wanted import Wanted

BUDGET = 64 * 1024
"""Bytes of a file that are explained where nothing was chosen; the entry in which they end is explained whole."""

SHOWN_OF_DAMAGE = 4096
"""Of bytes that are no entry, so many are kept for showing them."""

_HEADER_SLUGS = frozenset(
    ("truncated-batch", "torn-tail", "batch-length-too-small", "implausible-header", "crc-mismatch", "unknown-magic")
)
"""What is wrong with an entry whose header can be read none the less."""

_EMPTY = "It is empty: the last segment is, from when it is begun until something is written."
_NOTHING_FITS = "No entry begins here: what these bytes are cannot be told."
_ZEROS = "Zeros up to the end of the file: space that was allocated beforehand and never written, or lost in a crash."


@dataclass
class LogExplainer:
    """Explains the entries of one file that were asked for.

    shown_as: the file as the user named it.
    """

    segment: Segment
    shutdown: Shutdown
    wanted: Wanted
    shown_as: str
    engine: Engine
    notes: list[str] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)

    def explanation(self, what: str) -> Explanation:
        """What the file holds. Raises KinspectError where it cannot be read, or holds nothing that was asked for."""
        with self.segment.open() as source:
            entries = Entries(self.segment, self.engine, self.shutdown, source.size)
            chosen = self._chosen(entries)
            regions, findings, data = self._explain_all(chosen, source)
            start = regions[0].span.position if regions else 0
            tree = group(self.segment.name, regions, Span(start, 0), sentence=_about(what, source.size))
            file = Buffer(FILE_BUFFER, self.segment.name, source.size, tree, needed(tree, b"".join(data)))
        self._say_what_is_elided(file)
        findings += [one for one in entries.findings if _lies_in(one, tree.span)]
        return Explanation(self.shown_as, what, (file, *self.buffers), tuple(findings), tuple(self.notes))

    def _say_what_is_elided(self, file: Buffer) -> None:
        trees = [file.region, *(buffer.region for buffer in self.buffers)]
        if any(leaf.kind == ELIDED for tree in trees for leaf in tree.leaves()):
            self.notes.append(f"{counted(self.wanted.limit, 'record')} of a batch opened at most; all: -n 0")

    # -- which entries

    def _chosen(self, entries: Entries) -> Iterator[Stretch]:
        """The stretches to explain, with what their records have to say for themselves."""
        if self.wanted.is_everything:
            return self._up_to_the_budget(entries)
        found, follows = self._found(entries)
        entries.findings.clear()
        return islice(entries.stretches(records=True, start=found, follows=follows), 1)

    def _up_to_the_budget(self, entries: Entries) -> Iterator[Stretch]:
        for stretch in entries.stretches(records=True):
            yield stretch
            if stretch.end >= BUDGET and stretch.end < entries.size:
                self._say_what_is_left(stretch, entries.size)
                return

    def _say_what_is_left(self, last: Stretch, size: int) -> None:
        self.notes.append(
            f"{counted(size - last.end, 'more byte')} from position {last.end} on are left out: "
            f"choose an entry with --batch {last.ordinal + 1}, --position P or --offset O"
        )

    def _found(self, entries: Entries) -> tuple[Stretch, int]:
        """The entry that was asked for, and the last offset in front of it."""
        batch = self.wanted.batch
        stretches: Iterable[Stretch] = entries.stretches(records=False)
        if batch is not None and batch < 0:
            stretches = deque(stretches, maxlen=min(1 - batch, sys.maxsize))
            batch = stretches[-1].ordinal + 1 + batch if stretches else 0
        follows, last = -1, None
        for stretch in stretches:
            last = stretch
            if self._is_it(stretch, batch):
                self._say_if_beside(stretch)
                return stretch, follows
            if stretch.batch is not None and stretch.batch.crc_ok is not False:
                follows = stretch.batch.last_offset
        raise self._nothing_there(last)

    def _say_if_beside(self, stretch: Stretch) -> None:
        offset, first = self.wanted.offset, stretch.batch.base_offset if stretch.batch else None
        if offset is not None and first is not None and first > offset:
            self.notes.append(f"no entry holds offset {offset}: this is the first one behind it, as a consumer gets it")

    def _is_it(self, stretch: Stretch, batch: int | None) -> bool:
        wanted = self.wanted
        if wanted.position is not None:
            return stretch.position <= wanted.position < stretch.end
        if wanted.offset is not None:
            return stretch.batch is not None and wanted.offset <= stretch.batch.last_offset
        return stretch.ordinal == batch

    def _nothing_there(self, last: Stretch | None) -> KinspectError:
        wanted = self.wanted
        asked = {"position": wanted.position, "offset": wanted.offset, "batch": wanted.batch}
        name, value = next((name, value) for name, value in asked.items() if value is not None)
        hint = f"The last entry is batch {last.ordinal}, positions {last.position} to {last.end - 1}" if last else ""
        if last and last.batch:
            hint += f", with offsets up to {last.batch.last_offset}"
        message = f"no {name} {value} in {self.shown_as}"
        return NothingThereError(
            message, location=Location(self.shown_as), hint=f"{hint}." if hint else "The file is empty."
        )

    # -- explaining them

    def _explain_all(
        self, chosen: Iterable[Stretch], source: Source
    ) -> tuple[list[Region], list[Finding], list[bytes]]:
        regions, findings, data = [], list[Finding](), []
        for stretch in chosen:
            most = _most(stretch)
            piece = Piece(source.read_at(stretch.position, min(stretch.size, most)), stretch.position)
            findings += stretch.findings
            if len(piece.data) < min(stretch.size, most):
                findings.append(self._shrunk(source, stretch.position + len(piece.data)))
                stretch = stretch._replace(size=len(piece.data))
            if piece.data:
                regions += self._explain(stretch, piece)
                data.append(piece.data)
        return regions, findings, data

    def _shrunk(self, source: Source, size: int) -> Finding:
        return Finding("shrunk-file", self.segment.location(), source.size, size)

    def _explain(self, stretch: Stretch, piece: Piece) -> list[Region]:
        if stretch.batch is None and not _is_header(stretch):
            return [self._no_entry(stretch)]
        is_message = stretch.batch.magic < 2 if stretch.batch else _magic(piece) in (0, 1)
        make = MessageExplainer if is_message else BatchExplainer
        name = f"{'message' if is_message else 'batch'} {stretch.ordinal}"
        end = self._end(stretch, piece)
        explainer = make(
            piece,
            end,
            name,
            self.wanted,
            len(self.buffers) + 1,
            _broken_record(stretch),
            stretch.size > MAX_BATCH_BYTES,
            CLUSTER_METADATA if is_kraft_snapshot(self.segment) else self.segment.topic,
        )
        region = explainer.region()
        region, *inside = tell([region, *(buffer.region for buffer in explainer.buffers)], stretch.findings)
        self.buffers += [
            Buffer(one.id, one.name, one.size, tree, one.data)
            for one, tree in zip(explainer.buffers, inside, strict=True)
        ]
        rest = piece.origin + end
        if rest >= stretch.end:
            return [region]
        return [region, unread("no entry", Span(rest, stretch.end - rest), "no entry begins here", _NOTHING_FITS)]

    def _end(self, stretch: Stretch, piece: Piece) -> int:
        """Where an entry ends in the piece: by its own length where bytes that are no entry follow it."""
        if stretch.batch is not None:
            return stretch.size
        claimed = 12 + int.from_bytes(piece.data[8:12], "big", signed=True)
        return claimed if 61 <= claimed < stretch.size else min(stretch.size, len(piece.data))

    def _no_entry(self, stretch: Stretch) -> Region:
        span = Span(stretch.position, stretch.size)
        if any(finding.slug == "zeroed-tail" for finding in stretch.findings):
            return Region("zeros", span, ZEROS, sentence=_ZEROS)
        problem = stretch.findings[0].message if stretch.findings else "no entry begins here"
        return unread("no entry", span, problem, _NOTHING_FITS)


def _about(what: str, size: int) -> str:
    sentence = f"This file is {what}{'' if what.endswith('.') else '.'}"
    return sentence if size else f"{sentence} {_EMPTY}"


def _lies_in(finding: Finding, span: Span) -> bool:
    """Whether a finding is about the bytes of a span, or about the whole file."""
    position = finding.location.position
    return position is None or span.position <= position < max(span.end, 1)


def _most(stretch: Stretch) -> int:
    """How many bytes are kept: all, but of the last stretch, which alone can be longer than the budget."""
    if stretch.batch or _is_header(stretch):
        return MAX_BATCH_BYTES
    return stretch.size if stretch.size <= BUDGET else SHOWN_OF_DAMAGE


def _is_header(stretch: Stretch) -> bool:
    return any(finding.slug in _HEADER_SLUGS for finding in stretch.findings)


def _magic(piece: Piece) -> int | None:
    return piece.data[16] if len(piece.data) > 16 else None


def _broken_record(stretch: Stretch) -> int | None:
    return next((one.location.record for one in stretch.findings if one.slug == "malformed-record"), None)
