"""Where a log ends, as Kafka finds it: behind the last batch of the last segment, or at its name if it is empty.

`LogSegment.readNextOffset` and `LogLoader.recoverLog` have it so.
"""

from __future__ import annotations

from ..broker_files import Shutdown
from ..engine.chunk import Chunk
from ..findings import Finding
from ..location import Location
from ..segment import Segment
from .rows import rows_of, values
from .rule import Around, Place


class LogEnd:
    """Followed through a sweep. offset: None as long as nothing tells it. at: the end of the file that tells it."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.offset: int | None = None
        self.at: Location = around.log.location()
        self._position = 0
        self._seen = self._held_batches = False
        self._from: Place = (0, 0)

    def begin(self) -> None:
        """A new segment, nothing of which was seen."""
        self._seen = self._held_batches = False
        self._position = 0

    def see(self, number: int, chunk: Chunk) -> None:
        """The next batches."""
        self._seen = True
        if not len(chunk.batches):
            return
        self._held_batches = True
        self._position = values(chunk, "position")[-1] + values(chunk, "batch_bytes")[-1]
        self._from = (number, self._position)
        last = values(chunk, "last_offset")[-1]
        trusted = chunk.batches.columns["crc_ok"][len(chunk.batches) - 1] is not False
        self.offset = last + 1 if trusted else self._guess(chunk)

    def end(self, number: int, segment: Segment) -> None:
        """Behind a segment: whether it tells where the log ends."""
        self.at = segment.location().at(self._position)
        if not self._held_batches:
            self._from = (number, 0)
            self.offset = segment.base_offset if self._seen else None

    @property
    def is_known(self) -> bool:
        """False where the last segment is not at hand, or was not read."""
        segments, cause = self._around.log.segments, self.cause
        if not segments or segments[-1].is_last is not True or segments[-1].file_name in self._around.left_out:
            return False
        return self.offset is not None and (cause is None or not cause.incomplete)

    @property
    def cause(self) -> Finding | None:
        """Damage behind the last intact batch, from which it follows that the log ends there."""
        return self._around.damage.between(self._from, (len(self._around.log.segments), 0)) or self._damaged_last()

    def ends_early(self) -> Finding | None:
        """After a clean stop the recovery point is the log's end, and the high watermark at most that."""
        told = [one for one in self._around.log.checkpointed[:2] if one is not None]
        if self._around.log.shutdown is not Shutdown.CLEAN or not self.is_known or not told:
            return None
        if self.offset is None or max(told) <= self.offset:
            return None
        found = Finding("log-ends-early", self.at, max(told), self.offset, self.offset, max(told) - 1)
        return found.because(self.cause.as_cause) if self.cause else found

    def _damaged_last(self) -> Finding | None:
        """A last batch whose CRC is wrong: its offsets may lie."""
        number, position = self._from
        return self._around.damage.between((number, 0), (number, position))

    def _guess(self, chunk: Chunk) -> int | None:
        """What the last batch claims, if that is possible; else where the one before it ends."""
        rows = [row for row in rows_of(chunk) if row.crc_ok is not False]
        claimed = list(rows_of(chunk))[-1]
        before = rows[-1].last_offset + 1 if rows else self.offset
        if claimed.base_offset is None or (before is not None and claimed.base_offset != before):
            return before
        return claimed.last_offset + 1
