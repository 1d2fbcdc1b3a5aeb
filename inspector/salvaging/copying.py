"""Copies what was proven: ranges of the originals into the segments of a new log; what is apart into files of its own.

Nothing is held but one window of the original. Each piece is named in the manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ..engine.window import Window
from ..segment import BASE_OFFSET_DIGITS, Segment
from ..spec.attributes import TRANSACTIONAL
from .batches import Framed, batches_between
from .chain import Found
from .indexing import MARKER_BYTES, Epochs, Indexes, OpenTransactions
from .manifest import Manifest
from .proving import Apart, Range
from .writing import Output, OutputFile

MOST_BYTES = 2**31 - 1
MOST_OFFSETS = 2**31 - 1
"""What a segment holds at most, since its indexes count both in 32 bits."""


def segment_file(folder: str, base_offset: int, suffix: str = "log") -> str:
    """The name of a file of a segment."""
    return f"{folder}/{base_offset:0{BASE_OFFSET_DIGITS}d}.{suffix}"


class LogWriter:
    """Writes the segments of one partition, in order.

    folder: where. last: the last offset written, -1 for none. first_base, segments: the first base offset, how many.
    """

    def __init__(
        self, output: Output, folder: str, manifest: Manifest, named: dict[str, Any], *, indexes: bool = True
    ) -> None:
        """indexes: whether they are written too."""
        self._output, self.folder, self._manifest, self._named = output, folder, manifest, named
        self._has_indexes = indexes
        self._epochs, self._transactions = Epochs(), OpenTransactions()
        self._stack = ExitStack()
        self._file: OutputFile | None = None
        self._indexes = Indexes(0)
        self.last = -1
        self.first_base: int | None = None
        self.segments = 0

    @property
    def active_base(self) -> int:
        """The base offset of the last segment."""
        return self._indexes.base_offset

    @property
    def epochs(self) -> list[tuple[int, int]]:
        """The lines of the leader epochs of all that was written."""
        return self._epochs.lines

    def begin(self, base_offset: int, like: Segment) -> None:
        """Ends the segment at hand, and begins another."""
        self.end()
        self._like = like
        self._indexes = Indexes(base_offset)
        self._file = self._stack.enter_context(
            self._output.file(segment_file(self.folder, base_offset), like=like.path)
        )
        self.first_base = base_offset if self.first_base is None else self.first_base
        self.segments += 1

    def copy(self, window: Window, one: Range, segment: Segment, step: Callable[[int], None]) -> None:
        """Copies a range of a segment. Raises InputError and ShrunkError; whole batches are written then."""
        piece = _Piece(self, segment, one)
        try:
            for framed in batches_between(window, one.start, one.end):
                if not self._has_room(framed):
                    piece.note()
                    first = self.last + 1 if framed.is_message else framed.header.base_offset
                    self.begin(first, segment)
                    piece = _Piece(self, segment, one._replace(start=framed.position, first=first, records=0))
                self._add(window, framed, piece)
                step(framed.end - framed.position)
        finally:
            piece.note()

    def _has_room(self, framed: Framed) -> bool:
        assert self._file is not None
        size = self._file.size + framed.end - framed.position
        return framed.last - self._indexes.base_offset <= MOST_OFFSETS and size <= MOST_BYTES

    def _add(self, window: Window, framed: Framed, piece: _Piece) -> None:
        assert self._file is not None
        header = framed.header
        self._indexes.see(self._file.size, framed.last, header.max_timestamp)
        if header.attributes & TRANSACTIONAL:
            head = framed.data or window.read(framed.position, MARKER_BYTES)
            self._indexes.aborted += self._transactions.see(header, framed.last, head)
        self._epochs.see(header.partition_leader_epoch, header.base_offset)
        pieces = (framed.data,) if framed.data else (data for _, data in window.pieces(framed.position, framed.end))
        for data in pieces:
            self._file.write(data)
            piece.digest.update(data)
        piece.batches += 1
        piece.end = framed.end
        self.last = framed.last

    def note(self, piece: _Piece) -> None:
        """Writes down what of a range went into the file at hand."""
        assert self._file is not None
        name = segment_file(self.folder, self._indexes.base_offset)
        size = piece.end - piece.start
        self._manifest.add(
            "range", **self._named, source=piece.source, position_from=piece.start, position_to=piece.end,
            target=name, target_position=self._file.size - size, first_offset=piece.first, last_offset=self.last,
            batches=piece.batches, sha256=piece.digest.hexdigest(),
        )  # fmt: skip

    def end(self) -> None:
        """Ends the segment at hand, and writes its indexes."""
        if self._file is None:
            return
        self._stack.close()
        self._file = None
        if not self._has_indexes:
            return
        self._indexes.finish()
        files = {"index": self._indexes.offsets, "timeindex": self._indexes.times}
        if self._indexes.aborted:
            files["txnindex"] = self._indexes.aborted
        for suffix, data in files.items():
            name = segment_file(self.folder, self._indexes.base_offset, suffix)
            self._output.write(name, bytes(data), like=self._like.path)
        self._indexes = Indexes(self._indexes.base_offset)  # what was written is not held


class _Piece:
    """What of a range goes into one file."""

    def __init__(self, writer: LogWriter, segment: Segment, one: Range) -> None:
        self._writer = writer
        self.source = segment.shown_as
        self.start = self.end = one.start
        self.first = one.first
        self.batches = 0
        self.digest = hashlib.sha256()

    def note(self) -> None:
        if self.batches:
            self._writer.note(self)


@dataclass(slots=True)
class Run:
    """Batches that follow each other in a file without a gap, with offsets that rise. One may lie inside of another."""

    start: int
    end: int
    first: int
    last: int
    why: str
    batches: int = 1

    def goes_on_with(self, batch: Found, why: str) -> bool:
        """Whether this batch is the next one; it is then taken in."""
        if (self.end, self.why) != (batch.position, why) or batch.first <= self.last:
            return False
        self.end, self.last = batch.end, batch.last
        self.batches += 1
        return True


def runs(apart: Iterable[Apart]) -> Iterator[Run]:
    """Batches in the order of their positions, as runs; each is given when it has ended."""
    under_way: list[Run] = []
    for batch, why in apart:
        yield from (run for run in under_way if run.end < batch.position)
        under_way = [run for run in under_way if run.end >= batch.position]
        if not any(run.goes_on_with(batch, why) for run in under_way):
            under_way.append(Run(batch.position, batch.end, batch.first, batch.last, why))
    yield from under_way


def write_apart(
    output: Output, folder: str, manifest: Manifest, window: Window, segment: Segment, apart: Iterable[Apart],
    named: dict[str, Any],
) -> Iterator[Run]:  # fmt: skip
    """Writes each run of batches that are in no log into a segment file of its own, and gives it."""
    for run in runs(apart):
        name = segment_file(f"{folder}/at-{run.start}", run.first)
        digest = hashlib.sha256()
        with output.file(name, like=segment.path) as file:
            for _, data in window.pieces(run.start, run.end):
                file.write(data)
                digest.update(data)
        manifest.add(
            "apart", **named, source=segment.shown_as, position_from=run.start, position_to=run.end, target=name,
            first_offset=run.first, last_offset=run.last, batches=run.batches, why=run.why, sha256=digest.hexdigest(),
        )  # fmt: skip
        yield run
