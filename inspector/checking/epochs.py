"""Leader epochs: they never go back in a log (KIP-101), and leader-epoch-checkpoint tells where each began.

A leader writes only in its own, latest epoch. A row of the file is an epoch and the first offset that a leader could
write in it (`LeaderEpochFileCache`): a batch is of the epoch of the last row at or before it, whatever compaction took
away. Rows without batches are legal, up to one at the log's end, since a leader writes its row when it becomes one.
Three things are legal unless the broker was stopped cleanly: rows beyond the end, of batches that were lost; batches
of an epoch beyond the last row, in copies of a running broker; and batches before the first row, which goes up with the
log start, where log-start-offset-checkpoint did not yet. The next start mends the first two (`LogLoader`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ..broker_files import Shutdown
from ..engine.chunk import Chunk
from ..findings import Finding
from ..listing import within
from ..partition import State
from ..segment import Role, Segment
from .log_end import LogEnd
from .rows import Row, rows_of, values
from .rule import NOTHING, Around, Rule

MAGIC_V2 = 2
NO_EPOCH = -1
"""What v0 and v1 have, and what the first clients wrote: it says nothing."""


class LeaderEpochs(Rule):
    """The epochs of the batches, one after the other, and against the file."""

    needs_all = False
    skims = True

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._epoch = NO_EPOCH
        self._rows = _Rows(around)
        self._end = LogEnd(around)
        self._odd: Finding | None = None
        self._early: Finding | None = None
        self._has_old = False

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Epochs go on from segment to segment."""
        self._end.begin()
        return NOTHING

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Most chunks are of one epoch, which is seen at a glance."""
        self._end.see(number, chunk)
        epochs = values(chunk, "partition_leader_epoch")
        if not len(epochs):
            return NOTHING
        least, most = min(epochs), max(epochs)
        if least < most or most < self._epoch or not self._is_in_file(chunk, most):
            return self._one_by_one(segment, chunk)
        self._epoch = most
        return NOTHING

    def end(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Notes where the log ends."""
        self._end.end(number, segment)
        return NOTHING

    def finish(self) -> Iterator[Finding]:
        """What only the whole log tells."""
        if self._early is not None and not self._has_old:
            yield self._early
        yield from self._beyond_end()

    def _is_in_file(self, chunk: Chunk, epoch: int) -> bool:
        first, last = values(chunk, "base_offset")[0], values(chunk, "base_offset")[-1]
        return self._odd is None and self._rows.agree(first, last, epoch)

    def _one_by_one(self, segment: Segment, chunk: Chunk) -> Iterator[Finding]:
        for row in rows_of(chunk):
            self._has_old |= row.magic < MAGIC_V2
            if row.crc_ok is False or row.partition_leader_epoch == NO_EPOCH:
                continue
            goes_back = row.partition_leader_epoch < self._epoch
            odd = None if goes_back else self._against_file(segment, row)
            if goes_back:
                yield self._back(segment, row)
            elif odd is not None and self._odd is None:
                yield odd
            self._odd = odd
            self._epoch = row.partition_leader_epoch

    def _back(self, segment: Segment, row: Row) -> Finding:
        """The first batch of an earlier epoch; where the file contradicts the one before it, that is to blame."""
        at = row.at(segment).of("partition_leader_epoch")
        offsets = row.base_offset, row.last_offset
        found = Finding("leader-epoch-goes-back", at, self._epoch, row.partition_leader_epoch, *offsets)
        return found if self._odd is None else found.because(self._odd.as_cause)

    def _against_file(self, segment: Segment, row: Row) -> Finding | None:
        if not self._rows.speak_of(row) or row.base_offset is None:
            return None
        told, epoch = self._rows.epoch_of(row.base_offset), row.partition_leader_epoch
        if told == epoch or (told is not None and epoch > self._rows.latest and not self._rows.are_final):
            return None
        at = row.at(segment).of("partition_leader_epoch")
        expected = "no epoch" if told is None else f"epoch {told}"
        found = Finding("epoch-unlike-checkpoint", at, expected, epoch, row.base_offset, row.last_offset)
        if told is not None:
            return found
        if self._early is None and self._rows.are_final:
            self._early = found
        return None

    def _beyond_end(self) -> Iterator[Finding]:
        end = self._end.offset
        if not self._rows.are_final or not self._end.is_known or end is None:
            return
        beyond = [one for one in self._rows.entries if one.start_offset > end]
        if beyond:
            at = within(self.around.log.location(), Role.LEADER_EPOCHS)
            cause = self._end.ends_early() or self._end.cause
            found = Finding("epoch-beyond-log-end", at, end, beyond[0].start_offset)
            yield found.because(cause.as_cause) if cause else found


class _Rows:
    """leader-epoch-checkpoint. are_final: the broker was stopped cleanly, so they are as it wanted them."""

    def __init__(self, around: Around) -> None:
        log = around.log
        is_odd = any(one.location.path.endswith(Role.LEADER_EPOCHS) for one in log.findings)
        in_use = log.state in (State.LIVE, State.FUTURE)
        self.entries = () if is_odd or not in_use else log.leader_epochs
        self.are_final = log.shutdown is Shutdown.CLEAN
        self._starts = [one.start_offset for one in self.entries]
        self._log_start = log.log_start_offset or 0

    @property
    def latest(self) -> int:
        """The last epoch."""
        return self.entries[-1].epoch

    def speak_of(self, row: Row) -> bool:
        """Whether the file has to know the epoch of this batch."""
        return bool(self.entries) and row.magic == MAGIC_V2 and row.last_offset >= self._log_start

    def epoch_of(self, offset: int) -> int | None:
        """The epoch in which a batch was written that begins at `offset`; None before the first row."""
        row = bisect_right(self._starts, max(offset, self._log_start)) - 1
        return None if row < 0 else self.entries[row].epoch

    def agree(self, first: int, last: int, epoch: int) -> bool:
        """Whether all batches that begin between these offsets are of this epoch, as far as the file tells."""
        return not self.entries or self.epoch_of(first) == self.epoch_of(last) == epoch
