"""Producers: their batches follow each other by sequence and epoch (KIP-98), and transactions end.

Said only where a leader would have refused the batch (`ProducerAppendInfo`): not where batches before it are missing,
nor where its producer was silent for so long that a broker may have forgotten it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..engine.chunk import Chunk
from ..findings import Finding
from ..segment import Segment
from ..words import counted, utc
from .producer import Sent
from .replay import replay_of
from .rule import Around, Rule
from .told import Batch, Listener

MOST_OPEN = 1000
"""So many open transactions are named."""


class Producers(Rule, Listener):
    """Sequences, epochs, and the transactions that are open where the log ends."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._replay = replay_of(around)
        self._replay.tell(self)
        self._found: list[Finding] = []

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """What the replay tells of this chunk."""
        self._replay.take(number, segment, chunk)
        found, self._found = self._found, []
        return found

    def on_wrong(self, segment: Segment, batch: Batch, field: str, expected: int, sent: Sent | None) -> None:
        """A sequence or an epoch that a leader would have refused."""
        at = segment.location().at(batch.position, batch.batch_bytes).of(field)
        offsets = batch.base_offset, batch.last_offset
        if field == "producer_epoch":
            finding = Finding("producer-epoch-goes-back", at, expected, batch.epoch, *offsets)
        elif sent is not None:
            found = f"{batch.base_sequence} as at offset {sent.base_offset}"
            finding = Finding("producer-batch-twice", at, expected, found, *offsets)
        else:
            finding = Finding("producer-out-of-sequence", at, expected, batch.base_sequence, *offsets)
        self._found.append(finding)

    def on_forgotten(self, segment: Segment, count: int) -> None:
        """Once: from here on the answer is not whole."""
        self._found.append(Finding("too-many-producers", segment.location(), count))

    def finish(self) -> Iterator[Finding]:
        """The open transactions, in the order of the log."""
        segments = self.around.log.segments
        if not segments or segments[-1].is_last is not True:
            return
        stable = next(iter(self._replay.open), None)
        for first, producer_id in list(self._replay.open.items())[:MOST_OPEN]:
            if first > self._replay.hole:
                yield self._open(first, producer_id, stable)

    def _open(self, first: int, producer_id: int, stable: int | None) -> Finding:
        producer = self._replay.producers[producer_id]
        number, position = producer.txn_place
        at = self.around.log.segments[number].location().at(position)
        age = _in_words(self._replay.timestamp - producer.txn_timestamp)
        since = f"since {utc(producer.txn_timestamp)}, {age} before the latest timestamp"
        found = f"producer {producer_id} in epoch {producer.epoch}, {since}"
        return Finding("open-transaction", at, stable, found, first, producer.last_offset)


_UNITS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"))


def _in_words(milliseconds: int) -> str:
    """In the greatest unit of which there is one."""
    units = (counted(milliseconds // size, unit) for size, unit in _UNITS if milliseconds >= size)
    return next(units, "less than a second")
