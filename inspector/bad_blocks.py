"""Reads a file on behind bytes that the disk does not give, as a dying disk has them: here and there a few blocks.

An engine stops where a read fails. Then the pages that cannot be read are found, one by one; what stands in front of
them is swept as if the file ended there, and behind them the next intact batch is sought, as behind damage. The batches
between are a finding, with their place and size.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .engine import Engine, ScanRequest
from .engine.chunk import Chunk, last_offset
from .engine.resync import BudgetSpentError, Search
from .engine.window import ShrunkError, Window
from .errors import InputError
from .findings import Finding
from .location import Location
from .seeking import HeadSource
from .source import Source
from .text_files import why_unreadable

PAGE = 4096
PIECE = 1024 * 1024

MOST_STRETCHES = 100
"""A file with more places that cannot be read is given up there: each may cost the disk many seconds."""


def scan_on(
    engine: Engine, source: Source, request: ScanRequest, at: Location, findings: list[Finding]
) -> Iterator[Chunk]:
    """As `Engine.scan`, also behind bytes that the disk does not give; each such place is added to `findings`.

    Raises InputError for other failures, and where there are too many such places.
    """
    return _Sweep(engine, source, request, at, findings).chunks()


@dataclass
class _Sweep:
    """request: what is still to be read, from the end of what was handed on."""

    engine: Engine
    source: Source
    request: ScanRequest
    at: Location
    findings: list[Finding]

    def chunks(self) -> Iterator[Chunk]:
        for _ in range(MOST_STRETCHES):
            try:
                yield from self._handed_on(self.source)
                return
            except InputError as error:
                failure = error
            bad = self._bad_pages(failure)
            lost_from = bad.start
            for chunk in self._handed_on(HeadSource(self.source, bad.start)):
                cut = [one for one in chunk.findings if _reaches(one, bad.start)]
                lost_from = min([lost_from, *(one.location.position or 0 for one in cut)])
                chunk.findings[:] = [one for one in chunk.findings if one not in cut]
                yield chunk
            self._go_on(lost_from, self._next_batch(bad.stop), failure)
        yield from self._handed_on(self.source)

    def _handed_on(self, source: Source) -> Iterator[Chunk]:
        for chunk in self.engine.scan(source, self.request, self.at):
            self.request = replace(self.request, position=max(self.request.position, _end(chunk)))
            if len(chunk.batches):
                self.request = replace(self.request, follows=last_offset(chunk))
            yield chunk

    def _bad_pages(self, failure: InputError) -> range:
        """The next bytes that cannot be read. Raises `failure` where it is of another kind, or cannot be seen again."""
        start = first_unreadable(self.source, self.request.position) if _is_of_the_disk(failure) else None
        if start is None or self.request.most_batches is not None:
            raise failure
        return range(start, end_of_unreadable(self.source, start))

    def _next_batch(self, start: int) -> int:
        """Where the next intact batch begins, or the next bytes that cannot be read, or the file's end."""
        size = self.source.size
        try:
            return self._sought(self.source, start)
        except InputError:
            bad = first_unreadable(self.source, start)
            return size if bad is None else min(bad, self._sought(HeadSource(self.source, bad), start))

    def _sought(self, source: Source, start: int) -> int:
        search = Search(Window(source), self.request.base_offset)
        try:
            found = search.next_batch(start, self.request.follows)
        except (BudgetSpentError, ShrunkError):
            found = None
        return source.size if found is None else found

    def _go_on(self, lost_from: int, position: int, failure: InputError) -> None:
        place = self.at.at(lost_from, position - lost_from)
        self.findings.append(Finding("unreadable-file", place, found=why_unreadable(failure)))
        self.request = replace(self.request, position=position)


def first_unreadable(source: Source, start: int) -> int | None:
    """The first page from `start` on that the disk does not give, by its position; None where it gives all."""
    position = start
    while position < source.size:
        end = min(position - position % PIECE + PIECE, source.size)
        if not _is_readable(source, position, end):
            return next(
                (page for page in _pages(position, end) if not _is_readable(source, page, _page_end(page))), None
            )
        position = end
    return None


def end_of_unreadable(source: Source, start: int) -> int:
    """Where the disk gives bytes again behind `start`. Found by leaps and halves, since each try may take seconds."""
    bad, leap = start - start % PAGE, PAGE
    while bad + leap < source.size and not _is_readable(source, bad + leap, bad + leap + PAGE):
        bad, leap = bad + leap, 2 * leap
    good = min(bad + leap, source.size)
    while good - bad > PAGE:
        middle = bad + max(1, (good - bad) // 2 // PAGE) * PAGE
        bad, good = (bad, middle) if _is_readable(source, middle, middle + PAGE) else (middle, good)
    return good


def _pages(start: int, end: int) -> Iterator[int]:
    yield start
    yield from range(_page_end(start), end, PAGE)


def _page_end(position: int) -> int:
    return position - position % PAGE + PAGE


def _is_readable(source: Source, start: int, end: int) -> bool:
    try:
        source.read_at(start, end - start)
    except InputError as error:
        if not _is_of_the_disk(error):
            raise
        return False
    return True


def _is_of_the_disk(error: InputError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EIO


def _reaches(finding: Finding, end: int) -> bool:
    """Whether a finding is about bytes up to the place where the file was cut for us."""
    at = finding.location
    return at.position is not None and at.position + (at.size or 0) >= end


def _end(chunk: Chunk) -> int:
    """Behind all that was told of: `chunk.end` may lie in front of what was looked at last."""
    told = [(one.location.position or 0) + (one.location.size or 0) for one in chunk.findings]
    columns: Any = chunk.batches.columns
    last = columns["position"].values[-1] + columns["batch_bytes"].values[-1] if len(chunk.batches) else 0
    return max(chunk.end, last, *told)
