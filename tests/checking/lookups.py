"""What Kafka's lookups come to, by brute force over batches that are known, without our readers.

Sources: `AbstractIndex.indexSlotRangeFor`, `OffsetIndex.lookup`, `TimeIndex.lookup`,
`LogSegment.findOffsetByTimestamp`; `test_lookups_against_kafka.py` holds it against Kafka itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

OFFSET_ENTRY, TIME_ENTRY = struct.Struct(">ii"), struct.Struct(">qi")
HOT_BYTES = 8192
LEAST_BYTES = 17
"""With fewer bytes ahead Kafka takes a log for ended."""

REFUSED = -1
"""In place of what was found: reading began where no batch does."""


class Batch(NamedTuple):
    """What a lookup needs of a batch. records: offset and timestamp of each."""

    position: int
    size: int
    base_offset: int
    last_offset: int
    max_timestamp: int
    records: Sequence[tuple[int, int]]


Search = Callable[[bytes, int], tuple[int, int] | None]


def entry_below(entry: struct.Struct, data: bytes, target: int) -> tuple[int, int] | None:
    """The entry that Kafka's halving search ends at for a first field of at most `target`; None before the first."""
    entries = [entry.unpack_from(data, at) for at in range(0, len(data) - entry.size + 1, entry.size)]
    if not entries:
        return None
    hot = max(0, len(entries) - 1 - HOT_BYTES // entry.size)
    if entries[hot][0] < target:
        return entries[_halve(entries, target, hot, len(entries) - 1)]
    if entries[0][0] > target:
        return None
    return entries[_halve(entries, target, 0, hot)]


def _halve(entries: Sequence[tuple[int, ...]], target: int, low: int, high: int) -> int:
    while low < high:
        middle = (low + high + 1) // 2
        if entries[middle][0] > target:
            high = middle - 1
        elif entries[middle][0] < target:
            low = middle
        else:
            return middle
    return low


def start_of(index: bytes, base_offset: int, offset: int) -> int:
    """The position from which Kafka reads on for an offset."""
    found = entry_below(OFFSET_ENTRY, index, offset - base_offset)
    return 0 if found is None else found[1]


def _is_readable(batches: Sequence[Batch], start: int) -> bool:
    """Whether reading can begin there: at a batch, or so far behind that there is nothing."""
    end = batches[-1].position + batches[-1].size
    return start > end - LEAST_BYTES or any(batch.position == start for batch in batches)


def batch_found(batches: Sequence[Batch], index: bytes, base_offset: int, offset: int) -> int | None:
    """The position of the batch that a fetch from `offset` begins with; None where it finds none."""
    start = start_of(index, base_offset, offset)
    if not _is_readable(batches, start):
        return REFUSED
    return next((one.position for one in batches if one.position >= start and one.last_offset >= offset), None)


def record_found(batches: Sequence[Batch], index: bytes, times: bytes, base_offset: int, time: int) -> int | None:
    """The first offset from the place of the time index on that is not earlier than `time`."""
    found = entry_below(TIME_ENTRY, times, time)
    start = start_of(index, base_offset, base_offset if found is None else max(base_offset, base_offset + found[1]))
    if not _is_readable(batches, start):
        return REFUSED
    for batch in batches:
        if batch.position >= start and batch.max_timestamp >= time:
            for offset, timestamp in batch.records:
                if timestamp >= time:
                    return offset
    return None


def misled_offsets(batches: Sequence[Batch], index: bytes, base_offset: int) -> list[int]:
    """The offsets of the log for which the index leads elsewhere than reading from the start would."""
    asked = sorted({offset for batch in batches for offset in (batch.base_offset, batch.last_offset)})
    return [
        offset
        for offset in asked
        if batch_found(batches, index, base_offset, offset) != batch_found(batches, b"", base_offset, offset)
    ]


def misled_times(batches: Sequence[Batch], index: bytes, times: bytes, base_offset: int) -> list[int]:
    """Likewise the timestamps, and those next to them."""
    there = {timestamp for batch in batches for _, timestamp in batch.records}
    asked = sorted({timestamp + by for timestamp in there for by in (-1, 0, 1)})
    return [
        time
        for time in asked
        if record_found(batches, index, times, base_offset, time)
        != record_found(batches, index, b"", base_offset, time)
    ]


def batches_kafka_read(sayings: Path) -> list[Batch]:
    """The batches of a segment as Kafka read them, from a `.jsonl`."""
    import json

    batches: list[Batch] = []
    for line in map(json.loads, sayings.read_text(encoding="utf-8").splitlines()):
        if line["line"] == "batch":
            records: list[tuple[int, int]] = []
            fields = (line[name] for name in ("position", "sizeInBytes", "baseOffset", "lastOffset", "maxTimestamp"))
            batches.append(Batch(*fields, records))
        elif line["line"] == "record":
            records.append((line["offset"], line["timestamp"]))
    return batches
