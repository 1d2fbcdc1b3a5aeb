"""The broker's checkpoints of a partition against its log, and its topic's id against the cluster's metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, split, with_bit_flipped

from .metadata import removed, topic, topic_id, write_log
from .rules import checkpoint, found_by, found_in, written

BATCHES = split(BASE.read_bytes())
"""Twelve batches of four records: offsets 0 to 47."""
END = 48

NAMES = {
    "recovery_point": "recovery-point-offset-checkpoint",
    "high_watermark": "replication-offset-checkpoint",
    "log_start": "log-start-offset-checkpoint",
    "cleaned": "cleaner-offset-checkpoint",
}

pytestmark = pytest.mark.usefixtures("each_engine")


def broker(folder: Path, clean: bool = True, data: bytes | None = None, **offsets: int) -> Path:
    """A broker's directory with `t-0`, which has 48 records unless other bytes are given, and rows of it."""
    written(folder / "t-0", _0=BASE.read_bytes() if data is None else data)
    (folder / "meta.properties").write_text("version=1\nnode.id=0\ncluster.id=aaaaaaaaaaaaaaaaaaaaaa\n")
    if clean:
        (folder / ".kafka_cleanshutdown").touch()
    for name, offset in offsets.items():
        checkpoint(folder / NAMES[name], f"t 0 {offset}")
    return folder


def slugs(folder: Path) -> list[str]:
    """What is found of `t-0`."""
    return [one.slug for one in found_in("checkpoints", folder)]


def test_after_a_clean_stop_all_agree(tmp_path: Path) -> None:
    assert slugs(broker(tmp_path, recovery_point=END, high_watermark=END, log_start=5, cleaned=END)) == []


def test_without_checkpoints_nothing_is_said(tmp_path: Path) -> None:
    assert slugs(broker(tmp_path)) == []


@pytest.mark.parametrize(
    "offsets", [{"recovery_point": 52}, {"high_watermark": 52}, {"recovery_point": 52, "high_watermark": 50}]
)
def test_a_log_that_ends_before_what_a_clean_stop_wrote_has_lost_records(
    tmp_path: Path, offsets: dict[str, int]
) -> None:
    (found,) = found_in("checkpoints", broker(tmp_path, **offsets))
    assert (found.slug, found.expected, found.found) == ("log-ends-early", 52, 48)
    assert (found.first_offset, found.last_offset, found.caused_by) == (48, 51, None)
    assert (found.location.path, found.location.position) == ("t-0/00000000000000000000.log", len(BASE.read_bytes()))


def test_what_ends_early_because_of_damage_says_so(tmp_path: Path) -> None:
    data = BASE.read_bytes()[:-10]
    found = found_in("checkpoints", broker(tmp_path, data=data, recovery_point=END))
    assert [one.slug for one in found] == ["truncated-batch", "log-ends-early"]
    assert found[1].caused_by == found[0].as_cause


def test_a_last_batch_that_fails_its_crc_still_ends_the_log(tmp_path: Path) -> None:
    data = b"".join((*BATCHES[:-1], with_bit_flipped(BATCHES[-1], 200)))
    assert slugs(broker(tmp_path, data=data, recovery_point=END, high_watermark=END)) == ["crc-mismatch"]


def test_an_empty_last_segment_tells_the_end_by_its_name(tmp_path: Path) -> None:
    folder = broker(tmp_path, recovery_point=END)
    (folder / "t-0" / f"{END:020}.log").touch()
    assert slugs(folder) == []


def test_a_log_that_goes_on_behind_a_clean_stop_is_of_another_time(tmp_path: Path) -> None:
    (found,) = found_in("checkpoints", broker(tmp_path, recovery_point=44, high_watermark=44))
    assert (found.slug, found.expected, found.found) == ("log-goes-on", 44, 48)


def test_after_a_kill_older_checkpoints_are_normal(tmp_path: Path) -> None:
    assert slugs(broker(tmp_path, clean=False, recovery_point=0, high_watermark=40)) == []


def test_after_a_kill_checkpoints_ahead_of_the_log_are_a_warning_each(tmp_path: Path) -> None:
    found = found_in("checkpoints", broker(tmp_path, clean=False, recovery_point=60, high_watermark=61))
    assert [(one.slug, one.expected) for one in found] == [
        ("checkpoint-beyond-log-end", "recovery-point-offset-checkpoint has offset 60"),
        ("checkpoint-beyond-log-end", "replication-offset-checkpoint has offset 61"),
    ]


@pytest.mark.parametrize("clean", [True, False])
def test_a_log_start_beyond_the_end_makes_the_broker_delete_all(tmp_path: Path, clean: bool) -> None:
    (found,) = found_in("checkpoints", broker(tmp_path, clean=clean, log_start=49))
    assert (found.slug, found.expected, found.found) == ("log-start-beyond-end", 49, 48)
    assert "deletes all segments" in found.next_step
    assert slugs(broker(tmp_path / "at the end", clean=clean, log_start=48)) == []


def test_a_high_watermark_below_the_log_start_is_of_another_time(tmp_path: Path) -> None:
    found = found_in("checkpoints", broker(tmp_path, recovery_point=END, high_watermark=3, log_start=8))
    assert [(one.slug, one.expected, one.found) for one in found] == [("high-watermark-below-log-start", 8, 3)]
    assert slugs(broker(tmp_path / "killed", clean=False, high_watermark=3, log_start=8)) == []


def test_a_cleaners_offset_beyond_the_end_is_taken_back(tmp_path: Path) -> None:
    found = found_in("checkpoints", broker(tmp_path, recovery_point=END, cleaned=49))
    assert [(one.slug, one.expected) for one in found] == [
        ("checkpoint-beyond-log-end", "cleaner-offset-checkpoint has offset 49")
    ]


def test_further_checkpoints_beyond_the_end_follow_from_the_first(tmp_path: Path) -> None:
    found = found_in("checkpoints", broker(tmp_path, recovery_point=60, high_watermark=60, log_start=55, cleaned=50))
    assert [(one.slug, one.caused_by is None) for one in found] == [
        ("log-ends-early", True), ("log-start-beyond-end", False), ("checkpoint-beyond-log-end", False),
    ]  # fmt: skip


def test_one_segment_alone_does_not_tell_where_the_log_ends(tmp_path: Path) -> None:
    folder = broker(tmp_path, recovery_point=60)
    (folder / "t-0" / f"{END:020}.log").touch()
    assert found_by("checkpoints", folder / "t-0" / f"{0:020}.log") == []


# -- whose partition it is


def with_id(folder: Path, number: int = 1) -> Path:
    (folder / "t-0" / "partition.metadata").write_text(f"version: 0\ntopic_id: {topic_id(number)}")
    return folder


def test_a_topic_under_the_id_that_the_cluster_knows_is_fine(tmp_path: Path) -> None:
    folder = with_id(broker(tmp_path))
    write_log(folder, *topic("t", replicas=(0, 1)))
    assert slugs(folder) == []


def test_a_topic_that_was_made_anew_has_another_id(tmp_path: Path) -> None:
    folder = with_id(broker(tmp_path))
    write_log(folder, *topic("t"), removed(), *topic("t", 2))
    (found,) = found_in("checkpoints", folder)
    assert (found.slug, found.expected, found.found) == ("topic-id-unlike-metadata", topic_id(2), topic_id(1))
    assert found.location.path == "t-0/partition.metadata"


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        (topic("other"), "no such topic"),
        ([*topic("t"), removed()], "no such topic"),
        (topic("t", partition=1), "no such partition of it"),
        (topic("t", replicas=(4, 3)), "replicas on 3, 4 only, and this is node 0"),
    ],
)
def test_a_replica_that_the_cluster_does_not_know_is_a_stray(tmp_path: Path, messages: list, why: str) -> None:  # type: ignore[type-arg]
    folder = with_id(broker(tmp_path))
    write_log(folder, *messages)
    assert [(one.slug, one.found) for one in found_in("checkpoints", folder)] == [("not-in-metadata", why)]
    (folder / ".kafka_cleanshutdown").unlink()
    assert slugs(folder) == [], "the copy of the metadata log may be older"


def test_a_partition_given_alone_is_held_against_the_metadata_beside_it(tmp_path: Path) -> None:
    folder = with_id(broker(tmp_path))
    write_log(folder, *topic("t", 2))
    assert [one.slug for one in found_by("checkpoints", folder / "t-0")] == ["topic-id-unlike-metadata"]


def test_metadata_that_are_not_whole_tell_nothing(tmp_path: Path) -> None:
    folder = with_id(broker(tmp_path))
    write_log(folder, *topic("t", 2), base_offset=7)
    assert slugs(folder) == []
    log = with_id(broker(tmp_path / "damaged"))
    file = write_log(log, *topic("t", 2)) / f"{0:020}.log"
    file.write_bytes(with_bit_flipped(file.read_bytes(), 70))
    assert slugs(log) == []
