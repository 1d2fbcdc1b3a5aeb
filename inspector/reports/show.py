"""The records of the topics asked for, partition by partition, and where they belong.

Rows are made as they are read. The verdict on the placement comes from `placement.py`, after the rows.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.chunk import batches_of, records_of
from ..model import Record, RecordBatch
from ..partition import State
from ..reading import read_partition, read_segment
from ..report import Report, Row, Section, Verdict
from ..segment import Segment
from .columns import RECORD_COLUMNS, record_row
from .inputs import Chosen, Inputs, open_inputs
from .placement import KeyTally, Placement, judge_placement
from .selection import OffsetRange, Selection
from .state import log_end_offset, partition_facts
from .tally import Tally, counted, findings_in_words, is_incomplete

Found = tuple[Segment, RecordBatch, Record]


def show(paths: list[Path], selection: Selection) -> Report:
    """The records of the selected partitions of the log directories at `paths`.

    Raises the errors of `open_log_dir`, and UnknownTopicError when nothing has that name.
    """
    return _Show(open_inputs(paths), selection).made


class _Show:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.selection = selection
        self.engine: Engine = choose()
        self.chosen = inputs.choose(selection)
        self.tally = Tally()
        self.keys: defaultdict[str, KeyTally] = defaultdict(KeyTally)
        self.made = Report(inputs.columns(RECORD_COLUMNS), self._sections(), inputs.findings(), self._verdict)

    def _sections(self) -> Iterator[Section]:
        for chosen in self.chosen:
            self.tally.partitions += 1
            self.made.findings += chosen.log.findings
            needs_end = self.selection.offsets is not None and self.selection.offsets.needs_end
            end = log_end_offset(chosen.log, self.engine, thorough=needs_end)
            rows = _Rows(chosen, self, self._bounds(end), end)
            yield Section(chosen.title, partition_facts(chosen.log, end), rows, rows.closing)

    def _bounds(self, end: int | None) -> OffsetRange:
        offsets = self.selection.offsets or OffsetRange()
        return offsets.resolved(end or 0) if offsets.needs_end else offsets

    def _verdict(self) -> Verdict:
        placements = self._placements()
        texts = [placement.text for placement in placements]
        for placement in placements:
            self.made.findings += placement.findings
        read = f"{counted(self.tally.records, 'record')} shown from {counted(self.tally.partitions, 'partition')}"
        return Verdict(
            "; ".join([read, *texts, findings_in_words(self.made.findings) or "no damage seen"]),
            ok=all(placement.ok for placement in placements),
            incomplete=is_incomplete(self.made.findings),
            matched=self.tally.records > 0 or not self.has_filters,
            lines=tuple(line for placement in placements for line in placement.lines),
        )

    @property
    def has_filters(self) -> bool:
        """True when a filter was given, so that no row is an answer of its own."""
        return self.selection.offsets is not None

    def _placements(self) -> list[Placement]:
        topics = dict.fromkeys(chosen.log.topic for chosen in self.chosen)
        judged = (
            judge_placement(self.inputs, topic, self.keys[topic], self.selection.full, self.engine)
            for topic in topics
            if topic
        )
        return [placement for placement in judged if placement is not None]

    def note(self, chosen: Chosen, record: Record) -> None:
        """Counts a record that is shown, for the verdict on the placement."""
        self.tally.records += 1
        if chosen.log.state is State.LIVE and record.control_type is None and chosen.log.partition is not None:
            self.keys[chosen.topic].add(record.key, chosen.log.partition)


class _Rows:
    """The rows of one partition, and what to say below them."""

    def __init__(self, chosen: Chosen, show: _Show, bounds: OffsetRange, end: int | None) -> None:
        self.chosen = chosen
        self.show = show
        self.bounds = bounds
        self.end = end
        self.count = 0
        self.last_offset: int | None = None
        self.was_cut = False

    def __iter__(self) -> Iterator[Row]:
        limit = self.show.selection.limit
        for segment, batch, record in self._found():
            if limit is not None and self.count == limit:
                self.was_cut = True
                break
            self.count += 1
            self.show.note(self.chosen, record)
            self.last_offset = record.offset
            yield self.show.inputs.row(self.chosen.log_dir.shown_as, record_row(segment, batch, record))
        if self.was_cut or self.show.selection.tail is not None or self.show.has_filters:
            self.show.keys[self.chosen.topic].is_cut = True

    def closing(self) -> list[str]:
        """What the rows do not tell by themselves."""
        if self.was_cut:
            of = "" if self.end is None else f" of {self.end - 1}"
            shown = f"first {counted(self.count, 'record')}, up to offset {self.last_offset}{of}"
            return [f"{shown}; all: -n 0, the last: --tail {self.count}"]
        if not self.count:
            return ["no records in this selection" if self.show.has_filters else "no records"]
        return []

    def _found(self) -> Iterator[Found]:
        tail = self.show.selection.tail
        if tail is None:
            return self._read(self.bounds.start)
        return iter(deque(self._read(self._tail_start(tail)), maxlen=tail))

    def _read(self, start: int | None) -> Iterator[Found]:
        request = ScanRequest(start_offset=start, stop_offset=self.bounds.stop)
        findings = self.show.made.findings
        for segment, chunk in read_partition(self.chosen.log, self.show.engine, request, findings):
            for batch, record in records_of(chunk):
                if self.show.selection.control or not batch.is_control:
                    yield segment, batch, record

    def _tail_start(self, wanted: int) -> int | None:
        """An offset from which at least `wanted` records remain, by batch headers alone, from the last segment back."""
        remaining = wanted
        for segment in reversed(self.chosen.log.segments):
            for batch in reversed(self._headers(segment)):
                remaining -= self._countable(batch)
                if remaining <= 0:
                    return max(batch.base_offset, self.bounds.start or 0)
        return self.bounds.start

    def _countable(self, batch: RecordBatch) -> int:
        """The records of a batch that are surely in the selection: one that straddles its end may hold none."""
        beyond = self.bounds.stop is not None and batch.last_offset >= self.bounds.stop
        hidden = batch.is_control and not self.show.selection.control
        return 0 if beyond or hidden else batch.records_count

    def _headers(self, segment: Segment) -> list[RecordBatch]:
        request = ScanRequest(records=False, check_crc=False)
        chunks = read_segment(segment, self.show.engine, request, [], self.chosen.log.shutdown)
        return [batch for chunk in chunks for batch in batches_of(chunk)]
