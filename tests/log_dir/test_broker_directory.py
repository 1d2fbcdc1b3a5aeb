"""A broker's log directory: partitions in every state, the files beside them, how the broker left it."""

from __future__ import annotations

import os

import pytest

from inspector.broker_files import Shutdown, is_lock_held
from inspector.log_dir import DirKind, LogDir, open_log_dir
from inspector.partition import State
from inspector.text_files import Identity

UNIQUE = "0123456789abcdef0123456789abcdef"


def listed(log_dir: LogDir) -> list[tuple[str | None, int | None, str]]:
    return [(log.topic, log.partition, log.state.value) for log in log_dir.partitions]


def test_partitions_come_by_topic_and_number_the_live_one_first(make) -> None:
    make.broker(
        "b-10", "b-9", "a.b-c-12", "a-1-0", f"b-9.{UNIQUE}-delete", f"b-9.{UNIQUE}-future", f"z-0.{UNIQUE}-stray"
    )
    log_dir = open_log_dir(make.root)
    assert log_dir.kind is DirKind.BROKER
    assert listed(log_dir) == [
        ("a-1", 0, "live"),
        ("a.b-c", 12, "live"),
        ("b", 9, "live"),
        ("b", 9, "future"),
        ("b", 9, "delete"),
        ("b", 10, "live"),
        ("z", 0, "stray"),
    ]
    assert log_dir.findings == ()


def test_identity_and_checkpoints(make) -> None:
    make.broker("t-0", "t-1")
    make("replication-offset-checkpoint", "0\n1\nt 0 120\n")
    make("recovery-point-offset-checkpoint", "0\r\n1\r\nt 0 100\r\n")
    make("log-start-offset-checkpoint", "0\n1\nt 0 7\n")
    make("cleaner-offset-checkpoint", "")
    log_dir = open_log_dir(make.root)
    assert log_dir.identity == Identity(1, 1, "abc", "MFz2AkH8QpqRVmfCUOpHsA")
    first, second = log_dir.partitions
    assert (first.high_watermark, first.recovery_point, first.log_start_offset) == (120, 100, 7)
    assert first.high_watermark_source == "checkpointed (may lag)"
    assert (second.high_watermark, second.recovery_point, second.log_start_offset) == (None, None, 0)
    assert second.high_watermark_source == "not checkpointed"
    assert dict(log_dir.broker.cleaner_offsets) == {}
    assert log_dir.findings == ()


def test_a_broken_checkpoint_is_a_finding_and_as_good_as_none(make) -> None:
    make.broker("t-0")
    make("replication-offset-checkpoint", "0\n2\nt 0 120\n")
    log_dir = open_log_dir(make.root)
    assert [str(f) for f in log_dir.findings] == [
        "replication-offset-checkpoint: expected 2 entries, as the second line says, found 1 lines"
    ]
    assert log_dir.partitions[0].high_watermark is None


def test_checkpoints_speak_of_the_directory_in_use(make) -> None:
    make.broker(
        "both-0",
        f"both-0.{UNIQUE}-future",
        f"moving-0.{UNIQUE}-future",
        f"gone-0.{UNIQUE}-delete",
        f"lost-0.{UNIQUE}-stray",
    )
    make("replication-offset-checkpoint", "0\n4\nboth 0 1\nmoving 0 2\ngone 0 3\nlost 0 4\n")
    seen = {(log.topic, log.state): log.high_watermark for log in open_log_dir(make.root).partitions}
    assert seen == {
        ("both", State.LIVE): 1,
        ("both", State.FUTURE): None,
        ("moving", State.FUTURE): 2,
        ("gone", State.DELETE): None,
        ("lost", State.STRAY): None,
    }


def test_a_partition_of_a_hostile_name_is_carried_safely(make) -> None:
    make.broker("evil\x1b[2J\n-0", "bidi\u202e-1")
    make.folder(os.fsdecode(b"caf\xe9-2"))
    make("replication-offset-checkpoint", b"0\n1\ncaf\xe9 2 9\n")
    log_dir = open_log_dir(make.root)
    assert [(log.topic, log.shown_as) for log in log_dir.partitions] == [
        (r"bidi\u202e", r"bidi\u202e-1"),
        (r"caf\xe9", r"caf\xe9-2"),
        (r"evil\x1b[2J\x0a", r"evil\x1b[2J\x0a-0"),
    ]
    assert log_dir.partitions[1].high_watermark == 9
    shown = [s.shown_as for log in log_dir.partitions for s in log.segments]
    assert all(text.isprintable() for text in shown) and len(shown) == 2
    assert log_dir.topics(["evil\x1b[2J\n"]) == [r"evil\x1b[2J\x0a"]


def test_foreign_entries_are_named_once_and_known_ones_not_at_all(make) -> None:
    make.broker("t-0")
    for known in (
        "bootstrap.checkpoint",
        ".kafka_cleanshutdown",
        "replication-offset-checkpoint.tmp",
        "meta.properties.tmp",
    ):
        make(known)
    make.folder("remote-log-index-cache")
    make.folder("lost+found")
    make.folder(f"t-1.{UNIQUE}-removed")
    make("notes.txt")
    make("u-0")
    (make.root / "v-0").symlink_to("v-0")
    log_dir = open_log_dir(make.root)
    assert [str(f) for f in log_dir.findings] == [
        "lost+found: not part of a Kafka log directory: a folder",
        "notes.txt: not part of a Kafka log directory: a file",
        f"t-1.{UNIQUE}-removed: not part of a Kafka log directory: a folder",
        "u-0: not part of a Kafka log directory: a file",
        "v-0: could not be read: too many levels of symbolic links",
    ]
    assert "remote-log-index-cache" in log_dir.other_entries and "t-0" not in log_dir.other_entries
    assert listed(log_dir) == [("t", 0, "live")]


def test_links_are_followed_and_loops_do_no_harm(make, tmp_path) -> None:
    make.broker()
    elsewhere = tmp_path / "elsewhere"
    make.partition("../elsewhere/t-0", 0, 8)
    (make.root / "t-0").symlink_to(elsewhere / "t-0", target_is_directory=True)
    (make.root / "self-0").symlink_to(make.root, target_is_directory=True)
    self_0, t_0 = open_log_dir(make.root).partitions
    assert [s.base_offset for s in t_0.segments] == [0, 8]
    assert self_0.segments == ()
    assert {f.slug for f in self_0.findings} == {"foreign-entry"}


def test_a_directory_without_marks_is_a_brokers_if_partitions_lie_in_it(make) -> None:
    make.partition("t-0")
    make.folder("python-3")
    log_dir = open_log_dir(make.root)
    assert log_dir.kind is DirKind.BROKER
    assert listed(log_dir) == [("python", 3, "live"), ("t", 0, "live")]
    assert log_dir.identity == Identity()


@pytest.mark.parametrize(
    ("files", "shutdown"),
    [
        ({".lock": "", ".kafka_cleanshutdown": '{"version":0,"brokerEpoch":14}'}, Shutdown.CLEAN),
        ({".kafka_cleanshutdown": ""}, Shutdown.CLEAN),
        ({".lock": ""}, Shutdown.UNCLEAN),
        ({}, Shutdown.UNCLEAN),
    ],
)
def test_how_the_broker_stopped(make, files: dict[str, str], shutdown: Shutdown) -> None:
    make.partition("t-0")
    for name, content in files.items():
        make(name, content)
    log_dir = open_log_dir(make.root)
    assert log_dir.shutdown is shutdown
    assert log_dir.partitions[0].segments[0].may_be_torn is (shutdown is not Shutdown.CLEAN)


def test_a_held_lock_means_a_running_broker(make, locked) -> None:
    make.broker("t-0")
    make(".kafka_cleanshutdown")
    lock = make.root / ".lock"
    before = lock.stat()
    with locked(lock):
        assert is_lock_held(lock) is True
        assert open_log_dir(make.root).shutdown is Shutdown.RUNNING
        assert open_log_dir(make.root / "t-0").shutdown is Shutdown.RUNNING
    assert is_lock_held(lock) is False
    assert lock.stat() == before


def test_a_pipe_in_place_of_the_lock_does_not_hang(make) -> None:
    make.broker("t-0")
    (make.root / ".lock").unlink()
    os.mkfifo(make.root / ".lock")
    assert open_log_dir(make.root).shutdown is Shutdown.UNCLEAN


def test_topics_and_their_partition_counts(make) -> None:
    make.broker("a-0", "a-1", "a-4", f"a-9.{UNIQUE}-delete", "b-0", f"c-3.{UNIQUE}-stray", "a-004", "big-2147483647")
    log_dir = open_log_dir(make.root)
    assert log_dir.topics() == ["a", "b", "big", "c"]
    assert log_dir.topics(["?", "!b"]) == ["a", "c"]
    counts = {topic: log_dir.partition_count(topic) for topic in ["a", "b", "big", "c", "none"]}
    assert {topic: tuple(count) for topic, count in counts.items()} == {
        "a": (5, 3),
        "b": (1, 1),
        "big": (2**31, 1),
        "c": (0, 0),
        "none": (0, 0),
    }
    assert counts["a"].some_are_missing and not counts["b"].some_are_missing
    assert [(log.partition, log.state.value) for log in log_dir.partitions_of(["c", "b"])] == [
        (0, "live"),
        (3, "stray"),
    ]


def test_thousands_of_partitions_are_found_without_listing_them(make, monkeypatch) -> None:
    make.broker()
    for number in range(4000):
        (make.root / f"t-{number}").mkdir()
    listed, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    log_dir = open_log_dir(make.root)
    assert listed == [make.root]
    assert len(log_dir.partitions) == 4000
    assert [log.partition for log in log_dir.partitions[:3]] == [0, 1, 2]
