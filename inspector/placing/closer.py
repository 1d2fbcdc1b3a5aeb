"""A second look at the first records of a topic, where no rule over keys tells how they are placed.

It costs as much as the records that are looked at, and of these there are so many and no more.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batches_of
from ..found import Findings
from ..partition import PartitionLog
from ..reading import read_partition
from ..segment import Segment
from .spread import Sent, Spread, spread_of
from .together import Together, together

MOST_RECORDS = 100_000
"""So many records of a topic are looked at, the same number in each partition, and at least one."""

COLUMNS = ("batch", "offset", "timestamp", "key", "value", "damaged")


@dataclass(frozen=True, slots=True)
class Closer:
    """What the second look told. keyless, keyed: by producer id (-1: none), how it spread records without and with a
    key. values: whether equal values lie together. records: how many were looked at.
    """

    keyless: tuple[tuple[int, Spread], ...]
    keyed: tuple[tuple[int, Spread], ...]
    values: Together
    records: int


class _Looked(NamedTuple):
    """One record."""

    producer_id: int
    has_key: bool
    value: bytes
    sent: Sent


@dataclass(slots=True)
class _Partition:
    """The first records of one. was_cut: whether there are more."""

    records: list[_Looked] = field(default_factory=list)
    was_cut: bool = False


def look_closer(logs: Iterable[PartitionLog], engine: Engine, count: int) -> Closer:
    """Looks at the first records of all partitions of a topic that has so many."""
    looked = [_first_records(log, engine, max(1, MOST_RECORDS // count)) for log in logs]
    ends = [one.records[-1].sent.timestamp for one in looked if one.was_cut]
    end = min(ends, default=None)  # beyond that, not all partitions were looked at
    records = [one for each in looked for one in each.records if end is None or one.sent.timestamp <= end]
    return Closer(
        tuple(_by_producer((one for one in records if not one.has_key), count)),
        tuple(_by_producer((one for one in records if one.has_key), count)),
        _values(records),
        len(records),
    )


def _by_producer(records: Iterable[_Looked], count: int) -> Iterator[tuple[int, Spread]]:
    """The most active first."""
    sent: dict[int, list[Sent]] = {}
    for one in records:
        sent.setdefault(one.producer_id, []).append(one.sent)
    for producer_id, of_one in sorted(sent.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield producer_id, spread_of(of_one, count)


def _values(records: list[_Looked]) -> Together:
    places: dict[bytes, Counter[int]] = {}
    for one in records:
        places.setdefault(one.value, Counter())[one.sent.partition] += 1
    held = Counter(one.sent.partition for one in records)
    return together(((one.total(), len(one)) for one in places.values()), list(held.values()))


def _first_records(log: PartitionLog, engine: Engine, most: int) -> _Partition:
    taken = _Partition()
    for segment, chunk in read_partition(log, engine, ScanRequest(columns=COLUMNS), Findings()):
        for one in _records(log.partition or 0, segment, chunk):
            if len(taken.records) == most:
                taken.was_cut = True
                return taken
            taken.records.append(one)
    return taken


def _records(partition: int, segment: Segment, chunk: Chunk) -> Iterator[_Looked]:
    """The data records of a chunk; those in damaged batches prove nothing."""
    columns: Any = chunk.records.columns
    batches = list(batches_of(chunk))
    for row in range(len(chunk.records)):
        batch = batches[columns["batch"][row]]
        if not batch.is_control and not columns["damaged"][row]:
            place = segment.base_offset or 0, batch.position
            sent = Sent(columns["timestamp"][row], partition, columns["offset"][row], place)
            yield _Looked(batch.producer_id, columns["key"][row] is not None, _digest(columns["value"][row]), sent)


def _digest(value: bytes | None) -> bytes:
    return b"" if value is None else hashlib.blake2b(value, digest_size=16).digest()
