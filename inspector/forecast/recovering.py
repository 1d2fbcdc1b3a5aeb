"""One segment scanned (`LogSegment.recover`) up to the first batch that is not valid, by columns where that will do."""

from __future__ import annotations

from ..engine import Engine
from ..engine.window import WINDOW_SIZE, Window
from ..model import NO_TIMESTAMP
from . import glance
from .epochs import Epochs
from .folder import LOG
from .indexes import MAX_RELATIVE
from .markers import InvalidRecordError
from .producers import Producers
from .segments import OverflowError, Scanned, SimSegment
from .walk import V2, Batch, CorruptError, Header, batches, header, why_invalid


def scan(segment: SimSegment, producers: Producers, epochs: Epochs, engine: Engine) -> Scanned:
    """Reads every batch, cuts the log behind the last that is valid, and builds the indexes anew.

    Raises OverflowError, InvalidOffsetError, RefusedError and ShrunkError.
    """
    one = _Scan(segment, producers, epochs)
    with segment.folder.open(segment.name(LOG), WINDOW_SIZE) as window:
        scanned = one.run(window, engine)
    segment.recovered(scanned)
    return scanned


class _Scan:
    def __init__(self, segment: SimSegment, producers: Producers, epochs: Epochs) -> None:
        self.segment = segment
        self.indexes = segment.new_indexes()
        self.producers = producers
        self.epochs = epochs
        self.greatest = (NO_TIMESTAMP, -1)

    def run(self, window: Window, engine: Engine) -> Scanned:
        scanned = self.scanned = Scanned(window.size, next_offset=self.segment.base_offset)
        try:
            self._take_chunks(window, engine)
            self._walk(window)
        except CorruptError as error:
            scanned.why = error.why
        except InvalidRecordError:
            scanned.why = "a control record that cannot be read"
        if scanned.truncated and not scanned.why:
            scanned.why = "an incomplete batch"
        self.indexes.finish(self.greatest)
        scanned.offsets, scanned.times = self.indexes.offsets, self.indexes.times
        return scanned

    def _take_chunks(self, window: Window, engine: Engine) -> None:
        """As far as chunks hold nothing odd."""
        scanned, base_offset = self.scanned, self.segment.base_offset
        for chunk in glance.chunks(self.segment.folder, self.segment.name(LOG), engine, base_offset):
            end = glance.plain_end(chunk, scanned.valid, window.size, base_offset)
            if end is None:
                return
            self.greatest = glance.index(chunk, self.indexes, self.greatest)
            glance.take_epochs(chunk, self.epochs)
            scanned.aborted += glance.aborted_in(chunk, self.producers, window)
            scanned.valid, scanned.next_offset = end, self.producers.map_end
            scanned.batches += len(chunk.batches)

    def _walk(self, window: Window) -> None:
        """From there on, one by one."""
        for batch in batches(window, self.scanned.valid, window.size):
            self.scanned.why = why_invalid(window, batch) or ""
            if self.scanned.why:
                return
            self._take(window, batch)

    def _take(self, window: Window, batch: Batch) -> None:
        read = header(window, batch)
        if not 0 <= read.last_offset - self.segment.base_offset <= MAX_RELATIVE:
            raise OverflowError(self.segment, batch.position)
        if read.max_timestamp > self.greatest[0]:
            self.greatest = (read.max_timestamp, read.last_offset)
        self.indexes.batch(batch.position, read.last_offset, self.greatest)
        self.scanned.valid = batch.position + batch.size
        self.scanned.batches += 1
        self.scanned.next_offset = read.last_offset + 1
        if batch.magic >= V2:
            self.epochs.assign(read.partition_leader_epoch, read.base_offset)
            self._update_producers(window, batch, read)

    def _update_producers(self, window: Window, batch: Batch, read: Header) -> None:
        if read.producer_id >= 0:
            completed = self.producers.append(window, batch, read)
            if completed is not None:
                self.scanned.aborted += completed.is_aborted
                self.producers.complete(completed)
        self.producers.map_end = read.last_offset + 1
