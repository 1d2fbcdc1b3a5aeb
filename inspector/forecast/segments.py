"""One segment while a start is played through: found as it is, or scanned and cut. Source: `LogSegment`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..engine.window import Window
from ..spec import txn_index
from ..spec.message_set import COMPRESSION_MASK
from .folder import INDEX, LOG, TIME_INDEX, TXN_INDEX, Folder, stem
from .indexes import (
    MAX_RELATIVE,
    OFFSET_ENTRY,
    TIME_ENTRY,
    BuiltIndexes,
    FoundOffsetIndex,
    rounded,
)
from .producers import Producers
from .settings import Settings
from .versions import Rules
from .walk import V2, Batch, RefusedError, batches, header, why_invalid

NEGATIVE = 128
"""A first byte from here on is a negative version to Kafka, which it takes for an old one."""

ATTRIBUTES = 17
"""Where the attributes of a v0 or v1 entry stand."""


class OverflowError(Exception):
    """A batch whose offset no index of this segment can hold."""

    def __init__(self, segment: SimSegment, position: int) -> None:
        super().__init__()
        self.segment = segment
        self.position = position


@dataclass(slots=True)
class Scanned:
    """What a scan made of a segment. valid: bytes from the start that Kafka keeps. why: it kept no more, in words.

    next_offset: behind the last batch kept. batches: how many were kept. aborted: entries of its new `.txnindex`.
    """

    size: int
    valid: int = 0
    batches: int = 0
    next_offset: int = 0
    why: str = ""
    offsets: int = 0
    times: int = 0
    aborted: int = 0
    emptied: bool = False

    @property
    def truncated(self) -> int:
        """How many bytes Kafka cuts off."""
        return self.size - self.valid


class SimSegment:
    """A segment by its base offset, with the names of its files in the folder.

    scanned: what the last scan made of it; None while it is as it was found.
    """

    def __init__(self, folder: Folder, base_offset: int, settings: Settings, rules: Rules, suffix: str = "") -> None:
        self.folder = folder
        self.base_offset = base_offset
        self._settings = settings
        self._rules = rules
        self._suffix = suffix
        self.scanned: Scanned | None = None

    def name(self, kind: str) -> str:
        """The name of its log or of one of its indexes."""
        return stem(self.base_offset) + kind + self._suffix

    @property
    def size(self) -> int:
        """Of its log, in bytes."""
        return self.folder.size(self.name(LOG))

    @property
    def next_offset(self) -> int:
        """Where the next segment would begin, as Kafka reads it: behind the last batch from the last index entry on."""
        if self.scanned is not None:
            return self.scanned.next_offset
        self._make_sure_of(INDEX, OFFSET_ENTRY.size)
        with self.folder.open(self.name(INDEX)) as index, self._log() as window:
            found = FoundOffsetIndex(index, self.base_offset)
            start = self._position(window, found, found.last_offset)
            if start is None:
                return self.base_offset
            return self._behind_last(window, start)

    def position_of(self, offset: int) -> int | None:
        """Where the batch of an offset begins; None where Kafka finds none. Raises CorruptError, RefusedError."""
        if self.scanned is not None:
            with self._log() as window:
                return self._search(window, 0, offset)
        self._make_sure_of(INDEX, OFFSET_ENTRY.size)
        with self.folder.open(self.name(INDEX)) as index, self._log() as window:
            return self._position(window, FoundOffsetIndex(index, self.base_offset), offset)

    def load_producers(self, producers: Producers, start_offset: int, end: int) -> None:
        """Takes in the batches from an offset to a position, unproved, as Kafka does behind a snapshot."""
        start = self.position_of(start_offset)
        if start is None:
            return
        with self._log() as window:
            for batch in batches(window, start, min(end, window.size)):
                read = header(window, batch)
                if read.producer_id >= 0:
                    completed = producers.append(window, batch, read)
                    if completed is not None:
                        producers.complete(completed)

    def recovered(self, scanned: Scanned) -> None:
        """Its files after a scan."""
        self.scanned = scanned
        self.folder.resize(self.name(LOG), scanned.valid)
        self.folder.write(self.name(INDEX), scanned.offsets * OFFSET_ENTRY.size)
        self.folder.write(self.name(TIME_INDEX), scanned.times * TIME_ENTRY.size)
        if scanned.aborted or self.name(TXN_INDEX) in self.folder:
            self.folder.write(self.name(TXN_INDEX), scanned.aborted * txn_index.ENTRY_SIZE)

    def new_indexes(self) -> BuiltIndexes:
        """Empty ones, of full size until they are filled."""
        most = self._settings.index_bytes
        self.folder.resize(self.name(INDEX), rounded(most, OFFSET_ENTRY.size))
        self.folder.resize(self.name(TIME_INDEX), rounded(most, TIME_ENTRY.size))
        if self.name(TXN_INDEX) in self.folder:
            self.folder.write(self.name(TXN_INDEX), 0)
        return BuiltIndexes(self.base_offset, most, self._settings.index_interval)

    def empty(self) -> int:
        """`truncateTo` its own base offset; how many bytes go by it."""
        self.folder.write(self.name(INDEX), rounded(self._settings.index_bytes, OFFSET_ENTRY.size))
        self.folder.write(self.name(TIME_INDEX), rounded(self._settings.index_bytes, TIME_ENTRY.size))
        with self._log() as window:
            position = self._search(window, 0, self.base_offset)
        cut = 0 if position is None else self.size - position
        self.scanned = Scanned(self.size, self.size - cut, 0, self.base_offset, emptied=True)
        self.folder.resize(self.name(LOG), self.size - cut)
        return cut

    def parts(self) -> list[tuple[int, int, int]]:
        """How Kafka splits a segment: base offset, start and end of each part. Raises RefusedError."""
        parts: list[tuple[int, int, int]] = []
        with self._log() as window:
            for batch in batches(window, 0, window.size):
                read = header(window, batch)
                fits = parts and 0 <= read.last_offset - parts[-1][0] <= MAX_RELATIVE
                base, start = parts.pop()[:2] if fits else (batch.offset, batch.position)
                parts.append((base, start, batch.position + batch.size))
        if not parts or parts[-1][2] != self.size:
            raise RefusedError("a segment to be split, with bytes behind its last batch", self.name(LOG))
        return parts

    def end_by_walking(self) -> int:
        """`next_offset` while its indexes are half built."""
        with self._log() as window:
            return self._behind_last(window, 0)

    def resize_indexes(self) -> None:
        """What the segment that is appended to gets: indexes of full size, whatever they hold."""
        for kind, entry_size in ((INDEX, OFFSET_ENTRY.size), (TIME_INDEX, TIME_ENTRY.size)):
            most = rounded(self._settings.index_bytes, entry_size)
            held = rounded(self.folder.size(self.name(kind)), entry_size) if self.name(kind) in self.folder else 0
            if held > most:
                raise RefusedError("an index that is larger than segment.index.bytes", self.name(kind))
            self.folder.resize(self.name(kind), most)

    def check_txn_index(self) -> str | None:
        """Why its `.txnindex` makes Kafka scan the segment; None where it does not."""
        if self.name(TXN_INDEX) not in self.folder:
            return None
        with self.folder.open(self.name(TXN_INDEX), txn_index.ENTRY_SIZE * 1024) as window:
            end = rounded(window.size, txn_index.ENTRY_SIZE)
            for start, piece in window.pieces(0, end):
                for at in range(0, len(piece), txn_index.ENTRY_SIZE):
                    if txn_index.VERSION < piece[at] < NEGATIVE:
                        raise RefusedError("an aborted transaction of a version not known", "", start + at)
                    last_offset = txn_index.ENTRY.unpack_from(piece, at)[3]
                    if last_offset < self.base_offset:
                        return f"its .txnindex names offset {last_offset}, which is before it"
        return None

    def _make_sure_of(self, kind: str, entry_size: int) -> None:
        """An index that is opened and not there is made, full of zeros."""
        if self.name(kind) not in self.folder:
            self.folder.write(self.name(kind), rounded(self._settings.index_bytes, entry_size))

    def _log(self) -> AbstractContextManager[Window]:
        return self.folder.open(self.name(LOG))

    def _position(self, window: Window, index: FoundOffsetIndex, offset: int) -> int | None:
        return self._search(window, max(index.position_of(offset), 0), offset)

    def _search(self, window: Window, start: int, offset: int) -> int | None:
        before: Batch | None = None
        for batch in batches(window, start, window.size):
            if not self._rules.searches_by_base_offset or batch.magic < V2:
                self._open_legacy(window, batch)
                if header(window, batch).last_offset >= offset:
                    return batch.position
                continue
            if batch.offset == offset:
                return batch.position
            if batch.offset > offset:
                is_in_it = before is not None and header(window, before).last_offset >= offset
                return before.position if before is not None and is_in_it else batch.position
            before = batch
        return before.position if before is not None and header(window, before).last_offset >= offset else None

    def _open_legacy(self, window: Window, batch: Batch) -> None:
        """For its first offset Kafka opens a compressed set of v0 or v1, damaged or not, since it searches by that."""
        if not self._rules.searches_by_base_offset or batch.magic >= V2:
            return
        codec = window.read(batch.position + ATTRIBUTES, 1)[0] & COMPRESSION_MASK
        if codec and why_invalid(window, batch):
            raise RefusedError("a compressed set of an older format that cannot be opened", "", batch.position)

    def _behind_last(self, window: Window, start: int) -> int:
        last: Batch | None = None
        for batch in batches(window, start, window.size):
            last = batch
        return self.base_offset if last is None else header(window, last).last_offset + 1
