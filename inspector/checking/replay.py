"""The state of the producers of a partition, as its log makes it: batch by batch, as a broker does when it recovers.

One replay serves all rules that ask for it. Rules listen to it; what they are told says, by `Replay.hole`, how far it
can be trusted: of what lies at or below that offset something may be unknown, because it was deleted by retention or
by compaction, is damaged, or could not be read. Sources: `ProducerStateManager`, `UnifiedLog.loadProducersFromRecords`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from ..engine.chunk import Chunk
from ..model import SEQUENCE_LIMIT
from ..segment import MAX_OFFSET, Segment
from ..spec.attributes import CONTROL, TRANSACTIONAL
from .markers import Marker, Markers, open_markers
from .producer import NONE, Producer, Sent
from .rule import Around
from .told import Batch, Ended, Listener

MOST_PRODUCERS = 200_000
"""So many are remembered at a time; then the half that was silent for longest is forgotten."""

EXPIRATION_MS = 24 * 3600 * 1000
"""A broker forgets a producer that was silent for so long (`producer.id.expiration.ms`, default)."""


_COLUMNS = (
    "position", "batch_bytes", "base_offset", "last_offset", "records_count", "producer_id", "producer_epoch",
    "base_sequence", "attributes", "max_timestamp",
)  # fmt: skip

_OF_TXN = TRANSACTIONAL | CONTROL


class Replay:
    """The producers of a partition behind the batches seen so far.

    producers: by id. open: ids of those with an open transaction, by its first offset, in the order of the log.
    hole: see above; -1: all since offset 0 is known. end: the offset behind the last batch. damaged_end: where batches
    say that they end whose CRC does not hold. timestamp: the latest seen.
    is_finished: the whole log was seen.
    """

    def __init__(self, around: Around) -> None:
        self.producers: dict[int, Producer] = {}
        self.open: OrderedDict[int, int] = (
            OrderedDict()
        )  # of a plain one the first is slow to find when many were ended
        self.hole = (around.log.log_start_offset or 0) - 1  # a broker that recovers begins there
        self.end = self.damaged_end = 0
        self.timestamp = NONE
        self.is_finished = False
        self._engine = around.engine
        self._least_sequence = _least_sequence(around)
        self._listeners: list[Listener] = []
        self._wanted: list[tuple[int, Listener]] = []
        self._next = MAX_OFFSET + 1
        self._seen: Chunk | None = None
        self._has_forgotten = False

    def tell(self, listener: Listener) -> None:
        """From now on the listener is told; before the first chunk."""
        self._listeners.append(listener)
        self._wanted += ((offset, listener) for offset in listener.wanted)
        self._wanted.sort(key=lambda wanted: -wanted[0])
        self._set_next()

    def take(self, number: int, segment: Segment, chunk: Chunk) -> None:
        """The next chunk of the partition; each rule hands it on, and the first one counts."""
        if chunk is self._seen or not len(chunk.batches):
            return
        self._seen = chunk
        columns: dict[str, Any] = dict(chunk.batches.columns)
        if not chunk.findings and self._is_plain(columns):
            self._pass(columns)
        else:
            self._take_each(number, segment, chunk, columns)
        if len(self.producers) > MOST_PRODUCERS:
            self._forget(segment)

    def finish(self) -> None:
        """Behind the last chunk: those who want offsets that were not reached are told now."""
        self.is_finished = True
        while self._wanted:
            self._tell_offset()

    # -- batches that nobody asks about

    def _is_plain(self, columns: dict[str, Any]) -> bool:
        """Whether a glance shows that no batch has a producer, none is missing, and no offset wanted is among them."""
        if max(columns["producer_id"].values) >= 0 or min(columns["magic"].values) < 2:
            return False
        firsts, lasts = list(columns["base_offset"].values), list(columns["last_offset"].values)
        return lasts[-1] < self._next and firsts == [self.end, *(last + 1 for last in lasts[:-1])]

    def _pass(self, columns: dict[str, Any]) -> None:
        self.end = columns["last_offset"].values[-1] + 1
        self.timestamp = max(self.timestamp, max(columns["max_timestamp"].values))

    # -- one by one

    def _take_each(self, number: int, segment: Segment, chunk: Chunk, columns: dict[str, Any]) -> None:
        damaged = _damaged(columns, len(chunk.batches)) if chunk.findings else frozenset()
        has_markers = any(attributes & CONTROL for attributes in columns["attributes"].values)
        rows = zip(*(columns[name].values for name in _COLUMNS), columns["magic"].values, strict=True)
        if not has_markers:
            self._take_rows(number, segment, rows, damaged, None)
            return
        with open_markers(segment, self._engine) as markers:
            self._take_rows(number, segment, rows, damaged, markers)

    def _take_rows(
        self, number: int, segment: Segment, rows: Iterator[Any], damaged: frozenset[int], markers: Markers | None
    ) -> None:
        """Most batches follow the one before, and the last one of their producer, which is seen without a call."""
        producers, latest = self.producers, self.timestamp
        for row, values in enumerate(rows):
            _, _, base, last, count, producer_id, epoch, first, attributes, timestamp, magic = values
            if row in damaged:  # its offsets are then a hole in front of the next batch
                self.damaged_end = max(self.damaged_end, last + 1)
                continue
            if magic < 2:  # of a compressed set the first offset need not be known, and there are no producers
                self._step(max(self.end, last), last, is_gap=False)
                continue
            if base != self.end or base >= self._next or last < base:
                self._step(base, last)
            else:
                self.end = last + 1
            if timestamp > latest:
                latest = timestamp
            if producer_id < 0:
                continue
            producer = producers.get(producer_id)
            if producer is None or epoch != producer.epoch or first != producer.following or attributes & _OF_TXN:
                self._take_odd(number, segment, Batch._make(values[:-1]), producer, markers)
            else:
                producer.take_batch(base, last, first, timestamp, count)
        self.timestamp = latest

    def _take_odd(
        self, number: int, segment: Segment, batch: Batch, producer: Producer | None, markers: Markers | None
    ) -> None:
        """A batch of a transaction, of another epoch, of a producer that was not seen before, or out of sequence."""
        if batch.attributes & CONTROL:
            self._take_control(segment, batch, markers)
            return
        if producer is None:
            producer = self.producers[batch.producer_id] = Producer()
        elif batch.epoch != producer.epoch or batch.base_sequence != producer.following:
            self._judge(segment, batch, producer)
        producer.take_epoch(batch.epoch, self.hole)
        producer.take_batch(
            batch.base_offset, batch.last_offset, batch.base_sequence, batch.max_timestamp, batch.records_count
        )
        if batch.attributes & TRANSACTIONAL and producer.current_txn_first_offset < 0:
            producer.current_txn_first_offset = batch.base_offset
            producer.txn_place, producer.txn_timestamp = (number, batch.position), batch.max_timestamp
            self.open[batch.base_offset] = batch.producer_id

    def _step(self, base_offset: int, last_offset: int, is_gap: bool = True) -> None:
        """From the batch before to this one. Once offsets go back, nothing more is known."""
        while self._next <= base_offset:
            self._tell_offset()
        if base_offset < self.end or last_offset < base_offset:
            self.hole = MAX_OFFSET
        elif base_offset > self.end and is_gap:
            self.hole = max(self.hole, base_offset - 1)
        self.end = last_offset + 1

    def _take_control(self, segment: Segment, batch: Batch, markers: Markers | None) -> None:
        """A marker; of one that compaction emptied, a broker notes the producer and no more."""
        marker = markers and markers.at(batch.position, batch.batch_bytes, batch.max_timestamp)
        if marker:
            self._end(segment, batch, self.producers.setdefault(batch.producer_id, Producer()), marker)
        else:  # emptied, of a kind unknown, or gone by now: what it said is unknown
            self.hole = max(self.hole, batch.last_offset)
        if not batch.records_count:
            self.producers.setdefault(batch.producer_id, Producer())

    def _end(self, segment: Segment, batch: Batch, producer: Producer, marker: Marker) -> None:
        first = producer.current_txn_first_offset
        ended = Ended(batch, marker.is_abort, first, self._stable_without(batch.producer_id, batch.base_offset + 1))
        for listener in self._listeners:
            listener.on_ended(segment, ended)
        if batch.epoch < producer.epoch:
            self._judge(segment, batch, producer)
        self.open.pop(first, None)
        producer.end_transaction(batch.epoch, marker.coordinator_epoch, batch.base_offset, marker.timestamp, self.hole)

    def _stable_without(self, producer_id: int, otherwise: int) -> int:
        """The first offset of the earliest open transaction of others (`ProducerStateManager.lastStableOffset`)."""
        return next((first for first, other in self.open.items() if other != producer_id), otherwise)

    # -- what a leader would have refused

    def _judge(self, segment: Segment, batch: Batch, producer: Producer) -> None:
        """Tells of a batch that does not follow; what a hole or a forgotten producer explains is nothing to tell.

        Coordinators write without sequences, or each batch with 0 (3.6: offsets of transactions), and are not asked.
        """
        if producer.epoch < 0 or batch.max_timestamp - producer.timestamp >= EXPIRATION_MS:
            return
        if batch.epoch < producer.epoch:
            self._tell_wrong(segment, batch, "producer_epoch", producer.epoch, None)
        elif batch.base_sequence >= self._least_sequence and self.hole <= _known_from(batch, producer):
            expected = self._expected(batch, producer)
            if expected not in (None, batch.base_sequence):
                is_known = batch.epoch == producer.epoch
                sent = producer.sent_before(batch.base_sequence, batch.last_sequence) if is_known else None
                self._tell_wrong(segment, batch, "base_sequence", expected or 0, sent)

    def _expected(self, batch: Batch, producer: Producer) -> int | None:
        """The sequence that a leader would have asked for, None where it may have taken any."""
        if batch.epoch != producer.epoch or producer.starts_anew:
            return 0
        return None if producer.last_sequence < 0 else producer.following

    def _tell_wrong(self, segment: Segment, batch: Batch, field: str, expected: int, sent: Sent | None) -> None:
        for listener in self._listeners:
            listener.on_wrong(segment, batch, field, expected, sent)

    # -- bounds, and offsets wanted

    def _tell_offset(self) -> None:
        offset, listener = self._wanted.pop()
        self._set_next()
        if self.end < offset:
            self.hole = max(self.hole, offset - 1)
        listener.on_offset(offset)

    def _set_next(self) -> None:
        self._next = self._wanted[-1][0] if self._wanted else MAX_OFFSET + 1

    def _forget(self, segment: Segment) -> None:
        """Those with open transactions are kept, as long as they are few."""
        by_age = sorted(self.producers, key=lambda one: self.producers[one].updated)
        for producer_id in by_age[: len(by_age) // 2]:
            gone = self.producers[producer_id]
            if gone.current_txn_first_offset < 0 or len(self.open) > MOST_PRODUCERS // 2:
                del self.producers[producer_id]
                self.open.pop(gone.current_txn_first_offset, None)
                self.hole = max(self.hole, gone.updated)
        if not self._has_forgotten:
            self._has_forgotten = True
            for listener in self._listeners:
                listener.on_forgotten(segment, MOST_PRODUCERS)


def _known_from(batch: Batch, producer: Producer) -> int:
    """The offset behind which a hole may have held what a batch follows: of its epoch, or of any."""
    return producer.sequenced if batch.epoch == producer.epoch else producer.updated


def _least_sequence(around: Around) -> int:
    """From which on sequences are asked for. Nobody knows whether a file of no topic's is of an internal one."""
    if around.log.is_internal:
        return SEQUENCE_LIMIT
    return 1 if around.log.topic is None else 0


def _damaged(columns: dict[str, Any], count: int) -> frozenset[int]:
    valid = columns["crc_ok"]
    return frozenset(row for row in range(count) if valid[row] is False)


def replay_of(around: Around) -> Replay:
    """The replay of a partition, which all its rules share."""
    if Replay not in around.shared:
        around.shared[Replay] = Replay(around)
    replay: Replay = around.shared[Replay]
    return replay
