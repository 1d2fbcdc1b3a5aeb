"""Counts what lies in a lab's topic against what the lab sends, in one pass and in bounded memory.

Knows how often each record of the lab was seen at its place, where else it lay, and what does not belong to the lab.
What that means is judged in `check.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..location import Location
from .lab import Lab, LabRecord

KEPT = 20
"""How many records of a kind (foreign, misplaced, doubled …) are remembered with their places; all are counted."""

HOPELESS_AFTER = 10_000
"""Records without a single one of the lab's after which reading on would tell nothing new."""

MOST_RUNS_IN_ORDER = 10_000
"""Beyond so many overlapping sequences in a partition, the order is no longer followed."""

Identity = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """One data record as it was read (or acknowledged): where it lies, its key and its value (None: null)."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    location: Location

    @property
    def identity(self) -> Identity:
        """What makes it a record of a lab."""
        return self.key, self.value


@dataclass(slots=True)
class Places:
    """Records of one kind: how many, and the first or the latest of them."""

    count: int = 0
    kept: deque[SeenRecord] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add_latest(self, seen: SeenRecord) -> None:
        """Counts a record; the latest are kept."""
        self.count += 1
        self.kept.append(seen)

    def add_first(self, seen: SeenRecord) -> None:
        """Counts a record; the first are kept."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(seen)


@dataclass(slots=True)
class Wanted:
    """One distinct record of the lab: how often a run sends it, and where it was found.

    rank: its place in the order of sending. possible: False when its partition does not exist.
    """

    record: LabRecord
    rank: int
    possible: bool
    copies: int = 1
    home: Places = field(default_factory=Places)
    astray: Places = field(default_factory=Places)

    @property
    def count(self) -> int:
        """How often it was found, wherever."""
        return self.home.count + self.astray.count


@dataclass(frozen=True, slots=True)
class Late:
    """A record that lies behind one that was sent after it. `step`: how far they are apart in the order of sending."""

    seen: SeenRecord
    wanted: Wanted
    behind: Wanted
    step: int


@dataclass(slots=True)
class Order:
    """The order in one partition: how many rising sequences it takes to cover it.

    Each run of the lab is one rising sequence, also when runs overlap; more sequences than runs are a broken order.
    `tails` holds the last rank of each sequence, rising.
    """

    tails: list[int] = field(default_factory=list)
    lates: list[Late] = field(default_factory=list)
    last: Wanted | None = None

    def add(self, wanted: Wanted, seen: SeenRecord) -> None:
        """Puts a record at the end of the sequence that it continues most closely, or opens another."""
        if len(self.tails) > MOST_RUNS_IN_ORDER:
            return
        fitting = bisect_left(self.tails, wanted.rank)
        if fitting:
            self.tails[fitting - 1] = wanted.rank
        else:
            self.tails.insert(0, wanted.rank)
            self._note_late(wanted, seen)
        self.last = wanted

    def _note_late(self, wanted: Wanted, seen: SeenRecord) -> None:
        """Remembers the smallest steps back: the first record of a further run makes the largest."""
        if self.last is None or self.last is wanted:
            return
        self.lates.append(Late(seen, wanted, self.last, self.last.rank - wanted.rank))
        self.lates.sort(key=lambda late: late.step)
        del self.lates[KEPT:]


@dataclass(slots=True)
class Spread:
    """What a partition got of a lab without fixed places: records, and stretches of numbers that follow each other."""

    records: int = 0
    stretches: int = 0
    longest: int = 0
    current: int = 0
    last_rank: int = -2

    def add(self, rank: int) -> None:
        """Counts one record; it continues a stretch if it was sent right after the one before it."""
        follows = rank == self.last_rank + 1
        self.records += 1
        self.stretches += not follows
        self.current = self.current + 1 if follows else 1
        self.longest = max(self.longest, self.current)
        self.last_rank = rank


class Tally:
    """All counts of one topic. Records of a partition must be added in the order of their offsets."""

    def __init__(self, lab: Lab, partition_count: int) -> None:
        self.lab = lab
        self.partition_count = partition_count
        self.wanted = {item.record.identity: item for item in _wanted(lab, partition_count)}
        self.foreign = Places()
        self.orders: dict[int, Order] = {}
        self.spreads: dict[int, Spread] = {}
        self.records = 0
        self.known = 0

    @property
    def is_hopeless(self) -> bool:
        """True when so much was read without a record of the lab that reading on tells nothing new."""
        return not self.known and self.records >= HOPELESS_AFTER

    def add(self, seen: SeenRecord) -> None:
        """Counts one record."""
        self.records += 1
        wanted = self.wanted.get(seen.identity)
        if wanted is None:
            self.foreign.add_first(seen)
            return
        self.known += 1
        if wanted.record.partition not in (None, seen.partition):
            wanted.astray.add_first(seen)
            return
        wanted.home.add_latest(seen)
        self.orders.setdefault(seen.partition, Order()).add(wanted, seen)
        self.spreads.setdefault(seen.partition, Spread()).add(wanted.rank)


def _wanted(lab: Lab, partition_count: int) -> Iterator[Wanted]:
    """The distinct records of a lab, those that this partition count makes impossible among them, in order."""
    possible = lab.expected(partition_count)
    placed = {record.identity: record for record in possible}
    found: dict[Identity, Wanted] = {}
    for rank, record in enumerate(lab.expected(lab.partitions)):
        identity = record.identity
        if identity in found:
            found[identity].copies += 1
        else:
            found[identity] = Wanted(placed.get(identity, record), rank, identity in placed)
    yield from found.values()
