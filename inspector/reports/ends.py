"""Where segments and partitions begin and end, from their first and last batch alone.

A small segment is swept once, header by header; of a larger one only the two ends are read. Each takes one open file,
and none is open when the answer is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from ..engine import Engine, ScanRequest
from ..engine.chunk import batch_at, batches_of
from ..errors import KinspectError, UnsupportedError
from ..findings import Finding
from ..model import RecordBatch
from ..partition import PartitionLog
from ..reading import cannot_read, last_batch, read_segment
from ..segment import Segment

COUNTED_UP_TO = 256 * 1024
"""The records of a partition are counted, by batch headers, if it has one segment of so many bytes at most."""

SWEPT_UP_TO = 16 * 1024
"""A segment of so many bytes is swept at once, which costs less than to look its end up in the index."""

_HEADERS = ScanRequest(records=False, check_crc=False)
_FIRST_HEADER = ScanRequest(records=False, check_crc=False, most_batches=1)


@dataclass(frozen=True, slots=True)
class SegmentEnds:
    """The first and the last whole batch of a segment; None where it has none, or where it was not read.

    is_known: False where the end could not be read, or not quickly. records: None where they were not counted.
    """

    first: RecordBatch | None = None
    last: RecordBatch | None = None
    records: int | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Ends:
    """What the first and the last batch of a partition tell.

    None: not there, or not read; then it is named in `not_read`.
    """

    log_end_offset: int | None = None
    records: int | None = None
    first_timestamp: int | None = None
    last_timestamp: int | None = None
    not_read: tuple[str, ...] = ()


def read_ends(log: PartitionLog, engine: Engine, findings: list[Finding]) -> Ends:
    """Reads the ends of a partition; a small one whole, by its batch headers."""
    if not log.segments:
        return Ends(records=0)
    if len(log.segments) == 1:
        only = segment_ends(log.segments[0], engine, log, findings, COUNTED_UP_TO)
        return _ends(log, only.first, only, only.records)
    first, last = _first(log, engine, findings), _last(log, engine, findings)
    return _ends(log, first, last, None)


def _first(log: PartitionLog, engine: Engine, findings: list[Finding]) -> RecordBatch | None:
    batches = (_first_batch(segment, engine, log, findings) for segment in log.segments)
    return next((batch for batch in batches if batch is not None), None)


def _last(log: PartitionLog, engine: Engine, findings: list[Finding]) -> SegmentEnds:
    for segment in reversed(log.segments):
        ends = _last_of(segment, engine, log, findings)
        if ends.last is not None or not ends.is_known:
            return ends
    return SegmentEnds()


def _ends(log: PartitionLog, first: RecordBatch | None, end: SegmentEnds, records: int | None) -> Ends:
    offset = end.last.last_offset + 1 if end.last else log.segments[-1].base_offset
    unread = (("log_end_offset", not end.is_known), ("records", records is None))
    return Ends(
        offset if end.is_known else None,
        records,
        first.base_timestamp if first else None,
        end.last.max_timestamp if end.last else None,
        tuple(name for name, is_unread in unread if is_unread),
    )


def segment_ends(
    segment: Segment, engine: Engine, log: PartitionLog, findings: list[Finding], swept_up_to: int = SWEPT_UP_TO
) -> SegmentEnds:
    """Both ends of a segment; its records are counted where it has `swept_up_to` bytes at most."""
    if not segment.size:
        return SegmentEnds(records=0)
    if segment.size <= swept_up_to:
        return _swept(segment, engine, log, findings)
    first = _first_batch(segment, engine, log, findings)
    end = _last_of(segment, engine, log, findings)
    return SegmentEnds(first, end.last if first else None, None, end.is_known)


def _swept(segment: Segment, engine: Engine, log: PartitionLog, findings: list[Finding]) -> SegmentEnds:
    found: list[Finding] = []
    chunks = read_segment(segment, engine, _HEADERS, found, log.shutdown)
    batches = [batch for chunk in chunks for batch in batches_of(chunk)]
    first = batches[0] if batches else None
    counts = [batch.records_count for batch in batches]
    for finding in found:
        if first is None or finding.location.position is None or finding.location.position <= first.position:
            _add_new(findings, finding)  # damage further on is a question for verify
    was_read = not any(finding.slug in ("vanished-file", "unreadable-file") for finding in found)
    if not was_read:
        return SegmentEnds(is_known=False)
    records = None if None in counts else sum(count for count in counts if count is not None)
    return SegmentEnds(first, _within_offsets(batches[-1]) if batches else None, records)


def _within_offsets(batch: RecordBatch) -> RecordBatch | None:
    """The batch, unless its header lies: no offset is beyond 2^63 - 1."""
    return batch if batch.last_offset >= (batch.base_offset or 0) else None


def _first_batch(segment: Segment, engine: Engine, log: PartitionLog, findings: list[Finding]) -> RecordBatch | None:
    """The first whole batch of a segment by its header alone, or None."""
    if not segment.size:
        return None
    for chunk in islice(read_segment(segment, engine, _FIRST_HEADER, findings, log.shutdown), 1):
        if len(chunk.batches):
            return batch_at(chunk.batches, 0)
    return None


def _last_of(segment: Segment, engine: Engine, log: PartitionLog, findings: list[Finding]) -> SegmentEnds:
    if segment.size <= SWEPT_UP_TO:
        return segment_ends(segment, engine, log, findings)
    try:
        return SegmentEnds(last=last_batch(segment, engine))
    except UnsupportedError:
        return SegmentEnds(is_known=False)
    except KinspectError as error:
        _add_new(findings, cannot_read(segment, error))
        return SegmentEnds(is_known=False)


def _add_new(findings: list[Finding], finding: Finding) -> None:
    if finding not in findings:  # the first segment may be the last, and was read before
        findings.append(finding)
