"""Questions about partitions: the offsets and timestamps that matter, and those next to them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from inspector.engine import ScanRequest, choose
from inspector.engine.chunk import batches_of, records_of
from inspector.log_dir import open_log_dir
from inspector.partition import PartitionLog
from inspector.reading import read_partition
from inspector.segment import MAX_OFFSET

from .judge import Asked


def partitions(directory: Path) -> Iterator[PartitionLog]:
    """Those of a directory that hold a segment."""
    for log in open_log_dir(directory).partitions:
        if log.segments:
            yield log


def asked_of(log: PartitionLog, most: int) -> Asked:
    """The bounds of batches and the timestamps of records, ± 1; of many, a choice that is always the same."""
    offsets, times = {0}, {0}
    for _, chunk in read_partition(log, choose("native"), ScanRequest(), []):
        for batch in batches_of(chunk):
            offsets |= {batch.base_offset or 0, batch.last_offset}
        times |= {record.timestamp for _, record in records_of(chunk)}
    chosen = random.Random(str(log.path.name))
    return Asked(log, _some(chosen, _around(offsets), most), _some(chosen, _around(times), most))


def _around(numbers: set[int]) -> list[int]:
    """Each with its neighbours."""
    return sorted({min(max(0, number + by), MAX_OFFSET) for number in numbers for by in (-1, 0, 1)})


def _some(chosen: random.Random, numbers: Sequence[int], most: int) -> list[int]:
    """The first, the last, and some in between."""
    if len(numbers) <= most:
        return list(numbers)
    return sorted({*numbers[:2], *numbers[-3:], *chosen.sample(numbers, most - 5)})
