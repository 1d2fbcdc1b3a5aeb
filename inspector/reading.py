"""Reads segments through an engine: opening, and what a finding means at that place.

An engine knows the bytes of one file; this module adds what only the surroundings tell: that a file vanished, that an
incomplete last batch is normal in a directory whose broker was not stopped. Where to start is told by `seeking.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from .bad_blocks import scan_on
from .broker_files import CLEAN_SHUTDOWN, Shutdown
from .engine import Engine, ScanRequest
from .engine.chunk import Chunk, batch_at, last_offset
from .engine.resync import BudgetSpentError, Search
from .engine.text import TextPlan
from .engine.window import ShrunkError, Window
from .errors import KinspectError, PathNotFoundError, UnsupportedError, VanishedError
from .files.kraft_snapshot import UNFINISHED, Frame, is_kraft_snapshot
from .findings import Finding
from .model import RecordBatch
from .names import printable
from .partition import PartitionLog
from .report import Progress
from .seeking import hinted_position
from .segment import MAX_OFFSET, Role, Segment
from .source import FileSource, Source, open_source
from .spec.offset_index import ENTRY_SIZE
from .spec.record_batch import HEADER_SIZE
from .text_files import why_unreadable

QUICK_SWEEP = 8 * 1024 * 1024
"""Bytes of batches whose headers are followed for the sake of an end offset that is only told in passing."""


def read_partition(
    log: PartitionLog,
    engine: Engine,
    request: ScanRequest,
    findings: list[Finding],
    progress: Progress | None = None,
    text_of: Callable[[Segment], TextPlan | None] = lambda _segment: None,
    left_out: Container[str] = (),
) -> Iterator[tuple[Segment, Chunk]]:
    """The chunks of a partition's segments in order; what is found goes to `findings`, in the order of reading.

    Segments that lie wholly before `request.start_offset` are not opened, those at or beyond `stop_offset` neither.
    text_of: how the records of a segment are to be written as text by the engine, if at all. left_out: the names of
    files that are not to be read.
    """
    progress = progress or Progress()
    wanted_segments = tuple(segment for segment in log.segments if segment.file_name not in left_out)
    follows, left = -1, sum(segment.size for segment in wanted_segments)
    try:
        for segment in segments_between(wanted_segments, request.start_offset, request.stop_offset):
            left -= segment.size
            wanted = replace(request, follows=follows, text=text_of(segment))
            for chunk in read_segment(segment, engine, wanted, findings, log.shutdown, progress):
                if len(chunk.batches):
                    follows = last_offset(chunk)
                yield segment, chunk
    finally:
        progress.skipped += left


def segments_between(
    segments: tuple[Segment, ...], start_offset: int | None, stop_offset: int | None
) -> Iterator[Segment]:
    """The segments that may hold offsets from `start_offset` to before `stop_offset`, by their names alone."""
    for segment, following in zip(segments, chain(segments[1:], (None,)), strict=False):
        end = None if following is None else following.base_offset
        if end is not None and start_offset is not None and end <= start_offset:
            continue
        if stop_offset is not None and segment.base_offset is not None and segment.base_offset >= stop_offset:
            return
        yield segment


def read_segment(
    segment: Segment,
    engine: Engine,
    request: ScanRequest,
    findings: list[Finding],
    shutdown: Shutdown,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """The chunks of one segment. A file that cannot be read gives a finding and no chunk; nothing is raised.

    While a chunk is looked at, the file is not kept open: whoever takes the rows may wait for hours (a pager).
    """
    progress = progress or Progress()
    start = reached = 0
    try:
        with segment.open(engine.meter) as source:
            if _was_merged(segment, source, request):
                findings.append(Finding("vanished-file", segment.location()))
                return
            findings += _changes_since_listed(segment, source, shutdown)
            moved_to = source.moved_to
            start = reached = _start(segment, source, engine, request, findings)
            request = replace(request, base_offset=segment.base_offset, position=start)
            if is_kraft_snapshot(segment):  # its frame is told by what its control records say
                request = replace(request, columns=None)
            chunks = scan_on(engine, source, request, segment.location(), findings)
            for chunk in _framed(segment, request, chunks, findings):
                findings += [_judged(finding, segment, source, shutdown) for finding in chunk.findings]
                if source.moved_to is not None and source.moved_to != moved_to:
                    moved_to = source.moved_to
                    findings.append(_renamed(segment, moved_to))
                source.passed(chunk.end)
                source.release()
                progress.step(max(0, chunk.end - reached))
                reached = chunk.end
                yield chunk
    except VanishedError:
        findings.append(Finding("vanished-while-read", segment.location(), segment.size, f"position {reached}"))
    except KinspectError as error:
        findings.append(cannot_read(segment, error))
    finally:
        progress.skipped += start + max(0, segment.size - reached)


def _framed(
    segment: Segment, request: ScanRequest, chunks: Iterator[Chunk], findings: list[Finding]
) -> Iterator[Chunk]:
    """The chunks as they are. At the end of a whole KRaft snapshot it is told whether its frame was there."""
    is_whole = request.records and request.start_offset is None and request.stop_offset is None
    if not is_whole or not is_kraft_snapshot(segment):
        yield from chunks
        return
    frame = Frame(segment)
    for chunk in chunks:
        frame.see(chunk)
        yield chunk
    findings += frame.findings()


def kraft_snapshots(log: PartitionLog) -> Iterator[Segment]:
    """The KRaft snapshots that lie beside a metadata log, those under way included, to be read like segments."""
    for file in log.other_files:
        if file.name.role is Role.KRAFT_SNAPSHOT:
            try:
                size = file.path.stat().st_size
            except OSError:  # whoever opens it says so
                size = 0
            yield Segment(
                file.directory, file.file_name, file.shown_as, None, size, log.topic, log.partition,
                role=file.name.role, pending=file.name.pending,
            )  # fmt: skip


def last_batch(segment: Segment, engine: Engine, thorough: bool = False) -> RecordBatch | None:
    """The last whole batch of a segment by its header alone, or None. Reads what lies behind the last index entry.

    Raises as `open_source`: without the segment its end is unknown; UnsupportedError too, where it lies, unless
    `thorough`, further behind the last index entry than a quick answer allows.
    """
    found: RecordBatch | None = None
    with segment.open(engine.meter) as source:
        position = hinted_position(segment, source, engine, MAX_OFFSET, [])
        if not thorough and source.end_of_data() - position > QUICK_SWEEP:
            raise UnsupportedError("the end lies too far behind the last index entry", location=segment.location())
        request = ScanRequest(position, segment.base_offset, records=False, check_crc=False)
        for chunk in engine.scan(source, request, segment.location()):
            if len(chunk.batches):
                found = batch_at(chunk.batches, len(chunk.batches) - 1)
    return found if found and found.last_offset >= (found.base_offset or 0) else None  # no offset lies beyond 2^63 - 1


def cannot_read(segment: Segment, error: KinspectError) -> Finding:
    """The finding for a segment that could not be opened or read."""
    if isinstance(error, PathNotFoundError):
        return Finding("vanished-file", segment.location())
    return Finding("unreadable-file", segment.location(), found=why_unreadable(error))


def looks_like_a_log(segment: Segment) -> bool:
    """Whether a file that is not named like a segment holds a batch, at its start or further on."""
    try:
        with segment.open() as source:
            search = Search(Window(source), None)
            starts = source.size >= HEADER_SIZE and search.plausible_at(0, -1)
            return starts or search.next_batch(0, -1) is not None
    except BudgetSpentError:
        return False
    except ShrunkError:  # whoever reads it says so
        return True


def _start(segment: Segment, source: Source, engine: Engine, request: ScanRequest, findings: list[Finding]) -> int:
    if request.start_offset is None:
        return request.position
    return hinted_position(segment, source, engine, request.start_offset, findings)


# -- what changed since the listing


def _was_merged(segment: Segment, source: FileSource, request: ScanRequest) -> bool:
    """Whether the log cleaner took the records into a segment that was read already; only the old file is left."""
    is_old = source.moved_to is not None
    return is_old and segment.base_offset is not None and request.follows >= segment.base_offset


def _changes_since_listed(segment: Segment, source: FileSource, shutdown: Shutdown) -> Iterator[Finding]:
    """What happened to a file between listing and opening. That it grew is said only where nobody should write."""
    if source.moved_to is not None:
        yield _renamed(segment, source.moved_to)
    elif not source.is_as_listed:
        yield Finding("replaced-file", segment.location())
    elif source.size > segment.size and shutdown is not Shutdown.RUNNING:
        yield Finding("grown-file", segment.location(), segment.size, source.size)


def _renamed(segment: Segment, moved_to: Path) -> Finding:
    shown = moved_to.name if moved_to.parent == segment.path.parent else f"{moved_to.parent.name}/{moved_to.name}"
    return Finding("renamed-file", segment.location(), found=printable(shown))


# -- judging


def _judged(finding: Finding, segment: Segment, source: Source, shutdown: Shutdown) -> Finding:
    """An incomplete batch at the end is a torn tail where the broker was not stopped, and damage everywhere else."""
    at = finding.location
    if finding.slug != "truncated-batch" or at.position is None or at.position + (at.size or 0) < source.size:
        return finding
    if is_kraft_snapshot(segment):  # it has another name until it is whole
        return finding.as_slug("torn-tail") if segment.pending == UNFINISHED else finding
    torn = segment.may_be_torn and (shutdown is not Shutdown.UNKNOWN or _was_active(segment))
    torn = torn or _has_started_since(segment, shutdown)
    return finding.as_slug("torn-tail") if torn else finding


def _has_started_since(segment: Segment, shutdown: Shutdown) -> bool:
    """Whether a broker took the directory up after it was listed as cleanly stopped: it removes the marker first."""
    if shutdown is not Shutdown.CLEAN or not segment.is_last:
        return False
    return not os.path.lexists(segment.path.parent.parent / CLEAN_SHUTDOWN)


def _was_active(segment: Segment) -> bool:
    """Whether the index is still preallocated: the segment was open when its directory was left or copied."""
    path = segment.sibling(Role.OFFSET_INDEX)
    if path is None:
        return False
    try:
        with open_source(path) as index:
            return index.size >= ENTRY_SIZE and not index.read_at(index.size - ENTRY_SIZE, ENTRY_SIZE).strip(b"\0")
    except KinspectError:
        return False
