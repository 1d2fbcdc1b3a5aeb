"""Where a topic's records lie, and where they should: against the lab for lab topics, else what Java's rule explains.

A lab states what it expects, so a deviation counts; for any other topic this informs only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..engine.keys import KeyTally
from ..findings import Finding
from ..labs import Lab, lab_of_topic
from ..reading import read_partition
from ..words import counted
from .inputs import Chosen, Inputs
from .tally import is_incomplete

if TYPE_CHECKING:
    from ..labs.check import LabResult
    from ..labs.tally import SeenRecord

MOST_KEYS = 1_000_000
"""Distinct keys that are remembered; beyond, the verdict covers only these."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What can be said of one topic. ok: False when a lab's expectation is not met."""

    text: str
    ok: bool = True
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()


def keys_to_judge(inputs: Inputs, topic: str, engine: Engine) -> KeyTally | None:
    """An empty tally for the keys of a topic, or None where there is nothing to judge (one partition)."""
    partitions = inputs.live_partitions(topic)
    count = inputs.partition_count(topic).at_least
    if not partitions or partitions[0].log.is_internal or count == 1:
        return None
    return engine.key_tally(count, MOST_KEYS)


def judge_placement(inputs: Inputs, topic: str, shown: KeyTally | None, full: bool, engine: Engine) -> Placement | None:
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
    if count == 1 or shown is None:
        return Placement(f"{topic}: one partition here, no placement to judge")
    return _by_java(topic, _all_keys(inputs, topic, engine) if full and shown.is_cut else shown)


# -- labs


def check_lab(inputs: Inputs, lab: Lab, engine: Engine, findings: list[Finding]) -> LabResult:
    """The whole topic of a lab against its expectation, whatever part of it is shown.

    What is wrong with the bytes themselves goes to `findings`.
    """
    from ..labs.check import check

    partitions = inputs.live_partitions(lab.topic)
    seen = (record for chosen in partitions for record in seen_records(chosen, engine, findings))
    return check(lab, inputs.partition_count(lab.topic).at_least, seen)


def seen_records(chosen: Chosen, engine: Engine, findings: list[Finding]) -> Iterator[SeenRecord]:
    """The data records of one partition, each with its place; what is found on the way goes to `findings`."""
    from ..labs.tally import SeenRecord

    for segment, chunk in read_partition(chosen.log, engine, ScanRequest(), findings):
        at = segment.location()
        for batch, record in records_of(chunk):
            if not batch.is_control:
                place = at.at(batch.position, batch.batch_bytes)
                yield SeenRecord(chosen.log.partition or 0, record.offset, record.key, record.value, place)


def _against_lab(result: LabResult, lab: Lab) -> Placement:
    from ..labs.check import Outcome

    if result.outcome in (Outcome.NOT_LAB_DATA, Outcome.EMPTY):
        return Placement(f"{lab.topic}: {result.text}", lines=result.lines)
    return Placement(result.text, result.ok, tuple(result.findings), (f"{lab.topic}: {lab.rule}", *result.lines))


# -- any other topic


def _by_java(topic: str, keys: KeyTally) -> Placement:
    if not keys.distinct:
        return Placement(f"{topic}: no keyed records to judge the placement by")
    scope = f" (in the {counted(keys.records, 'record')} shown; all: --full)" if keys.is_cut else ""
    explained = keys.distinct - keys.astray
    return Placement(
        f"{topic}: Java's murmur2 explains {explained:,} of {counted(keys.distinct, 'distinct key')}{scope}"
    )


def _all_keys(inputs: Inputs, topic: str, engine: Engine) -> KeyTally:
    keys = engine.key_tally(inputs.partition_count(topic).at_least, MOST_KEYS)
    for chosen in inputs.live_partitions(topic):
        for seen in seen_records(chosen, engine, []):
            keys.add(seen.key, seen.partition)
    return keys
