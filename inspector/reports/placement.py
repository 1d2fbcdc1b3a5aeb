"""Where a topic's records lie, and where they should: against the lab for lab topics, else what Java's rule explains.

A lab states what it expects, so a deviation counts; for any other topic this informs only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..findings import Finding
from ..labs import Lab, lab_of_topic
from ..labs.check import LabResult, Outcome, check
from ..labs.tally import SeenRecord
from ..partitioners import PARTITIONERS
from ..reading import read_partition
from .inputs import Chosen, Inputs
from .selection import Selection
from .tally import counted

JUDGED_UNASKED = 50
"""Records of each partition that the verdict covers where neither -n nor --full says otherwise."""

MOST_KEYS = 1_000_000
"""Distinct keys that are remembered; beyond, the verdict covers only these."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What can be said of one topic. ok: False when a lab's expectation is not met."""

    text: str
    ok: bool = True
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()


def judge_placement(inputs: Inputs, topic: str, selection: Selection, engine: Engine) -> Placement | None:
    """The placement of `topic`, or None where there is nothing to say (an internal topic, no live partition)."""
    partitions = inputs.live_partitions(topic)
    if not partitions or partitions[0].log.is_internal:
        return None
    why_not = inputs.why_not_whole(topic)
    if why_not:
        return Placement(f"{topic}: placement not judged, {why_not}")
    lab = lab_of_topic(topic)
    if lab is not None:
        return _against_lab(check_lab(inputs, lab, engine, []), lab)
    limit = None if selection.full else selection.limit or JUDGED_UNASKED
    return _by_java(inputs, topic, limit, engine)


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
        for ordinal, (batch, record) in enumerate(records_of(chunk)):
            if not batch.is_control:
                place = replace(at, position=batch.position, size=batch.batch_bytes, record=ordinal)
                yield SeenRecord(chosen.log.partition or 0, record.offset, record.key, record.value, place)


def _against_lab(result: LabResult, lab: Lab) -> Placement:
    if result.outcome in (Outcome.NOT_LAB_DATA, Outcome.EMPTY):
        return Placement(f"{lab.topic}: {result.text}", lines=result.lines)
    return Placement(result.text, result.ok, tuple(result.findings), (f"{lab.topic}: {lab.rule}", *result.lines))


# -- any other topic


def _by_java(inputs: Inputs, topic: str, limit: int | None, engine: Engine) -> Placement:
    count = inputs.partition_count(topic)
    keys, covered, cut = _keys(inputs, topic, limit, engine)
    if not keys:
        return Placement(f"{topic}: no keyed records to judge the placement by")
    java = PARTITIONERS["java"]
    explained = sum(java.partition(key, count.at_least) == place for key, place in keys)
    scope = f" (in the first {counted(covered, 'record')}; all: --full)" if cut else ""
    alone = ", which one partition makes certain" if count.at_least == 1 else ""
    return Placement(
        f"{topic}: Java's murmur2 explains {explained:,} of {counted(len(keys), 'distinct key')}{alone}{scope}"
    )


def _keys(inputs: Inputs, topic: str, limit: int | None, engine: Engine) -> tuple[set[tuple[bytes, int]], int, bool]:
    """Distinct (key, partition) pairs, how many records they come from, and whether there are more."""
    keys: set[tuple[bytes, int]] = set()
    covered, cut = 0, False
    for chosen in inputs.live_partitions(topic):
        records = seen_records(chosen, engine, [])
        for seen in islice(records, limit):
            covered += 1
            if seen.key is not None and len(keys) < MOST_KEYS:
                keys.add((seen.key, seen.partition))
        cut = cut or len(keys) == MOST_KEYS or next(records, None) is not None
    return keys, covered, cut
