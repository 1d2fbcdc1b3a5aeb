"""One thing that is checked of a partition, and what it may look at.

A rule is handed the segments of a partition and their batch tables, in the order of the log, and answers with findings.
It holds what it needs of the past, bounded, and knows nothing of the other rules.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..broker_files import BrokerFiles
from ..cluster_metadata import ClusterMetadata
from ..engine import Engine
from ..engine.chunk import Chunk
from ..findings import Finding, Severity
from ..partition import PartitionLog
from ..segment import Segment

MOST_DAMAGE = 10_000
"""So many places of damage are remembered, the last ones; a finding far behind may name none as its cause."""

NOTHING: tuple[Finding, ...] = ()

Place = tuple[int, int]
"""The number of a segment in its partition, and a position in it."""


class Damage:
    """Where the bytes of a partition are not what was written: what gaps and mismatches there may follow from."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._found: dict[Place, Finding] = {}

    def note(self, number: int, finding: Finding) -> None:
        """Takes in a finding about segment `number`, if it is about bytes that are damaged or were not read."""
        if finding.severity is not Severity.ERROR and not finding.incomplete:
            return
        place = (number, finding.location.position or 0)
        if place not in self._found:
            insort(self._places, place)
            self._found[place] = finding
        if len(self._places) > 2 * MOST_DAMAGE:  # what lies far behind explains nothing any more
            for old in self._places[:MOST_DAMAGE]:
                del self._found[old]
            del self._places[:MOST_DAMAGE]

    def is_unread(self, number: int) -> bool:
        """Whether something of segment `number` was not read, so that what seems to be missing may well be there."""
        first, behind = bisect_left(self._places, (number, 0)), bisect_left(self._places, (number + 1, 0))
        return any(self._found[place].incomplete for place in self._places[first:behind])

    def between(self, start: Place, end: Place) -> Finding | None:
        """The first damage noted from `start` on and before `end`."""
        index = bisect_left(self._places, start)
        return self._found[self._places[index]] if index < len(self._places) and self._places[index] < end else None


def _no_metadata() -> ClusterMetadata | None:
    """Nothing tells of the cluster."""
    return None


@dataclass(eq=False)
class Around:
    """What surrounds the segments that a rule is handed.

    log: the partition. broker: the files beside it, empty where it was given alone. engine: reads what a rule wants to
    see once more. damage: what was found about bytes so far. cluster: reads the cluster's metadata when first called;
    None where they are not here. left_out: names of the segment files that nobody wants read; rules are not told of
    these. shared: what is made once for several rules, by its class.
    """

    log: PartitionLog
    broker: BrokerFiles
    engine: Engine
    damage: Damage = field(default_factory=Damage)
    cluster: Callable[[], ClusterMetadata | None] = _no_metadata
    left_out: frozenset[str] = frozenset()
    shared: dict[type, Any] = field(default_factory=dict)


class Rule:
    """Nothing is found by it; rules override what they need.

    columns: the columns of records that it wants to see.
    needs_all: what it says holds only where every segment was read, so it does not run where some are left out.
    skims: the headers of batches are enough for it, also where nobody has checked their CRCs.
    """

    columns: tuple[str, ...] = ()
    needs_all: bool = True
    skims: bool = False

    def __init__(self, around: Around) -> None:
        self.around = around

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Before the first chunk of segment `number`; called for empty and unreadable ones too."""
        return NOTHING

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """The next whole batches of a segment; what was found about their bytes is noted in `around.damage`."""
        return NOTHING

    def end(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Behind the last chunk of a segment."""
        return NOTHING

    def finish(self) -> Iterable[Finding]:
        """Behind the last segment."""
        return NOTHING

    def cause_of(self, finding: Finding) -> Finding | None:
        """What this rule said of the chunk just seen that tells more of the same, than the engine's `finding` does."""
        return None
