"""How a broker finds a time: `UnifiedLog.searchOffsetInLocalLog`, `LogSegment.findOffsetByTimestamp` and below.

The first segment whose greatest timestamp is not earlier decides, and no other is looked at. What a segment's greatest
timestamp is, the last entry of its time index says; without one, the time at which its file was last changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from ..engine import Engine
from ..errors import KinspectError
from ..findings import Finding
from ..model import NO_TIMESTAMP, Record, RecordBatch
from ..partition import PartitionLog
from ..reading import cannot_read
from ..report import Progress
from ..segment import Role, Segment
from ..source import Meter
from .answers import Answer, Visit
from .bounds import Bounds, bounds_of, is_growing
from .records import Place, Truth, records_at
from .searching import open_index
from .walking import RefusedError, Walk, frames


class Told(StrEnum):
    """What tells a segment's greatest timestamp.

    ENTRY: the last entry of its time index. LOG: its batches behind that entry; a broker that writes to the segment
    has it in memory. FILE: when the file was changed, because the time index tells none.
    """

    ENTRY = "entry"
    LOG = "log"
    FILE = "file"


class Largest(NamedTuple):
    """The greatest timestamp that Kafka takes a segment to hold. slot: of the entry, None without one."""

    segment: Segment
    timestamp: int
    told: Told
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class TimeLookup:
    """How one time was looked for, in epoch milliseconds.

    bounds: None where the partition has no segment. passed: the segments whose greatest timestamp is earlier.
    chosen: the first that is not; None where all are. visit: the search in it. batch, record: what was found.
    truth: what reading the log from its start finds; true_largest: the greatest timestamp of the segment that was
    passed over although the record is there. findings: what was met on the way, and what could not be read.
    """

    log: PartitionLog
    time: int
    answer: Answer
    bounds: Bounds | None = None
    passed: tuple[Largest, ...] = ()
    chosen: Largest | None = None
    visit: Visit | None = None
    batch: RecordBatch | None = None
    record: Record | None = None
    truth: Place | None = None
    true_largest: int = NO_TIMESTAMP
    findings: tuple[Finding, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the indexes led to the record that is there, or rightly to none."""
        expected = self.truth.record.offset if self.truth is not None and self.truth.record is not None else None
        return self.answer is not Answer.ERROR and expected == (self.record.offset if self.record else None)


def lookup_time(log: PartitionLog, time: int, engine: Engine, progress: Progress) -> TimeLookup:
    """Looks for the first record that is not earlier than a time, as a ListOffsets request does. Nothing is raised."""
    if not any(segment.base_offset is not None for segment in log.segments):
        return TimeLookup(log, time, Answer.NONE)
    asked = TimeLookup(log, time, Answer.NONE, bounds_of(log, engine))
    findings: list[Finding] = []
    try:
        asked = _searched(_chosen(asked, engine.meter), engine)
    except KinspectError as error:
        findings.append(cannot_read((asked.chosen.segment if asked.chosen else log.segments[0]), error))
    truth = Truth(log, engine, progress)
    right = truth.by_time(time, asked.bounds.log_start if asked.bounds else 0)
    made = replace(asked, truth=right, findings=(*findings, *truth.findings))
    misjudged = right is not None and any(one.segment is right.segment for one in made.passed)
    return replace(made, true_largest=truth.largest_timestamp(right.segment)) if right and misjudged else made


def _chosen(asked: TimeLookup, meter: Meter) -> TimeLookup:
    passed: list[Largest] = []
    for segment in asked.log.segments:
        if segment.base_offset is None:
            continue
        largest = largest_timestamp(asked.log, segment, meter)
        if largest.timestamp >= asked.time:
            return replace(asked, passed=tuple(passed), chosen=largest)
        passed.append(largest)
    return replace(asked, passed=tuple(passed))


def largest_timestamp(log: PartitionLog, segment: Segment, meter: Meter) -> Largest:
    """The greatest timestamp of a segment, as the broker that wrote last to the directory knows it.

    Raises as `open_source`.
    """
    growing = is_growing(log, segment)
    with open_index(segment, Role.TIME_INDEX, meter, is_growing=growing) as index:
        entry = index.last()
    told = Largest(segment, entry.key, Told.ENTRY, entry.slot) if entry else Largest(segment, NO_TIMESTAMP, Told.FILE)
    if growing:
        told = max(told, _largest_in_log(segment, meter), key=lambda one: one.timestamp)
    if told.timestamp >= 0:
        return told
    return Largest(segment, _changed(segment), Told.FILE)


def _largest_in_log(segment: Segment, meter: Meter) -> Largest:
    """What the broker has in memory: that of the batches behind the last entry of the index, here from it on."""
    with open_index(segment, Role.OFFSET_INDEX, meter, is_growing=True) as index:
        entry = index.last()
    largest = NO_TIMESTAMP
    with segment.open(meter) as source:
        try:
            for frame in frames(source, max(0, entry.value) if entry else 0):
                largest = max(largest, frame.max_timestamp)
        except RefusedError:  # a broker never read on there either
            pass
    return Largest(segment, largest, Told.LOG)


def _changed(segment: Segment) -> int:
    """When the file was last changed; -1 where it is gone."""
    try:
        return segment.path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return NO_TIMESTAMP


def _searched(asked: TimeLookup, engine: Engine) -> TimeLookup:
    """In the segment chosen: the time index tells an offset, the index a position, the log from there a record."""
    if asked.chosen is None or asked.bounds is None:
        return asked
    segment, start_offset = asked.chosen.segment, asked.bounds.log_start
    growing = is_growing(asked.log, segment)
    with open_index(segment, Role.TIME_INDEX, engine.meter, is_growing=growing) as times:
        by_time = times.search(asked.time)
    offset = by_time.found.value if by_time.found else segment.base_offset or 0
    with open_index(segment, Role.OFFSET_INDEX, engine.meter, is_growing=growing) as index:
        by_offset = index.search(max(offset, start_offset))
    walked = Walk(by_offset.found.value if by_offset.found else 0)
    visited = replace(asked, visit=Visit(segment, by_offset, walked, by_time))
    return _walked(visited, walked, start_offset, engine)


def _walked(asked: TimeLookup, walked: Walk, start_offset: int, engine: Engine) -> TimeLookup:
    """From the position on, the first batch that may hold such a record, and does."""
    assert asked.visit is not None
    segment = asked.visit.segment
    with segment.open(engine.meter) as source:
        try:
            for frame in frames(source, walked.start):
                walked.note(frame)
                if frame.max_timestamp < asked.time:
                    continue
                for batch, record in records_at(segment, source, engine, frame, start_offset):
                    if record.timestamp >= asked.time:
                        walked.found = frame
                        return replace(asked, answer=Answer.FOUND, batch=batch, record=record)
        except RefusedError as refused:
            walked.refused = refused
            return replace(asked, answer=Answer.ERROR)
    return asked
