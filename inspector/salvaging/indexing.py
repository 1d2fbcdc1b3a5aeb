"""What stands beside a segment, made anew from its batches by Kafka's own rules.

An offset index has an entry for each batch in front of which more than 4096 bytes were written since the last one, a
time index one beside each of these where the greatest timestamp grew, and one at the end. An index of aborted
transactions has one for each marker that aborts something. Sources: `LogSegment.recover`, `TimeIndex.maybeAppend`,
`ProducerStateManager`, `LeaderEpochFileCache`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from ..spec import offset_index, time_index, txn_index
from ..spec.attributes import CONTROL, TRANSACTIONAL
from ..spec.record_batch import HEADER_SIZE, MAGIC

INDEX_INTERVAL = 4096
"""`index.interval.bytes`, unless a topic sets another: a smaller one would only make more entries."""

ABORT = 0
_CONTROL_KEY = struct.Struct(">hh")
"""Version and type, the key of a control record."""

MARKER_BYTES = 256
"""A marker's type stands within so many bytes of its batch's start."""


@dataclass(slots=True)
class Indexes:
    """The indexes of one segment while it is written. base_offset: from its name."""

    base_offset: int
    offsets: bytearray = field(default_factory=bytearray)
    times: bytearray = field(default_factory=bytearray)
    aborted: bytearray = field(default_factory=bytearray)
    _indexed_up_to: int = 0
    _greatest: tuple[int, int] = (-1, 0)
    _last_time: int = -1

    def see(self, position: int, last_offset: int, max_timestamp: int) -> None:
        """The next batch of the segment, which will begin at `position`."""
        if max_timestamp > self._greatest[0]:
            self._greatest = max_timestamp, last_offset - self.base_offset
        if position - self._indexed_up_to > INDEX_INTERVAL:
            self.offsets += offset_index.ENTRY.pack(last_offset - self.base_offset, position)
            self._note_time()
            self._indexed_up_to = position

    def finish(self) -> None:
        """Behind the last batch."""
        self._note_time()

    def _note_time(self) -> None:
        timestamp, relative = self._greatest
        if timestamp > self._last_time:
            self.times += time_index.ENTRY.pack(timestamp, relative)
            self._last_time = timestamp


@dataclass(slots=True)
class Epochs:
    """The lines of `leader-epoch-checkpoint`: each epoch with the first offset that was written in it."""

    lines: list[tuple[int, int]] = field(default_factory=list)

    def see(self, epoch: int, base_offset: int) -> None:
        """The next batch of the partition."""
        if epoch > (self.lines[-1][0] if self.lines else -1):
            self.lines.append((epoch, base_offset))


@dataclass(slots=True)
class OpenTransactions:
    """Which producers have a transaction open, and since which offset."""

    _since: dict[int, int] = field(default_factory=dict)

    def see(self, header: Any, last_offset: int, head: bytes) -> bytes:
        """The next batch of the partition with its first bytes; gives an index entry where it aborts something."""
        if header.magic != MAGIC or not header.attributes & TRANSACTIONAL:
            return b""
        if not header.attributes & CONTROL:
            self._since.setdefault(header.producer_id, header.base_offset)
            return b""
        first = self._since.pop(header.producer_id, None)
        if first is None or control_type(head) != ABORT:
            return b""
        stable = min(self._since.values(), default=last_offset + 1)
        return txn_index.ENTRY.pack(txn_index.VERSION, header.producer_id, first, last_offset, stable)


def control_type(head: bytes) -> int | None:
    """The type in the first record of a control batch, which is never compressed; None where there is none."""
    position = _behind_varint(head, HEADER_SIZE) + 1  # the record's length and attributes
    for _ in ("timestamp_delta", "offset_delta", "key_length"):
        position = _behind_varint(head, position)
    if position + _CONTROL_KEY.size > len(head):
        return None
    return int(_CONTROL_KEY.unpack_from(head, position)[1])


def _behind_varint(data: bytes, position: int) -> int:
    while position < len(data) and data[position] >= 0x80:
        position += 1
    return position + 1
