"""`.timeindex` against the log: what makes lookups by time and retention go wrong, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, split, with_bit_flipped
from fixtures.make.damage_indexes import INDEX_RECIPES, folder_of, offsets, times

from .rules import found_by

NAME, FOLLOWING = f"{0:020}", f"{48:020}"
LOG = BASE.read_bytes()
BATCHES = split(LOG)
INDEX, TIMES = (BASE.with_suffix(ending).read_bytes() for ending in (".index", ".timeindex"))
LATEST = 1_700_000_668_003

EXPECTED = {
    "time-index-too-early": [
        (
            "time-index-misleads",
            0,
            "no record as late as 1700000602003 before offset 19",
            "timestamp 1700000602003 in the batch up to offset 11",
        )
    ],
    "time-index-empty": [("time-index-ends-wrong", None, 1_700_000_604_003, "no entry")],
    "time-index-padded": [("zero-padded-time-index", 12, 1_700_000_604_003, 0)],
    "time-index-missing": [("time-index-missing", None, None, f"{NAME}.log")],
}


def partition(
    folder: Path, log: bytes = LOG, index: bytes = INDEX, time_index: bytes = TIMES, closed: bool = True
) -> Path:
    """A segment with its indexes, and an empty segment behind it where this one is to be closed."""
    folder.mkdir(parents=True)
    for ending, data in (("log", log), ("index", index), ("timeindex", time_index)):
        (folder / f"{NAME}.{ending}").write_bytes(data)
        if closed:
            (folder / f"{FOLLOWING}.{ending}").write_bytes(b"")
    return folder


def told(directory: Path) -> list[tuple[object, ...]]:
    """Slug, position, expected and found, of what is not about the bytes of the log."""
    found = found_by("timeindex", directory)
    assert all(one.location.path.endswith(".timeindex") for one in found)
    return [(one.slug, one.location.position, one.expected, one.found) for one in found]


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("recipe", INDEX_RECIPES)
def test_each_broken_time_index_is_one_finding(recipe: str) -> None:
    assert told(folder_of(recipe)) == EXPECTED.get(recipe, [])


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(
    "entries",
    [
        [(1_700_000_604_003, 19), (LATEST, 35)],  # the last offset of the batch
        [(1_700_000_604_000, 16), (LATEST, 35)],  # a record's own, and not even the greatest
        [(LATEST, 35)],
        [(1_700_000_650_000, 19), (LATEST, 35)],  # too late: whoever looks it up begins to read too early
    ],
)
def test_what_leads_to_every_record_is_fine(entries: list[tuple[int, int]], tmp_path: Path) -> None:
    assert told(partition(tmp_path / "t-0", time_index=times(*entries))) == []


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("latest", [LATEST - 1, LATEST + 1])
def test_the_last_entry_of_a_closed_segment_is_its_greatest_timestamp(latest: int, tmp_path: Path) -> None:
    entries = times((1_700_000_604_003, 19), (latest, 47))
    slugs = [
        (slug, expected, found) for slug, _, expected, found in told(partition(tmp_path / "t-0", time_index=entries))
    ]
    assert ("time-index-ends-wrong", LATEST, latest) in slugs
    assert told(partition(tmp_path / "t-1", time_index=times((1_700_000_604_003, 19)), closed=False)) == []


@pytest.mark.usefixtures("each_engine")
def test_a_log_without_timestamps_has_no_entry(tmp_path: Path) -> None:
    log = b"".join(make_batch(offset, [b"v"], base_timestamp=-1, max_timestamp=-1) for offset in range(4))
    assert told(partition(tmp_path / "t-0", log, b"", b"")) == []


@pytest.mark.usefixtures("each_engine")
def test_an_append_of_many_batches_of_one_time_has_an_entry_at_its_end(tmp_path: Path) -> None:
    """As up to 3.9 under LogAppendTime: the index entry leads to where the append began."""
    stamp = 1_700_000_000_000
    batches = [
        make_batch(offset, [b"v" * 90], attributes=8, base_timestamp=stamp, max_timestamp=stamp + offset // 10)
        for offset in range(40)
    ]
    size = len(batches[0])
    index = offsets((19, 10 * size), (29, 20 * size), (39, 30 * size))
    entries = times((stamp + 1, 19), (stamp + 2, 29), (stamp + 3, 39))
    assert told(partition(tmp_path / "t-0", b"".join(batches), index, entries)) == []
    later = offsets((19, 19 * size), (29, 20 * size), (39, 30 * size))
    assert [slug for slug, *_ in told(partition(tmp_path / "t-1", b"".join(batches), later, entries))] == [
        "time-index-misleads"
    ]


@pytest.mark.usefixtures("each_engine")
def test_a_greatest_timestamp_that_was_lost_to_damage_is_a_consequence(tmp_path: Path) -> None:
    damaged = b"".join((*BATCHES[:8], with_bit_flipped(BATCHES[8], 200), *BATCHES[9:]))
    found = found_by("timeindex", partition(tmp_path / "t-0", damaged))
    assert [(one.slug, one.caused_by) for one in found] == [
        ("crc-mismatch", None),
        ("time-index-ends-wrong", "crc-mismatch at position 10152"),
    ]


def test_entries_behind_the_log_are_told_of_one_of_the_two_indexes(tmp_path: Path) -> None:
    short = b"".join(BATCHES[:6])
    assert told(partition(tmp_path / "t-0", short)) == []
    assert told(partition(tmp_path / "t-1", short, INDEX[:8])) == [("index-beyond-log", 12, 23, 35)]


def test_zeros_and_a_last_entry_that_lacks_are_normal_in_a_segment_that_was_open(tmp_path: Path) -> None:
    assert told(partition(tmp_path / "t-0", time_index=TIMES[:12] + bytes(1200), closed=False)) == []


def test_a_disordered_time_index_is_held_against_the_log_entry_by_entry(tmp_path: Path) -> None:
    swapped = TIMES[12:] + TIMES[:12]
    assert [slug for slug, *_ in told(partition(tmp_path / "t-0", time_index=swapped))] == ["entry-out-of-order"]
