"""What questions are made from: batches, records and sibling files of a log directory, in a stable order.

Looking for a question must not take as long as reading everything, so only the beginning of each segment is looked at,
and only some of its records. Damaged batches are passed over: what they say need not be so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice, zip_longest

from ...engine import Engine, ScanRequest
from ...engine.chunk import batches_of
from ...errors import KinspectError
from ...findings import Finding
from ...location import Location
from ...model import RecordBatch
from ...partition import PartitionLog, State
from ...reading import read_segment
from ...segment import Role, Segment
from ...source import BytesSource, Source, open_source
from ...spec.record_batch import MAGIC
from .raw import RawBatch, read_raw

MOST_BATCHES, MOST_SEGMENTS, MOST_IN_ALL = 100, 20, 20_000
"""So many batches of a segment, segments of a partition, and batches in all are looked at."""

MOST_BATCH_BYTES = 64 * 1024
"""A larger batch is no material for a learner."""

MOST_OPENED = 500
"""So many batches are opened for the sake of one question; more may suit by their headers alone."""

MOST_KEPT = 200
"""So many opened batches are remembered for the next question."""

MOST_INDEX_BYTES = 960_000
"""So much of an index is read: whole entries of 8 bytes, and of 12."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A batch and where it lies. follows: the batch behind it, as far as that was read."""

    log: PartitionLog
    segment: Segment
    batch: RecordBatch
    follows: RecordBatch | None = None


@dataclass(frozen=True, slots=True)
class Headed:
    """A segment with the headers of its first batches. is_whole: there are no others."""

    log: PartitionLog
    segment: Segment
    batches: tuple[RecordBatch, ...]
    is_whole: bool


class Material:
    """The live partitions of a log directory: those of users' topics first, then Kafka's own.

    path: the directory as the user gave it. What was read once is kept, so that many questions cost little more than
    one.
    """

    def __init__(self, path: str, logs: Sequence[PartitionLog], engine: Engine) -> None:
        live = [log for log in logs if log.state is State.LIVE]
        self.path = path
        self.logs = sorted(live, key=lambda log: log.is_internal)
        self.findings: list[Finding] = []
        self._engine = engine
        self._seen: list[Headed] = []
        self._unseen = ((log, segment) for log in self.logs for segment in islice(log.segments, MOST_SEGMENTS))
        self._looked_at = 0
        self._opened: OrderedDict[tuple[str, int], RawBatch | None] = OrderedDict()

    @property
    def engine(self) -> Engine:
        """What reads."""
        return self._engine

    def segments(self) -> Iterator[Headed]:
        """The segments that are looked at, in order, each with the headers of its batches; read when they are needed.

        Several may go through them at a time.
        """
        for number in count():
            if number == len(self._seen) and not self._see_one_more():
                return
            yield self._seen[number]

    def _see_one_more(self) -> bool:
        following = next(self._unseen, None)
        if following is None or self._looked_at > MOST_IN_ALL:
            return False
        self._seen.append(self._headers(*following))
        self._looked_at += max(1, len(self._seen[-1].batches))
        return True

    def _headers(self, log: PartitionLog, segment: Segment) -> Headed:
        request = ScanRequest(records=False, check_crc=False, most_batches=MOST_BATCHES + 1)
        findings: list[Finding] = []
        chunk = next(read_segment(segment, self._engine, request, findings, log.shutdown), None)
        self.findings += (finding for finding in findings if finding.incomplete)
        batches = tuple(batches_of(chunk))[:MOST_BATCHES] if chunk is not None else ()
        end = batches[-1].position + batches[-1].batch_bytes if batches else 0
        return Headed(log, segment, batches, end == segment.size)

    def batches(self, suits: Callable[[RecordBatch], bool], within: Iterable[Headed] | None = None) -> Iterator[Placed]:
        """The batches of format v2 that suit and whose checksum holds. within: these segments (None: all).

        How many are opened at most does not depend on what was asked before, so that a question stays the same.
        """
        suitable = self._suitable(suits, self.segments() if within is None else within)
        return (placed for placed in islice(suitable, MOST_OPENED) if self.raw(placed) is not None)

    def _suitable(self, suits: Callable[[RecordBatch], bool], within: Iterable[Headed]) -> Iterator[Placed]:
        for headed in within:
            for batch, follows in zip_longest(headed.batches, headed.batches[1:]):
                if batch.magic == MAGIC and batch.batch_bytes <= MOST_BATCH_BYTES and suits(batch):
                    yield Placed(headed.log, headed.segment, batch, follows)

    def raw(self, placed: Placed) -> RawBatch | None:
        """The batch with its bytes; None where it cannot be read, or its checksum does not hold."""
        key = str(placed.segment.path), placed.batch.position
        if key not in self._opened:
            self._opened[key] = self._read(placed)
            if len(self._opened) > MOST_KEPT:
                self._opened.popitem(last=False)
        return self._opened[key]

    def _read(self, placed: Placed) -> RawBatch | None:
        try:
            with placed.segment.open(self._engine.meter) as source:
                data = source.read_at(placed.batch.position, placed.batch.batch_bytes)
        except KinspectError:
            return None
        return read_raw(placed.batch, data)

    def records(self, suits: Callable[[RecordBatch], bool]) -> Iterator[tuple[Placed, RawBatch]]:
        """The data batches without compression that suit, for questions on the bytes of their records."""

        def is_plain(batch: RecordBatch) -> bool:
            return batch.compression == "none" and not batch.is_control and bool(batch.records_count) and suits(batch)

        for placed in self.batches(is_plain):
            raw = self.raw(placed)
            if raw is not None and raw.records:
                yield placed, raw

    def siblings(self, role: Role) -> Iterator[tuple[Headed, str, Source, Location]]:
        """The files of one kind beside the segments: the segment, the path, the bytes in memory, and the place."""
        for headed in self.segments():
            path = headed.segment.sibling(role)
            if path is None:
                continue
            at = Location(str(path), topic=headed.log.topic, partition=headed.log.partition)
            try:
                with open_source(path, meter=self._engine.meter) as source:
                    data = source.read_at(0, min(source.size, MOST_INDEX_BYTES))
            except KinspectError:
                continue
            yield headed, str(path), BytesSource(data, at.path), at
