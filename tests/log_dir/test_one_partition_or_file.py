"""A partition directory or a single file as the path given."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.broker_files import Shutdown
from inspector.errors import NotALogError
from inspector.log_dir import DirKind, open_log_dir
from inspector.segment import Role

LOG = "00000000000000000000.log"


def test_a_partition_directory_uses_the_checkpoints_of_its_broker(make) -> None:
    make.broker("t-1-0", "t-1-1")
    make("replication-offset-checkpoint", "0\n1\nt-1 0 5\n")
    make("log-start-offset-checkpoint", "0\n9\n")
    log_dir = open_log_dir(make.root / "t-1-0")
    (log,) = log_dir.partitions
    assert log_dir.kind is DirKind.PARTITION
    assert (log.topic, log.partition, log.shown_as) == ("t-1", 0, ".")
    assert (log.high_watermark, log.high_watermark_source) == (5, "checkpointed (may lag)")
    assert log_dir.identity.node_id == 1 and log_dir.shutdown is Shutdown.UNCLEAN
    assert [s.shown_as for s in log.segments] == [LOG]
    assert [f.location.path for f in log_dir.findings] == ["../log-start-offset-checkpoint"]


def test_a_copied_partition_directory_knows_nothing_of_a_broker(make) -> None:
    path = make.partition("t-1-0")
    log_dir = open_log_dir(path)
    (log,) = log_dir.partitions
    assert (log.topic, log.partition, log.high_watermark) == ("t-1", 0, None)
    assert log_dir.shutdown is Shutdown.UNKNOWN
    assert log.segments[0].may_be_torn


def test_a_renamed_partition_directory_has_no_topic(make) -> None:
    path = make.partition("backup")
    (log,) = open_log_dir(path).partitions
    assert (log.topic, log.partition, log.state.value) == (None, None, "live")
    assert [s.base_offset for s in log.segments] == [0]
    assert open_log_dir(path).topics() == []


def test_the_working_directory_has_a_name_too(make, monkeypatch) -> None:
    make.broker("t-1-0")
    monkeypatch.chdir(make.root / "t-1-0")
    assert open_log_dir(Path()).partitions[0].topic == "t-1"
    assert open_log_dir(Path()).identity.node_id == 1
    (log,) = open_log_dir(Path(LOG)).partitions
    assert (log.topic, log.segments[0].shown_as) == ("t-1", LOG)


def test_a_link_to_a_partition_directory_leads_to_its_name(make) -> None:
    make.broker("t-1-0")
    make("replication-offset-checkpoint", "0\n1\nt-1 0 5\n")
    link = make.root.parent / "here"
    link.symlink_to(make.root / "t-1-0", target_is_directory=True)
    (log,) = open_log_dir(link).partitions
    assert (log.topic, log.high_watermark) == ("t-1", 5)


def test_a_partition_directory_without_any_file_is_one_if_a_broker_has_it(make) -> None:
    make.broker()
    (log,) = open_log_dir(make.folder("t-0")).partitions
    assert (log.topic, log.segments) == ("t", ())


def test_a_segment_file_knows_its_neighbours(make) -> None:
    make.broker()
    path = make.partition("t-0", 0, 40)
    make("replication-offset-checkpoint", "0\n1\nt 0 44\n")
    log_dir = open_log_dir(path / LOG)
    (log,) = log_dir.partitions
    (segment,) = log.segments
    assert log_dir.kind is DirKind.FILE
    assert (segment.shown_as, segment.base_offset, segment.topic, segment.partition) == (LOG, 0, "t", 0)
    assert (segment.is_last, segment.may_be_torn) == (False, False)
    assert Role.OFFSET_INDEX in segment.siblings
    assert (log.high_watermark, log.findings) == (44, ())
    (last,) = open_log_dir(path / "00000000000000000040.log").partitions[0].segments
    assert (last.is_last, last.may_be_torn) == (True, True)
    assert open_log_dir(last.path).partitions[0].log_start_offset == 0


@pytest.mark.parametrize(
    ("name", "base_offset", "role", "pending"),
    [
        ("00000000000000000017.log.deleted", 17, Role.LOG, "deleted"),
        ("00000000000000000017.log.swap", 17, Role.LOG, "swap"),
        ("00000000000000000017.log.cleaned", 17, Role.LOG, "cleaned"),
        ("00000000000000000017-0000000002.checkpoint", None, Role.KRAFT_SNAPSHOT, ""),
        ("bootstrap.checkpoint", None, Role.FOREIGN, ""),
        ("dump.bin", None, Role.FOREIGN, ""),
        ("17.log", None, Role.FOREIGN, ""),
    ],
)
def test_other_files_given_directly(make, name: str, base_offset: int | None, role: Role, pending: str) -> None:
    (log,) = open_log_dir(make(f"t-0/{name}", b"abc")).partitions
    (segment,) = log.segments
    assert (segment.base_offset, segment.role, segment.pending, segment.size) == (base_offset, role, pending, 3)
    assert (segment.topic, segment.partition, segment.is_last) == ("t", 0, None)
    assert segment.may_be_torn
    with segment.open() as source:
        assert source.read_at(0, 9) == b"abc"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("00000000000000000000.index", "this is an offset index: "),
        ("00000000000000000000.timeindex.deleted", "this is a time index: "),
        ("00000000000000000000.txnindex", "this is an index of aborted transactions: "),
        ("00000000000000000000.snapshot", "this is a snapshot of producer state: "),
        ("leader-epoch-checkpoint", "this is a checkpoint of leader epochs: "),
        ("meta.properties", "this is the identity of node and directory: "),
        ("replication-offset-checkpoint.tmp", "this is a checkpoint of offsets: "),
        ("300_wJ47CHkuQy2B3GVQQORREg.txnindex.deleted", "this is an index of aborted transactions: "),
        (
            "server.log",
            "this is one of the broker's text logs; the data lies where log.dirs in server.properties says: ",
        ),
        ("kafkaServer-gc.log.0.current", "this is one of the broker's text logs; "),
    ],
)
def test_a_file_that_holds_no_batches_is_refused_by_its_name(make, name: str, message: str) -> None:
    with pytest.raises(NotALogError) as raised:
        open_log_dir(make(f"t-0/{name}", b"abc"))
    assert raised.value.message.startswith(message)
