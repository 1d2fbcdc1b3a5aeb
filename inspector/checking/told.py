"""What a replay of producers tells those who listen to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..model import add_sequence
from ..segment import Segment
from .producer import Sent


class Batch(NamedTuple):
    """A batch of a producer, by its header."""

    position: int
    batch_bytes: int
    base_offset: int
    last_offset: int
    records_count: int
    producer_id: int
    epoch: int
    base_sequence: int
    attributes: int
    max_timestamp: int

    @property
    def last_sequence(self) -> int:
        """That of its last record; -1 where there are none."""
        return add_sequence(self.base_sequence, self.last_offset - self.base_offset)


class Ended(NamedTuple):
    """A marker. first_offset: of its transaction, -1 where the log shows none. stable: the last stable offset then."""

    batch: Batch
    is_abort: bool
    first_offset: int
    stable: int


class Listener:
    """What a replay tells. Nothing is done about it here; rules override what they need."""

    wanted: Sequence[int] = ()
    """Offsets, rising, that it wants to be told of."""

    def on_wrong(self, segment: Segment, batch: Batch, field: str, expected: int, sent: Sent | None) -> None:
        """A batch that a leader would have refused: another value of `field` was expected.

        sent: the batch with the same sequences that stands before it, if it is that.
        """

    def on_ended(self, segment: Segment, ended: Ended) -> None:
        """A marker, before it is taken in."""

    def on_offset(self, offset: int) -> None:
        """All batches before one of the offsets wanted were taken in, and none behind it."""

    def on_forgotten(self, segment: Segment, count: int) -> None:
        """Producers were forgotten for the first time, as there are too many."""
