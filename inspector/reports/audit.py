"""A producer's delivery log against the disk: what became of each record that was acknowledged.

An acknowledgement is a promise, so a record that is lost, doubled or moved makes the answer a failure. What retention
or compaction may have removed is said, and is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..auditing.acks import Ack, DeliveryLog
from ..auditing.evidence import Evidence, Sweep
from ..auditing.judge import FAULTS, Judged, Judgement, Outcome, Surroundings, judge
from ..engine import Engine, choose
from ..found import Findings
from ..names import match_topics
from ..partition import State
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .selection import Selection
from .tally import damage_in_words, is_incomplete

COLUMNS = (
    Column("outcome"),
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("offset", Hint.NUMBER),
    Column("line", Hint.NUMBER),
    Column("key", Hint.BYTES, optional=True),
    Column("lies_in", Hint.NUMBER, optional=True),
    Column("lies_at", Hint.NUMBER, optional=True),
    Column("why"),
    Column("segment", default=False),
    Column("position", Hint.NUMBER, default=False),
    Column("batch_bytes", Hint.NUMBER, default=False),
)
"""One row an acknowledged record that does not simply lie where it should."""


def audit(paths: list[Path], selection: Selection, log: DeliveryLog) -> Report:
    """The acknowledged records of the selected topics that are not simply present. Raises as `show`."""
    return _Audit(open_inputs(paths), selection, log).made


class _Audit:
    def __init__(self, inputs: Inputs, selection: Selection, log: DeliveryLog) -> None:
        self.inputs = inputs
        self.log = log
        self.limit = selection.limit
        self.engine: Engine = choose(selection.engine)
        self.topics = match_topics(log.acks, selection.topics) if selection.topics else sorted(log.acks)
        self.counts: Counter[Outcome] = Counter()
        self.judged = self.shown = 0
        self.made = Report(COLUMNS, self._sections(), Findings(inputs.findings()), self._verdict)
        self.made.progress.measure = lambda: sum(bytes_of(inputs.live_partitions(topic)) for topic in self.topics)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        for topic in self.topics:
            evidence, judgement = self._judged(topic, self.log.acks[topic])
            self.judged += len(judgement.records)
            self.counts += judgement.counts()
            facts = tuple(_facts(evidence, judgement, self.log.name))
            rows = [
                _row(one) for one in (*judgement.records, *judgement.additions) if one.outcome is not Outcome.PRESENT
            ]
            within = len(rows) if self.limit is None else min(len(rows), self.limit - self.shown)
            self.shown += within
            yield Section(topic, facts, rows[:within], partial(_closing, within, len(rows)))

    def _judged(self, topic: str, acks: list[Ack]) -> tuple[Evidence, Judgement]:
        sweep = Sweep(acks, self.engine)
        partitions = self.inputs.live_partitions(topic)
        for chosen in partitions:
            self.made.findings += chosen.log.findings
            sweep.add(chosen.log, self.made.findings, self.made.progress)
        return sweep.evidence, judge(sweep.evidence, Surroundings(_cleaned(topic, partitions), self._away(topic)))

    def _away(self, topic: str) -> dict[int, str]:
        """Of partitions that are not in use."""
        logs = (log for log_dir in self.inputs.log_dirs for log in log_dir.partitions_of([topic]))
        return {log.partition or 0: _AWAY[log.state].format(log.shown_as) for log in logs if log.state in _AWAY}

    def _verdict(self) -> Verdict:
        parts = [f"{counted(self.judged, 'acknowledged record')}: {_in_words(self.counts)}"]
        if self.log.failed:
            parts.append(f"{counted(self.log.failed, 'line')} with an error, not judged")
        if self.log.not_understood:
            some = "; ".join(self.log.problems)
            parts.append(f"{counted(self.log.not_understood, 'line')} not understood ({some})")
        parts.append(damage_in_words(self.made.findings))
        unread = self.log.not_understood > 0 or is_incomplete(self.made.findings)
        return Verdict("; ".join(parts), ok=not any(self.counts[fault] for fault in FAULTS), incomplete=unread)


_AWAY = {
    State.DELETE: "its directory waits for removal: {}",
    State.STRAY: "its directory is no longer in the cluster's metadata: {}",
}


def _cleaned(topic: str, partitions: list[Chosen]) -> dict[int, int] | None:
    """By partition, what compaction has not reached; None where one of them does not tell."""
    cleaned: dict[int, int] = {}
    for chosen in partitions:
        offsets, number = chosen.log_dir.broker.cleaner_offsets, chosen.log.partition or 0
        if offsets is None:
            return None
        cleaned[number] = offsets.get((topic, number), 0)
    return cleaned


def _closing(shown: int, count: int) -> list[str]:
    return [] if shown == count else [f"{shown:,} of {count:,} shown; all: -n 0"]


def _in_words(counts: Counter[Outcome]) -> str:
    return ", ".join(f"{counts[one]:,} {one}" for one in Outcome if counts[one]) or "none"


def _facts(evidence: Evidence, judgement: Judgement, name: str) -> Iterator[tuple[str, str]]:
    records = judgement.records
    yield "acknowledged", f"{counted(len(records), 'record')}: {_in_words(judgement.counts())}"
    yield "compared by", _compared_by([one.ack for one in records])
    if judgement.ordered:
        yield "order", f"of {counted(judgement.ordered, 'record')}, by the field sent"
    else:
        yield "order", "not judged: no line has a field sent"
    if evidence.strangers:
        yield (
            "not acknowledged",
            f"{counted(evidence.strangers, 'record')} on the disk, of which no line in {name} tells",
        )


def _compared_by(acks: list[Ack]) -> str:
    """What of the records was known, and how often."""
    known = Counter(_KNOWN[ack.key is not None, ack.value is not None] for ack in acks)
    if len(known) == 1:
        return next(iter(known))
    return ", ".join(f"{what} ({count:,})" for what, count in known.most_common())


_KNOWN = {
    (True, True): "key and value",
    (True, False): "key",
    (False, True): "value",
    (False, False): "offset alone",
}


def _row(one: Judged) -> Row:
    ack, copy, place = one.ack, one.copy, one.place
    where = (None, None, None) if place is None else (place.path.rpartition("/")[2], place.position, place.size)
    elsewhere = (None, None) if copy is None else (copy.partition, copy.offset)
    offset = ack.offset
    return (str(one.outcome), ack.topic, ack.partition, offset, ack.line, ack.shown_key, *elsewhere, one.why, *where)
