"""Every record held against a partitioner or a file of expectations: which lie elsewhere, and where they should.

To name one is to state an expectation: a record elsewhere makes the answer a failure, and so does an expectation that
no record meets.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.chunk import Chunk, records_in
from ..engine.keys import Placed, place_rows
from ..found import Findings
from ..model import Record, RecordBatch
from ..placing.standards import Standard, Topic
from ..reading import read_partition
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..segment import Segment
from ..words import counted
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .selection import Selection
from .tally import damage_in_words, is_incomplete

COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("expected", Hint.NUMBER),
    Column("offset", Hint.NUMBER),
    Column("timestamp", Hint.TIMESTAMP),
    Column("key", Hint.BYTES),
    Column("producer_id", Hint.NUMBER, default=False),
    Column("segment", default=False),
    Column("position", Hint.NUMBER, default=False),
    Column("explanation", default=False),
)
"""One row a record that lies elsewhere."""


def against(paths: list[Path], selection: Selection, rule: Standard) -> Report:
    """The records of the selected topics that lie elsewhere than `rule` says. Raises as `show`."""
    return _Against(open_inputs(paths), selection, rule).made


class _Against:
    def __init__(self, inputs: Inputs, selection: Selection, rule: Standard) -> None:
        self.inputs = inputs
        self.rule = rule
        self.limit = selection.limit
        self.engine: Engine = choose(selection.engine)
        self.chosen = [one for one in inputs.choose(selection) if one.topic and not one.log.is_internal]
        self.explained = self.undecidable = self.elsewhere = 0
        self.not_judged: list[str] = []
        findings = Findings([*inputs.findings(), *inputs.missing(selection, self.chosen)])
        self.made = Report(COLUMNS, self._sections(), findings, self._verdict)
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        for topic in dict.fromkeys(one.topic for one in self.chosen):
            why_not = self.inputs.why_not_whole(topic)
            if why_not:
                self.not_judged.append(f"{topic}: not judged, {why_not}")
                continue
            count = self.inputs.partition_count(topic).at_least
            rows = (row for chosen in self.inputs.live_partitions(topic) for row in self._rows(chosen, count))
            yield Section(topic, (("rule", f"{self.rule.title}, {counted(count, 'partition')}"),), rows, self._closing)

    def _rows(self, chosen: Chosen, count: int) -> Iterator[Row]:
        self.made.findings += chosen.log.findings
        partition = chosen.log.partition or 0
        topic, request = Topic(chosen.topic, count), ScanRequest()
        for segment, chunk in read_partition(chosen.log, self.engine, request, self.made.findings, self.made.progress):
            placed = self._placed(chunk, topic, partition)
            self.explained += placed.explained
            self.undecidable += placed.undecidable
            for row in placed.elsewhere:
                self.elsewhere += 1
                if self.limit is None or self.elsewhere <= self.limit:
                    batch, record = next(iter(records_in(chunk, range(row, row + 1))))
                    yield self._row(topic, partition, segment, batch, record)

    def _placed(self, chunk: Chunk, topic: Topic, partition: int) -> Placed:
        if self.rule.by_hash is not None:
            return self.engine.place(chunk, self.rule.by_hash, topic.count, partition)
        return place_rows(chunk, partition, self.rule.expecting(chunk, topic))

    def _row(self, topic: Topic, partition: int, segment: Segment, batch: RecordBatch, record: Record) -> Row:
        expected, why = self.rule.explained(record, topic)
        return (
            topic.name, partition, expected, record.offset, record.timestamp, record.key,
            batch.producer_id, segment.name, batch.position, why,
        )  # fmt: skip

    def _closing(self) -> list[str]:
        if self.limit is None or self.elsewhere <= self.limit:
            return []
        return [f"the first {self.limit} of {self.elsewhere:,} elsewhere; all: -n 0"]

    def _verdict(self) -> Verdict:
        parts = [*self.not_judged]
        judged = self.explained + self.undecidable + self.elsewhere
        if judged:
            parts.append(
                f"{self.rule.name} explains {self.explained:,} of {counted(judged, 'record')}, "
                f"{self.elsewhere:,} lie elsewhere, {self.undecidable:,} are not for it to decide"
            )
        parts += self.rule.remarks()
        parts.append(damage_in_words(self.made.findings))
        ok = self.elsewhere == 0 and not self.not_judged and not self.rule.unmet
        return Verdict("; ".join(parts), ok=ok, incomplete=is_incomplete(self.made.findings))
