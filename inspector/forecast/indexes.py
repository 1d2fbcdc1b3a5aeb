"""Offset and time indexes as a start sees them: found on the disk and believed, or emptied and built anew.

What is found is taken for full to its last byte, so that the zeros of a preallocated index, or garbage, are entries to
Kafka. Lookups are its own binary search, which tells wrong things of an index that is not in order.
Sources: `AbstractIndex`, `OffsetIndex`, `TimeIndex`.
"""

from __future__ import annotations

import struct

from ..engine.window import Window
from ..model import NO_TIMESTAMP
from .walk import RefusedError

OFFSET_ENTRY = struct.Struct(">ii")
TIME_ENTRY = struct.Struct(">qi")
HOT_BYTES = 8192
"""The end of an index, where Kafka searches first."""

MAX_RELATIVE = 2**31 - 1


def rounded(size: int, entry_size: int) -> int:
    """The greatest multiple of an entry's size."""
    return size // entry_size * entry_size


class FoundOffsetIndex:
    """An offset index on the disk."""

    def __init__(self, window: Window, base_offset: int) -> None:
        self._window = window
        self._base = base_offset
        self.entries = window.size // OFFSET_ENTRY.size

    @property
    def last_offset(self) -> int:
        """What the last entry says; the base offset where there is none."""
        return self._entry(self.entries - 1)[0] if self.entries else self._base

    def position_of(self, offset: int) -> int:
        """Where to begin to look for an offset."""
        slot = self._slot(offset)
        return 0 if slot < 0 else self._entry(slot)[1]

    def _entry(self, number: int) -> tuple[int, int]:
        relative, position = OFFSET_ENTRY.unpack(self._window.read(number * OFFSET_ENTRY.size, OFFSET_ENTRY.size))
        return self._base + relative, position

    def _slot(self, offset: int) -> int:
        if not self.entries:
            return -1
        first_hot = max(0, self.entries - 1 - HOT_BYTES // OFFSET_ENTRY.size)
        if self._entry(first_hot)[0] < offset:
            return self._search(offset, first_hot, self.entries - 1)
        if self._entry(0)[0] > offset:
            return -1
        return self._search(offset, 0, first_hot)

    def _search(self, offset: int, low: int, high: int) -> int:
        while low < high:
            middle = (low + high + 1) // 2
            found = self._entry(middle)[0]
            if found == offset:
                return middle
            low, high = (middle, high) if found < offset else (low, middle - 1)
        return low


class InvalidOffsetError(Exception):
    """What Kafka calls an `InvalidOffsetException`: an index is to go backwards. A scan gives the segment up for it."""


class BuiltIndexes:
    """The two indexes of a segment while a scan fills them: no more than how many entries, and the last of each.

    most: how many bytes each may have (`segment.index.bytes`). interval: `index.interval.bytes`.
    """

    def __init__(self, base_offset: int, most: int, interval: int) -> None:
        self._base = base_offset
        self._most_offsets = most // OFFSET_ENTRY.size
        self._most_times = most // TIME_ENTRY.size
        self._interval = interval
        self._indexed_at = 0
        self._last_offset = base_offset
        self._last_time = (NO_TIMESTAMP, base_offset)
        self.offsets = 0
        self.times = 0

    @property
    def due_behind(self) -> int:
        """The next entry is for the first batch behind this position."""
        return self._indexed_at + self._interval

    def batch(self, position: int, last_offset: int, greatest: tuple[int, int]) -> None:
        """One batch at `position`; greatest: the greatest timestamp so far, and its offset."""
        if position <= self.due_behind:
            return
        if self.offsets >= self._most_offsets:
            raise RefusedError("a full offset index", position=position)
        if self.offsets and last_offset <= self._last_offset:
            raise InvalidOffsetError
        self.offsets += 1
        self._last_offset = last_offset
        self._time(greatest, self._most_times - 1)
        self._indexed_at = position

    def finish(self, greatest: tuple[int, int]) -> None:
        """The last entry of the time index, for which a place is kept."""
        self._time(greatest, self._most_times + 1)

    def _time(self, greatest: tuple[int, int], most: int) -> None:
        timestamp, offset = greatest
        if self.times >= most:
            raise RefusedError("a full time index")
        if self.times and offset < self._last_time[1]:
            raise InvalidOffsetError
        if timestamp > self._last_time[0]:
            if not 0 <= offset - self._base <= MAX_RELATIVE:
                raise RefusedError("an offset that no index can hold")
            self.times += 1
            self._last_time = (timestamp, offset)
