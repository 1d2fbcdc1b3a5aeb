"""How a broker finds an offset: `UnifiedLog.read`, `LocalLog.read`, `LogSegment.read` and what these call."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from ..engine import Engine
from ..errors import KinspectError
from ..findings import Finding
from ..model import Record, RecordBatch
from ..partition import PartitionLog
from ..reading import cannot_read
from ..report import Progress
from ..segment import Role, Segment
from .answers import Answer, Visit
from .bounds import Bounds, bounds_of, is_growing
from .records import Place, Truth, records_at
from .searching import open_index
from .walking import Frame, walk


@dataclass(frozen=True, slots=True)
class OffsetLookup:
    """How one offset was looked for.

    bounds: None where the partition has no segment. visits: the segments, in order.
    batch, record: what was found; record is the first one from the offset on, perhaps in a later batch than the one
    that the broker begins with. truth: the batch that reading from the start of the segment finds.
    findings: what was met on the way, and what could not be read.
    """

    log: PartitionLog
    offset: int
    answer: Answer
    bounds: Bounds | None = None
    bases: tuple[int, ...] = ()
    visits: tuple[Visit, ...] = ()
    batch: RecordBatch | None = None
    record: Record | None = None
    truth: Place | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def found(self) -> Frame | None:
        """The batch with which the broker's answer begins."""
        return self.visits[-1].walk.found if self.visits else None

    @property
    def is_right(self) -> bool:
        """Whether the index led to the batch that is there."""
        if self.truth is None:
            return self.found is None
        same_file = bool(self.visits) and self.visits[-1].segment is self.truth.segment
        return same_file and self.found is not None and self.found.position == self.truth.batch.position


def lookup_offset(log: PartitionLog, offset: int, engine: Engine, progress: Progress) -> OffsetLookup:
    """Looks for an offset as a fetch request does. Nothing is raised: what cannot be read is a finding."""
    named = tuple(segment for segment in log.segments if segment.base_offset is not None)
    if not named:
        return OffsetLookup(log, offset, Answer.OUT_OF_RANGE)
    bounds = bounds_of(log, engine)
    asked = OffsetLookup(log, offset, Answer.OUT_OF_RANGE, bounds, tuple(one.base_offset or 0 for one in named))
    floor = bisect_right(asked.bases, offset) - 1
    if offset < bounds.log_start or floor < 0 or (bounds.log_end is not None and offset > bounds.log_end):
        return asked
    return _search(replace(asked, answer=Answer.EMPTY), named[floor:], engine, progress)


def _search(asked: OffsetLookup, segments: tuple[Segment, ...], engine: Engine, progress: Progress) -> OffsetLookup:
    """From the segment with the floor of the base offsets on; where that ends before the offset, the next one."""
    visits: list[Visit] = []
    findings: list[Finding] = []
    truth = Truth(asked.log, engine, progress)
    batch = record = None
    for segment in segments:
        try:
            visits.append(_visit(asked, segment, engine))
            if visits[-1].walk.found is not None:
                batch, record = _first_record(visits[-1], asked.offset, engine)
        except KinspectError as error:
            findings.append(cannot_read(segment, error))
            break
        if visits[-1].walk.found is not None or visits[-1].walk.refused is not None:
            break
    right = truth.by_offset(segments, asked.offset)
    made = replace(asked, visits=tuple(visits), batch=batch, record=record, truth=right)
    return replace(made, answer=_answer(made), findings=(*findings, *truth.findings))


def _visit(asked: OffsetLookup, segment: Segment, engine: Engine) -> Visit:
    growing = is_growing(asked.log, segment)
    with open_index(segment, Role.OFFSET_INDEX, engine.meter, is_growing=growing) as index:
        search = index.search(asked.offset)
    start = max(0, search.found.value) if search.found else 0  # `LogSegment.translateOffset`: no less than 0
    with segment.open(engine.meter) as source:
        return Visit(segment, search, walk(source, start, lambda frame: frame.last_offset >= asked.offset))


def _first_record(visit: Visit, offset: int, engine: Engine) -> tuple[RecordBatch | None, Record | None]:
    """The first record from the offset on: in the batch that was found, or, where compaction emptied it, behind it."""
    frame = visit.walk.found
    with visit.segment.open(engine.meter) as source:
        while frame is not None:
            for batch, record in records_at(visit.segment, source, engine, frame, offset):
                return batch, record
            frame = walk(source, frame.end, lambda _frame: True).found
    return None, None


def _answer(made: OffsetLookup) -> Answer:
    if made.visits and made.visits[-1].walk.refused is not None:
        return Answer.ERROR
    if made.found is None:
        return Answer.EMPTY
    return Answer.FOUND if made.record is not None and made.record.offset == made.offset else Answer.NEXT
