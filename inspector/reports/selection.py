"""What users select: topics, partitions, offsets, how many records. Text in, values out; nothing is read here.

Filters on single records stand in `filters.py`, times in `times.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine import AUTO
from ..segment import MAX_OFFSET
from .filters import NO_FILTERS, Filters

MAX_PARTITION = 2**31 - 1

_NAMED_OFFSETS = {"beginning": 0, "end": MAX_OFFSET}


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Offsets from `start` to before `stop`; a negative number counts back from the log end offset; None: no bound."""

    start: int | None = None
    stop: int | None = None

    @property
    def needs_end(self) -> bool:
        """True when a bound counts from the end of the log."""
        return any(bound is not None and (bound < 0 or bound == MAX_OFFSET) for bound in (self.start, self.stop))

    def resolved(self, log_end_offset: int) -> OffsetRange:
        """The same range with both bounds counted from the beginning."""
        return OffsetRange(_resolved(self.start, log_end_offset), _resolved(self.stop, log_end_offset))


def _resolved(bound: int | None, log_end_offset: int) -> int | None:
    if bound is None or 0 <= bound < MAX_OFFSET:
        return bound
    return log_end_offset if bound == MAX_OFFSET else max(0, log_end_offset + bound)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of which partitions, see docs/commands.md for the words users type.

    limit, tail: the first, or the last, so many records of each partition (None: all).
    control, data: show control records, show all others. filters: what each record must be.
    full: let the verdict cover every record, not only those shown. engine: which one reads, see `engine.choose`.
    """

    topics: tuple[str, ...] = ()
    partitions: frozenset[int] | None = None
    offsets: OffsetRange | None = None
    limit: int | None = None
    tail: int | None = None
    control: bool = True
    data: bool = True
    filters: Filters = NO_FILTERS
    full: bool = False
    engine: str = AUTO

    @property
    def has_filters(self) -> bool:
        """True when a filter was given, so that no row is an answer of its own."""
        return self.offsets is not None or self.looks_at_each

    @property
    def looks_at_each(self) -> bool:
        """True when records are chosen for what they are, and not only for where they stand."""
        return self.filters.given or not self.data


def parse_offsets(text: str) -> OffsetRange:
    """`N`, `-N`, `A:B`, `beginning`, `end`. One offset alone is where to start. Raises ValueError with a sentence."""
    start, colon, stop = text.partition(":")
    chosen = OffsetRange(_offset(start, text), _offset(stop, text) if colon else None)
    if chosen.start is None and chosen.stop is None:
        raise ValueError(f"'{text}' names no offset: N, -N, A:B, beginning or end")
    if chosen.start is not None and chosen.stop is not None and 0 <= chosen.stop < chosen.start:
        raise ValueError(f"'{text}' ends before it begins")
    return chosen


def _offset(word: str, text: str) -> int | None:
    word = word.strip()
    if not word:
        return None
    if word in _NAMED_OFFSETS:
        return _NAMED_OFFSETS[word]
    if not re.fullmatch(r"-?[0-9]{1,19}", word) or abs(int(word)) > MAX_OFFSET:
        raise ValueError(f"'{text}' is no offset: N, -N, A:B, beginning or end")
    return int(word)


def parse_partitions(text: str) -> frozenset[int]:
    """`0,3-5`. Raises ValueError with a sentence."""
    chosen: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,10})(?:-([0-9]{1,10}))?\s*", part)
        if match is None:
            raise ValueError(f"'{text}' names no partitions: write them like 0,3-5")
        first, last = int(match[1]), int(match[2] or match[1])
        if last > MAX_PARTITION or last < first or last - first >= 1_000_000:
            raise ValueError(f"'{part.strip()}' is no range of partitions")
        chosen.update(range(first, last + 1))
    return frozenset(chosen)
