"""Kafka's search by halves in an index file, with every entry that it looks at.

Sources: `AbstractIndex.indexSlotRangeFor`, `OffsetIndex.lookup`, `TimeIndex.lookup`. Nothing is checked on the way, as
Kafka checks nothing: an entry that lies leads astray.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct
from typing import NamedTuple

from ..errors import KinspectError
from ..model import int64
from ..segment import Role, Segment
from ..source import Meter, Source, open_source
from ..spec import offset_index, time_index

WARM_BYTES = 8192
"""The end of an index that Kafka keeps warm: nearly all lookups end there, so its pages stay in memory."""

PAGE_BYTES = 4096
"""What a read of one entry brings into memory."""

PIECE_BYTES = 64 * 1024


class IndexEntry(NamedTuple):
    """One entry. key: an offset (`.index`) or a timestamp (`.timeindex`); value: a position, or an offset."""

    slot: int
    key: int
    value: int


class Purpose(StrEnum):
    """Why an entry was looked at.

    WARM: to tell whether the answer lies in the warm section. FIRST: whether it lies before the first entry.
    HALVE: to halve what is left.
    """

    WARM = "warm"
    FIRST = "first"
    HALVE = "halve"


class Probe(NamedTuple):
    """One look at an entry. order: -1, 0 or 1, as its key is less than, equal to or greater than what is sought.

    low, high: the slots among which the answer lies after it; None where there is no answer in the index.
    """

    entry: IndexEntry
    purpose: Purpose
    order: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class IndexSearch:
    """A search in one index.

    role: which index. entries: how many Kafka counts in it. spare: bytes behind them that make no whole entry.
    zeros: bytes of zeros at the end that are not counted, because the segment is still written to.
    missing: there is no such file, or it cannot be read; then there are no entries.
    found: the entry that the search ends at; None: there is none that low.
    """

    role: Role
    entry_size: int
    entries: int
    spare: int = 0
    zeros: int = 0
    missing: bool = False
    probes: tuple[Probe, ...] = ()
    found: IndexEntry | None = None

    @property
    def first_warm(self) -> int:
        """The slot where the warm section begins."""
        return first_warm(self.entries, self.entry_size)

    @property
    def bytes_read(self) -> int:
        """The bytes of all entries looked at; one that was looked at twice counts twice."""
        return len(self.probes) * self.entry_size

    @property
    def pages(self) -> int:
        """The pages of memory in which these entries begin."""
        return len({probe.entry.slot * self.entry_size // PAGE_BYTES for probe in self.probes})


class _Form(NamedTuple):
    """How entries of one kind lie on the disk. is_relative: which of the two fields counts from the base offset."""

    entry: Struct
    is_relative: tuple[bool, bool]


FORMS = {
    Role.OFFSET_INDEX: _Form(offset_index.ENTRY, (True, False)),
    Role.TIME_INDEX: _Form(time_index.ENTRY, (False, True)),
}


class Index:
    """An index file, opened. Entries are read one at a time, where they are asked for."""

    def __init__(self, source: Source | None, role: Role, base_offset: int, *, is_growing: bool) -> None:
        self.role = role
        self._source = source
        self._form = FORMS[role]
        self._base_offset = base_offset
        self.entry_size = self._form.entry.size
        size = 0 if source is None else source.size
        end = _end_of_entries(source, self.entry_size) if source is not None and is_growing else size
        self.entries = end // self.entry_size
        self.zeros = size - end
        self.spare = 0 if self.zeros else size % self.entry_size

    def entry(self, slot: int) -> IndexEntry:
        """One entry by its number. What a file that shrank no longer holds is zeros, as in Kafka's mapping of it."""
        assert self._source is not None
        data = self._source.read_at(slot * self.entry_size, self.entry_size).ljust(self.entry_size, b"\0")
        fields = zip(self._form.entry.unpack(data), self._form.is_relative, strict=True)
        key, value = (int64(self._base_offset + field) if relative else field for field, relative in fields)
        return IndexEntry(slot, key, value)

    def last(self) -> IndexEntry | None:
        """The last entry, None where there is none."""
        return self.entry(self.entries - 1) if self.entries else None

    def search(self, target: int) -> IndexSearch:
        """The entry with the greatest key that is not above `target`, as far as the order of the entries holds."""
        probes: list[Probe] = []
        slot = _search(self, target, probes) if self.entries else None
        return IndexSearch(
            self.role, self.entry_size, self.entries, self.spare, self.zeros, self._source is None, tuple(probes),
            None if slot is None else self.entry(slot),
        )  # fmt: skip


@contextmanager
def open_index(segment: Segment, role: Role, meter: Meter, *, is_growing: bool) -> Iterator[Index]:
    """The index of a segment; one without entries where it is missing or cannot be read.

    is_growing: the segment is written to: its index has room for entries to come, zeros that the broker, which counts
    its entries in memory, does not take for any.
    """
    path, source = segment.sibling(role), None
    with ExitStack() as opened:
        if path is not None:
            with suppress(KinspectError):
                source = opened.enter_context(open_source(path, meter=meter))
        yield Index(source, role, segment.base_offset or 0, is_growing=is_growing)


def first_warm(entries: int, entry_size: int) -> int:
    """The slot where the warm section of an index begins (`AbstractIndex.warmEntries`)."""
    return max(0, entries - 1 - WARM_BYTES // entry_size)


def _search(index: Index, target: int, probes: list[Probe]) -> int | None:
    """The slot found. First the warm section, which answers nearly always; then what lies before it."""
    last, warm = index.entries - 1, first_warm(index.entries, index.entry_size)
    if _look(index, warm, target, probes, Purpose.WARM, (warm, last), (0, warm)) < 0:
        return _halve(index, target, warm, last, probes)
    if _look(index, 0, target, probes, Purpose.FIRST, (0, warm), (None, None)) > 0:
        return None
    return _halve(index, target, 0, warm, probes)


def _halve(index: Index, target: int, low: int, high: int, probes: list[Probe]) -> int:
    while low < high:
        middle = (low + high + 1) // 2
        order = _look(index, middle, target, probes, Purpose.HALVE, (middle, high), (low, middle - 1))
        if order == 0:
            return middle
        low, high = (middle, high) if order < 0 else (low, middle - 1)
    return low


def _look(
    index: Index, slot: int, target: int, probes: list[Probe], purpose: Purpose,
    if_not_above: tuple[int | None, int | None], if_above: tuple[int | None, int | None],
) -> int:  # fmt: skip
    """Looks at one entry, and notes what is left by it."""
    entry = index.entry(slot)
    order = (entry.key > target) - (entry.key < target)
    goes_right = order < 0 or (order == 0 and purpose is Purpose.FIRST)
    low, high = if_not_above if goes_right else if_above
    if order == 0 and purpose is Purpose.HALVE:
        low = high = slot
    probes.append(Probe(entry, purpose, order, low, high))
    return order


def _end_of_entries(source: Source, entry_size: int) -> int:
    """Where the zeros of a preallocated index begin, in whole entries; its size where it does not end in zeros."""
    end = source.end_of_data()
    while end > 0:
        start = max(0, end - PIECE_BYTES)
        piece = source.read_at(start, end - start).rstrip(b"\0")
        if piece:
            used = -(-(start + len(piece)) // entry_size) * entry_size
            return used if used + entry_size <= source.size else source.size
        end = start
    return 0 if source.size >= entry_size else source.size
