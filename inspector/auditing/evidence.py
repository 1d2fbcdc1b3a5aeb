"""What the disk tells about acknowledged records: what lies at their offsets, and where else their content lies.

One sweep over each partition. An offset at which nothing lies is told apart by what surrounds it: damaged bytes, a
batch that compaction thinned out, or nothing at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batches_of
from ..findings import Finding
from ..location import Location
from ..model import RecordBatch
from ..partition import PartitionLog
from ..reading import read_partition
from ..report import Progress
from ..segment import Segment
from ..transactions import Outcome as Fate
from ..transactions import Transactions
from .acks import Ack, Claim, Scheme


class There(IntEnum):
    """What lies at an acknowledged offset; of several answers the highest counts.

    ABSENT: nothing, and nothing hides it. THINNED: a batch without it, as compaction leaves it. DAMAGED: bytes that
    cannot be trusted or read. OTHER: a record, but not that one. ITSELF: the record.
    """

    ABSENT = 0
    THINNED = 1
    DAMAGED = 2
    OTHER = 3
    ITSELF = 4


@dataclass(slots=True)
class Case:
    """One acknowledged record, and what is there. place: the batch, or the bytes that may have held it."""

    ack: Ack
    there: There = There.ABSENT
    fate: Fate | None = None
    place: Location | None = None

    def see(self, there: There, place: Location, fate: Fate | None = None) -> None:
        """Takes in one answer."""
        if there > self.there:
            self.there, self.place, self.fate = there, place, fate


class Copy(NamedTuple):
    """A record whose content was acknowledged, wherever it lies."""

    partition: int
    offset: int
    producer_id: int
    sequence: int
    fate: Fate | None


@dataclass(slots=True)
class Bounds:
    """Of one partition: the first offset that it can hold, and the one behind its last intact batch.

    shrinking: whether segments went away while they were read.
    """

    start: int
    end: int
    shrinking: bool = False


Identity = tuple[Claim, Claim]
"""What a key must be, and a value."""


def identity_of(ack: Ack) -> Identity | None:
    """By what an acknowledged record could be found anywhere."""
    if ack.key is None or ack.value is None:
        return None
    return ack.key, ack.value


@dataclass(slots=True)
class Evidence:
    """Of one topic. copies: of each content that was acknowledged. strangers: data records that no line tells of."""

    cases: list[Case]
    copies: dict[Identity, list[Copy]] = field(default_factory=dict)
    bounds: dict[int, Bounds] = field(default_factory=dict)
    strangers: int = 0


class Sweep:
    """Gathers the evidence of one topic, partition by partition."""

    def __init__(self, acks: Iterable[Ack], engine: Engine) -> None:
        self.evidence = Evidence([Case(ack) for ack in acks])
        self._engine = engine
        self._cases: defaultdict[int, dict[int, list[Case]]] = defaultdict(dict)
        self._schemes: dict[tuple[Scheme, Scheme], None] = {}
        for case in self.evidence.cases:
            self._remember(case)

    def _remember(self, case: Case) -> None:
        ack, identity = case.ack, identity_of(case.ack)
        if ack.offset is not None:
            self._cases[ack.partition].setdefault(ack.offset, []).append(case)
        if identity is not None:
            self.evidence.copies[identity] = []
            self._schemes[identity[0].scheme, identity[1].scheme] = None

    def add(self, log: PartitionLog, findings: list[Finding], progress: Progress) -> None:
        """Sweeps one partition."""
        number, start = log.partition or 0, log.log_start_offset or 0
        transactions = Transactions(log, self._engine)
        partition = _Partition(number, start, self.evidence, self._cases[number], tuple(self._schemes), transactions)
        found = partition.found
        for segment, chunk in read_partition(log, self._engine, ScanRequest(columns=COLUMNS), found, progress):
            partition.take(segment, chunk)
        partition.finish()
        findings += found
        findings += transactions.not_read
        last = log.segments[-1].base_offset if log.segments else None
        vanished = any(finding.slug in _VANISHED for finding in found)
        self.evidence.bounds[number] = Bounds(start, max(partition.follows, last or 0), vanished)


COLUMNS = ("batch", "offset", "sequence", "key", "value", "damaged")


_VANISHED = frozenset(("vanished-file", "vanished-while-read", "shrunk-file"))
_TAILS = frozenset(("torn-tail", "zeroed-tail"))
"""Such bytes end a log whose broker was not stopped; nothing that was acknowledged and kept is in them."""


class _Partition:
    """The sweep over one. follows: the offset behind the last intact batch. hole: damaged bytes since then, if any.
    found: what reading finds, from outside; what of it is new is looked at with the next chunk.
    """

    def __init__(
        self,
        number: int,
        start: int,
        evidence: Evidence,
        cases: dict[int, list[Case]],
        schemes: tuple[tuple[Scheme, Scheme], ...],
        transactions: Transactions,
    ) -> None:
        self.number = number
        self.evidence = evidence
        self.cases = cases
        self.schemes = schemes
        self.transactions = transactions
        self.found: list[Finding] = []
        self.noted = 0
        self.offsets = sorted(cases)
        self.follows = start
        self.hole: Location | None = None
        self.segment: Segment | None = None
        self.reached = 0

    def take(self, segment: Segment, chunk: Chunk) -> None:
        """One chunk, the next of the partition."""
        if segment is not self.segment:
            self._end_segment()
            self.segment, self.reached = segment, 0
        self._note_unread()
        records: Any = chunk.records.columns
        numbers, is_damaged = records["batch"].values, any(records["damaged"].values.bits)
        for index, batch in enumerate(batches_of(chunk)):
            if batch.position > self.reached:
                self.hole = segment.location().at(self.reached, batch.position - self.reached)
            self.reached = batch.position + batch.batch_bytes
            rows = range(bisect_left(numbers, index), bisect_left(numbers, index + 1))
            is_whole = not (is_damaged and any(records["damaged"][row] for row in rows))
            self._batch(segment, batch, records, rows, is_whole)

    def finish(self) -> None:
        """The end of the log."""
        self._end_segment()
        self._note_unread()
        if self.offsets:
            self._between(self.offsets[-1] + 1)

    def _end_segment(self) -> None:
        """Bytes behind the last batch of a segment may have been batches too."""
        if self.segment is None:
            return
        path = self.segment.location().path
        tails = (finding.location for finding in self.found if finding.slug in _TAILS)
        end = min((self.segment.size, *(at.position for at in tails if at.path == path and at.position is not None)))
        if end > self.reached:
            self.hole = self.segment.location().at(self.reached, end - self.reached)

    def _note_unread(self) -> None:
        """A file, or a part of one, that could not be read may hold anything."""
        for finding in self.found[self.noted :]:
            if finding.incomplete and finding.slug not in _VANISHED:
                self.hole = finding.location
        self.noted = len(self.found)

    # -- one batch

    def _batch(self, segment: Segment, batch: RecordBatch, records: Any, rows: range, is_whole: bool) -> None:
        at = segment.location().at(batch.position, batch.batch_bytes)
        if batch.crc_ok is False or batch.base_offset is None or not is_whole:
            self.hole = at
            return
        self._between(batch.base_offset)
        missing = There.OTHER
        if not batch.is_control:
            missing = There.THINNED if len(rows) == batch.records_count else There.DAMAGED
            self._data(segment, batch, records, rows, at)
        stop = batch.last_offset + 1
        for case in self._cases_in(max(batch.base_offset, self.follows), stop):  # of those before it was judged already
            case.see(missing, at)
        self.follows = max(self.follows, stop)

    def _data(self, segment: Segment, batch: RecordBatch, records: Any, rows: range, at: Location) -> None:
        if self.schemes or any(True for _ in self._cases_in(batch.base_offset or 0, batch.last_offset + 1)):
            self._records(batch, records, rows, at, self.transactions.outcome(segment, batch))
        else:
            self.evidence.strangers += len(rows)

    def _between(self, stop: int) -> None:
        """What was acknowledged since the last intact batch may lie in the damaged bytes."""
        if self.hole is not None:
            for case in self._cases_in(self.follows, stop):
                case.see(There.DAMAGED, self.hole)
        self.hole = None

    def _cases_in(self, start: int, stop: int) -> Iterator[Case]:
        for index in range(bisect_left(self.offsets, start), bisect_left(self.offsets, stop)):
            yield from self.cases[self.offsets[index]]

    def _records(self, batch: RecordBatch, records: Any, rows: range, at: Location, fate: Fate | None) -> None:
        offsets, keys, values = records["offset"].values, records["key"], records["value"]
        for row in rows:
            offset, key, value = offsets[row], keys[row], values[row]
            known = self.cases.get(offset)
            if known is None:
                self.evidence.strangers += 1
            else:
                _compare(known, key, value, at, fate)
            for copies in self._copies_of(key, value):
                copies.append(Copy(self.number, offset, batch.producer_id, records["sequence"].values[row], fate))

    def _copies_of(self, key: bytes | None, value: bytes | None) -> Iterator[list[Copy]]:
        """The places known so far of a content, where it was acknowledged."""
        for of_key, of_value in self.schemes:
            identity = Claim(of_key, of_key.digest(key)), Claim(of_value, of_value.digest(value))
            copies = self.evidence.copies.get(identity)
            if copies is not None and len(copies) < MOST_COPIES:
                yield copies


MOST_COPIES = 100_000
"""Of one content; a heartbeat that says the same each second would fill the memory otherwise."""


def _compare(cases: list[Case], key: bytes | None, value: bytes | None, at: Location, fate: Fate | None) -> None:
    for case in cases:
        claims = ((case.ack.key, key), (case.ack.value, value))
        itself = all(claim is None or claim.holds(found) for claim, found in claims)
        case.see(There.ITSELF if itself else There.OTHER, at, fate)
