"""One thing that is checked of a partition, and what it may look at.

A rule is handed the segments of a partition and their batch tables, in the order of the log, and answers with findings.
It holds what it needs of the past, bounded, and knows nothing of the other rules.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..broker_files import BrokerFiles
from ..engine import Engine
from ..engine.chunk import Chunk
from ..findings import Finding, Severity
from ..partition import PartitionLog
from ..segment import Segment

MOST_DAMAGE = 10_000
"""So many places of damage are remembered; behind these, a finding may name none as its cause."""

NOTHING: tuple[Finding, ...] = ()

Place = tuple[int, int]
"""The number of a segment in its partition, and a position in it."""


class Damage:
    """Where the bytes of a partition are not what was written: what gaps and mismatches there may follow from."""

    def __init__(self) -> None:
        self._found: deque[tuple[Place, Finding]] = deque(maxlen=MOST_DAMAGE)

    def note(self, number: int, finding: Finding) -> None:
        """Takes in a finding about segment `number`, if it is about bytes that are damaged or were not read."""
        if finding.severity is Severity.ERROR or finding.incomplete:
            self._found.append(((number, finding.location.position or 0), finding))

    def between(self, start: Place, end: Place) -> Finding | None:
        """The first damage noted from `start` on and before `end`."""
        return next((finding for place, finding in self._found if start <= place < end), None)


@dataclass(eq=False)
class Around:
    """What surrounds the segments that a rule is handed.

    log: the partition. broker: the files beside it, empty where it was given alone. engine: reads what a rule wants to
    see once more. damage: what was found about bytes so far. shared: what is made once for several rules, by its class.
    """

    log: PartitionLog
    broker: BrokerFiles
    engine: Engine
    damage: Damage = field(default_factory=Damage)
    shared: dict[type, Any] = field(default_factory=dict)


class Rule:
    """Nothing is found by it; rules override what they need.

    columns: the columns of records that it wants to see.
    """

    columns: tuple[str, ...] = ()

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
