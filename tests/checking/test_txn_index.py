"""Indexes of aborted transactions against the markers in the log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inspector.findings import Severity

from .logs import aborted, batch, copied, husk, log_dir, marker
from .rules import found_by

pytestmark = pytest.mark.usefixtures("each_engine")

LOG = b"".join((
    batch(0, (7, 0, 0), in_transaction=True), batch(1, (8, 0, 0), 2, in_transaction=True),
    marker(3, (8, 0), abort=True), marker(4, (7, 1), abort=True),
    marker(5, (9, 0), abort=True), batch(6, (9, 0, 0), in_transaction=True),
    marker(7, (9, 0)),
))  # fmt: skip
EIGHT, SEVEN = (8, 1, 3, 0), (7, 0, 4, 5)
"""Seven's transaction was open when the one of eight ended; nine's abort ended no records."""


def found_with(tmp_path: Path, *entries: tuple[int, int, int, int], log: bytes = LOG, is_clean: bool = True):
    return found_by("txnindex", log_dir(tmp_path / "logs", is_clean, log_0=log, txnindex_0=aborted(*entries)))


def said(found) -> list[tuple[object, ...]]:
    return [(one.slug, one.location.position, one.location.field, one.expected, one.found) for one in found]


def test_an_entry_for_each_abort_of_records_is_fine(tmp_path: Path) -> None:
    assert found_with(tmp_path, EIGHT, SEVEN) == []


LIES = {
    "producer_id": ((6, 1, 3, 0), 8, 6),
    "first_offset": ((8, 2, 3, 0), 1, 2),
    "last_stable_offset": ((8, 1, 3, 1), 0, 1),
}


@pytest.mark.parametrize(("field", "lie"), LIES.items(), ids=LIES)
def test_a_lie_is_told_by_its_field(tmp_path: Path, field: str, lie) -> None:
    entry, expected, found = lie
    wrong = found_with(tmp_path, entry, SEVEN)
    assert said(wrong) == [("txn-index-unlike-log", 0, field, expected, found)]
    assert wrong[0].location.path == "t-0/00000000000000000000.txnindex"
    assert (wrong[0].severity, wrong[0].last_offset) == (Severity.ERROR, 3)


def test_an_entry_for_an_abort_without_records_is_told(tmp_path: Path) -> None:
    assert said(found_with(tmp_path, EIGHT, SEVEN, (9, 2, 5, 6))) == [
        ("txn-index-unlike-log", 68, "first_offset", "no records", 2)
    ]


def test_an_abort_without_an_entry_is_told(tmp_path: Path) -> None:
    found = found_with(tmp_path, SEVEN)
    expected = "an entry for producer 8, aborted from offset 1 to 3"
    assert said(found) == [("txn-index-lacks-transaction", None, None, expected, None)]
    assert (found[0].first_offset, found[0].last_offset, found[0].caused_by) == (1, 3, None)


def test_a_missing_file_lacks_all_of_them(tmp_path: Path) -> None:
    found = found_by("txnindex", log_dir(tmp_path / "logs", log_0=LOG))
    assert [(one.slug, one.first_offset) for one in found] == [
        ("txn-index-lacks-transaction", offset) for offset in (1, 0)
    ]
    assert {one.location.path for one in found} == {"t-0/00000000000000000000.txnindex"}


def test_an_entry_without_a_marker_is_told(tmp_path: Path) -> None:
    assert said(found_with(tmp_path, EIGHT, SEVEN, (9, 6, 7, 8))) == [
        ("txn-index-without-marker", 68, "last_offset", "an abort of producer 9 at offset 7", "none")
    ]


def test_a_wrong_last_offset_is_one_finding_and_what_follows(tmp_path: Path) -> None:
    found = found_with(tmp_path, (8, 1, 2, 0), SEVEN)
    assert [(one.slug, one.caused_by) for one in found] == [
        ("txn-index-without-marker", None),
        ("txn-index-lacks-transaction", "txn-index-without-marker at position 0"),
    ]


def test_a_follower_counts_what_it_fetched_with_the_marker(tmp_path: Path) -> None:
    assert found_with(tmp_path, EIGHT, (7, 0, 4, 6)) == []


def test_entries_that_a_cut_file_lacks_follow_from_the_cut(tmp_path: Path) -> None:
    directory = log_dir(tmp_path / "logs", log_0=LOG, txnindex_0=aborted(EIGHT, SEVEN)[:-4])
    assert [(one.slug, one.caused_by) for one in found_by("txnindex", directory)] == [
        ("partial-entry", None),
        ("txn-index-lacks-transaction", "partial-entry at position 34"),
    ]


def test_what_is_wrong_with_the_file_itself_is_told(tmp_path: Path) -> None:
    found = found_with(tmp_path, EIGHT, SEVEN, (9, 9, 2, 0))
    assert [one.slug for one in found] == ["impossible-entry"]


def test_a_transaction_that_began_before_the_log_may_be_any(tmp_path: Path) -> None:
    log = batch(50, (8, 0, 7), in_transaction=True) + marker(51, (7, 0), abort=True) + marker(52, (8, 0), abort=True)
    entries = aborted((7, 30, 51, 20), (8, 44, 52, 41))
    assert found_by("txnindex", log_dir(tmp_path / "logs", log_50=log, txnindex_50=entries)) == []
    assert found_by("txnindex", log_dir(tmp_path / "without", log_50=marker(51, (7, 0), abort=True))) == []


def test_entries_outlive_records_that_compaction_removed(tmp_path: Path) -> None:
    log = marker(9, (7, 0), abort=True) + husk(12, (8, 0, 0), 12, 0x10) + marker(20, (8, 0), abort=True)
    assert found_with(tmp_path, (7, 0, 9, 10), (8, 11, 20, 21), log=log) == []


def test_the_entry_lies_beside_the_marker_and_not_beside_the_records(tmp_path: Path) -> None:
    first, second = batch(0, (7, 0, 0), in_transaction=True), marker(1, (7, 0), abort=True)
    files = {"log_0": first, "log_1": second, "txnindex_1": aborted((7, 0, 1, 2))}
    assert found_by("txnindex", log_dir(tmp_path / "logs", **files)) == []
    shutil.move(
        tmp_path / "logs" / "t-0" / f"{1:020}.txnindex", tmp_path / "logs" / "t-0" / f"{0:020}.txnindex"
    )  # fmt: skip
    assert [(one.slug, one.caused_by) for one in found_by("txnindex", tmp_path / "logs")] == [
        ("txn-index-without-marker", None),
        ("txn-index-lacks-transaction", None),
    ]


def test_what_a_broker_makes_anew_when_it_starts_is_not_missed(tmp_path: Path) -> None:
    assert found_with(tmp_path, EIGHT, is_clean=False) == []
    (tmp_path / "logs" / "recovery-point-offset-checkpoint").write_text("0\n1\nt 0 5\n")
    assert len(found_by("txnindex", tmp_path / "logs")) == 1


def test_where_the_offset_index_is_missing_too_a_broker_makes_both_anew(tmp_path: Path) -> None:
    directory = log_dir(tmp_path / "logs", log_0=LOG)
    (directory / "t-0" / f"{0:020}.index").unlink()
    assert found_by("txnindex", directory) == []


def test_an_index_that_a_running_broker_removed_meanwhile_lacks_nothing(tmp_path: Path) -> None:
    directory = log_dir(tmp_path / "logs", log_0=LOG, txnindex_0=aborted(EIGHT, SEVEN))
    index = directory / "t-0" / f"{0:020}.txnindex"
    assert [one.slug for one in found_by("txnindex", directory, when_listed=index.unlink)] == ["vanished-file"]


def test_entries_behind_the_end_of_a_killed_brokers_log_are_cut_with_it(tmp_path: Path) -> None:
    assert found_with(tmp_path, EIGHT, SEVEN, (9, 8, 9, 10), is_clean=False) == []
    assert len(found_by("txnindex", log_dir(
        tmp_path / "clean", log_0=LOG, txnindex_0=aborted(EIGHT, SEVEN, (9, 8, 9, 10))
    ))) == 1  # fmt: skip


@pytest.mark.parametrize("version", ["3.6.0", "4.3.0"])
def test_each_entry_of_real_indexes_is_missed(tmp_path: Path, real_dirs, version: str) -> None:
    partition = copied(real_dirs[f"kafka-{version}-rich"] / "ledger-0", tmp_path / "logs")
    assert found_by("txnindex", partition.parent) == []
    expected = []
    for path in sorted(partition.glob("*.txnindex")):
        expected += [path.name] * (path.stat().st_size // 34)
        path.write_bytes(b"")
    found = found_by("txnindex", partition.parent)
    assert [one.location.path.rpartition("/")[2] for one in found] == expected
    assert len(expected) > 5
    assert {one.slug for one in found} == {"txn-index-lacks-transaction"}
