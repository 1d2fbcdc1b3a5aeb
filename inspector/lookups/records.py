"""The records of one batch, and what the log itself says where an index may lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batch_at, records_of
from ..findings import Finding
from ..model import NO_TIMESTAMP, Record, RecordBatch
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


def values_of(chunk: Chunk, name: str) -> Sequence[int]:
    """A column of numbers of the batches; no value is made of the others."""
    column: Any = chunk.batches.columns[name]
    return cast(Sequence[int], column.values)


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
            for batch in self._reaching(segment, "last_offset", offset):
                return Place(segment, batch)
        return None

    def by_time(self, time: int, log_start: int) -> Place | None:
        """The first record of the log that is not earlier than a time, and not before the log's start."""
        for segment in self._log.segments:
            for batch in self._reaching(segment, "max_timestamp", time):
                if batch.last_offset >= log_start:
                    record = self._first(segment, batch, lambda one: one.timestamp >= time and one.offset >= log_start)
                    if record is not None:
                        return Place(segment, batch, record)
        return None

    def largest_timestamp(self, segment: Segment) -> int:
        """That of a segment by its headers; -1 where it has none."""
        return max((max(values_of(chunk, "max_timestamp")) for chunk in self._chunks(segment)), default=NO_TIMESTAMP)

    def _reaching(self, segment: Segment, column: str, least: int) -> Iterator[RecordBatch]:
        """The batches of a segment in which a field of the header is at least so much."""
        for chunk in self._chunks(segment):
            for row, value in enumerate(values_of(chunk, column)):
                if value >= least:
                    yield batch_at(chunk.batches, row)

    def _chunks(self, segment: Segment) -> Iterator[Chunk]:
        request = ScanRequest(records=False, check_crc=False)
        for chunk in read_segment(segment, self._engine, request, self.findings, self._log.shutdown, self._progress):
            if len(chunk.batches):
                yield chunk

    def _first(self, segment: Segment, batch: RecordBatch, is_it: Callable[[Record], bool]) -> Record | None:
        request = ScanRequest(batch.position, segment.base_offset, most_batches=1)
        for chunk in read_segment(segment, self._engine, request, [], self._log.shutdown):
            for of, record in records_of(chunk):
                if of.position == batch.position and is_it(record):
                    return record
        return None
