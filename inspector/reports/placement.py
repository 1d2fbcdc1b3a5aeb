"""Who placed the keys of a topic, and how evenly: what is inferred from keys and partitions alone, with the evidence.

Nothing is expected here, so nothing can be wrong: a topic that no known rule explains is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.key_sample import COLUMNS, Held, Key, Sample
from ..found import Findings
from ..hashing import ALGORITHMS
from ..placing.inference import Change, Inference, Judgement, infer
from ..placing.regimes import Regime
from ..placing.words import change_in_words, in_words, producer_lines, rule_names, shown
from ..reading import read_partition
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted
from .inputs import Inputs, bytes_of, open_inputs
from .selection import Selection
from .tally import findings_in_words, is_incomplete

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

OBJECTS = tuple(
    Column(name)
    for name in (
        "topic", "partition_count", "not_whole", "records", "null_keys", "empty_keys", "damaged_records",
        "distinct_keys", "sampled_keys", "outcome", "why", "rules", "unexplained_keys", "producers", "changes",
        "partitions", "hottest_keys", "hottest_error", "what_if",
    )
)  # fmt: skip
"""One row a topic."""


@dataclass(frozen=True, slots=True)
class Question:
    """hottest: how many of the most frequent keys to tell. what_if: a partition count to try (None: none)."""

    hottest: int = 10
    what_if: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out about a topic. not_whole: why some partitions may be missing."""

    topic: str
    count: int
    not_whole: str | None
    sample: Sample
    inference: Inference
    question: Question

    @property
    def judgement(self) -> Judgement:
        """On the topic as a whole."""
        return self.inference.topic

    def total(self) -> Held:
        """All partitions together."""
        held = self.sample.held.values()
        return Held(*(sum(getattr(one, name) for one in held) for name in ("records", "null", "empty", "bytes")))


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
            yield Section(answer.topic, tuple(_facts(answer)), _rows(answer), partial(_closing, answer))

    def objects(self) -> Iterator[Section]:
        yield Section(rows=(_object(answer) for answer in self._answers()))

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
        answer = Answer(topic, count, self.inputs.why_not_whole(topic), sample, infer(sample, count), self.question)
        self.outcomes.append(f"{topic}: {answer.judgement.outcome}")
        return answer

    def _verdict(self) -> Verdict:
        told = "; ".join(self.outcomes) or "no topic with keys to place"
        found = findings_in_words(self.findings) or "no damage seen"
        return Verdict(f"{told}; {found}", incomplete=is_incomplete(self.findings))


# -- for people


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    sample, count = answer.sample, answer.count
    yield "placement", in_words(answer.judgement, sample, count)
    yield from (("change", change_in_words(change)) for change in answer.inference.changes)
    yield from (("by", line) for line in producer_lines(answer.inference, sample, count))
    total = answer.total()
    whole = "" if sample.is_whole else f", judged by {counted(len(sample.keys), 'key')} of these"
    about = "" if sample.is_whole else "about "
    keys = f"{about}{counted(sample.distinct, 'distinct key')}{whole}"
    yield "read", f"{counted(total.records, 'record')} in {counted(count, 'partition')}, {keys}"
    if answer.not_whole:
        yield "not whole", answer.not_whole


def _rows(answer: Answer) -> Iterator[Row]:
    most = max((held.records for held in answer.sample.held.values()), default=0)
    distinct = _distinct_by_partition(answer.sample)
    for partition, held in sorted(answer.sample.held.items()):
        share = held.records / most if most else 0.0
        yield partition, held.records, share, held.null, held.empty, held.bytes, distinct.get(partition, 0)


def _distinct_by_partition(sample: Sample) -> dict[int, int]:
    """Estimated where the sample is not whole."""
    counts: dict[int, int] = {}
    for key in sample.keys:
        for partition in key.partitions():
            counts[partition] = counts.get(partition, 0) + 1
    scale = 1 if sample.is_whole or not sample.keys else sample.distinct / len(sample.keys)
    return {partition: round(number * scale) for partition, number in counts.items()}


def _closing(answer: Answer) -> list[str]:
    lines = []
    if answer.sample.hottest:
        hot = ", ".join(f"{shown(one.key)} {one.records:,}" for one in answer.sample.hottest)
        error = f" (each up to {answer.sample.hot_error:,} more)" if answer.sample.hot_error else ""
        lines.append(f"most frequent keys, with their records{error}: {hot}")
    if answer.question.what_if is not None:
        lines.append(_what_if_in_words(answer, answer.question.what_if))
    return lines


def _what_if_in_words(answer: Answer, count: int) -> str:
    moving, of, algorithm = _moving(answer, count)
    some = ", ".join(shown(key.key) for key in moving[: answer.question.hottest])
    sampled = "" if answer.sample.is_whole else " of the sample"
    named = f": {some}{', …' if len(moving) > answer.question.hottest else ''}" if some else ""
    return f"with {counted(count, 'partition')}, {len(moving):,} of {of:,} keys{sampled} move by {algorithm}{named}"


def _moving(answer: Answer, count: int) -> tuple[list[Key], int, str]:
    """The keys that another partition count would move, of how many, and by which algorithm: the one inferred, or
    Java's.
    """
    regimes = answer.judgement.regimes
    algorithm = regimes[0].alike[0] if regimes else next(iter(ALGORITHMS))
    place = [*ALGORITHMS].index(algorithm)
    keys = [key for key in answer.sample.keys if key.length]
    moving = [key for key in keys if key.numbers[place] % answer.count != key.numbers[place] % count]
    return moving, len(keys), algorithm


# -- for machines


def _object(answer: Answer) -> Row:
    sample, judgement, total = answer.sample, answer.judgement, answer.total()
    distinct = _distinct_by_partition(sample)
    return (
        answer.topic, answer.count, answer.not_whole, total.records, total.null, total.empty, sample.damaged,
        sample.distinct, len(sample.keys), str(judgement.outcome), judgement.why or None,
        [_rule_object(answer, regime) for regime in judgement.regimes],
        [key.key for key in judgement.found.unexplained[: answer.question.hottest]],
        [_producer_object(answer, *one) for one in answer.inference.producers],
        [_change_object(change) for change in answer.inference.changes],
        [
            {"partition": number, "records": held.records, "null_keys": held.null, "empty_keys": held.empty,
             "bytes": held.bytes, "distinct_keys": distinct.get(number, 0)}
            for number, held in sorted(sample.held.items())
        ],
        [{"key": hot.key, "records": hot.records} for hot in sample.hottest],
        sample.hot_error,
        _what_if_object(answer),
    )  # fmt: skip


def _rule_object(answer: Answer, regime: Regime) -> dict[str, object]:
    return {
        "rules": list(rule_names(regime, answer.sample, answer.count)), "algorithms": list(regime.alike),
        "partition_count": regime.count, "keys": regime.keys, "log10_chance": round(regime.log10_chance, 1),
    }  # fmt: skip


def _producer_object(answer: Answer, producer_id: int, judgement: Judgement) -> dict[str, object]:
    return {
        "producer_id": producer_id, "keys": judgement.found.keys, "outcome": str(judgement.outcome),
        "why": judgement.why or None, "rules": [_rule_object(answer, regime) for regime in judgement.regimes],
        "unexplained_keys": len(judgement.found.unexplained),
    }  # fmt: skip


def _change_object(change: Change) -> dict[str, object]:
    (_, before), (_, since) = change.before, change.since
    return {
        "algorithm": change.rule, "old_count": change.old, "new_count": change.new, "clear": change.clear,
        "last_before": _moment_object(before.partition, *before.last),
        "first_since": _moment_object(since.partition, *since.first),
        "moved_keys": [_moved_object(key) for key in change.moved],
    }  # fmt: skip


def _moment_object(partition: int, timestamp: int, offset: int) -> dict[str, int]:
    return {"partition": partition, "offset": offset, "timestamp": timestamp}


def _moved_object(key: Key) -> dict[str, object]:
    """Where a key was last before, and where first since: its stays in the order of time."""
    stays = sorted(key.stays, key=lambda stay: (stay.first.timestamp, stay.first.offset))
    return {
        "key": key.key,
        "stays": [
            {"partition": stay.partition, "producer_id": stay.producer_id, "records": stay.records,
             "first_offset": stay.first.offset, "first_timestamp": stay.first.timestamp,
             "last_offset": stay.last.offset, "last_timestamp": stay.last.timestamp}
            for stay in stays
        ],
    }  # fmt: skip


def _what_if_object(answer: Answer) -> dict[str, object] | None:
    if answer.question.what_if is None:
        return None
    moving, of, algorithm = _moving(answer, answer.question.what_if)
    return {
        "partition_count": answer.question.what_if, "algorithm": algorithm, "keys": of, "moving": len(moving),
        "moving_keys": [key.key for key in moving[: answer.question.hottest]],
    }  # fmt: skip
