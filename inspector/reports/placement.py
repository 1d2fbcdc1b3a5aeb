"""Who placed the keys of a topic, and how evenly: what is inferred from keys and partitions alone, with the evidence.

Nothing is expected here, so nothing can be wrong: a topic that no known rule explains is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.key_sample import COLUMNS, Sample
from ..found import Findings
from ..partition import CLUSTER_METADATA
from ..placing.closer import Closer, look_closer
from ..placing.growth import Growth, partitions_added
from ..placing.inference import Inference, infer
from ..reading import read_partition
from ..report import Column, Hint, Report, Section, Verdict
from .inputs import Inputs, bytes_of, open_inputs
from .placed import Answer, Question, needs_a_closer_look
from .placement_facts import closing, facts, rows
from .placement_objects import OBJECTS, as_object
from .selection import Selection
from .tally import damage_in_words, is_incomplete

MOST_KEYS = 65_536
"""Distinct keys that are remembered; of more, as many are a sample."""

TABLE = (
    Column("partition", Hint.NUMBER),
    Column("records", Hint.NUMBER),
    Column("share", Hint.SHARE),
    Column("null_keys", Hint.NUMBER, optional=True, usual=0),
    Column("empty_keys", Hint.NUMBER, optional=True, usual=0),
    Column("bytes", Hint.SIZE),
    Column("distinct_keys", Hint.NUMBER),
)
"""One row a partition."""


def placement(paths: list[Path], selection: Selection, question: Question, *, as_objects: bool) -> Report:
    """The placement of each topic selected; as a table for people, or as an object each. Raises as `show`."""
    made = _Placement(open_inputs(paths), selection, question)
    return made.report(OBJECTS if as_objects else TABLE, made.objects() if as_objects else made.tables())


class _Placement:
    def __init__(self, inputs: Inputs, selection: Selection, question: Question) -> None:
        self.inputs = inputs
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.question = question
        self.findings = Findings([*inputs.findings(), *inputs.missing(selection, self.chosen)])
        self.outcomes: list[str] = []
        self.made: Report

    def report(self, columns: tuple[Column, ...], sections: Iterator[Section]) -> Report:
        self.made = Report(columns, sections, self.findings, self._verdict)
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter
        return self.made

    def tables(self) -> Iterator[Section]:
        for answer in self._answers():
            yield Section(answer.topic, tuple(facts(answer)), rows(answer), partial(closing, answer))

    def objects(self) -> Iterator[Section]:
        yield Section(rows=(as_object(answer) for answer in self._answers()))

    def _answers(self) -> Iterator[Answer]:
        for topic in dict.fromkeys(chosen.topic for chosen in self.chosen):
            partitions = self.inputs.live_partitions(topic)
            if topic and partitions and not partitions[0].log.is_internal:
                yield self._answer(topic)

    def _answer(self, topic: str) -> Answer:
        count = self.inputs.partition_count(topic).at_least
        sampler = self.engine.key_sampler(MOST_KEYS)
        for chosen in self.inputs.live_partitions(topic):
            self.findings += chosen.log.findings
            request = ScanRequest(columns=COLUMNS)
            for _, chunk in read_partition(chosen.log, self.engine, request, self.findings, self.made.progress):
                sampler.add(chunk, chosen.log.partition or 0)
        sample = sampler.taken(self.question.hottest)
        inference = infer(sample, count)
        answer = Answer(
            topic, count, self.inputs.why_not_whole(topic), sample, inference, self.question,
            tuple(self._growths.get(topic, ())), self._closer(topic, sample, inference, count),
        )  # fmt: skip
        self.outcomes.append(f"{topic}: {answer.judgement.outcome}")
        return answer

    def _closer(self, topic: str, sample: Sample, inference: Inference, count: int) -> Closer | None:
        if count < 2 or not needs_a_closer_look(sample, inference.topic):
            return None
        return look_closer((one.log for one in self.inputs.live_partitions(topic)), self.engine, count)

    @cached_property
    def _growths(self) -> dict[str, list[Growth]]:
        metadata = self.inputs.live_partitions(CLUSTER_METADATA)
        return partitions_added(metadata[0].log, self.engine) if metadata else {}

    def _verdict(self) -> Verdict:
        told = "; ".join(self.outcomes) or "no topic with keys to place"
        found = damage_in_words(self.findings)
        return Verdict(f"{told}; {found}", incomplete=is_incomplete(self.findings))
