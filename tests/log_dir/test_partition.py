"""One partition directory: its segments, its other files, its offsets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.broker_files import Shutdown
from inspector.errors import PathNotFoundError
from inspector.partition import Checkpointed, PartitionLog, parse_partition_dir_name
from inspector.segment import Role
from inspector.text_files import EpochEntry

TOPIC_ID = "7tWWqXUTTwKnNOFEgkUvDg"


def log_of(path: Path, shutdown: Shutdown = Shutdown.UNCLEAN, **checkpointed: int) -> PartitionLog:
    name = parse_partition_dir_name(path.name)
    assert name is not None
    return PartitionLog(path, path.name, name, shutdown, Checkpointed(**checkpointed))


def test_segments_come_by_base_offset_with_their_siblings(make) -> None:
    path = make.partition("t-0", 200, 0, 90)
    make("t-0/00000000000000000090.txnindex")
    make("t-0/00000000000000000200.snapshot")
    segments = log_of(path).segments
    assert [(s.base_offset, s.is_last, s.may_be_torn) for s in segments] == [
        (0, False, False),
        (90, False, False),
        (200, True, True),
    ]
    assert segments[0].shown_as == "t-0/00000000000000000000.log"
    assert set(segments[1].siblings) == {Role.OFFSET_INDEX, Role.TIME_INDEX, Role.TXN_INDEX}
    assert segments[1].sibling(Role.TXN_INDEX) == path / "00000000000000000090.txnindex"
    assert segments[1].sibling(Role.PRODUCER_SNAPSHOT) is None
    assert segments[2].sibling(Role.PRODUCER_SNAPSHOT) == path / "00000000000000000200.snapshot"
    assert all(sibling.exists() for s in segments for sibling in s.siblings.values())


def test_a_segment_knows_its_place_and_opens(make) -> None:
    segment = log_of(make.partition("a.b-c-12", 7)).segments[0]
    location = segment.location()
    assert (location.path, location.topic, location.partition) == ("a.b-c-12/00000000000000000007.log", "a.b-c", 12)
    assert (segment.name, segment.size) == ("00000000000000000007.log", 1)
    with segment.open() as source:
        assert (source.path, source.size, source.read_at(0, 10)) == (location.path, 1, b"x")


def test_the_last_segment_of_a_clean_stop_is_whole(make) -> None:
    path = make.partition("t-0", 0, 5)
    assert [s.may_be_torn for s in log_of(path, Shutdown.CLEAN).segments] == [False, False]
    assert [s.may_be_torn for s in log_of(path, Shutdown.UNKNOWN).segments] == [False, True]


def test_digits_of_any_script_are_digits(make) -> None:
    make("t-0/٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١٢.log", b"xy")
    make("t-0/٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١٢.index")
    (segment,) = log_of(make.root / "t-0").segments
    assert (segment.base_offset, segment.size) == (12, 2)
    assert segment.siblings[Role.OFFSET_INDEX].exists()


def test_other_files_are_told_apart(make) -> None:
    path = make.partition("__cluster_metadata-0")
    for name in (
        "00000000000000000000-0000000000.checkpoint",
        "00000000000000000000.log.deleted",
        "00000000000000000007.snapshot",
        "00000000000000000009.index",
        "leader-epoch-checkpoint",
        "leader-epoch-checkpoint.tmp",
        "partition.metadata",
        "quorum-state",
    ):
        make(f"__cluster_metadata-0/{name}")
    log = log_of(path)
    assert [(other.path.name, other.name.role.name, other.name.pending) for other in log.other_files] == [
        ("00000000000000000000-0000000000.checkpoint", "KRAFT_SNAPSHOT", ""),
        ("00000000000000000000.log.deleted", "LOG", "deleted"),
        ("00000000000000000007.snapshot", "PRODUCER_SNAPSHOT", ""),
        ("00000000000000000009.index", "OFFSET_INDEX", ""),
        ("leader-epoch-checkpoint", "LEADER_EPOCHS", ""),
        ("leader-epoch-checkpoint.tmp", "LEADER_EPOCHS", "tmp"),
        ("partition.metadata", "PARTITION_METADATA", ""),
        ("quorum-state", "QUORUM_STATE", ""),
    ]
    assert [s.base_offset for s in log.segments] == [0]
    assert log.findings == ()
    assert log.is_internal and not log_of(make.partition("t-0")).is_internal


def test_what_does_not_belong_is_named_once(make) -> None:
    path = make.partition("t-0")
    make("t-0/notes.txt")
    make("t-0/evil\x1b[2J")
    make.folder("t-0/00000000000000000005.log")
    make.folder("t-0/sub")
    os.mkfifo(path / "00000000000000000006.log")
    (path / "nowhere").symlink_to("/does/not/exist")
    (path / "loop").symlink_to("loop")
    log = log_of(path)
    assert [str(finding) for finding in log.findings] == [
        "t-0/00000000000000000005.log: not part of a Kafka log directory: a folder",
        "t-0/00000000000000000006.log: not part of a Kafka log directory: neither a file nor a folder",
        r"t-0/evil\x1b[2J: not part of a Kafka log directory: a file",
        "t-0/loop: could not be read: too many levels of symbolic links",
        "t-0/notes.txt: not part of a Kafka log directory: a file",
        "t-0/nowhere: not part of a Kafka log directory: a link that leads nowhere",
        "t-0/sub: not part of a Kafka log directory: a folder",
    ]
    assert all((f.location.topic, f.location.partition) == ("t", 0) for f in log.findings)
    assert [s.base_offset for s in log.segments] == [0]


def test_a_directory_is_listed_once_and_only_when_asked(make) -> None:
    path = make.partition("t-0", 0)
    log = log_of(path)
    make.partition("t-0", 5)
    assert [s.base_offset for s in log.segments] == [0, 5]
    make.partition("t-0", 9)
    assert [s.base_offset for s in log.segments] == [0, 5]


def test_a_directory_that_vanished_is_a_finding(make) -> None:
    path = make.folder("t-0")
    log = log_of(path)
    path.rmdir()
    assert log.segments == ()
    assert [str(f) for f in log.findings] == ["t-0: was there when listed, gone when opened"]
    assert (log.log_start_offset, log.topic_id, log.leader_epochs) == (None, None, ())


def test_a_segment_that_vanished_since_says_so_when_opened(make) -> None:
    (segment,) = log_of(make.partition("t-0")).segments
    segment.path.unlink()
    with pytest.raises(PathNotFoundError, match=r"no such file or directory: t-0/0{20}\.log"):
        segment.open().__enter__()


def test_text_files_are_read(make) -> None:
    path = make.partition("t-0")
    make("t-0/partition.metadata", f"version: 0\ntopic_id: {TOPIC_ID}")
    make("t-0/leader-epoch-checkpoint", "0\n1\n3 0\n")
    log = log_of(path)
    assert log.topic_id == TOPIC_ID
    assert log.leader_epochs == (EpochEntry(3, 0),)
    assert log.findings == ()


def test_broken_text_files_are_findings_with_a_place(make) -> None:
    path = make.partition("t-0")
    make("t-0/partition.metadata", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA")
    make("t-0/leader-epoch-checkpoint", "0\n5\n")
    log = log_of(path)
    assert (log.topic_id, log.leader_epochs) == (None, ())
    assert [(f.slug, f.location.path, f.location.topic) for f in log.findings] == [
        ("bad-checkpoint", "t-0/partition.metadata", "t"),
        ("bad-checkpoint", "t-0/leader-epoch-checkpoint", "t"),
    ]


@pytest.mark.parametrize(
    ("shutdown", "checkpointed", "expected"),
    [
        (Shutdown.CLEAN, {}, (None, "not checkpointed")),
        (Shutdown.RUNNING, {}, (None, "not checkpointed")),
        (Shutdown.CLEAN, {"high_watermark": 0}, (0, "checkpointed")),
        (Shutdown.UNCLEAN, {"high_watermark": 0}, (None, "not checkpointed since the first record")),
        (Shutdown.RUNNING, {"high_watermark": 0}, (None, "not checkpointed since the first record")),
        (Shutdown.CLEAN, {"high_watermark": 12}, (12, "checkpointed")),
        (Shutdown.RUNNING, {"high_watermark": 12}, (12, "checkpointed (may lag)")),
        (Shutdown.UNCLEAN, {"high_watermark": 12}, (12, "checkpointed (may lag)")),
        (Shutdown.UNKNOWN, {"high_watermark": 12}, (12, "checkpointed (may lag)")),
    ],
)
def test_a_high_watermark_is_what_was_checkpointed_and_never_a_default(make, shutdown, checkpointed, expected) -> None:
    log = log_of(make.partition("t-0"), shutdown, **checkpointed)
    assert (log.high_watermark, log.high_watermark_source) == expected


@pytest.mark.parametrize(
    ("checkpointed", "expected"), [({}, 40), ({"log_start_offset": 55}, 55), ({"log_start_offset": 3}, 40)]
)
def test_the_log_starts_at_the_checkpoint_or_at_the_first_segment(make, checkpointed, expected) -> None:
    assert log_of(make.partition("t-0", 40, 90), **checkpointed).log_start_offset == expected


def test_a_high_watermark_of_an_empty_log_is_0_when_the_checkpoint_says_so(make) -> None:
    make("t-0/00000000000000000000.log")
    log = log_of(make.root / "t-0", Shutdown.UNCLEAN, high_watermark=0)
    assert (log.high_watermark, log.high_watermark_source) == (0, "checkpointed (may lag)")


def test_an_empty_partition_has_no_start_but_a_checkpointed_one(make) -> None:
    path = make.folder("t-0")
    assert log_of(path).log_start_offset is None
    assert log_of(path, log_start_offset=5).log_start_offset == 5
