"""Batches and segments that claim the same offsets, and segments that cover more than they can.

That offsets go back, an engine sees; here it is told what stands there twice. The earlier batch is looked for in the
log, by offset, so that nothing of the past is kept. That a file's name is wrong is told by an engine too
(`segment-name-mismatch`), but for KAFKA-6264: segments that begin as their name says, and go on beyond what their index
can count, which old brokers could write. A broker splits these when it loads them (`LogLoader`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..engine import ScanRequest
from ..engine.chunk import Chunk
from ..findings import Finding
from ..location import Location
from ..reading import read_segment, segments_between
from ..segment import Segment
from .rows import SEGMENT_OFFSETS, Row, first_row, follow_each_other, rows_of, values
from .rule import NOTHING, Around, Rule

MOST_SEARCHES = 32
"""So many times in a partition an earlier batch is looked for; behind these it is only said that offsets go back."""


ONCE = ("segment-name-mismatch", None)
"""What an engine says once a file, and this rule too."""


class Order(Rule):
    """Follows the greatest offset so far. One finding where offsets go back, until they are beyond it again."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._last = -1
        self._searches = 0
        self._greatest = -1
        self._told: dict[tuple[str, int | None], Finding] = {}
        self._is_first = False
        self._beyond: Row | None = None
        self._previous: Segment | None = None

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """A new file."""
        self._told, self._beyond = {}, None
        self._is_first = True
        return NOTHING

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Most chunks go on where the log was, which is seen at a glance."""
        if not len(chunk.batches):
            return NOTHING
        if not self._goes_on(segment, chunk):
            return self._each(number, segment, rows_of(chunk))
        found = list(self._each(number, segment, (first_row(chunk),))) if self._is_first else NOTHING
        self._last = values(chunk, "last_offset")[-1]
        self._greatest = max(self._greatest, self._last)
        return found

    def end(self, number: int, segment: Segment) -> Iterator[Finding]:
        """An empty file may have a name within what came before, too."""
        if self._is_first and not segment.size:
            yield from self._overlap(segment, segment.location())
        self._previous = segment

    def cause_of(self, finding: Finding) -> Finding | None:
        """What was said about the same batch, or about the file where that is said once a file."""
        return self._told.get((finding.slug, finding.location.position)) or self._told.get((finding.slug, None))

    def _goes_on(self, segment: Segment, chunk: Chunk) -> bool:
        if chunk.findings:
            return False
        first, last = values(chunk, "base_offset")[0], values(chunk, "last_offset")[-1]
        is_within = segment.base_offset is None or last - segment.base_offset < SEGMENT_OFFSETS
        return first > self._last and is_within and follow_each_other(chunk, first)

    def _each(self, number: int, segment: Segment, rows: Iterable[Row]) -> Iterator[Finding]:
        for row in rows:
            if row.base_offset is None or row.crc_ok is False:
                continue
            if not self._is_first:
                yield from self._too_wide(segment, row)
            if not row.is_outside(segment):
                yield from self._in_order(number, segment, row)

    def _in_order(self, number: int, segment: Segment, row: Row) -> Iterator[Finding]:
        found = list(self._overlap(segment, row.at(segment))) if self._is_first else []
        self._is_first = False
        if (row.base_offset or 0) <= self._last:
            found = found or list(self._doubled(number, segment, row))
            for one in found:
                self._told["offset-not-increasing", row.position] = one
        yield from found
        self._last = row.last_offset
        self._greatest = max(self._greatest, row.last_offset)

    def _overlap(self, segment: Segment, at: Location) -> Iterator[Finding]:
        """Whether the name of a file lies within the offsets of those before."""
        name, before = segment.base_offset, self._previous
        if before is not None and name is not None and name <= self._greatest:
            yield Finding("segments-overlap", at, before.name, self._greatest, name, self._greatest)

    def _doubled(self, number: int, segment: Segment, row: Row) -> Iterator[Finding]:
        earlier = self._earlier(number, segment, row)
        if earlier is None:
            return
        where, other = earlier
        name = self.around.log.segments[where].name
        is_same = other[2:8] == row[2:8] and other.batch_bytes == row.batch_bytes
        place = f"position {other.position} of {name}"
        slug = "batch-twice" if is_same else "offsets-claimed-twice"
        found = f"{other.base_offset} to {other.last_offset}"
        told = Finding(slug, row.at(segment).of("base_offset"), place, found, row.base_offset, row.last_offset)
        cause = self.around.damage.between((where, other.position), (where, other.end + 1))
        is_own = cause is None or cause.slug == "offset-not-increasing"
        yield told if cause is None or is_own else told.because(cause.as_cause)

    def _earlier(self, number: int, segment: Segment, row: Row) -> tuple[int, Row] | None:
        """The first batch before this one that covers one of its offsets, and the number of its segment."""
        if self._searches >= MOST_SEARCHES or row.base_offset is None:
            return None
        self._searches += 1
        stop = row.last_offset + 1
        before = self.around.log.segments[: number + 1]
        request = ScanRequest(start_offset=row.base_offset, stop_offset=stop, records=False, check_crc=False)
        for one in segments_between(before, row.base_offset, stop):
            for chunk in read_segment(one, self.around.engine, request, [], self.around.log.shutdown):
                for other in rows_of(chunk):
                    is_before = one is not segment or other.position < row.position
                    if is_before and other.base_offset is not None and other.last_offset >= row.base_offset:
                        return before.index(one), other
        return None

    def _too_wide(self, segment: Segment, row: Row) -> Iterator[Finding]:
        """Told once a file, at the first batch that reaches beyond; one alone, after a gap, has a wrong offset."""
        name, base = segment.base_offset, row.base_offset or 0
        if name is None or base <= self._last or row.last_offset - name < SEGMENT_OFFSETS or ONCE in self._told:
            return
        first, self._beyond = self._beyond, row
        if base == self._last + 1 or (first is not None and base > first.last_offset):
            first = first or row
            at = first.at(segment).of("base_offset")
            most = name + SEGMENT_OFFSETS - 1
            found = Finding("segment-too-wide", at, most, first.last_offset, first.base_offset, first.last_offset)
            self._told[ONCE] = found
            yield found
