"""`.index` against the log: what misleads, what is missing, and what is none of our business."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, split, with_bit_flipped, with_fields
from fixtures.make.damage_indexes import INDEX_RECIPES, damaged_index, folder_of, offsets
from inspector.broker_files import Shutdown
from inspector.checking import index as rule
from inspector.checking.sibling import is_still_there
from inspector.log_dir import open_log_dir

from .logs import copied
from .rules import found_by

LOG = BASE.read_bytes()
BATCHES = split(LOG)
INDEX = BASE.with_suffix(".index").read_bytes()
NAME = f"{0:020}"
FOLLOWING = f"{48:020}"

EXPECTED = {
    "index-past-the-end": [("index-entry-misleads", 0, 19, "position 50000, behind the log's end at 7614")],
    "index-into-a-batch": [("index-entry-misleads", 0, 19, "position 5080, where no batch begins")],
    "index-to-the-wrong-batch": [("index-entry-misleads", 0, 19, "position 6345, a batch behind offset 19")],
    "index-of-12-bytes": [("partial-entry", 8, 8, 4)],
    "index-padded": [("zero-padded-index", 8, None, 24)],
    "index-missing": [("index-missing", None, None, f"{NAME}.log")],
    "index-beyond-the-log": [("index-beyond-log", 8, 23, 35)],
}


def partition(folder: Path, log: bytes = LOG, index: bytes | None = INDEX, closed: bool = True) -> Path:
    """A segment with its index, and an empty segment behind it where this one is to be closed."""
    folder.mkdir(parents=True)
    (folder / f"{NAME}.log").write_bytes(log)
    if index is not None:
        (folder / f"{NAME}.index").write_bytes(index)
    for ending in ("log", "index", "timeindex") if closed else ():
        (folder / f"{FOLLOWING}.{ending}").write_bytes(b"")
    return folder


def told(directory: Path, check: str = "index") -> list[tuple[object, ...]]:
    """Slug, position, expected and found, of what is not about the bytes of the log."""
    found = found_by(check, directory)
    assert all(one.location.path.endswith((".index", ".timeindex")) for one in found)
    return [(one.slug, one.location.position, one.expected, one.found) for one in found]


# ---- The bundled ones: L11 and L12 of what the dump tool gets wrong


@pytest.mark.parametrize("recipe", INDEX_RECIPES)
def test_the_bundled_files_are_what_their_recipe_makes(recipe: str) -> None:
    assert {path.name: path.read_bytes() for path in folder_of(recipe).iterdir()} == damaged_index(recipe)


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("recipe", INDEX_RECIPES)
def test_each_broken_index_is_one_finding(recipe: str) -> None:
    assert told(folder_of(recipe)) == EXPECTED.get(recipe, [])


def test_an_index_that_misses_is_not_made_and_its_time_index_is_read_all_the_same() -> None:
    before = sorted(path.name for path in folder_of("index-missing").iterdir())
    assert told(folder_of("index-missing"), "timeindex") == []
    assert sorted(path.name for path in folder_of("index-missing").iterdir()) == before


@pytest.mark.usefixtures("each_engine")
def test_an_entry_to_a_batch_of_6_mb_is_fine(tmp_path: Path) -> None:
    """L13: the dump tool dies of any batch above 5 MiB."""
    big = make_batch(8, [random.Random(5).randbytes(6_000_000)])
    log = b"".join((*BATCHES[:2], big, make_batch(9, [b"behind"])))
    at = len(BATCHES[0]) + len(BATCHES[1])
    assert told(partition(tmp_path / "t-0", log, offsets((8, at), (9, at + len(big))))) == []


# ---- Every writer's habit


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(
    "entries",
    [
        [(19, 5076), (35, 10152)],  # the last offset of each batch
        [(27, 5076), (35, 10152)],  # of a whole append
        [(16, 5076), (32, 10152)],  # the first one, up to 0.10.0
        [],
    ],
)
def test_the_habits_of_all_writers_are_fine(entries: list[tuple[int, int]], tmp_path: Path) -> None:
    assert told(partition(tmp_path / "t-0", index=offsets(*entries))) == []


@pytest.mark.usefixtures("each_engine")
def test_entries_in_a_row_that_mislead_are_one_finding(tmp_path: Path) -> None:
    shifted = offsets((15, 5000), (19, 6000), (23, 7000), (35, 10152))
    (one,) = found_by("index", partition(tmp_path / "t-0", index=shifted))
    assert (one.slug, one.location.position, one.location.size) == ("index-entry-misleads", 0, 24)
    assert (one.first_offset, one.last_offset) == (15, 23)
    assert one.found == "position 5000, where no batch begins, the first of 3 such entries"


@pytest.mark.usefixtures("each_engine")
def test_what_is_out_of_order_because_of_a_misleading_entry_follows_from_it(tmp_path: Path) -> None:
    lies = offsets((19, 14_087), (35, 10_152))
    found = found_by("index", partition(tmp_path / "t-0", index=lies))
    assert [(one.slug, one.location.position, one.caused_by) for one in found] == [
        ("index-entry-misleads", 0, None),
        ("entry-out-of-order", 8, "index-entry-misleads at position 0"),
    ]


@pytest.mark.parametrize("count", [3, 300])
def test_the_entries_of_a_disordered_index_are_held_against_the_log_one_by_one(count: int, tmp_path: Path) -> None:
    """Two healthy halves exchanged: each entry is true, and only the order is told."""
    batches = [make_batch(offset, [b"a value"]) for offset in range(2 * count)]
    entries = [(offset, offset * len(batches[0])) for offset in range(1, 2 * count)]
    index = offsets(*entries[count:], *entries[:count])
    directory = partition(tmp_path / "t-0", b"".join(batches), index, closed=False)
    assert [slug for slug, *_ in told(directory)] == ["entry-out-of-order"]


def test_what_is_no_index_at_all_is_said_once(tmp_path: Path) -> None:
    for number, data in enumerate(
        (b"not an index, but text\n" * 20, LOG, random.Random(3).randbytes(4096), b"\xff" * 80)
    ):
        assert [slug for slug, *_ in told(partition(tmp_path / f"t-{number}", index=data))] == ["not-what-it-is-called"]


# ---- Damage to the log


@pytest.mark.usefixtures("each_engine")
def test_entries_into_damage_follow_from_it(tmp_path: Path) -> None:
    hole = LOG[:5000] + bytes(2000) + LOG[7000:]
    found = found_by("index", partition(tmp_path / "t-0", hole))
    (cause,) = (one for one in found if one.slug == "unreadable-bytes")
    (entry,) = (one for one in found if one.location.path.endswith(".index"))
    assert (entry.slug, entry.first_offset, entry.caused_by) == ("index-entry-misleads", 19, cause.as_cause)


@pytest.mark.usefixtures("each_engine")
def test_entries_behind_a_torn_batch_follow_from_it(tmp_path: Path) -> None:
    found = found_by("index", partition(tmp_path / "t-0", LOG[:10_500]))
    assert [(one.slug, one.caused_by) for one in found] == [
        ("truncated-batch", None),
        ("index-beyond-log", "truncated-batch at position 10152"),
    ]


@pytest.mark.usefixtures("each_engine")
def test_a_flipped_bit_in_a_batch_or_an_offset_of_no_crc_leaves_the_entries_alone(tmp_path: Path) -> None:
    flipped = b"".join((*BATCHES[:4], with_bit_flipped(BATCHES[4], 200), *BATCHES[5:]))
    assert [one.slug for one in found_by("index", partition(tmp_path / "t-0", flipped))] == ["crc-mismatch"]
    raised = b"".join((*BATCHES[:3], with_fields(BATCHES[3], base_offset=1000), *BATCHES[4:]))
    found = found_by("index", partition(tmp_path / "t-1", raised))
    assert {one.slug for one in found if one.caused_by is None} == {"offset-not-increasing"}


# ---- What the state of the directory makes of it


def test_zeros_and_entries_ahead_are_normal_in_a_segment_that_was_open(tmp_path: Path) -> None:
    assert told(partition(tmp_path / "t-0", index=INDEX + bytes(4096), closed=False)) == []
    (one,) = found_by("index", partition(tmp_path / "t-1", b"".join(BATCHES[:6]), INDEX, closed=False))
    assert (one.slug, str(one.severity), one.expected, one.found) == ("index-ahead-of-log", "info", 23, 35)


def test_zeros_in_a_closed_segment_are_normal_where_the_broker_makes_the_index_anew(tmp_path: Path) -> None:
    """After an unclean stop it does, from the recovery point on."""
    (tmp_path / "meta.properties").write_text("version=1\ncluster.id=c\nbroker.id=1\n")
    directory = partition(tmp_path / "t-0", index=INDEX + bytes(4096))
    assert told(tmp_path) == []
    for recovery_point, slugs in ((47, []), (48, ["zero-padded-index"])):
        (tmp_path / "recovery-point-offset-checkpoint").write_text(f"0\n1\nt 0 {recovery_point}\n")
        assert [slug for slug, *_ in told(tmp_path)] == slugs
    assert directory.is_dir()
    (tmp_path / ".kafka_cleanshutdown").write_text("")
    assert [slug for slug, *_ in told(tmp_path)] == ["zero-padded-index"]


def test_after_a_clean_stop_the_last_segment_is_closed_too(tmp_path: Path) -> None:
    (tmp_path / "meta.properties").write_text("version=1\ncluster.id=c\nbroker.id=1\n")
    (tmp_path / ".kafka_cleanshutdown").write_text("")
    partition(tmp_path / "t-0", b"".join(BATCHES[:6]), INDEX + bytes(4096), closed=False)
    assert [slug for slug, *_ in told(tmp_path)] == ["index-beyond-log", "zero-padded-index"]


def test_logs_that_were_copied_without_their_indexes_miss_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    (folder / f"{NAME}.log").write_bytes(LOG)
    assert told(folder) == told(folder, "timeindex") == []


@pytest.mark.parametrize("index", [b"", offsets((19, 5076))])
def test_a_long_stretch_without_entries_is_told(index: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "UNINDEXED_BYTES", 8000)
    start = 5076 if index else 0
    directory = partition(tmp_path / "t-0", index=index)
    assert told(directory) == [("index-entries-missing", None, f"position {start}", f"position {len(LOG)}")]
    assert told(partition(tmp_path / "t-1")) == []
    assert told(partition(tmp_path / "t-2", index=index, closed=False)) == []


def test_a_stretch_is_not_long_for_one_large_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "UNINDEXED_BYTES", 8000)
    log = make_batch(0, [bytes(20_000)]) + make_batch(1, [b"behind"])
    assert told(partition(tmp_path / "t-0", log, b"")) == []


def test_what_the_cleaner_replaced_meanwhile_is_not_held_against_its_new_index(tmp_path: Path) -> None:
    (log,) = open_log_dir(partition(tmp_path / "t-0")).partitions
    running = replace(log, shutdown=Shutdown.RUNNING)
    assert is_still_there(running, log.segments[0])
    replaced = tmp_path / "replaced"
    replaced.write_bytes(LOG)
    replaced.rename(log.segments[0].path)
    assert not is_still_there(running, log.segments[0])
    assert is_still_there(log, log.segments[0])


def test_a_huge_hostile_index_takes_neither_memory_nor_findings(tmp_path: Path) -> None:
    entries = struct.pack(">ii", 7, 1) * 300_000
    assert len(told(partition(tmp_path / "t-0", index=entries))) <= 101
    pairs = b"".join(struct.pack(">ii", 2 * number, 1) for number in range(1, 200_000))
    assert len(told(partition(tmp_path / "t-1", index=pairs))) <= 2


@pytest.mark.parametrize(("is_clean", "slugs"), [(True, ["index-missing"]), (False, [])])
def test_the_active_segment_of_a_killed_broker_may_lack_its_index(
    tmp_path: Path, is_clean: bool, slugs: list[str]
) -> None:
    whole = partition(tmp_path / "t-0")
    folder = copied(whole, tmp_path / "data", is_clean)
    (folder / f"{FOLLOWING}.index").unlink()
    assert [one.slug for one in found_by("index", tmp_path / "data")] == slugs
    (folder / f"{NAME}.index").unlink()
    assert "index-missing" in [one.slug for one in found_by("index", tmp_path / "data")]
