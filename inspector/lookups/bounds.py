"""Which offsets a consumer is given at all: where the log begins and ends, and how far it may be read.

The end is found as the broker finds it at its start (`LogSegment.readNextOffset`). How far a consumer with
`isolation.level=read_committed` gets, the last stable offset, stands nowhere on the disk: it is the first offset of the
oldest transaction that is still open, which the producers' last snapshot and the batches behind it tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..broker_files import Shutdown
from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk
from ..errors import KinspectError
from ..files.producer_snapshot import read_producer_snapshot
from ..findings import Finding
from ..partition import PartitionLog
from ..reading import read_partition
from ..segment import Role, Segment
from ..source import Meter, open_source
from ..spec.attributes import CONTROL, TRANSACTIONAL
from .records import values_of
from .searching import open_index
from .walking import walk

MOST_PRODUCERS = 1_000_000
"""Open transactions that are followed at a time; what began behind so many is no longer the oldest."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The offsets of a partition. log_end: behind the last record; None where the last segment cannot be read.

    high_watermark: as checkpointed, None where it is not; may_lag: the checkpoint may be older than the log.
    open_from: the first offset of the oldest transaction that is still open, None without one.
    """

    log_start: int
    log_end: int | None
    high_watermark: int | None
    may_lag: bool
    open_from: int | None

    @property
    def last_stable(self) -> int | None:
        """Where a consumer with read_committed stops; None where that is the high watermark."""
        if self.open_from is None or (self.high_watermark is not None and self.open_from >= self.high_watermark):
            return None
        return self.open_from


def bounds_of(log: PartitionLog, engine: Engine) -> Bounds:
    """What is known of a partition that has segments."""
    end, may_lag = log_end(log, engine.meter), log.shutdown is not Shutdown.CLEAN
    return Bounds(log.log_start_offset or 0, end, log.high_watermark, may_lag, _open_from(log, engine))


def is_growing(log: PartitionLog, segment: Segment) -> bool:
    """Whether a broker was still writing to a segment when its directory was left: its indexes then end in zeros."""
    return segment is log.segments[-1] and segment.is_last is not False and not log.was_closed


def log_end(log: PartitionLog, meter: Meter) -> int | None:
    """The offset that the next record would get, read from the last entry of the last index on."""
    segment = log.segments[-1]
    growing = is_growing(log, segment)
    try:
        with open_index(segment, Role.OFFSET_INDEX, meter, is_growing=growing) as index:
            entry = index.last()
        with segment.open(meter) as source:
            walked = walk(source, max(0, entry.value) if entry else 0, lambda _frame: False)
    except KinspectError:
        return None
    return walked.seen.last_offset + 1 if walked.seen else segment.base_offset


def _open_from(log: PartitionLog, engine: Engine) -> int | None:
    """The first offset of the oldest transaction without a marker, by the last snapshot and the batches behind it."""
    start, opened = _last_snapshot(log, engine.meter)
    request = ScanRequest(start_offset=start or None, records=False, check_crc=False)
    for _, chunk in read_partition(log, engine, request, []):
        if len(chunk.batches):
            _follow(chunk, start, opened)
    return min(opened.values(), default=None)


def _follow(chunk: Chunk, start: int, opened: dict[int, int]) -> None:
    """Takes in the transactional batches of a chunk: one with records opens a transaction, a marker ends it."""
    names = ("attributes", "base_offset", "producer_id")
    for attributes, offset, producer in zip(*(values_of(chunk, name) for name in names), strict=True):
        if not attributes & TRANSACTIONAL or offset < start:
            continue
        if attributes & CONTROL:
            opened.pop(producer, None)
        elif len(opened) < MOST_PRODUCERS:
            opened.setdefault(producer, offset)


def _last_snapshot(log: PartitionLog, meter: Meter) -> tuple[int, dict[int, int]]:
    """The offset up to which the newest sound snapshot knows the log, and the transactions open there, by producer."""
    for number, path in sorted(_snapshots(log), reverse=True):
        opened = _opened_by(path, log, meter)
        if opened is not None:
            return number, opened
    return 0, {}


def _opened_by(path: Path, log: PartitionLog, meter: Meter) -> dict[int, int] | None:
    findings: list[Finding] = []
    try:
        with open_source(path, meter=meter) as source:
            states = read_producer_snapshot(source, log.location(), findings)
            firsts = ((one.producer_id, one.current_txn_first_offset) for one in states)
            opened = {producer: first for producer, first in firsts if first is not None}
    except KinspectError:
        return None
    return None if findings else opened


def _snapshots(log: PartitionLog) -> Iterator[tuple[int, Path]]:
    for segment in log.segments:
        path = segment.sibling(Role.PRODUCER_SNAPSHOT)
        if path is not None and segment.base_offset is not None:
            yield segment.base_offset, path
    for file in log.other_files:
        if file.name.role is Role.PRODUCER_SNAPSHOT and not file.name.pending and file.name.number is not None:
            yield file.name.number, file.path
