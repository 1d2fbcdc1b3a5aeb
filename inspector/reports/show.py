"""The records of the topics asked for, partition by partition, and where they belong.

Rows are made as they are read. The verdict on the placement comes from `judging.py`, after the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path

from ..engine import Engine, choose
from ..engine.chunk import Chunk
from ..engine.keys import KeyTally
from ..engine.text import TextPlan
from ..found import Findings
from ..model import Record, RecordBatch
from ..partition import State
from ..report import Report, Row, Section, TextForm, Verdict
from ..segment import Segment
from ..words import counted
from .columns import RECORD_COLUMNS, record_row
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .judging import Placement, judge_placement, keys_to_judge
from .matching import Matching
from .selection import OffsetRange, Selection
from .state import log_end_offset, partition_facts
from .tally import Tally, damage_in_words, is_incomplete
from .written import Written, text_plan


def show(paths: list[Path], selection: Selection) -> Report:
    """The records of the selected partitions of the log directories at `paths`.

    Raises the errors of `open_log_dir`, and UnknownTopicError when nothing has that name.
    """
    return _Show(open_inputs(paths), selection).made


class _Show:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.selection = selection
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.tally = Tally()
        self._keys: dict[str, KeyTally | None] = {}
        self.matching: list[Matching] = []
        findings = Findings([*inputs.findings(), *inputs.missing(selection, self.chosen)])
        self.made = Report(inputs.columns(RECORD_COLUMNS), self._sections(), findings, self._verdict)
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        for chosen in self.chosen:
            self.tally.partitions += 1
            self.made.findings += chosen.log.findings
            needs_end = self.selection.offsets is not None and self.selection.offsets.needs_end
            end = log_end_offset(chosen.log, self.engine, thorough=needs_end)
            matching = Matching(chosen.log, self.engine, self.selection, self._bounds(end), self.made)
            self.matching.append(matching)
            rows = _Rows(chosen, self, matching, end)
            yield Section(chosen.title, partition_facts(chosen.log, end), rows, rows.closing)

    def _bounds(self, end: int | None) -> OffsetRange:
        offsets = self.selection.offsets or OffsetRange()
        return offsets.resolved(end or 0) if offsets.needs_end else offsets

    def _verdict(self) -> Verdict:
        self._tell_transactions()
        placements = self._placements()
        texts = [placement.text for placement in placements]
        for placement in placements:
            self.made.findings += placement.findings
        return Verdict(
            "; ".join([self._read_in_words(), *texts, damage_in_words(self.made.findings)]),
            ok=all(placement.ok for placement in placements),
            incomplete=is_incomplete(self.made.findings),
            matched=self.tally.records > 0 or not self.selection.has_filters,
            lines=tuple(line for placement in placements for line in placement.lines),
        )

    def _read_in_words(self) -> str:
        partitions = counted(self.tally.partitions, "partition")
        if not self.selection.looks_at_each:
            return f"{counted(self.tally.records, 'record')} shown from {partitions}"
        looked_at = sum(matching.looked_at for matching in self.matching)
        return f"{counted(self.tally.records, 'record')} shown of {looked_at:,} looked at, from {partitions}"

    def _tell_transactions(self) -> None:
        """Why outcomes are unknown, and what was not read on the way ahead, unless the rows have told it."""
        for matching in self.matching:
            self.made.findings += matching.transactions.findings
            self.made.findings += [one for one in matching.transactions.not_read if one not in self.made.findings]

    def _placements(self) -> list[Placement]:
        topics = dict.fromkeys(chosen.log.topic for chosen in self.chosen)
        judged = (
            judge_placement(self.inputs, topic, self.keys(topic), self.selection.full, self.engine)
            for topic in topics
            if topic
        )
        return [placement for placement in judged if placement is not None]

    def note(self, chosen: Chosen, record: Record) -> None:
        """Counts a record that is shown, for the verdict on the placement."""
        self.tally.records += 1
        keys = self.keys(chosen.topic)
        if keys is None or chosen.log.partition is None or record.control_type is not None:
            return
        if chosen.log.state is State.LIVE:
            keys.add(record.key, chosen.log.partition)

    def note_rows(self, chosen: Chosen, chunk: Chunk, rows: range, is_control: bool) -> None:
        """Likewise, some rows of a chunk."""
        self.tally.records += len(rows)
        keys = self.keys(chosen.topic)
        if keys is None or is_control or chosen.log.partition is None or chosen.log.state is not State.LIVE:
            return
        keys.add_rows(chunk, rows, chosen.log.partition)

    def keys(self, topic: str) -> KeyTally | None:
        """What was seen of the keys of a topic, None where nobody will ask."""
        if topic not in self._keys:
            self._keys[topic] = keys_to_judge(self.inputs, topic, self.engine)
        return self._keys[topic]


class _Rows:
    """The rows of one partition, and what to say below them."""

    def __init__(self, chosen: Chosen, show: _Show, matching: Matching, end: int | None) -> None:
        self.chosen = chosen
        self.show = show
        self.selection = show.selection
        self.matching = matching
        self.end = end
        self.count = 0
        self.last_offset: int | None = None
        self.was_cut = False

    def __iter__(self) -> Iterator[Row]:
        limit = self.selection.limit
        for segment, batch, record in self.matching:
            if limit is not None and self.count == limit:
                self.was_cut = True
                break
            self.count += 1
            self.show.note(self.chosen, record)
            self.last_offset = record.offset
            yield self._row(segment, batch, record)
            if self.selection.looks_at_each and self.count == limit:
                self.was_cut = True  # whether more would match is not worth reading the rest for
                break
        if self.was_cut or self.selection.tail is not None or self.selection.has_filters:
            self._cut_keys()

    def _row(self, segment: Segment, batch: RecordBatch, record: Record) -> Row:
        transaction = self.matching.transactions.outcome(segment, batch)
        row = record_row(self.chosen.log.state, segment, batch, record, transaction)
        return self.show.inputs.row(self.chosen.log_dir.shown_as, row)

    def _cut_keys(self) -> None:
        keys = self.show.keys(self.chosen.topic)
        if keys is not None:
            keys.is_cut = True

    def text(self, form: TextForm) -> Iterator[bytes | memoryview] | None:
        """See `WritesText.text`: where all records within the offsets are wanted, and the engine writes them."""
        selection = self.selection
        if selection.limit is not None or selection.tail is not None or selection.looks_at_each:
            return None
        segments = self.chosen.log.segments
        if segments and self._plan(form, segments[0]) is None:
            return None
        return self._texts(form)

    def _plan(self, form: TextForm, segment: Segment) -> TextPlan | None:
        """None where the engine does not write such columns, whatever the segment."""
        return text_plan(self.show.engine, form, self._same(segment))

    def _same(self, segment: Segment) -> dict[str, object]:
        """What all rows of a segment have in common."""
        log = self.chosen.log
        return {
            "topic": segment.topic, "partition": segment.partition, "state": str(log.state), "segment": segment.name,
            "log_dir": self.chosen.log_dir.shown_as,
        }  # fmt: skip

    def _texts(self, form: TextForm) -> Iterator[bytes | memoryview]:
        plan_of = lru_cache(maxsize=1)(partial(self._plan, form))
        for segment, chunk in self.matching.chunks(plan_of):
            written, plan = Written(segment, chunk), plan_of(segment)
            for is_control, rows in written.stretches():
                if is_control and self.selection.control:
                    yield from written.control(rows, lambda *found: form.line(self._row(*found)))
                elif not is_control and plan is not None:
                    yield from written.data(plan, rows, self.matching.transactions.outcome)
                else:
                    continue
                self.count += len(rows)
                self.show.note_rows(self.chosen, chunk, rows, is_control)
        if self.selection.has_filters:
            self._cut_keys()

    def closing(self) -> list[str]:
        """What the rows do not tell by themselves."""
        lines = [self._cut_in_words()] if self.was_cut else []
        if not self.count:
            lines.append(f"no records{self._selection_in_words()}")
        if self.matching.without_timestamp:
            lines.append(f"{counted(self.matching.without_timestamp, 'record')} without a timestamp left out")
        return lines

    def _cut_in_words(self) -> str:
        if self.selection.looks_at_each:
            shown = f"first {counted(self.count, 'match')}, up to offset {self.last_offset}; the rest was not looked at"
            return f"{shown}; all: -n 0, the last: --tail {self.count}"
        of = "" if self.end is None else f" of {self.end - 1}"
        shown = f"first {counted(self.count, 'record')}, up to offset {self.last_offset}{of}"
        return f"{shown}; all: -n 0, the last: --tail {self.count}"

    def _selection_in_words(self) -> str:
        if not self.selection.has_filters:
            return ""
        times = self.selection.filters.times
        return " in this selection" + (f" ({times})" if times else "")
