"""The page cache of the host: what we read is given back, what was there stays, and looking costs nobody anything."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector import page_cache
from inspector.page_cache import UNIT, Footprint, absent_ranges, resident_pages
from inspector.source import Meter, open_source

PAGE = mmap.PAGESIZE
MIB = 1024 * 1024

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages are in memory")


def on_the_disk(path: Path, size: int) -> Path:
    """A file of which nothing is in memory."""
    path.write_bytes(os.urandom(MIB) * (size // MIB) + bytes(size % MIB))
    cool(path)
    return path


def cool(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def warm(path: Path, start: int, end: int) -> None:
    """Reads a stretch of a file, and nothing ahead of it."""
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        for position in range(start, end, PAGE):
            os.pread(file.fileno(), PAGE, position)


def resident(path: Path) -> int:
    """How many bytes of a file are in memory."""
    with path.open("rb") as file:
        pages = resident_pages(file.fileno(), 0, path.stat().st_size)
    assert pages is not None
    return pages.count(1) * PAGE


@pytest.fixture
def disk(tmp_path: Path, require: Callable[[str, str], None]) -> Path:
    """A folder whose files can be pushed out of memory, which a file system in memory cannot."""
    if resident(on_the_disk(tmp_path / "probe", MIB)):
        require("disk", "nothing can be pushed out of memory here")
    return tmp_path


def test_what_is_absent_is_told_in_ranges() -> None:
    pages = bytes((0, 0, 1, 0, 1, 1, 0))
    end = 10 * PAGE + 6 * PAGE + 5
    assert list(absent_ranges(pages, 10 * PAGE, end)) == [
        (10 * PAGE, 12 * PAGE),
        (13 * PAGE, 14 * PAGE),
        (16 * PAGE, end),
    ]
    assert list(absent_ranges(b"\1" * 8, 0, 8 * PAGE)) == []


def test_residency_is_seen_page_by_page(disk: Path) -> None:
    path = on_the_disk(disk / "file", 4 * MIB)
    warm(path, MIB, MIB + 3 * PAGE)
    with path.open("rb") as file:
        pages = resident_pages(file.fileno(), MIB, 2 * MIB)
    assert pages is not None and pages[:4] == b"\1\1\1\0" and len(pages) == 2 * MIB // PAGE


def test_a_file_that_was_cut_since_is_looked_at_without_harm(disk: Path) -> None:
    path = on_the_disk(disk / "file", 2 * MIB)
    with path.open("r+b") as file:
        file.truncate(PAGE)
        assert resident_pages(file.fileno(), 0, 2 * MIB) is not None


def test_what_cannot_be_mapped_is_not_known() -> None:
    reading, writing = os.pipe()
    assert resident_pages(reading, 0, PAGE) is None
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("step", [4096, MIB, 8 * MIB])
def test_a_cold_file_is_cold_again(disk: Path, step: int) -> None:
    path = on_the_disk(disk / "file", 24 * MIB + 777)
    meter = Meter(spares_cache=True)
    most = 0
    with open_source(path, meter=meter) as source:
        for position in range(0, source.size, step):
            source.read_at(position, step)
            source.passed(position + step)
            most = max(most, resident(path)) if position % (4 * MIB) == 0 else most
    assert meter.bytes_read == path.stat().st_size
    assert resident(path) == 0
    assert most < 20 * MIB


def test_what_was_in_memory_stays_there(disk: Path) -> None:
    path = on_the_disk(disk / "file", 16 * MIB)
    warm(path, 3 * MIB, 5 * MIB)
    before = resident(path)
    with open_source(path, meter=Meter(spares_cache=True)) as source:
        for position in range(0, source.size, MIB):
            source.read_at(position, MIB)
            source.passed(position)
    assert 2 * MIB <= resident(path) == before


def test_without_being_asked_nothing_is_given_back(disk: Path) -> None:
    path = on_the_disk(disk / "file", 8 * MIB)
    with open_source(path, meter=Meter()) as source:
        source.read_at(0, 8 * MIB)
    assert resident(path) == 8 * MIB


def test_where_the_system_does_not_tell_nothing_is_given_back(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "_libc", lambda: None)
    path = on_the_disk(disk / "file", 8 * MIB)
    with open_source(path, meter=Meter(spares_cache=True)) as source:
        source.read_at(0, 8 * MIB)
    monkeypatch.undo()
    assert resident(path) == 8 * MIB


def test_lumps_end_where_no_unit_of_the_system_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(page_cache, "resident_pages", lambda _fd, _start, size: bytes(-(-size // PAGE)))
    monkeypatch.setattr(page_cache, "_give_back", lambda _fd, start, end: given.append((start, end)))
    size = 5 * UNIT + 1
    footprint = Footprint(size)
    footprint.before_reading(0, 0)
    assert not footprint.is_worth_leaving(UNIT) and footprint.is_worth_leaving(2 * UNIT + 9)
    footprint.leave(0, 2 * UNIT + 9)
    footprint.leave(0, size)
    assert given == [(0, 2 * UNIT), (2 * UNIT, size)]
    assert footprint.is_empty


def test_a_look_goes_window_by_window_ahead_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, int]] = []

    def noting(_descriptor: int, start: int, size: int) -> bytes:
        looks.append((start, size))
        return b"\1" * (size // PAGE)

    monkeypatch.setattr(page_cache, "resident_pages", noting)
    monkeypatch.setattr(page_cache, "WINDOW", 4 * MIB)
    monkeypatch.setattr(page_cache, "AHEAD", 6 * MIB)
    footprint = Footprint(20 * MIB)
    footprint.before_reading(0, 0)
    assert looks == [(0, 4 * MIB), (4 * MIB, 4 * MIB)]
    footprint.before_reading(0, 2 * MIB)
    assert len(looks) == 2
    footprint.before_reading(0, 19 * MIB)
    assert looks[-1] == (16 * MIB, 4 * MIB)
    assert footprint.is_empty
