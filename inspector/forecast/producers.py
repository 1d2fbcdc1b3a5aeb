"""The producers of a partition while its log is loaded, and the snapshots that a start reads, deletes and writes.

Only what decides about files is kept of each: its open transaction, and when it was last seen. Sources:
`ProducerStateManager`, `ProducerAppendInfo`, `UnifiedLog.rebuildProducerState`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..engine.window import Window
from ..spec.producer_snapshot import CRC_START, ENTRY, ENTRY_SIZE, HEADER, HEADER_SIZE, VERSION
from .folder import SNAPSHOT, Folder, offset_of, stem
from .markers import is_aborted
from .walk import Batch, Header, RefusedError

MOST_PRODUCERS = 1_000_000
"""Beyond that a forecast gives up: so many are not kept in mind."""

PIECE_ENTRIES = 1024
MOST_KEPT = 4


class TooManyProducersError(Exception):
    """More producers than are kept in mind."""


@dataclass(slots=True)
class Producer:
    """What is kept of one. transaction: the first offset of its open transaction, or None."""

    transaction: int | None = None
    last_timestamp: int = -1


Written = dict[str, tuple[dict[int, Producer], dict[int, int]]]
"""What a start has written as a snapshot, by its name, to be read again by the same start."""


class Completed:
    """A transaction that a marker ended."""

    __slots__ = ("first_offset", "is_aborted")

    def __init__(self, first_offset: int, is_aborted: bool) -> None:
        self.first_offset = first_offset
        self.is_aborted = is_aborted


class Producers:
    """One `ProducerStateManager`: it takes stock of the snapshots when it is made.

    open: the producers of open transactions, by their first offsets. ended_from: the first offset of the first
    transaction that was seen to end. deleted: names of snapshots that it deleted, with the reason. written: the offsets
    of those that it wrote.
    """

    def __init__(self, folder: Folder, now: int, expires_after: int, written: Written) -> None:
        self._folder = folder
        self._written = written
        self._now = now
        self._expires_after = expires_after
        self.known: dict[int, Producer] = {}
        self.open: dict[int, int] = {}
        self.ended_from: int | None = None
        self.map_end = 0
        self.snapshot_end = 0
        self.deleted: list[tuple[str, str]] = []
        self.written: list[int] = []
        self.snapshots: dict[int, str] = {}
        self.take_stock()

    def take_stock(self) -> None:
        """The snapshots there are now, by offset. Raises RefusedError for a name without one."""
        for name in self._folder.odd_snapshots:
            offset_of(name)
        self.snapshots = dict(self._folder.snapshots)

    def forget(self, offset: int, why: str) -> None:
        """Deletes one snapshot, if there is still one."""
        name = self.snapshots.pop(offset)
        if name in self._folder:
            self.deleted.append((self._folder.shown(name), why))
            self._folder.delete(name)

    def forget_all(self, start_offset: int) -> None:
        """`truncateFullyAndStartAt`."""
        self.known, self.open, self.ended_from = {}, {}, None
        for offset in list(self.snapshots):
            self.forget(offset, "nothing is left that it speaks of")
        self.snapshot_end, self.map_end = 0, start_offset

    def truncate_and_reload(self, log_start: int, log_end: int) -> None:
        """Drops the snapshots outside the log, and loads the last one that is whole."""
        for offset in list(self.snapshots):
            if offset > log_end:
                self.forget(offset, f"beyond offset {log_end}")
            elif offset <= log_start:
                self.forget(offset, f"not above the log start offset {log_start}")
        if log_end == self.map_end:
            self.map_end = max(self.map_end, log_start)
            self.snapshot_end = max(self.snapshots, default=log_start)
            return
        self.known, self.open, self.ended_from = {}, {}, None
        self._load(log_start)

    def _load(self, log_start: int) -> None:
        while self.snapshots:
            latest = max(self.snapshots)
            if self._read(self.snapshots[latest]):
                self.snapshot_end = self.map_end = latest
                return
            self.forget(latest, "corrupt")
        self.snapshot_end = self.map_end = log_start

    def _read(self, name: str) -> bool:
        """Takes a snapshot in; False for one that Kafka calls corrupt."""
        if name in self._written:
            known, is_open = self._written[name]
            self.open = dict(is_open)
            self.known = {each: replace(one) for each, one in known.items() if not self._is_expired(one)}
            return True
        if not self._folder.files[name].on_disk:
            return True  # written long ago by this start: of such only that they are there is still known
        with self._folder.open(name, ENTRY_SIZE * PIECE_ENTRIES) as window:
            head = window.read(0, HEADER_SIZE)
            if len(head) < HEADER_SIZE:
                return False
            version, crc, count = HEADER.unpack(head)
            if version != VERSION or not 0 <= count <= (window.size - HEADER_SIZE) // ENTRY_SIZE:
                return False
            if window.crc32c(CRC_START, window.size) != crc:
                return False
            self._take_entries(window, count)
            return True

    def _take_entries(self, window: Window, count: int) -> None:
        for _, piece in window.pieces(HEADER_SIZE, HEADER_SIZE + count * ENTRY_SIZE):
            for values in ENTRY.iter_unpack(piece):
                self._take_entry(values[0], values[5], values[7])

    def _take_entry(self, producer_id: int, timestamp: int, first_offset: int) -> None:
        producer = Producer(first_offset if first_offset >= 0 else None, timestamp)
        if self._is_expired(producer):
            return
        self._put(producer_id, producer)
        if producer.transaction is not None:
            self.open[producer.transaction] = producer_id

    def _is_expired(self, producer: Producer) -> bool:
        return producer.transaction is None and self._now - producer.last_timestamp >= self._expires_after

    def _put(self, producer_id: int, producer: Producer) -> None:
        self.known[producer_id] = producer
        if len(self.known) > MOST_PRODUCERS:
            raise TooManyProducersError

    def seen(self, timestamps: dict[int, int]) -> None:
        """Batches outside transactions: the last timestamp of each producer; -1 is none."""
        for producer_id, timestamp in timestamps.items():
            if producer_id >= 0:
                if producer_id not in self.known:
                    self._put(producer_id, Producer())
                self.known[producer_id].last_timestamp = timestamp

    def append(self, window: Window, batch: Batch, header: Header) -> Completed | None:
        """One batch of a producer. Raises RefusedError for what Kafka does not expect in a log."""
        producer = self.known.get(header.producer_id)
        if producer is None:
            producer = Producer()
            self._put(header.producer_id, producer)
        if header.is_control:
            return self._marker(window, batch, header, producer)
        producer.last_timestamp = header.max_timestamp
        if producer.transaction is not None and not header.is_transactional:
            raise RefusedError("a batch outside a transaction of its producer", position=batch.position)
        if producer.transaction is None and header.is_transactional:
            producer.transaction = header.base_offset
            self.open[header.base_offset] = header.producer_id
        return None

    def _marker(self, window: Window, batch: Batch, header: Header, producer: Producer) -> Completed | None:
        if not header.records_count:
            return None
        aborted = is_aborted(window, batch, header.records_count)
        first, producer.transaction = producer.transaction, None
        return None if first is None else Completed(first, aborted)

    def complete(self, completed: Completed) -> None:
        """A transaction is no longer open."""
        self.open.pop(completed.first_offset, None)
        first = completed.first_offset
        self.ended_from = first if self.ended_from is None else min(first, self.ended_from)

    @property
    def first_unstable(self) -> int | None:
        """Where the first transaction begins that is open, or that ended: the high watermark is not known yet."""
        return min((*self.open, *(() if self.ended_from is None else (self.ended_from,))), default=None)

    def take_snapshot(self) -> None:
        """Writes one, unless nothing happened since the last."""
        if self.map_end <= self.snapshot_end:
            return
        name = stem(self.map_end) + SNAPSHOT
        self._folder.write(name, max(self._folder_size(name), HEADER_SIZE + ENTRY_SIZE * len(self.known)))
        while len(self._written) >= MOST_KEPT:
            del self._written[next(iter(self._written))]
        self._written[name] = ({each: replace(one) for each, one in self.known.items()}, dict(self.open))
        self.snapshots[self.map_end] = name
        self.written.append(self.map_end)
        self.snapshot_end = self.map_end

    def _folder_size(self, name: str) -> int:
        """Kafka writes over what is there, and leaves what lies beyond."""
        return self._folder.size(name) if name in self._folder else 0
