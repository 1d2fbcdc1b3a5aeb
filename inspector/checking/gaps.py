"""Every gap in the offsets of a partition: between batches, between segments, inside batches. What each means is judged
in `gap_judge.py`.

A leader gives out offsets without a gap (`LogValidator`), so a gap is what the log cleaner left, or a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..engine.chunk import Chunk
from ..findings import Finding
from ..listing import list_partition
from ..location import Location
from ..segment import Segment
from ..spec.attributes import CONTROL, DELETE_HORIZON
from .gap_judge import Gap, GapJudge
from .rows import Row, are_full, follow_each_other, rows_of, values
from .rule import NOTHING, Around, Place, Rule

MAGIC_V2 = 2
ABORT = 0
"""The type of a control record that ends a transaction without effect (`ControlRecordType`)."""


MOST_LISTINGS = 100
"""So many times a directory is listed anew, because a whole segment seems to be missing."""


class Gaps(Rule):
    """Follows the offsets from batch to batch, and hands what is missing to the judge."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._judge = GapJudge(around)
        self._next = _first_offset(around)
        self._from: Place = (0, 0)
        self._blamed: Finding | None = None
        self._listings = 0
        self._waiting: tuple[Gap, Place] | None = None
        self._is_first = True
        self._seen = self._held_batches = False

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Nothing of it was seen yet."""
        self._seen = self._held_batches = False
        return NOTHING

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Most chunks hold whole batches, one behind the other, without control batches, which is seen at a glance."""
        self._seen = True
        if not len(chunk.batches):
            return NOTHING
        self._held_batches = True
        if self._waiting or not self._is_plain(chunk):
            return self._one_by_one(number, segment, chunk)
        self._is_first = False
        self._next = values(chunk, "last_offset")[-1] + 1
        self._from = (number, values(chunk, "position")[-1] + values(chunk, "batch_bytes")[-1])
        self._judge.passed(len(chunk.batches))
        return NOTHING

    def end(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Behind a segment that was not read, nothing is known of what came before; an empty last one has a name."""
        if not self._seen:
            self._next = None
        elif segment.is_last and not self._held_batches and segment.base_offset is not None:
            self._step(number, segment.location(), segment.base_offset, None)
        return self._settle()

    def finish(self) -> Iterable[Finding]:
        """What could only be judged at the end, and the sum of what is explained."""
        return self._judge.finish()

    def _is_plain(self, chunk: Chunk) -> bool:
        if chunk.findings:
            return False
        return follow_each_other(chunk, self._next) and are_full(chunk) and max(values(chunk, "attributes")) < CONTROL

    def _one_by_one(self, number: int, segment: Segment, chunk: Chunk) -> Iterator[Finding]:
        for row in rows_of(chunk):
            yield from self._settle()
            self._row(number, segment, row)
        self._judge.see_aborted(_aborted(chunk))

    def _row(self, number: int, segment: Segment, row: Row) -> None:
        if row.is_outside(segment) and row.base_offset != self._next:
            self._blamed = self.around.damage.between((number, 0), (number, row.position + 1))
            return
        if self._is_first and row.magic != MAGIC_V2:
            self._next = None
        self._is_first = False
        if row.base_offset is not None:
            self._step(number, row.at(segment).of("base_offset"), row.base_offset, row)
        self._judge.passed(1)
        if row.crc_ok is False:  # its header may lie: what is missing behind it follows from that
            self._next = max(self._next or 0, row.base_offset or 0)
            return
        goes_back = row.base_offset is not None and row.base_offset < (self._next or 0)
        self._next = max(self._next or 0, row.last_offset + 1)
        if not goes_back:  # what is missing behind a batch under a wrong offset may be that batch
            self._from, self._blamed = (number, row.end), None
        self._look_inside(number, row)

    def _step(self, number: int, at: Location, offset: int, row: Row | None) -> None:
        if self._next is None:
            self._next = offset if row is not None else None
        elif offset > self._next and (self._from[0] == number or not self._has_changed()):
            own = 1 if row is None or row.crc_ok is False else 0
            cause = self._blamed or self.around.damage.between(self._from, (number, own + (row.position if row else 0)))
            self._waiting = Gap(self._next, offset - 1, at, cause), (number, row.end if row else 0)

    def _has_changed(self) -> bool:
        """Whether other segments lie there than were listed: a broker at work makes and merges them meanwhile."""
        if self._listings >= MOST_LISTINGS:
            return False
        self._listings += 1
        log = self.around.log
        now = list_partition(log.path, log.location(), log.shutdown, log.inode)
        return [one.file_name for one in now.segments] != [one.file_name for one in log.segments]

    def _settle(self) -> Iterator[Finding]:
        """Hands on the gap before the last batch. Where offsets go back behind that batch, its own offset is wrong."""
        if self._waiting is None:
            return
        gap, (number, end) = self._waiting
        self._waiting = None
        if gap.cause is None:
            behind = self.around.damage.between((number, end), (number, end + 1))
            goes_back = behind is not None and behind.slug == "offset-not-increasing"
            gap = gap._replace(cause=behind if goes_back else None)
        yield from self._judge.gap(gap)

    def _look_inside(self, number: int, row: Row) -> None:
        """What only the log cleaner does to a batch; a producer's batches are full."""
        if row.base_offset is None or row.records_count is None:
            return
        missing = row.last_offset - row.base_offset + 1 - row.records_count
        is_damaged = self.around.damage.between((number, row.position), (number, row.end)) is not None
        has_horizon = bool(row.attributes & DELETE_HORIZON) and row.magic == MAGIC_V2
        if not is_damaged and (missing > 0 or has_horizon):
            self._judge.see_cleaned(row.last_offset, max(missing, 0), row.records_count == 0)
        if row.attributes & CONTROL and row.magic == MAGIC_V2:
            self._judge.see_markers(row.records_count)


def _first_offset(around: Around) -> int | None:
    """Where the log starts, if its first segment is at hand; None where what was before is not known.

    Of v0 and v1 it says little: a follower named their segments after an estimate (`UnifiedLog.maybeRoll`).
    """
    start, segments = around.log.log_start_offset, around.log.segments
    base = segments[0].base_offset if segments else None
    return start if start is not None and base is not None and base <= start else None


def _aborted(chunk: Chunk) -> int:
    """How many control records of the chunk end a transaction without effect, as far as that column was read."""
    column: Any = chunk.records.columns.get("control_type")
    return 0 if column is None else sum(column[row] == ABORT for row in range(len(chunk.records)))
