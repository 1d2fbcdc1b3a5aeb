"""`.timeindex` against the log: before the offset of an entry, no record may be as late as its timestamp.

`UnifiedLog.fetchOffsetByTimestamp` takes the first segment of which the last entry is late enough, looks up the last
entry that is not later than the time sought, and reads on from the place of its offset (by `.index`). So an entry
misleads where a batch before that place is as late as the entry; the place counts, because up to 3.9 an append of many
messages has one entry, with an offset at its end. That an entry is too late is harmless, but for the last one of a
closed segment: it stands for the whole segment, also in retention by time.

A batch counts by the max_timestamp of its header, as in Kafka: the cleaner keeps it where it removes records.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import lt
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..files.index_columns import TIMES, Columns
from ..findings import Finding
from ..seeking import lookup_index
from ..segment import MAX_OFFSET, Role, Segment
from ..spec.record_batch import MAGIC
from ..spec.time_index import ENTRY_SIZE
from .following import Following
from .index import SPARSE
from .misleading import Misleading
from .rule import NOTHING, Around
from .sibling import SPACE, Sibling, is_closed, is_made_anew, location_of

NO_TIMESTAMP = -1
BEHIND_ALL = 2**63
MOST_PENDING = 10_000


class _Passed(NamedTuple):
    """An entry that leads from `start`, where a batch as late begins, to a place up to `stop`."""

    number: int
    expected: str
    offset: int
    told: str
    start: int
    stop: int


class TimeIndexes(Following):
    """Every `.timeindex`: what is wrong with the file, and what its entries say against the batches."""

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Opens the index; that there is none matters only where there are timestamps."""
        self.follower = None if segment.base_offset is None else _Follower(self.around, number, segment)
        return NOTHING


class _Follower:
    """Follows one time index along its segment.

    Between two batches, the next entry is later than all batches so far: it is decided about by the first batch that is
    as late, or that holds its offset.
    """

    def __init__(self, around: Around, number: int, segment: Segment) -> None:
        assert segment.base_offset is not None
        self._around, self._number, self._segment = around, number, segment
        self._latest = self._last_entry = NO_TIMESTAMP
        self._last_offset: int = segment.base_offset - 1
        self._is_all_new = True
        self._pending: deque[_Passed] = deque()
        self._index: Sibling | None = None
        self._misleading = Misleading("time-index-misleads", location_of(segment, Role.TIME_INDEX), ENTRY_SIZE)
        if Role.TIME_INDEX in segment.sibling_roles:
            self._index = Sibling(segment, Role.TIME_INDEX, TIMES, around.engine.meter)
            self._index.release()

    # ---- Along the log

    def see(self, chunk: Chunk) -> None:
        """Holds the entries that these batches decide about against them."""
        columns: dict[str, Any] = dict(chunk.batches.columns)
        lasts, times = columns["last_offset"].values.tolist(), columns["max_timestamp"].values.tolist()
        newest = max(self._latest, max(times))
        magics = columns["magic"].values.tobytes()
        self._is_all_new = self._is_all_new and magics.count(MAGIC) == len(magics)
        if chunk.findings or not self._at_a_glance(lasts, times, newest):
            self._one_by_one(columns)
        else:
            self._latest = newest
        self._last_offset = lasts[-1]
        self._settle(columns["position"].values[-1] + columns["batch_bytes"].values[-1])
        if self._index:
            self._index.release()

    def _at_a_glance(self, lasts: list[int], times: list[int], newest: int) -> bool:
        """Takes the entries up to the last offset, if each is later than all batches before the one that holds it."""
        if self._index is None:
            return True
        if self._index.disordered:
            return False
        while True:
            piece, start = self._index.ahead()
            if start == len(piece.keys):
                return True
            stop = bisect_right(piece.offsets, lasts[-1], start)
            if start < stop and not _all_later(piece.part(start, stop), lasts, times, self._latest):
                return False
            if stop < len(piece.keys) and piece.keys[stop] <= newest:
                return False
            self._take(stop - start)
            if stop < len(piece.keys):
                return True

    def _take(self, count: int) -> None:
        if count and self._index:
            self._last_entry = self._index.take(count).keys[-1]

    def _one_by_one(self, columns: dict[str, Any]) -> None:
        is_right = columns["crc_ok"]
        rows = (columns[name].values for name in ("position", "last_offset", "max_timestamp"))
        for row, (position, last_offset, timestamp) in enumerate(zip(*rows, strict=True)):
            if is_right[row] is not False:
                self._decide(position, last_offset, timestamp)
                self._latest = max(self._latest, timestamp)

    def _decide(self, position: int, last_offset: int, timestamp: int) -> None:
        """Takes the entries about which one batch decides."""
        while self._index:
            piece, at = self._index.ahead()
            if at == len(piece.keys) or (timestamp < piece.keys[at] and last_offset < piece.offsets[at]):
                return
            self._take(1)
            if timestamp >= piece.keys[at] and last_offset < piece.offsets[at]:
                self._judge(piece.part(at, at + 1), position, last_offset, timestamp)

    def _judge(self, entry: Columns, position: int, last_offset: int, timestamp: int) -> None:
        """The batch at `position` is as late as an entry, and lies before its offset. Would Kafka pass it over?"""
        ((number, time, offset),) = zip(*entry, strict=True)
        assert self._index is not None
        if number in self._index.disordered:  # it is told already
            return
        found = lookup_index(self._segment, offset, self._around.engine.meter)
        if found is None or found[1] <= position:
            return
        expected = f"no record as late as {time} before offset {offset}"
        told = f"timestamp {timestamp} in the batch up to offset {last_offset}"
        self._pending.append(_Passed(number, expected, offset, told, position, found[1] + 1))

    def _settle(self, end: int) -> None:
        """Names what is to blame, once all bytes up to the place that an entry leads to were looked at."""
        while self._pending and (self._pending[0].stop <= end or len(self._pending) > MOST_PENDING):
            number, expected, offset, told, start, stop = self._pending.popleft()
            cause = self._around.damage.between((self._number, start), (self._number, stop))
            self._misleading.note(number, expected, offset, told, cause)

    # ---- Behind the log

    def end(self) -> Iterator[Finding]:
        """All that is wrong with this index."""
        if self._index is None:
            yield from self._missing()
            return
        self._settle(BEHIND_ALL)
        yield from self._of_the_file(self._index)
        yield from self._misleading.findings(self._last_offset)
        yield from self._last(self._index)

    def _missing(self) -> Iterator[Finding]:
        """A time index alone that is missing is never made anew. Told only where other segments have one."""
        has_index = Role.OFFSET_INDEX in self._segment.sibling_roles
        others = any(Role.TIME_INDEX in one.sibling_roles for one in self._around.log.segments)
        if has_index and others and self._latest >= 0:
            at = location_of(self._segment, Role.TIME_INDEX)
            yield Finding("time-index-missing", at, found=self._segment.name)

    def _of_the_file(self, index: Sibling) -> Iterator[Finding]:
        """What the file alone told."""
        for finding in index.because_of(self._misleading):
            yield from self._space(finding) if finding.slug == SPACE else (finding,)

    def _space(self, finding: Finding) -> Iterator[Finding]:
        """Zeros behind the entries: of use where more may be appended, and harmless where the index is made anew."""
        if self._is_final:
            yield Finding("zero-padded-time-index", finding.location, self._latest, 0)

    @property
    def _is_final(self) -> bool:
        return is_closed(self._around.log, self._segment) and not is_made_anew(self._around.log, self._number)

    def _last(self, index: Sibling) -> Iterator[Finding]:
        """What the last entry says about the whole segment."""
        is_known = index.is_usable and not index.disordered and not any(one.slug == SPACE for one in index.findings)
        if not (self._is_final and is_known and self._is_all_new):
            return
        ahead = self._take_ahead(index)
        if ahead is not None:
            yield from ahead
        elif self._last_entry != self._latest and max(self._last_entry, self._latest) >= 0:
            found = self._last_entry if self._last_entry >= 0 else "no entry"
            expected = self._latest if self._latest >= 0 else "no entry"
            yield self._because_of_damage(Finding("time-index-ends-wrong", index.at, expected, found))

    def _take_ahead(self, index: Sibling) -> list[Finding] | None:
        """The entries of offsets behind the log's end, as a finding; None where there are none.

        None is told where the offset index knows of such offsets too: it is said of that one.
        """
        piece, at = index.ahead()
        if at == len(piece.keys):
            return None
        last = self._last_offset
        beyond = lookup_index(self._segment, MAX_OFFSET, self._around.engine.meter)
        if beyond is not None and beyond[0] > last:
            return []
        number, offset = piece.numbers[at], piece.offsets[at]
        place = index.at.at(number * ENTRY_SIZE, (index.known.entries - number) * ENTRY_SIZE)
        return [self._because_of_damage(Finding("index-beyond-log", place, last, offset, offset))]

    def _because_of_damage(self, finding: Finding) -> Finding:
        """The same finding, as a consequence where the segment is damaged: its greatest timestamp may be lost."""
        cause = self._around.damage.between((self._number, 0), (self._number + 1, 0))
        return finding.because(cause.as_cause) if cause else finding


def _all_later(piece: Columns, lasts: Any, times: Any, latest: int) -> bool:
    """Whether each entry is later than all batches before the one that holds its offset.

    latest: the greatest timestamp before these batches.
    """
    if len(lasts) > SPARSE * len(piece.keys):
        return _all_later_in_steps(piece, lasts, times, latest)
    up_to = list(accumulate(times, max, initial=latest))
    before = dict(zip(lasts, up_to, strict=False))
    try:  # mostly an entry has the last offset of a batch
        return all(map(lt, map(before.__getitem__, piece.offsets), piece.keys))
    except KeyError:
        return _all_later_in_steps(piece, lasts, times, latest)


def _all_later_in_steps(piece: Columns, lasts: Any, times: Any, latest: int) -> bool:
    row = 0
    for key, offset in zip(piece.keys, piece.offsets, strict=True):
        holder = bisect_left(lasts, offset, row)
        latest = max(latest, max(times[row:holder], default=latest))
        if latest >= key:
            return False
        row = holder
    return True
