"""How a key is found: not at all by the broker. Kafka keeps no index by key; only reading everything finds it.

Where a record with the key should lie, the producer's partitioner tells, which the disk does not name: Java's default
is taken for granted, as in Kafka's own tools, and other rules are asked where a record lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..findings import Finding
from ..model import Record, RecordBatch
from ..partition import PartitionLog
from ..partitioners import PARTITIONERS, HashPartitioner
from ..reading import read_partition
from ..report import Progress
from ..segment import Segment
from .records import values_of

DEFAULT = "java"

MOST_COUNTS = 10_000
"""So many numbers of partitions are tried."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record with the key, where it lies."""

    segment: Segment
    batch: RecordBatch
    record: Record


@dataclass(slots=True)
class KeyInPartition:
    """What one partition holds of a key.

    count: records with it. first, last: of them. bytes_passed: of log that had to be gone through, records_passed too.
    """

    log: PartitionLog
    count: int = 0
    first: Sighting | None = None
    last: Sighting | None = None
    bytes_passed: int = 0
    segments: int = 0

    @property
    def number(self) -> int:
        """The partition's number."""
        return self.log.partition or 0


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """How a key was looked for in a topic.

    partition_count: as far as it is known. default: the partition that Java's default partitioner gives.
    findings: what was met on the way, and what could not be read.
    """

    key: bytes
    topic: str
    partition_count: int
    default: int | None
    partitions: tuple[KeyInPartition, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def holders(self) -> tuple[KeyInPartition, ...]:
        """The partitions that hold a record with the key, by their first timestamp."""
        held = [one for one in self.partitions if one.first is not None]
        return tuple(sorted(held, key=lambda one: one.first.record.timestamp if one.first else 0))


def lookup_key(
    key: bytes, topic: str, logs: Sequence[PartitionLog], partition_count: int, engine: Engine, progress: Progress
) -> KeyLookup:
    """Reads partitions for the records with a key. Nothing is raised: what cannot be read is a finding."""
    findings: list[Finding] = []
    partitions = tuple(_read(key, log, engine, progress, findings) for log in logs)
    default = PARTITIONERS[DEFAULT].partition(key, partition_count)
    return KeyLookup(key, topic, partition_count, default, partitions, tuple(findings))


def _read(key: bytes, log: PartitionLog, engine: Engine, progress: Progress, findings: list[Finding]) -> KeyInPartition:
    seen = KeyInPartition(log, segments=len(log.segments))
    request = ScanRequest(key=key)
    for segment, chunk in read_partition(log, engine, request, findings, progress):
        if len(chunk.batches):
            seen.bytes_passed += sum(values_of(chunk, "batch_bytes"))
        for batch, record in records_of(chunk):
            if not batch.is_control and record.key == key:
                _note(seen, Sighting(segment, batch, record))
    return seen


def _note(seen: KeyInPartition, sighting: Sighting) -> None:
    seen.count += 1
    seen.first = seen.first or sighting
    seen.last = sighting


def rules_that_place(key: bytes, partition: int, partition_count: int) -> list[HashPartitioner]:
    """The rules of other clients that put a key into a partition."""
    hashing = [one for one in PARTITIONERS.values() if isinstance(one, HashPartitioner) and one.name != DEFAULT]
    return [one for one in hashing if one.partition(key, partition_count) == partition]


def counts_that_place(key: bytes, partition: int, partition_count: int) -> list[int]:
    """The smaller numbers of partitions with which Java's default puts a key into a partition."""
    java = PARTITIONERS[DEFAULT]
    smaller = range(partition + 1, min(partition_count, MOST_COUNTS))
    return [count for count in smaller if java.partition(key, count) == partition]
