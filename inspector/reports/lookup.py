"""How a broker finds an offset or a time, and what it takes to find a key: a row for each step.

To people a step is a few short lines, to machines an object. Where an index lies, the broker's wrong answer is told as
it is, and beside it what the log says.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..engine import Engine, choose
from ..findings import Finding
from ..found import Findings
from ..lookups.answers import Answer
from ..lookups.by_key import lookup_key
from ..lookups.by_offset import lookup_offset
from ..lookups.by_time import lookup_time
from ..lookups.key_story import key_steps
from ..lookups.offset_story import offset_steps
from ..lookups.step import Step
from ..lookups.time_story import time_steps
from ..partition import CLUSTER_METADATA
from ..placing.growth import Growth, partitions_added
from ..placing.words import shown
from ..report import Column, Decoded, Hint, Report, Row, Section, Verdict
from ..words import utc
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .misled import misled_by_offset, misled_by_time
from .selection import Selection
from .tally import findings_in_words, is_incomplete

LOOKUP_COLUMNS = (
    Column("topic", default=False),
    Column("partition", Hint.NUMBER, default=False),
    Column("step", Hint.NUMBER),
    Column("where"),
    Column("what"),
    Column("why", default=False),
    Column("file", Hint.FILE, default=False),
    Column("slot", Hint.NUMBER, default=False),
    Column("position", Hint.NUMBER, default=False),
    Column("offset", Hint.NUMBER, default=False),
    Column("last_offset", Hint.NUMBER, default=False),
    Column("timestamp", Hint.TIMESTAMP, default=False),
    Column("order", default=False),
    Column("bytes_read", Hint.NUMBER, default=False),
    Column("answer", default=False),
)

LINE = 60
"""Characters of a line of a step, so that all of it fits a terminal of 80."""

NOTHING = Decoded(text="")


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: one of these."""

    offset: int | None = None
    time: int | None = None
    key: bytes | None = None

    def __str__(self) -> str:
        if self.offset is not None:
            return f"offset {self.offset}"
        return f"time {utc(self.time)}" if self.time is not None else f"key {shown(self.key or b'')}"


def lookup(paths: list[Path], selection: Selection, question: Question, *, as_objects: bool) -> Report:
    """The steps of one lookup in each partition selected; of a key, in each topic. Raises as `show`."""
    return _Lookup(open_inputs(paths), selection, question, as_objects=as_objects).made


class _Lookup:
    def __init__(self, inputs: Inputs, selection: Selection, question: Question, *, as_objects: bool) -> None:
        self.inputs = inputs
        self.selection = selection
        self.question = question
        self.as_objects = as_objects
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.answers: list[Answer] = []
        sections = self._by_key() if question.key is not None else self._by_partition()
        self.made = Report(inputs.columns(LOOKUP_COLUMNS), sections, Findings(), self._verdict)
        self.made.findings += [*inputs.findings(), *inputs.missing(selection, self.chosen)]
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter

    # -- by offset and by time, a partition at a time

    def _by_partition(self) -> Iterator[Section]:
        for one in self.chosen:
            facts = (("looked up", str(self.question)),)
            yield Section(one.title, facts, self._rows(one, one.log.partition, self._steps(one)))

    def _steps(self, one: Chosen) -> Iterator[Step]:
        self.made.findings += one.log.findings
        by_offset = self.question.offset is not None
        yield from self._by_offset(one) if by_offset else self._by_time(one)

    def _by_offset(self, one: Chosen) -> Iterator[Step]:
        found = lookup_offset(one.log, self.question.offset or 0, self.engine, self.made.progress)
        self._take(found.answer, [*found.findings, *misled_by_offset(found)])
        return offset_steps(found)

    def _by_time(self, one: Chosen) -> Iterator[Step]:
        found = lookup_time(one.log, self.question.time or 0, self.engine, self.made.progress)
        self._take(found.answer, [*found.findings, *misled_by_time(found)])
        return time_steps(found)

    def _take(self, answer: Answer, findings: Iterable[Finding]) -> None:
        self.answers.append(answer)
        self.made.findings += findings

    # -- by key, a topic at a time

    def _by_key(self) -> Iterator[Section]:
        for topic in dict.fromkeys(one.topic for one in self.chosen):
            of_topic = [one for one in self.chosen if one.topic == topic]
            facts = (("looked up", str(self.question)),)
            yield Section(topic or of_topic[0].title, facts, self._rows(of_topic[0], None, self._key_steps(of_topic)))

    def _key_steps(self, of_topic: list[Chosen]) -> Iterator[Step]:
        topic, logs = of_topic[0].topic, [one.log for one in of_topic]
        count = max(1, self.inputs.partition_count(topic).at_least)
        found = lookup_key(self.question.key or b"", topic, logs, count, self.engine, self.made.progress)
        self._take(Answer.FOUND if found.holders else Answer.NONE, found.findings)
        of_all = self.selection.partitions is None and self.inputs.why_not_whole(topic) is None
        yield from key_steps(found, self._growths(topic), of_all=of_all)

    def _growths(self, topic: str) -> tuple[Growth, ...]:
        metadata = self.inputs.live_partitions(CLUSTER_METADATA)
        return tuple(partitions_added(metadata[0].log, self.engine).get(topic, ())) if metadata else ()

    # -- rows

    def _rows(self, one: Chosen, partition: int | None, steps: Iterable[Step]) -> Iterator[Row]:
        make: Callable[[int, Step], Iterator[tuple[object, ...]]] = _object if self.as_objects else _lines
        for number, step in enumerate(steps, 1):
            for row in make(number, step):
                yield self.inputs.row(one.log_dir.shown_as, (one.log.topic, partition, *row))

    def _verdict(self) -> Verdict:
        there = sum(answer is Answer.FOUND for answer in self.answers)
        told = f"{self.question} found" if there else f"{self.question} not found"
        if len(self.answers) > 1:
            told += f" in {there} of {len(self.answers)} {'topics' if self.question.key is not None else 'partitions'}"
        found = findings_in_words(self.made.findings)
        text = "; ".join(filter(None, (told, found)))
        return Verdict(text, matched=there > 0, incomplete=is_incomplete(self.made.findings))


def _object(number: int, step: Step) -> Iterator[tuple[object, ...]]:
    yield number, str(step.where), step.what, step.why or None, *_values(step)


def _lines(number: int, step: Step) -> Iterator[tuple[object, ...]]:
    """A step in lines that a terminal holds; the first one bears its number."""
    lines = [*_wrapped(step.what), *_wrapped(step.why)]
    for count, line in enumerate(lines):
        head = (NOTHING, NOTHING) if count else (number, str(step.where))
        yield *head, Decoded(text=line), None, *_values(step)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, LINE, break_on_hyphens=False)


def _values(step: Step) -> tuple[object, ...]:
    return (
        step.file, step.slot, step.position, step.offset, step.last_offset, step.timestamp, step.order, step.bytes_read,
        step.answer,
    )  # fmt: skip
