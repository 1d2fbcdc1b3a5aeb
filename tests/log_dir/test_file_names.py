"""What the names of files and directories say, by Kafka's grammar."""

from __future__ import annotations

import pytest

from inspector.partition import PartitionName, State, parse_partition_dir_name
from inspector.segment import FileName, Role, parse_file_name

UNIQUE = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("00000000000000000000.log", FileName(Role.LOG, 0)),
        ("00000000000000000042.index", FileName(Role.OFFSET_INDEX, 42)),
        ("00000000000000000042.timeindex", FileName(Role.TIME_INDEX, 42)),
        ("00000000000000000042.txnindex", FileName(Role.TXN_INDEX, 42)),
        ("00000000000000000042.snapshot", FileName(Role.PRODUCER_SNAPSHOT, 42)),
        ("09223372036854775807.log", FileName(Role.LOG, 2**63 - 1)),
        ("٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١٢.log", FileName(Role.LOG, 12)),
        ("००००००००००००००००००१२.index", FileName(Role.OFFSET_INDEX, 12)),
        ("00000000000000000000.log.deleted", FileName(Role.LOG, 0, "deleted")),
        ("00000000000000000000.log.cleaned", FileName(Role.LOG, 0, "cleaned")),
        ("00000000000000000000.timeindex.swap", FileName(Role.TIME_INDEX, 0, "swap")),
        ("00000000000000000200.snapshot.deleted", FileName(Role.PRODUCER_SNAPSHOT, 200, "deleted")),
        ("leader-epoch-checkpoint", FileName(Role.LEADER_EPOCHS)),
        ("leader-epoch-checkpoint.tmp", FileName(Role.LEADER_EPOCHS, None, "tmp")),
        ("partition.metadata", FileName(Role.PARTITION_METADATA)),
        ("partition.metadata.tmp", FileName(Role.PARTITION_METADATA, None, "tmp")),
        ("quorum-state", FileName(Role.QUORUM_STATE)),
        ("00000000000000000123-0000000004.checkpoint", FileName(Role.KRAFT_SNAPSHOT, 123)),
        ("00000000000000000123-0000000004.checkpoint.deleted", FileName(Role.KRAFT_SNAPSHOT, 123, "deleted")),
        ("00000000000000000123-0000000004-8812345.checkpoint.part", FileName(Role.KRAFT_SNAPSHOT, 123, "part")),
    ],
)
def test_file_names(name: str, expected: FileName) -> None:
    assert parse_file_name(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "0.log",
        "000000000000000000000.log",
        "18446744073709551615.log",
        "09223372036854775808.log",
        "-0000000000000000001.log",
        "0000000000000000000²⁰.log",
        "00000000000000000000.LOG",
        "00000000000000000000.log.bak",
        "00000000000000000000.log.part",
        "00000000000000000000.log.swap.deleted",
        "00000000000000000000",
        "00000000000000000123-4.checkpoint",
        "00000000000000000123.checkpoint",
        "server.log",
        ".tmp",
        "deleted",
        "a\nb.log",
        ".deleted" * 5000,
    ],
)
def test_no_broker_names_files_so(name: str) -> None:
    assert parse_file_name(name).role is Role.FOREIGN


@pytest.mark.parametrize(
    ("name", "topic", "partition"),
    [
        ("hello-world-4-0", "hello-world-4", 0),
        ("a.b-c-12", "a.b-c", 12),
        ("x-delete-0", "x-delete", 0),
        ("x.y-future-3", "x.y-future", 3),
        ("t-2147483647", "t", 2147483647),
        ("a--5", "a-", 5),
        ("2024-01-02", "2024-01", 2),
        ("__consumer_offsets-49", "__consumer_offsets", 49),
        (f"a.{UNIQUE}-0", f"a.{UNIQUE}", 0),
        ("evil\x1b[2J-0", r"evil\x1b[2J", 0),
        ("new\nline-1", r"new\x0aline", 1),
        ("caf\udce9-7", r"caf\xe9", 7),
    ],
)
def test_directory_names_in_use(name: str, topic: str, partition: int) -> None:
    assert parse_partition_dir_name(name) == PartitionName(topic, partition, State.LIVE)


@pytest.mark.parametrize("state", [State.FUTURE, State.DELETE, State.STRAY])
@pytest.mark.parametrize(
    ("name", "topic", "partition"),
    [("hello-world-4-0", "hello-world-4", 0), ("a.b-c-12", "a.b-c", 12), ("x-delete-0", "x-delete", 0)],
)
def test_directory_names_with_a_suffix(name: str, topic: str, partition: int, state: State) -> None:
    assert parse_partition_dir_name(f"{name}.{UNIQUE}-{state}") == PartitionName(topic, partition, state)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "-0",
        "topic",
        "topic-",
        "topic-x",
        "topic-1x",
        "topic-2147483648",
        "topic-" + "9" * 5000,
        "lost+found",
        "remote-log-index-cache",
        "topic-0-delete",
        "topic-0.abc-delete",
        f"topic-0.{UNIQUE}0-delete",
        f"topic-0.{UNIQUE[:-1]}g-stray",
        f"topic.{UNIQUE}-delete",
        f"topic-0.{UNIQUE}-removed",
    ],
)
def test_no_partition_is_called_so(name: str) -> None:
    assert parse_partition_dir_name(name) is None


def test_a_topic_that_kafka_had_to_cut_is_marked() -> None:
    suffix = f"-0.{UNIQUE}-delete"
    cut = parse_partition_dir_name("t" * (255 - len(suffix)) + suffix)
    whole = parse_partition_dir_name("t" * (254 - len(suffix)) + suffix)
    assert cut is not None and cut.topic_may_be_cut
    assert whole is not None and not whole.topic_may_be_cut


def test_a_future_directory_is_never_cut() -> None:
    suffix = f"-0.{UNIQUE}-future"
    name = parse_partition_dir_name("t" * (255 - len(suffix)) + suffix)
    assert name is not None and not name.topic_may_be_cut
