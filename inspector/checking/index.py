"""`.index` against the log: from where an entry points to, reading on must lead to its offset.

What an entry says depends on who wrote it (`spec/offset_index.py`): the last offset of the batch at its position, of a
whole append that begins there, or (up to 0.10.0) the first one. All have in common that the position is where a batch
begins, and that the batch before it ends below the offset. This is also all that `OffsetIndex.lookup` and the search
behind it need, so nothing more is asked for. Entries may lie any distance apart: `index.interval.bytes` is not known,
and an append has any size; only a stretch that no plausible writer leaves is told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import lt
from typing import Any

from ..broker_files import Shutdown
from ..engine.chunk import Chunk
from ..files.index_columns import OFFSETS, Columns
from ..findings import Finding
from ..segment import Role, Segment
from ..spec.offset_index import ENTRY_SIZE
from .following import Following
from .misleading import Misleading
from .rule import NOTHING, Around
from .sibling import SPACE, Sibling, is_closed, is_made_anew, location_of

UNINDEXED_BYTES = 64 * 1024 * 1024
"""A stretch without entries is told from here on, not counting its largest batch.

A hundred times what brokers leave by default: 4096 bytes, and one append of a follower."""

SPARSE = 6
"""Where there are so many batches an entry, each is sought by halves."""

UNKNOWN: Any = None


class OffsetIndexes(Following):
    """Every `.index`: what is wrong with the file, and what its entries say against the batches."""

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """What the file alone tells."""
        self.follower = None
        if segment.base_offset is None:
            return NOTHING
        if Role.OFFSET_INDEX not in segment.sibling_roles:
            return self._missing(segment)
        self.follower = _Follower(self.around, number, segment)
        return NOTHING

    def _missing(self, segment: Segment) -> Iterator[Finding]:
        """Told only where there are indexes at all: logs are copied without them.

        That of the active segment is made when it is asked for first, at the second append (`LazyIndex`).
        """
        if segment.is_last and self.around.log.shutdown in (Shutdown.RUNNING, Shutdown.UNCLEAN):
            return
        indexes = {Role.OFFSET_INDEX, Role.TIME_INDEX}
        if any(indexes.intersection(one.sibling_roles) for one in self.around.log.segments):
            yield Finding("index-missing", location_of(segment, Role.OFFSET_INDEX), found=segment.name)


class _Follower:
    """Follows one index along its segment."""

    def __init__(self, around: Around, number: int, segment: Segment) -> None:
        assert segment.base_offset is not None
        self._around, self._number, self._segment = around, number, segment
        self._index = Sibling(segment, Role.OFFSET_INDEX, OFFSETS, around.engine.meter)
        self._misleading = Misleading("index-entry-misleads", self._index.at, ENTRY_SIZE)
        self._last_offset: int = segment.base_offset - 1
        self._last_start = self._end = 0
        self._indexed, self._largest = 0, 0
        self._sparse: tuple[int, int] | None = None
        self._index.release()

    # ---- Along the log

    def see(self, chunk: Chunk) -> None:
        """Holds the entries below the end of these batches against them."""
        columns: dict[str, Any] = dict(chunk.batches.columns)
        positions, sizes = columns["position"].values.tolist(), columns["batch_bytes"].values
        lasts = _trusted(columns) if chunk.findings else columns["last_offset"].values.tolist()
        end = positions[-1] + sizes[-1]
        for piece in self._index.before(end):
            self._note_distance(piece.keys[0])
            if chunk.findings or not _all_hold(positions, lasts, self._last_offset, piece):
                starts = dict(zip(positions, chain((self._last_offset,), lasts), strict=False))
                self._one_by_one(positions, sizes, starts, piece)
            self._indexed, self._largest = piece.keys[-1], 0
        if end - self._indexed > UNINDEXED_BYTES // 2:
            self._largest = max(self._largest, max(sizes))
        self._last_offset = next((one for one in reversed(lasts) if one is not UNKNOWN), self._last_offset)
        self._last_start, self._end = positions[-1], end
        self._index.release()

    def _one_by_one(self, positions: list[int], sizes: Sequence[int], starts: dict[int, int], piece: Columns) -> None:
        for number, position, offset in zip(*piece, strict=True):
            if position not in starts:
                told = "where no batch begins"
            elif starts[position] is UNKNOWN or starts[position] < offset:
                continue
            else:
                told = f"a batch behind offset {starts[position]}"
            row = bisect_right(positions, position) - 1
            start, end = (positions[row], positions[row] + sizes[row]) if row >= 0 else (self._last_start, self._end)
            self._mislead(number, offset, start if position < end else end, position, told)

    def _mislead(self, number: int, offset: int, start: int, position: int, told: str) -> None:
        """start: that of the batch around the position, or where the last one before it ends.

        Damage from there on explains the entry.
        """
        if number in self._index.disordered:  # it is told already
            return
        cause = self._around.damage.between((self._number, start), (self._number, position + 1))
        self._misleading.note(number, offset, offset, f"position {position}, {told}", cause)

    def _note_distance(self, position: int) -> None:
        stretch = position - self._indexed
        if self._sparse is None and stretch - self._largest > UNINDEXED_BYTES:
            self._sparse = self._indexed, position

    # ---- Behind the log

    def end(self) -> Iterator[Finding]:
        """All that is wrong with this index."""
        ahead = list(self._behind_the_end())
        if is_closed(self._around.log, self._segment):
            self._note_distance(self._end)
        yield from self._of_the_file()
        yield from self._misleading.findings(self._last_offset)
        yield from ahead
        if self._sparse and self._index.is_usable:
            start, end = self._sparse
            yield Finding("index-entries-missing", self._index.at, f"position {start}", f"position {end}")

    def _behind_the_end(self) -> Iterator[Finding]:
        """The entries from the end of the log on: of offsets that it does not hold, or misplaced."""
        first: tuple[int, int] | None = None
        last, count = 0, 0
        for piece in self._index.rest():
            for number, position, offset in zip(*piece, strict=True):
                if offset <= self._last_offset:
                    self._mislead(number, offset, self._last_start, position, f"behind the log's end at {self._end}")
                else:
                    first = first or (number, offset)
                    last, count = max(last, offset), count + 1
        if first is not None:
            yield from self._ahead(*first, last, count)

    def _ahead(self, number: int, first_offset: int, last_offset: int, count: int) -> Iterator[Finding]:
        """An index that knows of more than the log: normal where the log's end was under way, or was copied earlier."""
        log, segment = self._around.log, self._segment
        if log.shutdown is Shutdown.RUNNING and segment.is_last is not False:
            return
        slug = "index-beyond-log" if is_closed(log, segment) else "index-ahead-of-log"
        at = self._index.at.at(number * ENTRY_SIZE, count * ENTRY_SIZE)
        finding = Finding(slug, at, self._last_offset, last_offset, first_offset, last_offset)
        cause = self._around.damage.between((self._number, self._last_start), (self._number + 1, 0))
        yield finding.because(cause.as_cause) if cause else finding

    def _of_the_file(self) -> Iterator[Finding]:
        """What the file alone told."""
        for finding in self._index.because_of(self._misleading):
            yield from self._space(finding) if finding.slug == SPACE else (finding,)

    def _space(self, finding: Finding) -> Iterator[Finding]:
        """Zeros behind the entries: of use where more may be appended, and harmless where the index is made anew."""
        log = self._around.log
        if is_closed(log, self._segment) and not is_made_anew(log, self._number):
            yield Finding("zero-padded-index", finding.location, found=finding.found)


def _trusted(columns: dict[str, Any]) -> list[int]:
    """The last offsets of the batches, unknown where the CRC does not hold."""
    is_right = columns["crc_ok"]
    return [UNKNOWN if is_right[row] is False else last for row, last in enumerate(columns["last_offset"].values)]


def _all_hold(positions: Any, lasts: Any, before: int, piece: Columns) -> bool:
    """Whether every entry points to a batch, and the one before it ends below the entry's offset.

    before: the last offset before these batches.
    """
    if len(positions) > SPARSE * len(piece.keys):
        return all(_holds(positions, lasts, before, *entry) for entry in zip(piece.keys, piece.offsets, strict=True))
    starts = dict(zip(positions, chain((before,), lasts), strict=False))
    try:
        return all(map(lt, map(starts.__getitem__, piece.keys), piece.offsets))
    except KeyError:
        return False


def _holds(positions: Any, lasts: Any, before: int, position: int, offset: int) -> bool:
    row = bisect_left(positions, position)
    is_start = row < len(positions) and positions[row] == position
    return is_start and (lasts[row - 1] if row else before) < offset
