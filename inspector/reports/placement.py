"""Where a topic's records lie, and where they should: against the lab for lab topics, else what Java's rule explains.

A lab states what it expects, so a deviation counts; for any other topic this informs only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..findings import Finding
from ..labs import Lab, lab_of_topic
from ..labs.check import LabResult, Outcome, check
from ..labs.tally import SeenRecord
from ..partitioners import PARTITIONERS
from ..reading import read_partition
from .inputs import Chosen, Inputs
from .tally import counted, is_incomplete

MOST_KEYS = 1_000_000
"""Distinct keys that are remembered; beyond, the verdict covers only these."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What can be said of one topic. ok: False when a lab's expectation is not met."""

    text: str
    ok: bool = True
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()


class KeyTally:
    """The keys of a topic and where they were seen; bounded, whatever is put in."""

    def __init__(self) -> None:
        self.places: set[tuple[bytes, int]] = set()
        self.records = 0
        self.is_cut = False

    def add(self, key: bytes | None, partition: int) -> None:
        """Counts one data record."""
        self.records += 1
        if len(self.places) == MOST_KEYS:
            self.is_cut = True
        elif key is not None:
            self.places.add((key, partition))


def judge_placement(inputs: Inputs, topic: str, shown: KeyTally, full: bool, engine: Engine) -> Placement | None:
    """The placement of `topic`, or None where there is nothing to say (an internal topic, no live partition).

    `shown` are the records that were shown; a verdict on any topic but a lab's covers these, or all with `full`.
    """
    partitions = inputs.live_partitions(topic)
    if not partitions or partitions[0].log.is_internal:
        return None
    why_not = inputs.why_not_whole(topic)
    if why_not:
        return Placement(f"{topic}: placement not judged, {why_not}")
    lab = lab_of_topic(topic)
    if lab is not None:
        found: list[Finding] = []
        result = check_lab(inputs, lab, engine, found)
        if is_incomplete(found):
            return Placement(f"{topic}: placement not judged, not all of it could be read")
        return _against_lab(result, lab)
    count = inputs.partition_count(topic).at_least
    if count == 1:
        return Placement(f"{topic}: one partition here, no placement to judge")
    return _by_java(topic, count, _all_keys(inputs, topic, engine) if full and shown.is_cut else shown)


# -- labs


def check_lab(inputs: Inputs, lab: Lab, engine: Engine, findings: list[Finding]) -> LabResult:
    """The whole topic of a lab against its expectation, whatever part of it is shown.

    What is wrong with the bytes themselves goes to `findings`.
    """
    partitions = inputs.live_partitions(lab.topic)
    seen = (record for chosen in partitions for record in seen_records(chosen, engine, findings))
    return check(lab, inputs.partition_count(lab.topic).at_least, seen)


def seen_records(chosen: Chosen, engine: Engine, findings: list[Finding]) -> Iterator[SeenRecord]:
    """The data records of one partition, each with its place; what is found on the way goes to `findings`."""
    for segment, chunk in read_partition(chosen.log, engine, ScanRequest(), findings):
        at = segment.location()
        for batch, record in records_of(chunk):
            if not batch.is_control:
                place = at.at(batch.position, batch.batch_bytes)
                yield SeenRecord(chosen.log.partition or 0, record.offset, record.key, record.value, place)


def _against_lab(result: LabResult, lab: Lab) -> Placement:
    if result.outcome in (Outcome.NOT_LAB_DATA, Outcome.EMPTY):
        return Placement(f"{lab.topic}: {result.text}", lines=result.lines)
    return Placement(result.text, result.ok, tuple(result.findings), (f"{lab.topic}: {lab.rule}", *result.lines))


# -- any other topic


def _by_java(topic: str, count: int, keys: KeyTally) -> Placement:
    if not keys.places:
        return Placement(f"{topic}: no keyed records to judge the placement by")
    java = PARTITIONERS["java"]
    distinct = {key for key, _ in keys.places}
    elsewhere = {key for key, place in keys.places if java.partition(key, count) != place}
    scope = f" (in the {counted(keys.records, 'record')} shown; all: --full)" if keys.is_cut else ""
    explained = len(distinct) - len(elsewhere)
    return Placement(
        f"{topic}: Java's murmur2 explains {explained:,} of {counted(len(distinct), 'distinct key')}{scope}"
    )


def _all_keys(inputs: Inputs, topic: str, engine: Engine) -> KeyTally:
    keys = KeyTally()
    for chosen in inputs.live_partitions(topic):
        for seen in seen_records(chosen, engine, []):
            keys.add(seen.key, seen.partition)
    return keys
