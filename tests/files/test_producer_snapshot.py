"""Producer snapshots: the derived sequence, what -1 means, and every lie a header can tell."""

from __future__ import annotations

import pytest

from inspector.files import sweep
from inspector.spec.producer_snapshot import ENTRY_SIZE
from tests.files.conftest import snapshot

NAME = "00000000000000000012.snapshot"
# Producer id and epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, where its open
# transaction begins.
IDEMPOTENT = (9, 0, 95, 95, 3, 1700004268003, -1, -1)
OPEN = (18, 2, 1, 4, 0, 1700000100004, 0, 2)
MARKER_ONLY = (43, 2, -1, -1, 0, 1795490126520, 0, -1)
WRAPPED = (7, 0, 1, 1000, 4, 1700000000000, -1, -1)


def test_what_a_snapshot_tells_of_its_producers(read) -> None:
    result = read(NAME, snapshot(IDEMPOTENT, OPEN, MARKER_ONLY))
    assert result.findings == []
    assert result.rows == [
        (9, 0, 92, 95, 95, 3, 1700004268003, None, None),
        (18, 2, 1, 1, 4, 0, 1700000100004, 0, 2),
        (43, 2, None, None, None, None, 1795490126520, 0, None),
    ]


def test_the_first_sequence_wraps_below_zero(read) -> None:
    """Sequences 2147483645, 2147483646, 2147483647, 0, 1: the batch began three before the wrap."""
    assert read(NAME, snapshot(WRAPPED)).rows[0][2:4] == (2147483645, 1)


def test_a_snapshot_of_no_producer(read) -> None:
    assert read(NAME, snapshot())[:2] == ([], [])
    assert len(snapshot()) == 10


def test_a_flipped_bit_is_found_by_the_checksum(read) -> None:
    data = bytearray(snapshot(IDEMPOTENT, OPEN))
    data[30] ^= 1
    result = read(NAME, bytes(data))
    assert len(result.rows) == 2
    (finding,) = result.findings
    assert (finding.slug, finding.location.position, finding.location.field) == ("snapshot-crc-mismatch", 2, "crc")
    assert finding.expected == f"0x{bytes(data[2:6]).hex()}"


@pytest.mark.parametrize("version", [0, 2, -1])
def test_an_unknown_version_is_not_guessed_at(read, version: int) -> None:
    data = snapshot(IDEMPOTENT)
    result = read(NAME, version.to_bytes(2, "big", signed=True) + data[2:])
    assert result.rows == []
    assert result.said == [f"unknown-version: {NAME}, position 0, version: expected version 1, found {version}"]


@pytest.mark.parametrize("count", [3, -1, 2**31 - 1])
def test_a_count_that_lies(read, count: int) -> None:
    result = read(NAME, snapshot(IDEMPOTENT, OPEN, count=count))
    assert [row[0] for row in result.rows] == ([9, 18] if count > 0 else [])
    assert result.said == [
        f"snapshot-count-lies: {NAME}, position 6, entries_count: claims {count} entries, there is room for 2"
    ]


def test_bytes_behind_the_last_entry(read) -> None:
    result = read(NAME, snapshot(IDEMPOTENT, surplus=b"abc"))
    assert len(result.rows) == 1
    assert result.said == [
        f"surplus-snapshot-bytes: {NAME}, position 56: 3 bytes are left behind the last of 1 entries"
    ]


def test_a_cut_snapshot_is_one_finding_with_its_consequence(read) -> None:
    result = read(NAME, snapshot(IDEMPOTENT, OPEN)[:-20])
    assert [row[0] for row in result.rows] == [9]
    assert result.slugs == ["snapshot-count-lies", "snapshot-crc-mismatch", "partial-entry"]
    assert result.findings[1].caused_by == "snapshot-count-lies at position 6"
    assert result.findings[2].location.position == 10 + ENTRY_SIZE
    assert result.findings[2].caused_by == "snapshot-count-lies at position 6"


def test_an_impossible_value_in_a_snapshot_whose_checksum_is_wrong_follows_from_that(read) -> None:
    data = bytearray(snapshot(IDEMPOTENT, OPEN))
    data[10] ^= 0x80
    result = read(NAME, bytes(data))
    assert result.slugs == ["snapshot-crc-mismatch", "impossible-entry"]
    assert [finding.caused_by for finding in result.findings] == [None, "snapshot-crc-mismatch at position 2"]


@pytest.mark.parametrize("size", [1, 5, 9])
def test_less_than_a_header(read, size: int) -> None:
    result = read(NAME, snapshot(IDEMPOTENT)[:size])
    assert (result.rows, result.slugs) == ([], ["partial-entry"])


def test_an_empty_file_is_no_snapshot_that_kafka_would_read(read) -> None:
    assert read(NAME, b"").slugs == ["partial-entry"]


@pytest.mark.parametrize(
    ("index", "field"),
    list(enumerate(
        ["producer_id", "producer_epoch", "last_sequence", "last_offset", "offset_delta", "timestamp",
         "coordinator_epoch", "current_txn_first_offset"]
    )),
)  # fmt: skip
def test_a_value_that_cannot_be_is_named(read, index: int, field: str) -> None:
    entry = list(IDEMPOTENT)
    entry[index] = -7
    result = read(NAME, snapshot(OPEN, tuple(entry)))
    assert len(result.rows) == 2
    (finding,) = result.findings
    place = finding.location
    assert (finding.slug, place.position, place.field, finding.found) == ("impossible-entry", 56, field, -7)


def test_a_snapshot_of_broken_entries_is_not_read_to_its_end(read) -> None:
    result = read(NAME, snapshot(*[(-1, *IDEMPOTENT[1:])] * 1000))
    assert len(result.rows) == sweep.MOST_FINDINGS - 1
    assert len(result.findings) == sweep.MOST_FINDINGS + 1
    assert result.slugs[-1] == "not-what-it-is-called"
