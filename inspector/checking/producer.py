"""What a broker remembers of one producer in one partition, and how batches and markers change it.

Sources: `ProducerStateEntry`, `ProducerAppendInfo` (KIP-98, KIP-360, KIP-890). What Kafka writes as -1 is -1 here too.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model import SEQUENCE_LIMIT
from .rule import Place

NONE = -1


class Sent(NamedTuple):
    """A batch that a producer sent: where it lies in the log, and its sequences."""

    base_offset: int
    first_sequence: int
    last_sequence: int


class Producer:
    """The state of one producer behind some batch.

    epoch, last_sequence, last_offset, offset_delta, timestamp, coordinator_epoch, current_txn_first_offset: as in a
    snapshot. following: the sequence behind `last_sequence`, 0 where there is none. recent: its last five batches of
    this epoch (`NUM_BATCHES_TO_RETAIN`), by which a broker knows one again that is sent once more; each as `Sent`.
    starts_anew: its epoch is a new one, and nothing was sent in it yet. updated: offset of its latest batch or marker.
    sequenced: offset of its latest batch, or of the marker that brought its epoch: a hole behind it may have held more.
    marked: offset of its latest marker. is_thinned: records of its last batch were compacted away, and its
    max_timestamp with them. txn_place, txn_timestamp: of the first batch of its open transaction.
    """

    __slots__ = (
        "coordinator_epoch", "current_txn_first_offset", "epoch", "following", "is_thinned", "last_offset",
        "last_sequence", "marked", "offset_delta", "recent", "sequenced", "starts_anew", "timestamp", "txn_place",
        "txn_timestamp", "updated",
    )  # fmt: skip

    def __init__(self) -> None:
        self.epoch = self.last_sequence = self.last_offset = self.timestamp = self.coordinator_epoch = NONE
        self.current_txn_first_offset = self.updated = self.sequenced = self.marked = self.txn_timestamp = NONE
        self.offset_delta = self.following = 0
        self.is_thinned = self.starts_anew = False
        self.recent: tuple[tuple[int, int, int], ...] = ()
        self.txn_place: Place = (0, 0)

    def take_epoch(self, epoch: int, hole: int) -> None:
        """Another epoch makes the broker forget the batches of the one before.

        hole: as in `Replay`; batches of the new epoch may have stood there.
        """
        if epoch != self.epoch:
            self.starts_anew = self.epoch >= 0 and self.updated >= hole
            self.epoch = epoch
            self.last_sequence = self.last_offset = NONE
            self.offset_delta = self.following = 0
            self.is_thinned = False
            self.recent = ()

    def take_batch(self, base_offset: int, last_offset: int, first_sequence: int, timestamp: int, count: int) -> None:
        """A batch of its current epoch, of which `count` records are left. Called for each batch of a log."""
        self.starts_anew = False
        self.offset_delta = delta = last_offset - base_offset
        last_sequence = first_sequence + delta if first_sequence >= 0 else NONE
        if last_sequence >= SEQUENCE_LIMIT:
            last_sequence -= SEQUENCE_LIMIT
        self.last_sequence = last_sequence
        self.following = last_sequence + 1 if last_sequence < SEQUENCE_LIMIT - 1 else 0
        self.recent = (*self.recent[-4:], (base_offset, first_sequence, last_sequence))
        self.last_offset = self.updated = self.sequenced = last_offset
        self.timestamp = timestamp
        self.is_thinned = count != delta + 1

    def end_transaction(self, epoch: int, coordinator_epoch: int, offset: int, timestamp: int, hole: int) -> None:
        """A marker; in transactions of version 2 (KIP-890) its epoch is the next one."""
        if epoch != self.epoch:
            self.sequenced = offset
        self.take_epoch(epoch, hole)
        self.coordinator_epoch = coordinator_epoch
        self.current_txn_first_offset = NONE
        self.updated = self.marked = offset
        self.timestamp = timestamp

    def sent_before(self, first_sequence: int, last_sequence: int) -> Sent | None:
        """The batch with exactly these sequences, if it is remembered (`findDuplicateBatch`)."""
        wanted = (first_sequence, last_sequence)
        return next((Sent._make(sent) for sent in self.recent if sent[1:] == wanted), None)
