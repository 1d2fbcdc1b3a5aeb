"""What became of a transaction: the first marker of its producer behind a record decides.

The log does not say it where the record lies. So batches are followed from there on, by header, and only control
records are decoded: across segments, as far as needed, each byte at most once more. The producer's id alone connects
record and marker, because the marker's epoch may be one higher (KIP-890). `.txnindex` is not asked: it knows aborted
transactions only, and an index is a hint. Sources: `CompletedFetch`, `AbortedTxn`, `CleanedTransactionMetadata`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from .engine import Engine, ScanRequest
from .engine.chunk import Chunk, batches_of, records_of
from .findings import Finding
from .model import Record, RecordBatch
from .partition import PartitionLog
from .reading import read_segment
from .segment import MAX_OFFSET, Segment

MOST_MARKER_BYTES = 256
"""A marker takes 78 bytes, and later versions may add to it: a larger batch is none, whatever its damage."""

MOST_RUNS = 200_000
"""Markers remembered at a time; behind so many, those that were not asked for are forgotten and read again."""


class Outcome(StrEnum):
    """What became of a record's transaction."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    OPEN = "open"
    UNKNOWN = "unknown"


Place = tuple[int, int]
"""The number of a segment in its partition, and a position in it."""


class Fate(NamedTuple):
    """An outcome; for one that is unknown, the slug of the finding to make of it, and the reason in words."""

    outcome: Outcome
    slug: str = ""
    reason: str = ""


class _Run(NamedTuple):
    """Markers of one producer in a row that tell the same. holes: how many of them lie before the run."""

    last: Place
    fate: Fate
    holes: int


_FATES = {"COMMIT": Fate(Outcome.COMMITTED), "ABORT": Fate(Outcome.ABORTED)}
_OPEN = Fate(Outcome.OPEN)
_ELSEWHERE = Fate(Outcome.UNKNOWN, "transaction-marker-elsewhere", "what follows this file was not given")

_HIDING = frozenset((
    "crc-mismatch", "batch-length-too-small", "truncated-batch", "unknown-magic", "unreadable-bytes",
    "search-budget-spent", "unreadable-file", "vanished-file", "vanished-while-read", "shrunk-file",
))  # fmt: skip
"""What can stand where a marker was. A torn or zeroed tail is not among them: no log goes on behind it."""


class Transactions:
    """The outcomes of the transactions of one partition; ask in the order of the log.

    findings: why an outcome is unknown, once a reason. not_read: what of the log could not be read on the way.
    """

    def __init__(self, log: PartitionLog, engine: Engine) -> None:
        self.findings: list[Finding] = []
        self.not_read: list[Finding] = []
        self._log = log
        self._engine = engine
        self._numbers = {segment.name: number for number, segment in enumerate(log.segments)}
        self._told: set[str] = set()
        self._last: tuple[Place, Outcome] | None = None
        self._begin((-1, 0), iter(()))

    def outcome(self, segment: Segment, batch: RecordBatch) -> Outcome | None:
        """What became of the transaction that the records of a batch belong to; None where there is none."""
        if not batch.is_transactional or batch.is_control:
            return None
        place = (self._numbers[segment.name], batch.position)
        if self._last is None or self._last[0] != place:
            fate = self._fate(place, batch)
            self._tell(fate, segment, batch)
            self._last = place, fate.outcome
        return self._last[1]

    def _fate(self, place: Place, batch: RecordBatch) -> Fate:
        if not self._start <= place <= self._reached:
            self._begin(place, self._chunks_behind(place, batch))
        fate = self._known(place, batch.producer_id)
        while fate is None and self._advance():
            fate = self._known(place, batch.producer_id)
            if fate is None and self._count > MOST_RUNS:
                self._forget()
        return fate or self._at_the_end()

    def _tell(self, fate: Fate, segment: Segment, batch: RecordBatch) -> None:
        if fate.outcome is Outcome.UNKNOWN and fate.reason not in self._told:
            self._told.add(fate.reason)
            at = segment.location().at(batch.position, batch.batch_bytes)
            self.findings.append(Finding(fate.slug, at, None, fate.reason, batch.base_offset, batch.last_offset))

    def _at_the_end(self) -> Fate:
        return _OPEN if self._log.segments[-1].is_last else _ELSEWHERE

    # -- what is known of the log from `_start` to `_reached`

    def _begin(self, place: Place, chunks: Iterator[None]) -> None:
        self._start = self._reached = place
        self._chunks = chunks
        self._runs: defaultdict[int, list[_Run]] = defaultdict(list)
        self._count = 0
        self._holes: list[Place] = []
        self._reasons: list[Fate] = []

    def _forget(self) -> None:
        """What was passed without being asked for; whoever asks for it later begins there anew."""
        self._begin(self._reached, self._chunks)

    def _known(self, place: Place, producer_id: int) -> Fate | None:
        """The fate by what was read so far, or None where it lies further ahead."""
        before = bisect_right(self._holes, place)
        runs = self._runs.get(producer_id, ())
        index = bisect_right(runs, place, key=lambda run: run.last)
        if index < len(runs) and runs[index].holes == before:
            return runs[index].fate
        return self._reasons[before] if before < len(self._holes) else None

    def _advance(self) -> bool:
        """Reads one chunk more; False at the end of the log."""
        return next(self._chunks, self) is None

    # -- reading ahead

    def _chunks_behind(self, place: Place, batch: RecordBatch) -> Iterator[None]:
        """Notes what lies behind a batch, a chunk at a time."""
        number, position = place
        follows = batch.last_offset if batch.crc_ok else -1
        request = ScanRequest(position + batch.batch_bytes, follows=follows, control_only=True)
        for ahead, segment in enumerate(self._log.segments[number:], number):
            findings: list[Finding] = []
            for chunk in read_segment(segment, self._engine, request, findings, self._log.shutdown):
                self._note(ahead, chunk, findings)
                findings.clear()
                yield
            self._note(ahead, Chunk(), findings)
            request = ScanRequest(control_only=True)

    def _note(self, number: int, chunk: Chunk, findings: list[Finding]) -> None:
        """Takes in the markers of a chunk, and the holes between them, in the order of their places."""
        batches = list(batches_of(chunk))
        damaged = {batch.position for batch in batches if batch.crc_ok is False and not _may_be_marker(batch)}
        holes = [finding for finding in findings if finding.slug in _HIDING]
        events: list[tuple[Place, Finding | tuple[int, Fate]]] = [
            ((number, _position(hole)), hole) for hole in holes if hole.location.position not in damaged
        ]
        events += [((number, position), marker) for position, marker in _markers(batches, chunk)]
        for place, event in sorted(events, key=lambda event: event[0]):
            if isinstance(event, Finding):
                self._note_hole(place, event)
            else:
                self._note_marker(place, *event)
        if batches:
            self._reached = number, batches[-1].position

    def _note_hole(self, place: Place, hole: Finding) -> None:
        self._holes.append(place)
        self._reasons.append(Fate(Outcome.UNKNOWN, "transaction-marker-hidden", _in_words(hole)))
        if hole.incomplete and hole not in self.not_read:
            self.not_read.append(hole)

    def _note_marker(self, place: Place, producer_id: int, fate: Fate) -> None:
        runs = self._runs[producer_id]
        run = _Run(place, fate, len(self._holes))
        if runs and runs[-1][1:] == run[1:]:
            runs[-1] = run
        else:
            runs.append(run)
            self._count += 1


def _may_be_marker(batch: RecordBatch) -> bool:
    return batch.is_control or batch.batch_bytes <= MOST_MARKER_BYTES


def _markers(batches: list[RecordBatch], chunk: Chunk) -> Iterator[tuple[int, tuple[int, Fate]]]:
    """Position, and producer and fate, of each control batch of a transaction whose CRC holds."""
    records = {batch.position: record for batch, record in records_of(chunk)}
    for batch in batches:
        if batch.is_control and batch.is_transactional and batch.crc_ok is not False:
            yield batch.position, (batch.producer_id, _fate_by(batch, records.get(batch.position)))


def _fate_by(batch: RecordBatch, record: Record | None) -> Fate:
    """What a marker says. One that compaction emptied, or that nobody understands, hides what it once said."""
    fate = _FATES.get(record.control_type or "") if record is not None and not record.damaged else None
    if fate is not None:
        return fate
    reason = f"the marker at offset {batch.base_offset} cannot be read"
    return Fate(Outcome.UNKNOWN, "transaction-marker-hidden", reason)


def _position(hole: Finding) -> int:
    """Where a hole lies in its file; behind all that was read where the reading itself failed."""
    return MAX_OFFSET if hole.location.position is None else hole.location.position


def _in_words(hole: Finding) -> str:
    at = hole.location
    return f"{hole.slug} in {at.path}" + ("" if at.position is None else f" at position {at.position}")
