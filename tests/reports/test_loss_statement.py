"""The loss statement at the end of `verify`, on copies of a real directory with consumer groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make import crash
from inspector.reports.integrity import integrity
from inspector.reports.salvage import salvage
from inspector.reports.selection import Selection

from .conftest import Copied, Taken, taken

GROUPS = tuple(f"__consumer_offsets-{number}" for number in range(5))
SECOND_BATCH, THIRD_BATCH = 114, 6275
"""Where the batches with the offsets 5 and 6, and 7 to 13, begin in `codecs-0`."""


def verified(directory: Path) -> Taken:
    return taken(integrity([directory], Selection(("codecs",))))


def flip(directory: Path, position: int) -> None:
    log = directory / "codecs-0" / f"{0:020}.log"
    data = bytearray(log.read_bytes())
    data[position] ^= 1
    log.write_bytes(data)


@pytest.mark.usefixtures("each_engine")
def test_groups_that_had_read_the_lost_records_are_told_from_those_that_had_not(copied: Copied) -> None:
    directory = copied("kafka-4.3.0-rich", "codecs-0", *GROUPS)
    flip(directory, SECOND_BATCH + 100)
    told = verified(directory)
    (row,) = [row for row in told.rows if row["slug"] == "lost-offsets"]
    assert (row["first_offset"], row["last_offset"], row["severity"]) == (5, 6, "warning")
    assert row["caused_by"] == f"crc-mismatch at position {SECOND_BATCH}"
    assert told.closing[0] == "lost: offsets 5 to 6: 2 records"
    assert (
        "  not yet read by group kinspect-pruned (at 3), kinspect-simple (at 3), read by group kinspect-classic, "
        "kinspect-living-classic, kinspect-living-consumer, kinspect-modern"
    ) in told.closing
    assert "; lost: 2 offsets in 1 partition; " in told.verdict.text


@pytest.mark.usefixtures("each_engine")
def test_a_log_that_ends_in_damage_has_lost_up_to_what_the_checkpoint_tells(copied: Copied) -> None:
    directory = copied("kafka-4.3.0-rich", "codecs-0")
    flip(directory, THIRD_BATCH + 100)
    told = verified(directory)
    assert told.closing[0] == (
        "lost: offset 7 and what followed: at least up to offset 13, by the checkpointed high watermark; "
        "how many records is unknown"
    )
    assert told.closing[-1].startswith("  unknown: ")
    assert "which groups had read them" in told.closing[-1]
    assert "; lost: what followed the end of 1 log in 1 partition; " in told.verdict.text


@pytest.mark.usefixtures("each_engine")
def test_groups_had_read_a_log_without_an_end_as_far_as_they_committed(fixtures_dir: Path) -> None:
    told = taken(integrity([fixtures_dir / "crashed" / "kafka-4.3.0"], Selection(("codecs",), frozenset({1}))))
    assert "  read by group kinspect-classic (up to offset 13), kinspect-modern (up to offset 13)" in told.closing


def test_the_crashed_directory_is_what_its_recipe_makes(
    fixtures_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = fixtures_dir / "crashed" / "kafka-4.3.0"
    monkeypatch.setattr(crash, "CRASHED", tmp_path / "made")
    crash.main()
    made = {path.relative_to(tmp_path / "made"): path for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in made.items()} == {
        path.relative_to(bundled): path.read_bytes() for path in bundled.rglob("*") if path.is_file()
    }


@pytest.mark.usefixtures("each_engine")
def test_nothing_is_lost_where_nothing_is_damaged(copied: Copied) -> None:
    told = verified(copied("kafka-4.3.0-rich", "codecs-0", *GROUPS))
    assert (told.rows, told.closing) == ([], [])
    assert "lost" not in told.verdict.text


@pytest.mark.usefixtures("each_engine")
def test_what_could_not_be_read_is_not_called_lost(copied: Copied) -> None:
    directory = copied("kafka-4.3.0-rich", "codecs-0")
    (directory / "codecs-0" / f"{0:020}.log").unlink()
    (directory / "codecs-0" / f"{0:020}.log").symlink_to("nowhere")
    told = verified(directory)
    assert "lost-offsets" not in told.slugs


@pytest.mark.usefixtures("each_engine")
def test_a_salvage_ends_with_the_same_statement(copied: Copied, tmp_path: Path) -> None:
    directory = copied("kafka-4.3.0-rich", "codecs-0", *GROUPS)
    flip(directory, SECOND_BATCH + 100)
    told = taken(salvage(directory, Selection(("codecs",)), tmp_path / "saved", carve=False))
    assert told.verdict.lines == (
        f"codecs, partition 0: {verified(directory).closing[0]}",
        *verified(directory).closing[1:],
    )
    assert "; lost: 2 offsets in 1 partition; " in told.verdict.text
