"""What consumer groups have committed, by the broker's own `__consumer_offsets` in the same log directory.

A group reads on from its committed offset, so what lies before it was read (or skipped) and what lies behind was not.
Source: `org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde`; keys of type 0 and 1 are offset commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..found import Findings
from ..names import printable
from ..partition import PartitionLog, State
from ..reading import read_partition
from ..schemas import SchemaError, decode, load_family
from ..schemas.reader import Reader

CONSUMER_OFFSETS = "__consumer_offsets"
COMMIT_KEYS = {0: ("LegacyOffsetCommitKey", "LegacyOffsetCommitValue"), 1: ("OffsetCommitKey", "OffsetCommitValue")}
MOST_PLACES = 1_000_000
"""Offsets of so many partitions are remembered."""

Place = tuple[str, int]
"""A topic, made `printable`, and a partition."""

Commit = tuple[str, Place, int | None]
"""A group, where, and the offset: None where one was deleted."""


@dataclass(frozen=True, slots=True)
class Committed:
    """Committed offsets by topic and partition, then group. partitions: how many of `__consumer_offsets` were read."""

    offsets: dict[Place, dict[str, int]] = field(default_factory=dict)
    partitions: int = 0

    def of(self, log: PartitionLog) -> dict[str, int]:
        """The groups that committed an offset of this partition."""
        return self.offsets.get((log.topic or "", -1 if log.partition is None else log.partition), {})


def committed_offsets(logs: Iterable[PartitionLog], engine: Engine) -> Committed:
    """The last committed offsets, by the live partitions of `__consumer_offsets` among `logs`."""
    read: list[PartitionLog] = []
    offsets: dict[Place, dict[str, int]] = {}
    for log in logs:
        if log.topic == CONSUMER_OFFSETS and log.state is State.LIVE:
            read.append(log)
            for commit in _commits(log, engine):
                _note(offsets, *commit)
    return Committed(offsets, len(read))


def _note(offsets: dict[Place, dict[str, int]], group: str, place: Place, offset: int | None) -> None:
    if offset is None:
        offsets.get(place, {}).pop(group, None)
    elif place in offsets or len(offsets) < MOST_PLACES:
        offsets.setdefault(place, {})[group] = offset


def _commits(log: PartitionLog, engine: Engine) -> Iterator[Commit]:
    """The commits in the order in which they came into force: in a transaction (KIP-98), when its marker says so.

    Damage is for others to tell.
    """
    pending: dict[int, list[Commit]] = {}
    for _, chunk in read_partition(log, engine, ScanRequest(), Findings()):
        for batch, record in records_of(chunk):
            if record.damaged:
                continue
            if batch.is_control:
                held = pending.pop(batch.producer_id, [])
                yield from held if record.control_type == "COMMIT" else ()
                continue
            commit = None if record.key is None else _commit(record.key, record.value)
            if commit is not None and batch.is_transactional:
                pending.setdefault(batch.producer_id, []).append(commit)
            elif commit is not None:
                yield commit


def _commit(key: bytes, value: bytes | None) -> Commit | None:
    family = load_family("consumer_offsets")
    try:
        kind = int.from_bytes(Reader(key, 0).take(2, "type"), "big", signed=True)
        if kind not in COMMIT_KEYS:
            return None
        key_schema, value_schema = (family[name] for name in COMMIT_KEYS[kind])
        where: dict[str, Any] = decode(key_schema, 0, key, 2).value
        offset = None if value is None else _offset(value_schema, value)
    except SchemaError:
        return None
    return printable(where["group"]), (printable(where["topic"]), where["partition"]), offset


def _offset(schema: Any, value: bytes) -> int:
    version = int.from_bytes(Reader(value, 0).take(2, "version"), "big", signed=True)
    offset = decode(schema, version, value, 2).value["offset"]
    return offset if isinstance(offset, int) else -1
