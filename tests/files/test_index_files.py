"""Indexes entry by entry: whole, preallocated, cut, and broken in every field."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from inspector.files import sweep
from tests.files.conftest import UUID, offset_entries, read_file, time_entries, txn_entries

INDEX = "00000000000000000100.index"
TIMEINDEX = "00000000000000000100.timeindex"
TXNINDEX = "00000000000000000100.txnindex"
OFFSETS = ((19, 5076), (35, 10152), (51, 15228))
TIMES = ((1700000604003, 19), (1700000668003, 35), (1700000732003, 51))
TXNS = ((0, 19, 1, 107, 108), (0, 20, 109, 112, 110), (0, 19, 113, 120, 110))


def test_offsets_are_counted_from_the_name(read) -> None:
    assert read(INDEX, offset_entries(*OFFSETS)).rows == [(119, 5076), (135, 10152), (151, 15228)]
    assert read(TIMEINDEX, time_entries(*TIMES)).rows == [(time, 100 + offset) for time, offset in TIMES]
    assert read(TXNINDEX, txn_entries(*TXNS)).rows == list(TXNS)


@pytest.mark.parametrize("pending", ["", ".deleted", ".cleaned", ".swap"])
@pytest.mark.parametrize("stem", ["00000000000000000100", f"100_{UUID}", "100_-_J47CHkuQy2B3GVQQORR_"])
def test_every_name_of_an_index_counts_from_its_offset(read, stem: str, pending: str) -> None:
    assert read(f"{stem}.index{pending}", offset_entries((19, 5076))).rows == [(119, 5076)]
    assert read(f"{stem}.timeindex{pending}", time_entries(TIMES[0])).rows == [(1700000604003, 119)]


@pytest.mark.parametrize("name", [INDEX, TIMEINDEX, TXNINDEX])
def test_an_empty_index_has_no_entries(read, name: str) -> None:
    assert read(name, b"")[:2] == ([], [])


@pytest.mark.parametrize("name", [INDEX, TIMEINDEX])
def test_a_preallocated_index_without_entries_is_zeros_only(read, name: str) -> None:
    result = read(name, bytes(2400))
    assert result.rows == []
    assert result.said == [f"preallocated-tail: {name}, position 0: 2400 bytes of zeros, space not used yet"]


def test_the_zeros_behind_the_last_entry_are_space_not_used_yet(read) -> None:
    result = read(INDEX, offset_entries(*OFFSETS) + bytes(800))
    assert len(result.rows) == 3
    assert result.said == [f"preallocated-tail: {INDEX}, position 24: 800 bytes of zeros, space not used yet"]


def test_data_behind_zeros_is_said_and_not_read(read) -> None:
    result = read(INDEX, offset_entries(*OFFSETS) + bytes(8) + offset_entries((67, 20304)))
    assert len(result.rows) == 3
    assert result.said == [
        f"data-behind-zeros: {INDEX}, position 35: expected zeros from position 24 on, found data at 35"
    ]


def test_aborted_transactions_are_never_preallocated(read) -> None:
    result = read(TXNINDEX, txn_entries(*TXNS) + bytes(34))
    assert result.said == [
        f"impossible-entry: {TXNINDEX}, position 102, last_offset: expected more than first_offset 0, found 0"
    ]


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        (INDEX, offset_entries(*OFFSETS), 8),
        (TIMEINDEX, time_entries(*TIMES), 12),
        (TXNINDEX, txn_entries(*TXNS), 34),
    ],
)
def test_a_partial_last_entry_is_said(read, name: str, data: bytes, size: int) -> None:
    result = read(name, data[:-3])
    assert len(result.rows) == 2
    assert result.said == [
        f"partial-entry: {name}, position {2 * size}: an entry has {size} bytes, here are only {size - 3}"
    ]


BROKEN = {
    "offset goes back": (
        INDEX,
        offset_entries((19, 1), (35, 2), (34, 3), (51, 4)),
        16,
        "relative_offset",
        "more than 35",
    ),
    "offset twice": (INDEX, offset_entries((19, 1), (35, 2), (35, 3), (51, 4)), 16, "relative_offset", "more than 35"),
    "position goes back": (INDEX, offset_entries((19, 1), (35, 9), (51, 3), (67, 10)), 16, "position", "9 or more"),
    "negative offset": (INDEX, offset_entries((19, 1), (35, 2), (51, 3), (-1, 4)), 24, "relative_offset", "0 or more"),
    "negative position": (INDEX, offset_entries((19, 1), (35, 2), (51, -3)), 16, "position", "0 or more"),
    "time goes back": (TIMEINDEX, time_entries((5, 1), (9, 2), (8, 3)), 24, "timestamp", "more than 9"),
    "time twice": (TIMEINDEX, time_entries((5, 1), (9, 2), (9, 3)), 24, "timestamp", "more than 9"),
    "time's offset goes back": (TIMEINDEX, time_entries((5, 1), (9, 2), (10, 1)), 24, "relative_offset", "2 or more"),
    "negative time": (TIMEINDEX, time_entries((5, 1), (9, 2), (-1, 3)), 24, "timestamp", "0 or more"),
    "time's negative offset": (TIMEINDEX, time_entries((5, 1), (9, 2), (10, -3)), 24, "relative_offset", "0 or more"),
    "producer": (TXNINDEX, txn_entries(*TXNS[:2], (0, -5, 113, 120, 110)), 68, "producer_id", "0 or more"),
    "first offset": (TXNINDEX, txn_entries(*TXNS[:2], (0, 5, -1, 120, 110)), 68, "first_offset", "0 or more"),
    "last offset": (
        TXNINDEX,
        txn_entries(*TXNS[:2], (0, 5, 120, 120, 1)),
        68,
        "last_offset",
        "more than first_offset 120",
    ),
    "stable offset": (TXNINDEX, txn_entries(*TXNS[:2], (0, 5, 1, 120, -1)), 68, "last_stable_offset", "0 or more"),
    "marker goes back": (TXNINDEX, txn_entries(*TXNS[:2], (0, 5, 1, 111, 1)), 68, "last_offset", "more than 112"),
}


@pytest.mark.parametrize(("name", "data", "position", "field", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_named_with_its_field(
    read, name: str, data: bytes, position: int, field: str, expected: str
) -> None:
    result = read(name, data)
    assert len(result.rows) >= 3, "entries that break a rule are shown all the same"
    (finding,) = result.findings
    assert finding.slug in ("impossible-entry", "entry-out-of-order")
    assert (finding.location.position, finding.location.field, finding.expected) == (position, field, expected)


@pytest.mark.parametrize("version", [1, -1, 256])
def test_aborted_transactions_of_an_unknown_version_are_not_guessed_at(read, version: int) -> None:
    """Kafka reads one byte of the version and would take both 1 and 255 for 0."""
    result = read(TXNINDEX, txn_entries(TXNS[0], (version, *TXNS[1][1:]), TXNS[2]))
    assert result.rows == [TXNS[0]]
    assert result.said == [f"unknown-version: {TXNINDEX}, position 34, version: expected version 0, found {version}"]


def test_an_index_of_one_zero_timestamp_is_no_preallocated_one(read) -> None:
    """The last entry of a closed segment may be timestamp 0 at the base offset; space would be more than that."""
    result = read(TIMEINDEX, bytes(12))
    assert (result.rows, result.findings) == ([(0, 100)], [])


def test_a_timestamp_may_leap_far(read) -> None:
    """A producer that counts nanoseconds is no reason to call the file something else."""
    result = read(TIMEINDEX, time_entries((1700000604003, 19), (1700000668003000000, 35)))
    assert len(result.rows) == 2
    assert result.findings == []


def test_a_file_of_broken_entries_is_not_read_to_its_end(read) -> None:
    good = [(number, number) for number in range(1, sweep.HEAD_ENTRIES + 2)]
    result = read(INDEX, offset_entries(*good, *[(7, 7)] * 1000))
    assert len(result.rows) == len(good) + sweep.MOST_FINDINGS - 1
    assert len(result.findings) == sweep.MOST_FINDINGS + 1
    assert result.findings[-1].slug == "not-what-it-is-called"


def test_a_large_index_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / INDEX
    with path.open("wb") as file:
        for start in range(1, 300_001, 10_000):
            file.write(offset_entries(*((number, number) for number in range(start, start + 10_000))))
    from inspector.reports.contents import contents

    report = contents([path])
    tracemalloc.start()
    try:
        count = sum(1 for _ in report.all_rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, report.findings) == (300_000, [])
    assert peak < 1024 * 1024 < path.stat().st_size


def test_a_sparse_file_of_zeros_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / INDEX
    with path.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    assert read_file(path).slugs == ["preallocated-tail"]
