"""The records of one batch, and what the log itself says where an index may lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import batches_of, records_of
from ..findings import Finding
from ..model import Record, RecordBatch
from ..partition import PartitionLog
from ..reading import read_segment
from ..report import Progress
from ..seeking import HeadSource
from ..segment import Segment
from ..source import Source
from .walking import Frame


class Place(NamedTuple):
    """A batch, and the segment it lies in; record: the one that was found in it, None where none was looked for."""

    segment: Segment
    batch: RecordBatch
    record: Record | None = None

    @property
    def end(self) -> int:
        """The position behind the batch."""
        return self.batch.position + self.batch.batch_bytes


def records_at(
    segment: Segment, source: Source, engine: Engine, frame: Frame, start_offset: int
) -> Iterator[tuple[RecordBatch, Record]]:
    """The records of the batch at a place from an offset on; none where no batch can be decoded there."""
    request = ScanRequest(frame.position, segment.base_offset, start_offset=start_offset, most_batches=1)
    for chunk in engine.scan(HeadSource(source, frame.end), request, segment.location()):
        for batch, record in records_of(chunk):
            if batch.position == frame.position:
                yield batch, record


class Truth:
    """What reading the log from the start finds, past all indexes. findings: what was met on the way."""

    def __init__(self, log: PartitionLog, engine: Engine, progress: Progress) -> None:
        self.findings: list[Finding] = []
        self._log = log
        self._engine = engine
        self._progress = progress

    def by_offset(self, segments: tuple[Segment, ...], offset: int) -> Place | None:
        """The first batch in these segments that reaches up to an offset."""
        for segment in segments:
            for batch in self._headers(segment):
                if batch.last_offset >= offset:
                    return Place(segment, batch)
        return None

    def by_time(self, time: int, log_start: int) -> Place | None:
        """The first record of the log that is not earlier than a time, and not before the log's start."""
        for segment in self._log.segments:
            for batch in self._headers(segment):
                if batch.max_timestamp >= time and batch.last_offset >= log_start:
                    record = self._first(segment, batch, lambda one: one.timestamp >= time and one.offset >= log_start)
                    if record is not None:
                        return Place(segment, batch, record)
        return None

    def largest_timestamp(self, segment: Segment) -> int:
        """That of a segment by its headers; -1 where it has none."""
        return max((batch.max_timestamp for batch in self._headers(segment)), default=-1)

    def _headers(self, segment: Segment) -> Iterator[RecordBatch]:
        request = ScanRequest(records=False, check_crc=False)
        for chunk in read_segment(segment, self._engine, request, self.findings, self._log.shutdown, self._progress):
            yield from batches_of(chunk)

    def _first(self, segment: Segment, batch: RecordBatch, is_it: Callable[[Record], bool]) -> Record | None:
        request = ScanRequest(batch.position, segment.base_offset, most_batches=1)
        for chunk in read_segment(segment, self._engine, request, [], self._log.shutdown):
            for of, record in records_of(chunk):
                if of.position == batch.position and is_it(record):
                    return record
        return None
