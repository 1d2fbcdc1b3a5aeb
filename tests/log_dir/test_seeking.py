"""Where to start for an offset: what the index says, and how little is read to know it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import make_batch
from inspector.broker_files import Shutdown
from inspector.engine import SPEC, ScanRequest, choose
from inspector.engine.chunk import records_of
from inspector.reading import read_segment
from inspector.seeking import lookup_index
from inspector.segment import Role, Segment
from inspector.source import Meter
from inspector.spec.offset_index import ENTRY, ENTRY_SIZE

BASE = 1000
MANY = 100_000


def segment_with_index(folder: Path, index: bytes, log: bytes = b"") -> Segment:
    """A segment that begins with offset 1000, with an index beside it."""
    name = f"{BASE:020}.log"
    (folder / name).write_bytes(log)
    (folder / f"{BASE:020}.index").write_bytes(index)
    return Segment(str(folder), name, name, BASE, len(log), sibling_roles=(Role.OFFSET_INDEX,))


def entries(count: int) -> bytes:
    """Every 10th offset, at every 5000th position."""
    return b"".join(ENTRY.pack(10 * number, 5000 * number) for number in range(1, count + 1))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 9])
@pytest.mark.parametrize("preallocated", [0, 1, 2, 30])
@pytest.mark.parametrize("torn", [b"", b"\0\0\0\1"], ids=["whole", "torn"])
def test_the_entry_is_the_last_one_that_is_not_beyond(tmp_path, count, preallocated, torn):
    segment = segment_with_index(tmp_path, entries(count) + bytes(preallocated * ENTRY_SIZE) + torn)
    for target in range(BASE - 1, BASE + 10 * count + 25):
        number = min((target - BASE) // 10, count)
        expected = (BASE + 10 * number, 5000 * number) if number > 0 else None
        assert lookup_index(segment, target) == expected, target


@pytest.mark.parametrize("index", [b"", b"\0\0\0\1\0\0", bytes(800)], ids=["empty", "a-piece", "zeros"])
def test_an_index_without_entries_says_nothing(tmp_path, index):
    assert lookup_index(segment_with_index(tmp_path, index), BASE + 5) is None


def test_of_many_entries_few_are_read(tmp_path):
    segment = segment_with_index(tmp_path, entries(MANY) + bytes(MANY * ENTRY_SIZE))
    for target in (BASE + 11, BASE + 10 * MANY // 2, BASE + 20 * MANY):
        meter = Meter()
        assert lookup_index(segment, target, meter) is not None
        assert meter.bytes_read <= 20 * ENTRY_SIZE


def test_the_last_records_of_a_long_segment_cost_what_the_first_ones_cost(tmp_path):
    batches = [make_batch(BASE + number, [b"x" * 8000]) for number in range(1000)]
    size = len(batches[0])
    index = b"".join(ENTRY.pack(number, number * size) for number in range(1, len(batches)))
    segment = segment_with_index(tmp_path, index, b"".join(batches))
    cost = [bytes_read_for(segment, BASE + first) for first in (0, len(batches) - 130)]
    assert max(cost) < 1.1 * min(cost) < segment.size // 4


def bytes_read_for(segment: Segment, start: int) -> int:
    """What the first record at or behind an offset costs."""
    engine = choose(SPEC)
    chunk = next(read_segment(segment, engine, ScanRequest(start_offset=start, most_batches=1), [], Shutdown.UNKNOWN))
    assert next(records_of(chunk))[1].offset == start
    return engine.meter.bytes_read
