"""Leader epochs that go back."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, split, with_fields
from inspector.findings import Finding

from .rules import checkpoint, found_by, found_in, written

BATCHES = split(BASE.read_bytes())


def of_epochs(*epochs: int) -> bytes:
    """The first batches of the base, each with an epoch; no CRC covers it."""
    return b"".join(
        with_fields(batch, partition_leader_epoch=epoch) for batch, epoch in zip(BATCHES, epochs, strict=False)
    )


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("epochs", [(0, 0, 3, 3, 7), (5, -1, 5), (-1, -1)])
def test_epochs_that_rise_or_say_nothing_are_fine(tmp_path: Path, epochs: tuple[int, ...]) -> None:
    assert found_by("epochs", written(tmp_path / "t-0", _0=of_epochs(*epochs))) == []


@pytest.mark.usefixtures("each_engine")
def test_each_batch_of_an_earlier_epoch_is_one_finding(tmp_path: Path) -> None:
    found = found_by("epochs", written(tmp_path / "t-0", _0=of_epochs(2, 5, 4, 5, 3)))
    assert [(one.slug, one.expected, one.found, one.first_offset, one.last_offset) for one in found] == [
        ("leader-epoch-goes-back", 5, 4, 8, 11),
        ("leader-epoch-goes-back", 5, 3, 16, 19),
    ]
    assert found[0].location.position == len(BATCHES[0]) + len(BATCHES[1])
    assert found[0].location.field == "partition_leader_epoch"


@pytest.mark.usefixtures("each_engine")
def test_epochs_are_followed_from_segment_to_segment(tmp_path: Path) -> None:
    first, second = of_epochs(9), with_fields(BATCHES[1], partition_leader_epoch=8)
    found = found_by("epochs", written(tmp_path / "t-0", _0=first, _4=second))
    assert [one.location.path for one in found] == ["00000000000000000004.log"]


# -- against leader-epoch-checkpoint


def with_rows(folder: Path, rows: tuple[str, ...], *epochs: int, clean: bool = True, start: int = 0) -> list[Finding]:
    """What is found in a partition with batches of these epochs and a file with these rows."""
    written(folder / "t-0", _0=of_epochs(*epochs))
    checkpoint(folder / "t-0" / "leader-epoch-checkpoint", *rows)
    (folder / "meta.properties").write_text("version=0\nbroker.id=0\n")
    if start:
        checkpoint(folder / "log-start-offset-checkpoint", f"t 0 {start}")
    if clean:
        (folder / ".kafka_cleanshutdown").touch()
    return found_in("epochs", folder)


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(
    "rows",
    [
        ("0 0", "3 8", "7 16"),
        ("0 0", "2 8", "3 8", "7 16"),
        ("0 0", "1 6", "3 7", "5 13", "7 14"),
        ("0 0", "3 8", "7 16", "9 20"),
        (),
    ],
)
def test_rows_that_explain_the_batches_are_fine(tmp_path: Path, rows: tuple[str, ...]) -> None:
    found = with_rows(tmp_path, rows, 0, 0, 3, 3, 7)
    assert [one for one in found if one.slug != "bad-checkpoint"] == []


@pytest.mark.usefixtures("each_engine")
def test_a_batch_of_another_epoch_than_the_file_tells_is_told_once_a_run(tmp_path: Path) -> None:
    (found,) = with_rows(tmp_path, ("0 0", "3 12"), 0, 0, 3, 3)
    assert (found.slug, found.expected, found.found) == ("epoch-unlike-checkpoint", "epoch 0", 3)
    assert (found.first_offset, found.last_offset, found.location.field) == (8, 11, "partition_leader_epoch")


@pytest.mark.usefixtures("each_engine")
def test_an_epoch_that_was_flipped_is_the_cause_of_the_step_back_behind_it(tmp_path: Path) -> None:
    found = with_rows(tmp_path, ("0 0", "3 4"), 0, 3, 67, 3, 3)
    assert [(one.slug, one.found, one.caused_by is None) for one in found] == [
        ("epoch-unlike-checkpoint", 67, True), ("leader-epoch-goes-back", 3, False),
    ]  # fmt: skip


@pytest.mark.usefixtures("each_engine")
def test_the_last_epoch_may_be_missing_where_the_broker_was_not_stopped_cleanly(tmp_path: Path) -> None:
    assert [one.slug for one in with_rows(tmp_path / "a", ("0 0",), 0, 0, 3)] == ["epoch-unlike-checkpoint"]
    assert with_rows(tmp_path / "b", ("0 0",), 0, 0, 3, clean=False) == []


@pytest.mark.usefixtures("each_engine")
def test_the_first_row_goes_up_with_the_log_start(tmp_path: Path) -> None:
    assert with_rows(tmp_path / "told", ("0 5",), 0, 0, 0, start=5) == []
    (found,) = with_rows(tmp_path / "not told", ("0 5",), 0, 0, 0)
    assert (found.slug, found.expected, found.found) == ("epoch-unlike-checkpoint", "no epoch", 0)
    assert with_rows(tmp_path / "killed", ("0 5",), 0, 0, 0, clean=False) == []


@pytest.mark.usefixtures("each_engine")
def test_a_row_beyond_the_logs_end_is_told_after_a_clean_stop(tmp_path: Path) -> None:
    (found,) = with_rows(tmp_path / "clean", ("0 0", "3 9"), 0, 0)
    assert (found.slug, found.expected, found.found) == ("epoch-beyond-log-end", 8, 9)
    assert found.location.path == "t-0/leader-epoch-checkpoint"
    assert with_rows(tmp_path / "killed", ("0 0", "3 9"), 0, 0, clean=False) == []


@pytest.mark.usefixtures("each_engine")
def test_a_row_beyond_the_end_follows_where_the_log_ends_early(tmp_path: Path) -> None:
    with_rows(tmp_path, ("0 0", "3 9"), 0, 0)
    checkpoint(tmp_path / "recovery-point-offset-checkpoint", "t 0 12")
    (found,) = found_in("epochs", tmp_path)
    assert (found.caused_by or "").startswith("log-ends-early at position ")


@pytest.mark.usefixtures("each_engine")
def test_a_file_out_of_order_is_not_held_against_the_log(tmp_path: Path) -> None:
    assert with_rows(tmp_path, ("5 0", "3 4"), 0, 0) == []
