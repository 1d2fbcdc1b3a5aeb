"""Batches and segments that claim the same offsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, sealed, split, with_fields
from inspector.findings import Finding

from .rules import found_by, written

BATCHES = split(BASE.read_bytes())
"""Twelve batches of four records: offsets 0 to 3, 4 to 7, …"""

pytestmark = pytest.mark.usefixtures("each_engine")

SIZES = [len(batch) for batch in BATCHES]


def roots(found: list[Finding]) -> list[Finding]:
    """Those that follow from no other."""
    return [one for one in found if one.caused_by is None]


def order_of(folder: Path, *batches: bytes, **segments: bytes) -> list[Finding]:
    return found_by("order", written(folder / "t-0", **(segments or {"_0": b"".join(batches)})))


def test_a_log_in_order_is_not_spoken_of(tmp_path: Path) -> None:
    assert order_of(tmp_path, *BATCHES[:3], *BATCHES[5:]) == []
    assert order_of(tmp_path / "segments", _0=b"".join(BATCHES[:3]), _12=b"", _13=BATCHES[4]) == []


def test_a_batch_that_stands_there_twice_is_told_with_its_first_place(tmp_path: Path) -> None:
    found = order_of(tmp_path, *BATCHES[:3], BATCHES[1], *BATCHES[3:])
    (root,) = roots(found)
    assert (root.slug, root.first_offset, root.last_offset) == ("batch-twice", 4, 7)
    assert root.location.position == sum(SIZES[:3])
    assert root.expected == f"position {SIZES[0]} of 00000000000000000000.log"
    (other,) = [one for one in found if one.caused_by]
    assert (other.slug, other.caused_by) == ("offset-not-increasing", f"batch-twice at position {sum(SIZES[:3])}")


def test_a_run_of_batches_that_was_copied_is_told_once(tmp_path: Path) -> None:
    found = roots(order_of(tmp_path, *BATCHES[:5], *BATCHES[2:]))
    assert [(one.slug, one.first_offset) for one in found] == [("batch-twice", 8)]


def test_another_batch_with_the_same_offsets_is_no_copy(tmp_path: Path) -> None:
    other = make_batch(4, [b"not", b"the", b"same", b"!"])
    (found,) = roots(order_of(tmp_path, *BATCHES[:2], other, *BATCHES[2:]))
    assert (found.slug, found.found) == ("offsets-claimed-twice", "4 to 7")


def test_batches_may_overlap_in_part(tmp_path: Path) -> None:
    other = make_batch(6, [b"a", b"b", b"c"])
    (found,) = roots(order_of(tmp_path, *BATCHES[:2], other, *BATCHES[3:]))
    assert (found.slug, found.found, found.first_offset, found.last_offset) == ("offsets-claimed-twice", "4 to 7", 6, 8)


def test_offsets_that_go_back_to_where_nothing_was_remain_what_they_are(tmp_path: Path) -> None:
    (found,) = order_of(tmp_path, BATCHES[0], *BATCHES[2:4], BATCHES[1], *BATCHES[4:])
    assert (found.slug, found.caused_by) == ("offset-not-increasing", None)


def test_a_batch_that_fails_its_crc_is_not_believed(tmp_path: Path) -> None:
    broken = with_fields(BATCHES[1], crc=1)
    assert [one.slug for one in order_of(tmp_path, *BATCHES[:3], broken, *BATCHES[3:])] == ["crc-mismatch"]


def test_segments_that_overlap_are_told_at_the_later_one(tmp_path: Path) -> None:
    found = order_of(tmp_path, _0=b"".join(BATCHES[:5]), _12=b"".join(BATCHES[3:]))
    (root,) = roots(found)
    assert (root.slug, root.expected, root.found) == ("segments-overlap", "00000000000000000000.log", 19)
    assert (root.location.path, root.location.position) == ("00000000000000000012.log", 0)
    assert [one.slug for one in found if one.caused_by] == ["offset-not-increasing"]


def test_a_name_within_the_segment_before_hides_its_end_whatever_lies_in_the_file(tmp_path: Path) -> None:
    name_only = order_of(tmp_path, _0=b"".join(BATCHES[:5]), _12=b"".join(BATCHES[5:]))
    assert [one.slug for one in name_only] == ["segments-overlap"]
    empty = order_of(tmp_path / "empty", _0=b"".join(BATCHES[:5]), _12=b"")
    assert [(one.slug, one.location.path) for one in empty] == [("segments-overlap", "00000000000000000012.log")]


def test_a_segment_beyond_what_its_index_can_count_is_kafka_6264(tmp_path: Path) -> None:
    beyond = [make_batch(2**31 + offset, [b"a", b"b"]) for offset in (10, 12, 14)]
    (found,) = roots(order_of(tmp_path, BATCHES[0], *beyond))
    assert (found.slug, found.expected, found.found) == ("segment-too-wide", 2**31 - 1, 2**31 + 11)
    assert found.location.position == SIZES[0]


def test_a_batch_that_reaches_across_the_limit_is_told_too(tmp_path: Path) -> None:
    across = make_batch(2**31 - 2, [b"a", b"b", b"c"])
    found = order_of(tmp_path, make_batch(2**31 - 3, [b"x"]), across)
    assert [(one.slug, one.first_offset) for one in found] == [("segment-too-wide", 2**31 - 2)]


def test_one_batch_under_a_wrong_offset_makes_no_segment_too_wide(tmp_path: Path) -> None:
    found = order_of(tmp_path, BATCHES[0], with_fields(BATCHES[1], base_offset=2**40), *BATCHES[2:])
    assert [one.slug for one in found] == ["segment-name-mismatch"]


def test_searching_for_the_first_of_two_is_bounded(tmp_path: Path) -> None:
    from inspector.checking.order import MOST_SEARCHES

    zigzag = (BATCHES[0], BATCHES[1]) * (2 * MOST_SEARCHES)
    found = roots(order_of(tmp_path, *zigzag))
    assert [one.slug for one in found].count("batch-twice") == MOST_SEARCHES
    assert [one.slug for one in found].count("offset-not-increasing") == MOST_SEARCHES - 1


def test_a_batch_that_claims_too_much_is_to_blame_for_the_next_one(tmp_path: Path) -> None:
    swollen = sealed(with_fields(BATCHES[1], last_offset_delta=4, records_count=5))
    found = order_of(tmp_path, BATCHES[0], swollen, *BATCHES[2:])
    assert [(one.slug, one.caused_by) for one in found if one.code.startswith("KI-41")] == [
        ("offsets-claimed-twice", f"malformed-record at position {SIZES[0] + SIZES[1]}")
    ]
