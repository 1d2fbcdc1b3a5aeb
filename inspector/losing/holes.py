"""Holes: stretches of offsets between whole batches, with damage in between.

Only whole batches bound a hole: CRC right, records readable to the end, offsets that go on. What a damaged header says
of its own offsets is no evidence, because it may be what is damaged; but the batches before and behind it are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batches_of
from ..findings import Finding
from ..found import Findings
from ..model import RecordBatch
from ..partition import PartitionLog
from ..reading import read_partition
from ..segment import Segment
from ..words import LOG_APPEND_TIME, control_type_name

MOST_HOLES = 1_000
"""So many holes of a partition are told one by one."""

MOST_KEYS = 1_000
"""So many keys of damaged records are kept for a hole."""

UNEXPLAINED_GAP, ENDS_EARLY = "unexplained-gap", "log-ends-early"


class Edge(NamedTuple):
    """A whole batch beside a hole: its offsets and times."""

    first_offset: int
    last_offset: int
    timestamp: int
    is_append_time: bool


@dataclass(eq=False)
class Hole:
    """Offsets that no whole batch holds, though their place in the log is there.

    first_offset, last_offset: the offsets, both included; last_offset is None where the log ends in damage.
    before, behind: the whole batches beside it, None at the ends of the log. causes: the damage.
    claimed: keys that the damaged batches in it show, which no CRC vouches for; claims: how many such records there
    are. is_thin: not every offset of it need have been a record: compaction was at work, or markers of transactions.
    """

    first_offset: int
    last_offset: int | None = None
    before: Edge | None = None
    behind: Edge | None = None
    causes: list[Finding] = field(default_factory=list)
    claimed: list[bytes | None] = field(default_factory=list)
    claims: int = 0
    is_thin: bool = False

    @property
    def offsets(self) -> int | None:
        """How many offsets there are in it; None where its end is not known."""
        return None if self.last_offset is None else self.last_offset - self.first_offset + 1


class Seen(NamedTuple):
    """One whole batch, the hole in front of it, if there is one, and what it says if it is a marker.

    batch: None behind the last one, where the log ends in a hole.
    """

    batch: RecordBatch | None
    hole: Hole | None
    marker: str | None = None


def find_holes(log: PartitionLog, engine: Engine, damage: Sequence[Finding]) -> Iterator[Seen]:
    """Every whole batch of a partition in order, each with the hole in front of it; the last one may have no batch.

    damage: the findings about it, as `verify` has them. The partition is read once more.
    """
    return _Walk(log, engine, damage).run()


class _Walk:
    def __init__(self, log: PartitionLog, engine: Engine, damage: Sequence[Finding]) -> None:
        self.log = log
        self.engine = engine
        self.places = _Places(log.segments, damage)
        self.before: Edge | None = None
        self.hole = Hole(log.log_start_offset or 0)
        self.since = (0, 0)
        self.is_thin = False
        self.count = 0

    def run(self) -> Iterator[Seen]:
        request = ScanRequest(columns=("batch", "offset", "key", "control_type", "damaged"))
        number = 0
        for segment, chunk in read_partition(self.log, self.engine, request, Findings()):
            number = self.log.segments.index(segment, number)
            yield from self._chunk(number, chunk)
        yield from self._tail()

    def _chunk(self, number: int, chunk: Chunk) -> Iterator[Seen]:
        damaged, markers = self._read(chunk)
        for row, batch in enumerate(batches_of(chunk)):
            place = (number, batch.position)
            if batch.crc_ok is False or row in damaged or self.places.is_damaged(place, batch.batch_bytes):
                self._claim(damaged.get(row, []))
            elif batch.last_offset >= self.hole.first_offset:
                yield Seen(batch, self._closed(place, batch), markers.get(row))
                self._go_on(place, batch)

    def _read(self, chunk: Chunk) -> tuple[dict[int, list[bytes | None]], dict[int, str]]:
        """By row of the batch: the keys of damaged records, and what a marker says."""
        damaged: dict[int, list[bytes | None]] = {}
        markers: dict[int, str] = {}
        columns: dict[str, Any] = dict(chunk.records.columns)
        if any(columns["damaged"].values.bits) or any(columns["control_type"].validity.bits):
            for row in range(len(chunk.records)):
                batch, control_type = columns["batch"][row], columns["control_type"][row]
                if columns["damaged"][row]:
                    damaged.setdefault(batch, []).append(columns["key"][row])
                elif control_type is not None:
                    markers[batch] = control_type_name(control_type)
        return damaged, markers

    def _claim(self, keys: list[bytes | None]) -> None:
        self.hole.claims += len(keys)
        self.hole.claimed += keys[: MOST_KEYS - len(self.hole.claimed)]

    def _closed(self, place: tuple[int, int], batch: RecordBatch) -> Hole | None:
        """The hole that ends at a batch, if offsets are missing and something is to blame for it."""
        first = batch.last_offset if batch.base_offset is None else batch.base_offset
        causes = self.places.between(self.since, place)
        if first <= self.hole.first_offset:
            return None
        if not causes:
            self.is_thin = True  # by compaction: somebody else judges gaps
            return None
        self.hole.last_offset, self.hole.causes = first - 1, causes
        self.hole.before, self.hole.behind, self.hole.is_thin = self.before, _edge(batch), self.is_thin
        return self.hole

    def _go_on(self, place: tuple[int, int], batch: RecordBatch) -> None:
        self.is_thin = self.is_thin or batch.is_control or _is_thinned(batch)
        self.before = _edge(batch)
        self.hole = Hole(batch.last_offset + 1)
        self.since = (place[0], place[1] + batch.batch_bytes)

    def _tail(self) -> Iterator[Seen]:
        """What the log ends in: damage, behind which no whole batch tells how many offsets there were."""
        causes = self.places.between(self.since, (len(self.log.segments), 0))
        if causes:
            self.hole.causes, self.hole.before, self.hole.is_thin = causes, self.before, self.is_thin
            self._end_at(next((one.last_offset for one in causes if one.slug == ENDS_EARLY), None))
            yield Seen(None, self.hole)

    def _end_at(self, last_offset: int | None) -> None:
        """After a clean stop the log's end is known, but not what of it were markers."""
        if last_offset is not None:
            self.hole.last_offset, self.hole.is_thin = last_offset, True


class _Places:
    """Where the damage lies, to be asked for stretches."""

    def __init__(self, segments: tuple[Segment, ...], damage: Sequence[Finding]) -> None:
        numbers = {segment.shown_as: number for number, segment in enumerate(segments)}
        known = (
            ((numbers[one.location.path], one.location.position or 0), one)
            for one in damage
            if one.location.path in numbers
        )
        placed = sorted(known, key=lambda pair: pair[0])
        self._places = [place for place, _ in placed]
        self._findings = [finding for _, finding in placed]

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> list[Finding]:
        """What lies from `start` on and before `end`; a gap without damage is found at the batch behind it."""
        inside = self._findings[bisect_left(self._places, start) : bisect_left(self._places, end)]
        at_end = self._findings[bisect_left(self._places, end) : bisect_right(self._places, end)]
        return inside + [one for one in at_end if one.slug == UNEXPLAINED_GAP]

    def is_damaged(self, place: tuple[int, int], size: int) -> bool:
        """Whether a finding says that the inside of the batch at a place is damaged."""
        start = bisect_left(self._places, place)
        end = bisect_left(self._places, (place[0], place[1] + size))
        return any(one.damages_batch for one in self._findings[start:end])


def _edge(batch: RecordBatch) -> Edge:
    first = batch.last_offset if batch.base_offset is None else batch.base_offset
    return Edge(first, batch.last_offset, batch.max_timestamp, batch.timestamp_type == LOG_APPEND_TIME)


def _is_thinned(batch: RecordBatch) -> bool:
    """Whether compaction took records out of it."""
    if batch.base_offset is None or batch.records_count is None:
        return False
    return batch.records_count < batch.last_offset - batch.base_offset + 1
