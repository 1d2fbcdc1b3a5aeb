"""Producer snapshots against the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import with_bit_flipped
from inspector.findings import Severity

from .logs import DAY, NOON, batch, copied, entries_of, husk, log_dir, marker, snapshot
from .rules import found_by

pytestmark = pytest.mark.usefixtures("each_engine")

FIELDS = ("producer_id", "producer_epoch", "last_sequence", "last_offset", "offset_delta", "timestamp",
          "coordinator_epoch", "current_txn_first_offset")  # fmt: skip

LOG = b"".join((
    batch(0, (7, 0, 0), 3), batch(3, (8, 2, 0), in_transaction=True), batch(4, (9, 1, 5), 2, in_transaction=True),
    marker(6, (9, 1), coordinator=4), batch(7, (7, 0, 3), 2),
))  # fmt: skip
SEVEN = (7, 0, 4, 8, 1, NOON, -1, -1)
EIGHT = (8, 2, 0, 3, 0, NOON, -1, 3)
NINE = (9, 1, 6, 5, 1, NOON, 4, -1)


def found_with(tmp_path: Path, *entries: tuple[int, ...], at: int = 9, log: bytes = LOG):
    directory = log_dir(tmp_path / "logs", log_0=log, **{f"snapshot_{at}": snapshot(*entries)})
    return found_by("snapshot", directory)


def said(found) -> list[tuple[object, ...]]:
    return [(one.slug, one.location.field, one.expected, one.found) for one in found]


def test_what_the_log_makes_is_fine(tmp_path: Path) -> None:
    assert found_with(tmp_path, SEVEN, EIGHT, NINE) == []


def test_the_state_is_that_at_the_snapshot_and_not_at_the_end(tmp_path: Path) -> None:
    assert found_with(tmp_path, (7, 0, 2, 2, 2, NOON, -1, -1), EIGHT, (9, 1, 6, 5, 1, NOON, -1, 4), at=6) == []


LIES = {
    "producer_epoch": (1, "0 as the log of producer 7 has it"),
    "last_sequence": (5, "4 as the log of producer 7 has it"),
    "last_offset": (7, "8 as the log of producer 7 has it"),
    "offset_delta": (0, "1 as the log of producer 7 has it"),
    "timestamp": (NOON + 1, f"{NOON} as the log of producer 7 has it"),
    "coordinator_epoch": (3, "-1 as the log of producer 7 has it"),
    "current_txn_first_offset": (7, "-1 as the log of producer 7 has it"),
}


@pytest.mark.parametrize(("field", "lie"), LIES.items(), ids=LIES)
def test_a_lie_is_told_by_its_field(tmp_path: Path, field: str, lie: tuple[int, str]) -> None:
    entry = list(SEVEN)
    entry[FIELDS.index(field)] = lie[0]
    found = found_with(tmp_path, EIGHT, tuple(entry), NINE)
    assert said(found) == [("snapshot-unlike-log", field, lie[1], lie[0])]
    assert (found[0].location.path, found[0].location.position) == ("t-0/00000000000000000009.snapshot", 56)
    assert found[0].severity is Severity.ERROR


def test_a_producer_that_the_log_would_show_is_told(tmp_path: Path) -> None:
    stranger = (70, 0, 4, 8, 1, NOON, -1, -1)
    assert said(found_with(tmp_path, SEVEN, EIGHT, NINE, stranger)) == [
        ("snapshot-producer-not-in-log", "last_offset", "no batch of producer 70", 8)
    ]


def test_a_producer_without_a_batch_is_told_where_the_log_is_whole(tmp_path: Path) -> None:
    stranger = (70, 0, -1, -1, 0, NOON, -1, -1)
    assert said(found_with(tmp_path, SEVEN, EIGHT, NINE, stranger)) == [
        ("snapshot-producer-not-in-log", "producer_id", "nothing of producer 70", 70)
    ]


def test_an_offset_behind_the_snapshots_own_is_told(tmp_path: Path) -> None:
    assert said(found_with(tmp_path, SEVEN, EIGHT, NINE, at=7)) == [
        ("snapshot-unlike-log", "last_offset", "an offset below 7, its own", 8)
    ]


def test_a_producer_that_cannot_have_been_forgotten_is_missed(tmp_path: Path) -> None:
    found = found_with(tmp_path, EIGHT, NINE)
    assert said(found) == [
        ("snapshot-lacks-producer", None, "producer 7, whose last batch or marker is at offset 8", None)
    ]


def test_a_producer_with_an_open_transaction_is_never_forgotten(tmp_path: Path) -> None:
    log = batch(0, (7, 0, 0), at=NOON) + batch(1, (8, 0, 0), at=5, in_transaction=True)
    found = found_with(tmp_path, (7, 0, 0, 0, 0, NOON, -1, -1), log=log, at=2)
    assert [one.expected for one in found] == ["producer 8, whose last batch or marker is at offset 1"]


FORGOTTEN = {
    "all of them": (),
    "those before the last one": (SEVEN,),
    "the one that is older than what was written before": ((7, 0, 0, 0, 0, NOON, -1, -1),),
}


@pytest.mark.parametrize(("name", "kept"), FORGOTTEN.items(), ids=FORGOTTEN)
def test_silent_producers_are_forgotten(tmp_path: Path, name: str, kept: tuple[tuple[int, ...], ...]) -> None:
    log = batch(0, (7, 0, 0), at=NOON) + batch(1, (8, 0, 0), at=NOON - DAY)
    if name.startswith("those"):
        log, kept = log + batch(2, (7, 0, 1)), ((7, 0, 1, 2, 0, NOON, -1, -1),)
    assert found_with(tmp_path, *kept, log=log, at=2 + ("those" in name)) == []


def test_what_lay_before_the_log_starts_may_be_anything(tmp_path: Path) -> None:
    log = batch(50, (7, 0, 40), in_transaction=True) + marker(51, (8, 3), coordinator=2)
    entries = (7, 0, 40, 50, 0, NOON, 6, 44), (8, 3, 9, 30, 2, NOON, 2, -1), (9, 0, 5, 49, 1, NOON, -1, -1)
    directory = log_dir(tmp_path / "logs", log_50=log, snapshot_52=snapshot(*entries))
    assert found_by("snapshot", directory) == []


def test_records_that_were_deleted_and_still_lie_there_may_be_unknown_too(tmp_path: Path) -> None:
    log = batch(0, (7, 0, 0), 4, in_transaction=True) + batch(4, (7, 0, 4), in_transaction=True)
    directory = log_dir(tmp_path / "logs", log_0=log, snapshot_5=snapshot((7, 0, 4, 4, 0, NOON, -1, 4)))
    assert len(found_by("snapshot", directory)) == 1
    (directory / "log-start-offset-checkpoint").write_text("0\n1\nt 0 2\n")
    assert found_by("snapshot", directory) == []


def test_what_compaction_removed_may_be_anything(tmp_path: Path) -> None:
    log = husk(0, (7, 0, 0), 2) + batch(5, (8, 0, 0)) + batch(20, (9, 0, 0)) + marker(21, (8, 0))
    entries = (7, 0, 6, 14, 0, NOON + 5, -1, -1), (8, 0, 0, 5, 0, NOON, 7, 11), (9, 0, 0, 20, 0, NOON, -1, -1)
    directory = log_dir(tmp_path / "logs", log_0=log, snapshot_21=snapshot(*entries))
    assert found_by("snapshot", directory) == []


def test_even_compaction_leaves_no_state_older_than_the_log(tmp_path: Path) -> None:
    log = batch(0, (7, 0, 0), 3) + batch(20, (9, 0, 0))
    found = found_with(tmp_path, (7, 0, 0, 0, 0, NOON, -1, -1), log=log, at=21)
    assert said(found) == [("snapshot-unlike-log", "last_offset", "2 as the log of producer 7 has it", 0)]


def test_a_snapshot_behind_the_end_of_the_log_is_told(tmp_path: Path) -> None:
    found = found_with(tmp_path, SEVEN, at=12)
    assert said(found) == [("snapshot-beyond-the-log", None, 9, 12)]
    assert found[0].severity is Severity.WARNING


def test_a_snapshot_behind_the_end_follows_from_the_damage_that_cut_the_log(tmp_path: Path) -> None:
    found = found_with(tmp_path, SEVEN, at=9, log=LOG[:-20])
    assert [(one.slug, one.caused_by) for one in found] == [
        ("truncated-batch", None),
        ("snapshot-beyond-the-log", f"truncated-batch at position {len(LOG) - len(batch(7, (7, 0, 3), 2))}"),
    ]


def test_a_damaged_last_batch_does_not_end_the_log_before(tmp_path: Path) -> None:
    found = found_with(tmp_path, SEVEN, EIGHT, NINE, log=with_bit_flipped(LOG, len(LOG) - 3))
    assert [one.slug for one in found] == ["crc-mismatch"]


def test_a_snapshot_of_an_offset_inside_a_batch_is_not_compared(tmp_path: Path) -> None:
    assert found_with(tmp_path, (7, 0, 2, 2, 2, NOON, -1, -1), at=8) == []


def test_a_snapshot_of_an_empty_active_segment_is_at_the_end(tmp_path: Path) -> None:
    directory = log_dir(tmp_path / "logs", log_0=LOG, log_12=b"", snapshot_12=snapshot(SEVEN, EIGHT, NINE))
    assert found_by("snapshot", directory) == []


def test_what_is_wrong_with_the_file_itself_is_told_and_then_nothing_else(tmp_path: Path) -> None:
    whole = snapshot(SEVEN, EIGHT, (9, 9, 9, 9, 9, 9, 9, 9))
    broken = whole[:-30] + b"\x01" + whole[-29:]
    directory = log_dir(tmp_path / "logs", log_0=LOG, snapshot_9=broken)
    assert [one.slug for one in found_by("snapshot", directory)] == ["snapshot-crc-mismatch"]


def test_a_snapshot_of_another_log_is_not_told_entry_by_entry(tmp_path: Path) -> None:
    strangers = [(producer, 0, 0, 8, 0, NOON, -1, -1) for producer in range(100, 1100)]
    assert len(found_with(tmp_path, *strangers)) == 20


def test_a_transaction_that_only_the_snapshot_remembers_is_told(tmp_path: Path) -> None:
    hanging = (7, 2, 3, 20, 0, NOON, -1, 18)
    directory = log_dir(tmp_path / "logs", log_50=batch(50, (8, 0, 0)), snapshot_51=snapshot(hanging))
    found = found_by("snapshot", directory)
    words = "producer 7 in epoch 2, last seen 2023-11-14T22:13:20.000Z"
    assert said(found) == [("open-transaction-in-snapshot", "current_txn_first_offset", 18, words)]
    assert (found[0].severity, found[0].first_offset) == (Severity.INFO, 18)


def test_a_marker_behind_the_snapshot_ends_what_only_that_remembered(tmp_path: Path) -> None:
    hanging = (7, 2, 3, 20, 0, NOON, -1, 18)
    log = batch(50, (8, 0, 0)) + marker(51, (7, 2))
    directory = log_dir(tmp_path / "logs", log_50=log, snapshot_51=snapshot(hanging))
    assert found_by("snapshot", directory) == []


@pytest.mark.parametrize("version", ["3.6.0", "4.3.0"])
def test_each_real_snapshot_is_compared(tmp_path: Path, real_dirs, version: str) -> None:
    """One more record in the first entry of each, which no log has."""
    partition = copied(real_dirs[f"kafka-{version}-stopped"] / "indexed-0", tmp_path / "logs")
    assert found_by("snapshot", partition.parent) == []
    snapshots = sorted(partition.glob("*.snapshot"))
    for path in snapshots:
        first, *others = entries_of(path.read_bytes())
        path.write_bytes(snapshot((*first[:2], first[2] + 1, *first[3:]), *others))
    found = found_by("snapshot", partition.parent)
    assert [one.location.path for one in found] == [f"indexed-0/{path.name}" for path in snapshots]
    assert {one.slug for one in found} == {"snapshot-unlike-log"}
