"""Compares what lies in a lab's topic with what the lab sends: key, value, partition and order, record by record.

A pure function of what was read. It takes records as they come and remembers little (`tally.py`), so a topic of any
size may be handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ..findings import Finding
from ..location import Location
from ..words import counted
from .deviations import Deviations, finding_at
from .evidence import NO_CHOICE, impossible_lines, manner, placement_lines, spread_lines
from .lab import Lab
from .tally import HOPELESS_AFTER, SeenRecord, Tally
from .text import shown_record

MISSING_SPACE = (
    "auto-created with 1 partition: the tutorial's create command lacks a space before --replication-factor, so it "
    "fails, and the broker makes the topic with its own default when the first producer asks for it"
)


class Outcome(StrEnum):
    """What a check comes to, in one word."""

    AS_EXPECTED = "as-expected"
    MISMATCH = "mismatch"
    NOT_LAB_DATA = "not-lab-data"
    WRONG_PARTITION_COUNT = "wrong-partition-count"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class LabResult:
    """What a lab's topic holds, compared with the lab.

    runs: how many times the lab was run, as far as can be told (0: never).
    findings: each deviation with its place; of each kind the first twenty at most, `lines` says if there were more.
    text: the result in one sentence. lines: the evidence, one line a partition, and what else is worth knowing.
    records: how many records were looked at.
    """

    lab: Lab
    outcome: Outcome
    runs: int
    findings: list[Finding]
    text: str
    lines: tuple[str, ...]
    records: int

    @property
    def ok(self) -> bool:
        """True when everything is as the lab expects."""
        return self.outcome is Outcome.AS_EXPECTED


def check(lab: Lab, partition_count: int, seen: Iterable[SeenRecord]) -> LabResult:
    """Judges the data records of a lab's topic, which has `partition_count` partitions.

    seen: the records of each partition in the order of their offsets; partitions may follow each other or alternate.
        Control records must not be among them. It is read to its end, unless it begins with ten thousand records of
        which none is the lab's.
    """
    tallies = [Tally(lab, count) for count in dict.fromkeys((partition_count, lab.partitions))]
    for record in seen:
        for tally in tallies:
            tally.add(record)
        if tallies[0].is_hopeless:
            break
    if _is_something_else(tallies[0]):
        return _not_lab_data(tallies[0])
    if partition_count != lab.partitions:
        return _wrong_partition_count(*tallies)
    return _compared(tallies[0]) if tallies[0].records else _empty(lab)


def _is_something_else(tally: Tally) -> bool:
    """No record of the lab at all, or not even one whole run under more records of others."""
    if not tally.foreign.count:
        return False
    whole = all(item.count >= item.copies for item in tally.wanted.values() if item.possible)
    return not tally.known or (not whole and tally.foreign.count > tally.known)


def _not_lab_data(tally: Tally) -> LabResult:
    sample = tally.foreign.kept[0]
    looked_at = f"the first {HOPELESS_AFTER:,} records" if tally.is_hopeless else counted(tally.records, "record")
    found = f"{looked_at}, for instance {shown_record(sample.key, sample.value)} at offset {sample.offset}"
    finding = finding_at("not-lab-data", sample, found=found)
    text = f"lab {tally.lab.number}: {tally.lab.topic} holds no data of this lab ({looked_at} looked at)"
    lines = ("reading stopped there",) if tally.is_hopeless else ()
    return LabResult(tally.lab, Outcome.NOT_LAB_DATA, 0, [finding], text, lines, tally.records)


def _wrong_partition_count(tally: Tally, as_taught: Tally) -> LabResult:
    """`as_taught` counted the same records as if the topic had the lab's own number of partitions."""
    lab, deviations = tally.lab, Deviations(tally)
    cause = Finding("lab-partition-count", _topic_of(lab), expected=lab.partitions, found=tally.partition_count)
    findings, how = deviations.findings, _how_placed(tally, deviations)
    if findings and tally.partition_count > lab.partitions and not Deviations(as_taught).findings:
        findings = [replace(found, caused_by=f"{cause.slug} at {lab.topic}") for found in findings]
        how = f"its records lie as {lab.partitions} give it: were partitions added after the run?"
    text = f"lab {lab.number}: {lab.topic} has {_has(tally)}, the lab needs {lab.partitions}; {how}"
    lines = _lines_for_another_count(tally, deviations)
    outcome = Outcome.WRONG_PARTITION_COUNT
    return LabResult(lab, outcome, deviations.runs, [cause, *findings], text, lines, tally.records)


def _lines_for_another_count(tally: Tally, deviations: Deviations) -> tuple[str, ...]:
    diagnosis = (f"probably {MISSING_SPACE}",) if tally.partition_count == 1 else ()
    fixed = tally.lab.has_fixed_places
    heading = (f"with {_has(tally)} the records of this lab belong here:",) if fixed else ()
    places = (*_evidence(tally, deviations.runs), *impossible_lines(tally.lab, tally.partition_count))
    return (*diagnosis, *heading, *places, *deviations.more)


def _has(tally: Tally) -> str:
    return counted(tally.partition_count, "partition")


def _how_placed(tally: Tally, deviations: Deviations) -> str:
    if not tally.records:
        return "it holds no records"
    placed = f"{counted(tally.records, 'record')}, {_times(deviations.runs)}"
    if deviations.findings:
        return f"also with that count not as expected: {deviations.summary} ({placed})"
    return f"its records lie as that count gives it ({placed})"


def _empty(lab: Lab) -> LabResult:
    text = f"lab {lab.number}: {lab.topic} holds no records, the lab was not run"
    return LabResult(lab, Outcome.EMPTY, 0, [Finding("lab-not-run", _topic_of(lab))], text, (), 0)


def _topic_of(lab: Lab) -> Location:
    return Location(lab.topic, topic=lab.topic)


def _compared(tally: Tally) -> LabResult:
    deviations = Deviations(tally)
    wrong = bool(deviations.findings)
    outcome = Outcome.MISMATCH if wrong else Outcome.AS_EXPECTED
    verdict = f"not as expected: {deviations.summary}" if wrong else _praise(tally)
    text = f"lab {tally.lab.number}: {verdict} ({_score(tally, deviations.runs)})"
    lines = (*_evidence(tally, deviations.runs, "expected in " if wrong else ""), *deviations.more)
    return LabResult(tally.lab, outcome, deviations.runs, deviations.findings, text, lines, tally.records)


def _praise(tally: Tally) -> str:
    if tally.lab.has_fixed_places:
        return "placed as expected"
    how = manner(tally.spreads.values(), tally.partition_count)
    return "complete and in order" if how == NO_CHOICE else f"complete and in order, the client {how}"


def _score(tally: Tally, runs: int) -> str:
    expected = runs * len(tally.lab.expected(tally.partition_count))
    in_place = sum(min(item.home.count, runs * item.copies) for item in tally.wanted.values())
    return f"{in_place:,} of {counted(expected, 'record')}, {_times(runs)}"


def _times(runs: int) -> str:
    return "run once" if runs == 1 else f"run {runs:,} times"


def _evidence(tally: Tally, runs: int, prefix: str = "") -> tuple[str, ...]:
    if tally.lab.has_fixed_places:
        return tuple(f"{prefix}{line}" for line in placement_lines(tally.lab, tally.partition_count, runs))
    return spread_lines(tally.spreads, tally.partition_count) if tally.spreads else ()
