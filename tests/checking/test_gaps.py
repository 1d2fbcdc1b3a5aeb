"""Gaps in the offsets: which are compacted, which cannot be told, and which are losses."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, make_batch_of, make_record, split, with_bit_flipped, with_fields
from inspector.findings import Finding

from .rules import found_by, written

BATCHES = split(BASE.read_bytes())
"""Twelve batches of four records: offsets 0 to 3, 4 to 7, …"""

pytestmark = pytest.mark.usefixtures("each_engine")


def broker(folder: Path, cleaned: dict[str, int] | None = None, **segments: bytes) -> Path:
    """The partition `t-0` in a broker's directory, with the rows of its cleaner-offset-checkpoint (None: no file)."""
    partition = written(folder / "t-0", **segments)
    (folder / "meta.properties").write_text("version=0\nbroker.id=0\n")
    if cleaned is not None:
        rows = "".join(f"{name} 0 {offset}\n" for name, offset in cleaned.items())
        (folder / "cleaner-offset-checkpoint").write_text(f"0\n{len(cleaned)}\n{rows}")
    return partition


def told(found: list[Finding]) -> list[tuple[str, int | None, int | None]]:
    """Slug and offsets of each."""
    return [(one.slug, one.first_offset, one.last_offset) for one in found]


def without(*numbers: int) -> bytes:
    """The base less some of its batches."""
    return b"".join(batch for number, batch in enumerate(BATCHES) if number not in numbers)


def test_a_log_without_gaps_is_not_spoken_of(tmp_path: Path) -> None:
    assert found_by("gaps", broker(tmp_path, {}, _0=BASE.read_bytes())) == []


def test_a_batch_that_was_cut_out_is_one_unexplained_gap(tmp_path: Path) -> None:
    (found,) = found_by("gaps", broker(tmp_path, {}, _0=without(5)))
    assert told([found]) == [("unexplained-gap", 20, 23)]
    assert (found.expected, found.found, found.location.position) == (20, 24, sum(map(len, BATCHES[:5])))
    assert found.location.field == "base_offset"


def test_each_of_a_few_gaps_is_told(tmp_path: Path) -> None:
    found = found_by("gaps", broker(tmp_path, {}, _0=without(2, 3, 6, 9)))
    assert told(found) == [("unexplained-gap", 8, 15), ("unexplained-gap", 24, 27), ("unexplained-gap", 36, 39)]


def test_a_gap_below_the_cleaners_reach_is_compacted(tmp_path: Path) -> None:
    (found,) = found_by("gaps", broker(tmp_path, {"t": 24}, _0=without(5)))
    assert (found.slug, found.location.path) == ("offsets-without-records", ".")
    assert (found.expected, found.found) == (4, "4 compacted away, in 1 gap")


def test_a_gap_that_reaches_beyond_the_cleaner_is_unexplained(tmp_path: Path) -> None:
    assert told(found_by("gaps", broker(tmp_path, {"t": 23}, _0=without(5)))) == [("unexplained-gap", 20, 23)]


def test_gaps_in_front_of_an_emptied_batch_are_compacted_and_those_behind_it_are_not(tmp_path: Path) -> None:
    husk = make_batch_of(16, b"", 0, last_offset_delta=3)
    data = b"".join((*BATCHES[:2], husk, *BATCHES[5:7], *BATCHES[8:]))
    found = found_by("gaps", broker(tmp_path, {}, _0=data))
    assert told(found) == [("unexplained-gap", 28, 31), ("offsets-without-records", None, None)]
    assert found[1].found == "12 compacted away, in 1 gap and 1 batch (1 of them empty)"


def test_a_delete_horizon_is_a_sign_of_the_cleaner_too(tmp_path: Path) -> None:
    with_horizon = make_batch(12, [b"a", b"b", b"c", b"d"], attributes=0x40)
    data = b"".join((BATCHES[0], BATCHES[2], with_horizon, *BATCHES[4:]))
    assert [one.slug for one in found_by("gaps", broker(tmp_path, {}, _0=data))] == ["offsets-without-records"]


def test_a_batch_with_fewer_records_than_offsets_is_counted(tmp_path: Path) -> None:
    thinned = make_batch_of(4, make_record(3, b"last"), 1, last_offset_delta=3)
    (found,) = found_by("gaps", broker(tmp_path, {}, _0=BATCHES[0] + thinned + BATCHES[2]))
    assert (found.slug, found.found) == ("offsets-without-records", "3 compacted away, in 1 batch")


def test_where_most_batches_stand_behind_a_gap_nobody_says_that_they_were_lost(tmp_path: Path) -> None:
    (found,) = found_by("gaps", broker(tmp_path, {}, _0=without(1, 3, 5, 7, 9)))
    assert (found.slug, found.first_offset) == ("gaps-undecidable", 4)
    assert found.found == "5 gaps of 20 offsets"


def test_without_the_brokers_files_nothing_can_be_said(tmp_path: Path) -> None:
    (found,) = found_by("gaps", written(tmp_path / "t-0", _0=without(5)))
    assert (found.slug, found.found) == ("gaps-undecidable", "1 gap of 4 offsets")


def test_a_missing_segment_is_one_gap(tmp_path: Path) -> None:
    first, third = b"".join(BATCHES[:4]), b"".join(BATCHES[8:])
    found = found_by("gaps", broker(tmp_path, {}, _0=first, _32=third))
    assert told(found) == [("unexplained-gap", 16, 31)]
    assert found[0].location.path == "00000000000000000032.log"


def test_an_empty_segment_between_others_is_no_gap_of_its_own(tmp_path: Path) -> None:
    found = found_by("gaps", broker(tmp_path, {}, _0=b"".join(BATCHES[:4]), _16=b"", _32=b"".join(BATCHES[8:])))
    assert told(found) == [("unexplained-gap", 16, 31)]


def test_an_empty_last_segment_tells_where_the_log_must_end(tmp_path: Path) -> None:
    assert found_by("gaps", broker(tmp_path / "whole", {}, _0=BATCHES[0], _4=b"")) == []
    found = found_by("gaps", broker(tmp_path / "cut", {}, _0=BATCHES[0], _8=b""))
    assert told(found) == [("unexplained-gap", 4, 7)]
    assert found[0].location.path == "00000000000000000008.log"


def test_the_log_starts_where_its_first_segment_or_the_checkpoint_says(tmp_path: Path) -> None:
    assert found_by("gaps", broker(tmp_path / "late", {}, _4=without(0))) == []
    partition = broker(tmp_path / "checkpoint", {}, _0=without(0))
    assert told(found_by("gaps", partition)) == [("unexplained-gap", 0, 3)]
    (tmp_path / "checkpoint" / "log-start-offset-checkpoint").write_text("0\n1\nt 0 4\n")
    assert found_by("gaps", partition) == []


def test_a_gap_where_bytes_are_damaged_is_explained_by_them(tmp_path: Path) -> None:
    batch = with_fields(BATCHES[1], batch_length=3)
    found = found_by("gaps", broker(tmp_path, {}, _0=BATCHES[0] + batch + without(0, 1)))
    assert [one.slug for one in found] == ["batch-length-too-small"]


def test_a_batch_that_fails_its_crc_leaves_no_gap(tmp_path: Path) -> None:
    damaged = BATCHES[0] + with_bit_flipped(BATCHES[1], 200) + without(0, 1)
    assert [one.slug for one in found_by("gaps", broker(tmp_path, {}, _0=damaged))] == ["crc-mismatch"]


@pytest.mark.parametrize("base_offset", [2, 9, 2**40])
def test_a_batch_under_a_wrong_offset_is_what_its_neighbours_miss(tmp_path: Path, base_offset: int) -> None:
    moved = BATCHES[0] + with_fields(BATCHES[1], base_offset=base_offset) + without(0, 1)
    found = found_by("gaps", broker(tmp_path, {}, _0=moved))
    assert [one.slug for one in found if one.caused_by is None] in (
        ["offset-not-increasing"],
        ["segment-name-mismatch"],
    )
    assert len(found) == 1


def test_a_doubled_batch_is_no_gap(tmp_path: Path) -> None:
    found = found_by("gaps", broker(tmp_path, {}, _0=b"".join((*BATCHES[:3], *BATCHES[1:]))))
    assert [one.slug for one in found] == ["offset-not-increasing"]


def test_markers_are_counted_and_no_gap(tmp_path: Path) -> None:
    control = make_batch(4, [b"x"], attributes=0x30, producer_id=1, producer_epoch=0)
    found = found_by("gaps", broker(tmp_path, {}, _0=BATCHES[0] + control))
    assert [(one.slug, one.expected, one.found) for one in found if one.code == "KI-4110"] == [
        ("offsets-without-records", 1, "1 control record")
    ]


def test_a_cluster_metadata_log_has_no_gaps(tmp_path: Path) -> None:
    partition = written(tmp_path / "__cluster_metadata-0", _0=without(1, 3, 5, 7, 9))
    (tmp_path / "meta.properties").write_text("version=0\nbroker.id=0\n")
    assert [one.slug for one in found_by("gaps", partition)] == ["unexplained-gap"] * 5


def test_what_waits_for_removal_is_not_judged(tmp_path: Path) -> None:
    partition = written(tmp_path / f"t-0.{'0' * 32}-delete", _0=without(5))
    (tmp_path / "cleaner-offset-checkpoint").write_text("0\n0\n")
    assert [one.slug for one in found_by("gaps", partition)] == ["gaps-undecidable"]


@pytest.mark.parametrize("topic", ["__consumer_offsets", "__transaction_state"])
def test_gaps_of_topics_that_are_always_compacted_are_no_losses(tmp_path: Path, topic: str) -> None:
    partition = written(tmp_path / f"{topic}-0", _0=without(5))
    (tmp_path / "cleaner-offset-checkpoint").write_text("0\n0\n")
    assert [one.slug for one in found_by("gaps", partition)] == ["gaps-undecidable"]
