"""A disk that fails at several places of a file, or everywhere; what is found out about these places."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from fixtures.make.damage import make_batch, with_bit_flipped
from inspector import bad_blocks, source
from inspector.bad_blocks import PAGE, end_of_unreadable, first_unreadable, scan_on
from inspector.engine import ScanRequest, choose
from inspector.errors import InputError
from inspector.location import Location
from inspector.reports.integrity import integrity
from inspector.reports.scope import Scope
from inspector.reports.selection import Selection
from inspector.source import BytesSource, FileSource
from tests.reports.conftest import Taken, taken

SIZE = 1000
"""Of a batch, nearly."""

BATCH = make_batch(0, [bytes(SIZE)])
COUNT = 400


class Disk(BytesSource):
    """Bytes of which some pages cannot be read; counts how often it fails."""

    def __init__(self, size: int, bad: Iterable[int]) -> None:
        super().__init__(bytes(size))
        self.bad, self.failures = set(bad), 0

    def read_at(self, position: int, size: int) -> bytes:
        if self.bad.intersection(range(position // PAGE, -(-min(position + size, self.size) // PAGE))):
            self.failures += 1
            raise InputError("cannot read it") from OSError(errno.EIO, "Input/output error")
        return super().read_at(position, size)


@pytest.mark.parametrize(
    ("start", "bad", "first", "end"),
    [
        (0, [0], 0, 1),
        (5, [6, 7], 6, 8),
        (0, [700], 700, 701),
        (100, range(300, 900), 300, 900),
        (0, [999], 999, 1000),
        (0, range(1000), 0, 1000),
    ],
)
def test_where_unreadable_pages_begin_and_end(start: int, bad: Iterable[int], first: int, end: int) -> None:
    disk = Disk(1000 * PAGE, bad)
    assert first_unreadable(disk, start * PAGE) == first * PAGE
    before = disk.failures
    assert end_of_unreadable(disk, first * PAGE) == end * PAGE
    assert disk.failures - before <= 20


def test_the_middle_of_a_page_is_a_beginning_too() -> None:
    disk = Disk(3 * PAGE + 100, [1])
    assert first_unreadable(disk, PAGE + 7) == PAGE + 7
    assert end_of_unreadable(disk, PAGE + 7) == 2 * PAGE
    assert first_unreadable(disk, 2 * PAGE + 1) is None
    assert end_of_unreadable(Disk(3 * PAGE + 100, [3]), 3 * PAGE + 1) == 3 * PAGE + 100


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """One segment of many equal batches."""
    folder = tmp_path / "t-0"
    folder.mkdir()
    path = folder / f"{0:020}.log"
    path.write_bytes(b"".join(number.to_bytes(8, "big") + BATCH[8:] for number in range(COUNT)))
    return path


def fail_at(monkeypatch: pytest.MonkeyPatch, pages: Iterable[int], error: int = errno.EIO) -> None:
    """From here on the disk does not give these pages of any segment."""
    bad, pread, readable = set(pages), source._pread, FileSource._readable
    logs: set[int] = set()

    def noting(self: FileSource) -> int:
        descriptor = readable(self)
        (logs.add if self.path.endswith(".log") else logs.discard)(descriptor)
        return descriptor

    def failing(descriptor: int, size: int, position: int) -> bytes:
        if descriptor in logs and bad.intersection(range(position // PAGE, -(-(position + size) // PAGE))):
            raise OSError(error, "Input/output error")
        return pread(descriptor, size, position)

    monkeypatch.setattr(FileSource, "_readable", noting)
    monkeypatch.setattr(FileSource, "lend", lambda _self: None)
    monkeypatch.setattr(source, "_pread", failing)


def stretches(pages: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last batch of each run of batches that touch one of these pages."""
    bad = set(pages)
    size = len(BATCH)
    gone = [n for n in range(COUNT) if bad.intersection(range(n * size // PAGE, ((n + 1) * size - 1) // PAGE + 1))]
    while gone:
        run = [n for place, n in enumerate(gone) if n == gone[0] + place]
        yield run[0], run[-1]
        gone = gone[len(run) :]


def verified(segment: Path) -> Taken:
    return taken(integrity([segment.parent], Selection(), Scope(only=frozenset({"crc"}))))


@pytest.mark.parametrize("pages", [(3,), (0, 50, 97), (10, 11, 12, 40), (20, 22, 24, 26), range(0, 90, 9)], ids=str)
def test_each_place_is_a_finding_and_all_between_is_read(segment, monkeypatch, pages) -> None:
    expected = list(stretches(pages))
    fail_at(monkeypatch, pages)
    part = verified(segment)
    size = len(BATCH)
    assert [(one.slug, one.location.position, one.location.size) for one in part.findings] == [
        ("unreadable-file", first * size, (last + 1 - first) * size) for first, last in expected
    ]
    read = COUNT - sum(last + 1 - first for first, last in expected)
    assert f"1 segment, {read} batches, {read} records read" in part.verdict.text
    assert part.verdict.incomplete


def test_damage_beside_such_a_place_is_told_once(segment, monkeypatch) -> None:
    size = len(BATCH)
    batches = [segment.read_bytes()[n * size : (n + 1) * size] for n in range(COUNT)]
    for number in (5, 380):
        batches[number] = with_bit_flipped(batches[number], 300)
    segment.write_bytes(b"".join(batches))
    fail_at(monkeypatch, (50,))
    part = verified(segment)
    ((first, _),) = stretches((50,))
    roots = [one for one in part.findings if one.caused_by is None]
    assert [(one.slug, one.location.position) for one in roots] == [
        ("crc-mismatch", 5 * size),
        ("unreadable-file", first * size),
        ("crc-mismatch", 380 * size),
    ]


def test_a_disk_that_fails_at_too_many_places_is_given_up(segment, monkeypatch) -> None:
    monkeypatch.setattr(bad_blocks, "MOST_STRETCHES", 4)
    pages = range(5, 100, 10)
    expected = list(stretches(pages))[:4]
    fail_at(monkeypatch, pages)
    part = verified(segment)
    positions = [one.location.position for one in part.findings]
    assert positions == [*(first * len(BATCH) for first, _ in expected), None]
    assert set(part.slugs) == {"unreadable-file"} and part.verdict.incomplete


def test_failures_of_another_kind_end_the_reading_of_the_file(segment, monkeypatch) -> None:
    fail_at(monkeypatch, (50,), errno.ESTALE)
    part = verified(segment)
    assert [(one.slug, one.location.position) for one in part.findings] == [("unreadable-file", None)]


def test_what_fails_once_and_then_reads_is_no_endless_round() -> None:
    class Once(Disk):
        def read_at(self, position: int, size: int) -> bytes:
            self.bad = set() if self.failures else {position // PAGE}
            return super().read_at(position, size)

    with pytest.raises(InputError):
        list(scan_on(choose(), Once(100_000, ()), ScanRequest(), Location("x"), []))
