"""Many partitions and segments: what is opened, listed and kept, by counts. `benchmarks/scale.py` has the times."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.scale import batch, make_directory
from inspector.partition import PartitionLog
from inspector.reports.files import files
from inspector.reports.inventory import inventory
from inspector.reports.selection import Selection
from inspector.reports.show import show
from inspector.segment import Segment

PARTITIONS, SEGMENTS, TOPICS = 200, 10, 20
TEXT_FILES = 2
"""partition.metadata and leader-epoch-checkpoint."""

BROKER_FILES = 2
"""meta.properties and the replication-offset-checkpoint; the others are not there."""


class Calls:
    """What was asked of the system, by name of the call and of the file."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.listed: Counter[str] = Counter()
        self.most_descriptors = 0

    @property
    def logs(self) -> int:
        """How often a segment was opened."""
        return sum(count for name, count in self.opened.items() if name.endswith(".log"))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred partitions with ten segments each."""
    root = tmp_path_factory.mktemp("scale") / "data"
    make_directory(root, PARTITIONS, SEGMENTS, TOPICS)
    return root


@pytest.fixture
def calls(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Notes every file opened and every folder listed below the directory from here on."""
    noted, real_open, real_scandir = Calls(), os.open, os.scandir

    def noting_open(path, flags, *more, **named):
        descriptor = real_open(path, flags, *more, **named)
        if str(path).startswith(str(directory)):
            noted.opened[str(path)] += 1
            noted.most_descriptors = max(noted.most_descriptors, len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        return descriptor

    def noting_scandir(path="."):
        noted.listed[str(path)] += 1
        return real_scandir(path)

    monkeypatch.setattr(os, "open", noting_open)
    monkeypatch.setattr(os, "scandir", noting_scandir)
    return noted


def test_the_inventory_opens_the_two_ends_of_each_log_once(directory: Path, calls: Calls) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    rows = list(inventory([directory], Selection(), segments=False).all_rows())
    assert len(rows) == PARTITIONS
    assert calls.logs == 2 * PARTITIONS
    assert sum(calls.opened.values()) == (2 + TEXT_FILES) * PARTITIONS + BROKER_FILES
    assert max(calls.opened.values()) == 1
    assert calls.listed == {str(directory): 1, **{str(directory / f"topic-{n % 20}-{n // 20}"): 1 for n in range(200)}}
    assert calls.most_descriptors <= before + 4


def test_the_segments_are_opened_once_each(directory: Path, calls: Calls) -> None:
    rows = list(inventory([directory], Selection(), segments=True).all_rows())
    assert (len(rows), calls.logs) == (PARTITIONS * SEGMENTS, PARTITIONS * SEGMENTS)
    assert max(calls.opened.values()) == 1


def test_the_first_row_waits_for_no_other_partition(directory: Path, calls: Calls) -> None:
    rows = inventory([directory], Selection(), segments=False).all_rows()
    assert next(rows)[:2] == ("topic-0", 0)
    assert (len(calls.listed), calls.logs) == (2, 2)


def test_all_files_are_listed_without_opening_one_of_them(directory: Path, calls: Calls) -> None:
    rows = list(files([directory], Selection()).all_rows())
    assert len(rows) == PARTITIONS * (3 * SEGMENTS + TEXT_FILES) + BROKER_FILES
    assert sum(calls.opened.values()) == BROKER_FILES


def test_one_topic_is_shown_without_looking_into_the_others(directory: Path, calls: Calls) -> None:
    report = show([directory], Selection(("topic-7",)))
    assert len(list(report.all_rows())) == PARTITIONS // TOPICS * SEGMENTS * 2
    report.verdict()
    assert {Path(name).name for name in calls.listed} == {directory.name, *(f"topic-7-{n}" for n in range(10))}


def test_no_listing_outlives_its_rows(directory: Path) -> None:
    before = alive()
    rows = inventory([directory], Selection(), segments=False).all_rows()
    for _ in range(PARTITIONS // 2):
        next(rows)
    now = alive()
    assert now[Segment] - before[Segment] <= SEGMENTS
    assert now[PartitionLog] - before[PartitionLog] <= PARTITIONS + 1


def test_the_last_record_of_many_batches_is_found_without_keeping_the_others(tmp_path: Path) -> None:
    many = 10_000
    folder = tmp_path / "t-0"
    folder.mkdir()
    (folder / f"{0:020}.log").write_bytes(b"".join(map(batch, range(many))))
    tracemalloc.start()
    try:
        offsets = [row[2] for row in show([tmp_path], Selection(("t",), tail=1)).all_rows()]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert offsets == [many - 1]
    assert peak < many * 350  # a batch as a value takes more than 500 bytes


def alive() -> Counter[type]:
    gc.collect()
    return Counter(type(one) for one in gc.get_objects() if isinstance(one, Segment | PartitionLog))


def test_the_end_of_a_preallocated_segment_is_found_without_reading_its_gigabyte(tmp_path: Path, reads) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    path = folder / f"{0:020}.log"
    path.write_bytes(b"".join(map(batch, range(3))))
    os.truncate(path, 1 << 30)
    if path.stat().st_blocks * 512 > 100_000:
        pytest.skip("this file system knows no sparse files")
    (row,) = inventory([tmp_path], Selection(), segments=False).all_rows()
    assert row[5] == 3
    assert sum(size for _, _, size in reads.ranges) < 200_000
