"""The most frequent keys of a stream in bounded memory: the algorithm of Misra and Gries, in bulk.

When there are twice as many counters as are wanted, all are lowered so that half of them vanish. By how much they were
lowered in all is the most that a count can be too low.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import NamedTuple

KEPT = 8192
"""So many keys survive when counters are lowered: the error is at most the number of records divided by this."""


class HotKey(NamedTuple):
    """A key (its first bytes), and how many records it has at least."""

    key: bytes
    records: int


class HotKeys:
    """Begins with keys that were counted already. error: by how much a count may be too low."""

    def __init__(self, known: Mapping[bytes, int]) -> None:
        self.error = 0
        self._counters = dict(known)
        self._goes_on = False
        self._lower_if_full()

    def add(self, key: bytes) -> None:
        """Counts a record."""
        self._goes_on = True
        self._counters[key] = self._counters.get(key, 0) + 1
        self._lower_if_full()

    def first(self, most: int) -> list[HotKey]:
        """The first so many. A key that was counted once on the way is none."""
        least = 2 if self._goes_on else 1
        frequent = (pair for pair in self._counters.items() if pair[1] >= least)
        first = heapq.nsmallest(most, frequent, key=lambda pair: (-pair[1], pair[0]))
        return [HotKey(key, records) for key, records in first]

    def _lower_if_full(self) -> None:
        if len(self._counters) <= 2 * KEPT:
            return
        by = heapq.nlargest(KEPT + 1, self._counters.values())[-1]
        self.error += by
        self._counters = {key: records - by for key, records in self._counters.items() if records > by}
