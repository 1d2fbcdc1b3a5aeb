"""The records of one partition that a selection leaves, read as they are asked for, and counted.

Whole batches are passed over where their headers prove enough; what is inside the others is looked at record by record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batches_of, records_of
from ..engine.text import TextPlan
from ..findings import Finding
from ..model import NO_TIMESTAMP, Record, RecordBatch
from ..partition import PartitionLog
from ..reading import read_partition, read_segment, segments_between
from ..report import Report
from ..segment import MAX_OFFSET, Segment
from ..transactions import Transactions
from .filters import NO_TRANSACTION
from .selection import OffsetRange, Selection
from .times import TimeRange

Found = tuple[Segment, RecordBatch, Record]


class Matching:
    """Iterate it once, for the records in order; then read what was counted.

    looked_at: the records within the offsets that were held against the filters, by their headers at least.
    without_timestamp: those of them that no range of time can hold. transactions: tells the outcomes.
    """

    def __init__(
        self, log: PartitionLog, engine: Engine, selection: Selection, bounds: OffsetRange, made: Report
    ) -> None:
        self.looked_at = 0
        self.without_timestamp = 0
        self.transactions = Transactions(log, engine)
        self._log = log
        self._engine = engine
        self._selection = selection
        self._filters = selection.filters
        self._test = selection.filters.test()
        self._findings = made.findings
        self._progress = made.progress
        times = self._filters.times or TimeRange()
        self._request = ScanRequest(
            start_offset=bounds.start, stop_offset=bounds.stop, control_only=not selection.data,
            since=times.since, until=times.until,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Found]:
        tail = self._selection.tail
        if tail is None:
            return self._read(self._request)
        if not self._selection.looks_at_each:
            return iter(deque(self._read(replace(self._request, start_offset=self._tail_start(tail))), maxlen=tail))
        if self._filters.transactions:  # their outcomes are told in the order of the log
            return iter(deque(self._read(self._request), maxlen=tail))
        return self._last_matches(tail)

    def chunks(self, text_of: Callable[[Segment], TextPlan | None]) -> Iterator[tuple[Segment, Chunk]]:
        """All that lies within the offsets, a chunk at a time, for whoever takes the records as text."""
        return read_partition(self._log, self._engine, self._request, self._findings, self._progress, text_of)

    def _read(self, request: ScanRequest) -> Iterator[Found]:
        for segment, chunk in read_partition(self._log, self._engine, request, self._findings, self._progress):
            yield from self._matching(segment, chunk)

    def _matching(self, segment: Segment, chunk: Chunk) -> Iterator[Found]:
        for batch in self._undecoded(chunk):
            self._count(self._records_within(batch), batch.max_timestamp)
        for batch, record in records_of(chunk):
            self._count(1, record.timestamp)
            if self._passes(segment, batch, record):
                yield segment, batch, record

    def _passes(self, segment: Segment, batch: RecordBatch, record: Record) -> bool:
        hidden = self._filters.about_data or not self._selection.control
        if hidden if batch.is_control else not self._selection.data:
            return False
        return self._test(record) and self._has_outcome(segment, batch)

    def _has_outcome(self, segment: Segment, batch: RecordBatch) -> bool:
        wanted = self._filters.transactions
        return not wanted or (self.transactions.outcome(segment, batch) or NO_TRANSACTION) in wanted

    # -- counting

    def _count(self, records: int, timestamp: int) -> None:
        self.looked_at += records
        if timestamp == NO_TIMESTAMP and self._filters.times is not None:
            self.without_timestamp += records

    def _undecoded(self, chunk: Chunk) -> Iterator[RecordBatch]:
        """The batches whose records were not decoded, because their headers say that they do not match."""
        if self._filters.times is None and self._selection.data:
            return iter(())
        request = self._request
        return (
            batch
            for batch in batches_of(chunk)
            if (request.control_only and not batch.is_control) or request.rules_out(batch)
        )

    def _records_within(self, batch: RecordBatch) -> int:
        """How many records of a batch lie within the offsets; at most, where compaction took some."""
        first = max(batch.base_offset or 0, self._request.start_offset or 0)
        stop = MAX_OFFSET if self._request.stop_offset is None else self._request.stop_offset
        return min(batch.records_count or 0, max(0, min(batch.last_offset + 1, stop) - first))

    # -- the last so many

    def _last_matches(self, wanted: int) -> Iterator[Found]:
        """Segment by segment from the end, because what matches cannot be counted by headers."""
        found: list[Found] = []
        findings: list[Finding] = []
        segments = list(segments_between(self._log.segments, self._request.start_offset, self._request.stop_offset))
        while segments and len(found) < wanted:
            of_segment: list[Finding] = []
            found[:0] = deque(self._of_segment(segments.pop(), of_segment), maxlen=wanted - len(found))
            findings[:0] = of_segment
        self._findings += findings
        return iter(found)

    def _of_segment(self, segment: Segment, findings: list[Finding]) -> Iterator[Found]:
        shutdown, progress = self._log.shutdown, self._progress
        for chunk in read_segment(segment, self._engine, self._request, findings, shutdown, progress):
            yield from self._matching(segment, chunk)

    def _tail_start(self, wanted: int) -> int | None:
        """An offset from which at least `wanted` records remain, by batch headers alone, from the last segment back."""
        start = self._request.start_offset
        for segment in reversed(self._log.segments):
            offset, count = self._last_of(segment, wanted)
            if count >= wanted:
                return max(offset, start or 0)
            wanted -= count
        return start

    def _last_of(self, segment: Segment, wanted: int) -> tuple[int, int]:
        """Where the last batches of a segment begin that hold `wanted` records, and how many these hold, or all do."""
        last: deque[tuple[int, int]] = deque()  # no more batches than records are wanted: there may be millions
        total = 0
        for batch in self._headers(segment):
            count = self._countable(batch)
            if count > 0:
                last.append((batch.base_offset or 0, count))
                total += count
            while last and total - last[0][1] >= wanted:
                total -= last.popleft()[1]
        return (last[0][0] if last else 0), total

    def _countable(self, batch: RecordBatch) -> int:
        """The records of a batch that are surely in the selection: one that straddles its end may hold none."""
        stop = self._request.stop_offset
        beyond = stop is not None and batch.last_offset >= stop
        hidden = batch.is_control and not self._selection.control
        return 0 if beyond or hidden else batch.records_count or 0

    def _headers(self, segment: Segment) -> Iterator[RecordBatch]:
        request = ScanRequest(records=False, check_crc=False)
        for chunk in read_segment(segment, self._engine, request, [], self._log.shutdown):
            yield from batches_of(chunk)
