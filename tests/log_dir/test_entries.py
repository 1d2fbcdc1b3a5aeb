"""Every entry of a log directory by what it is, whatever a broker of any age may have put or left there."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.entries import Entry, broker_entries, partition_entries, remote_entries
from inspector.findings import Finding
from inspector.listing import unreadable
from inspector.location import Location
from inspector.log_dir import open_log_dir
from inspector.partition import PartitionName, State, parse_partition_dir_name
from inspector.segment import FileName, Role, parse_remote_name

UNIQUE = "0123456789abcdef0123456789abcdef"
UUID = "ab_d-fGhIjKlMnOpQrStUv"
STEM = "00000000000000000042"


def entries_of(path: Path) -> tuple[dict[str, Entry], list[Finding]]:
    findings: list[Finding] = []
    entries = partition_entries(path, Location(path.name), findings)
    return {entry.file_name: entry for entry in entries}, findings


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"0_{UUID}.index", FileName(Role.OFFSET_INDEX, 0)),
        (f"1204_{UUID}.timeindex", FileName(Role.TIME_INDEX, 1204)),
        (f"7_{UUID}.txnindex", FileName(Role.TXN_INDEX, 7)),
        (f"7_{UUID}.index.deleted", FileName(Role.OFFSET_INDEX, 7, "deleted")),
        (f"7_{UUID}.index.tmp", FileName(Role.OFFSET_INDEX, 7, "tmp")),
        (f"7__{UUID[:21]}.index", FileName(Role.OFFSET_INDEX, 7)),
        (f"{2**63 - 1}_{UUID}.index", FileName(Role.OFFSET_INDEX, 2**63 - 1)),
    ],
)
def test_names_in_the_cache_of_remote_indexes(name: str, expected: FileName) -> None:
    assert parse_remote_name(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        f"_{UUID}.index",
        f"-1_{UUID}.index",
        f"{2**63}_{UUID}.index",
        f"٣_{UUID}.index",
        f"7_{UUID}.log",
        f"7_{UUID}.index.swap",
        f"7_{UUID}x.index",
        f"7-{UUID}.index",
        f"{'9' * 5000}_{UUID}.index",
        "notes.txt",
    ],
)
def test_the_cache_of_remote_indexes_holds_no_such_names(name: str) -> None:
    assert parse_remote_name(name).role is Role.FOREIGN


@pytest.mark.parametrize(
    ("name", "topic", "partition"),
    [
        (".hidden-0", ".hidden", 0),
        ("-dash-3", "-dash", 3),
        ("--0", "-", 0),
        ("...-1", "...", 1),
        ("@metadata-0", "@metadata", 0),
        ("__cluster_metadata-0", "__cluster_metadata", 0),
        ("a_b-0", "a_b", 0),
        ("t" * 249 + "-0", "t" * 249, 0),
    ],
)
def test_topics_of_odd_names_have_directories(make, name: str, topic: str, partition: int) -> None:
    make.broker(name)
    (log,) = open_log_dir(make.root).partitions
    assert (log.topic, log.partition, log.state) == (topic, partition, State.LIVE)
    assert (log.is_internal, len(log.segments)) == (topic.startswith(("@", "__")), 1)


def test_a_name_of_before_the_limit_of_255_characters_is_taken_whole() -> None:
    # Before 2.x the topic was not cut; the file system's own limit is in bytes, and may be higher.
    topic = "t" * 249
    assert parse_partition_dir_name(f"{topic}-11.{UNIQUE}-delete") == PartitionName(topic, 11, State.DELETE, True)


def test_the_suffix_is_cut_at_the_last_dot_and_the_number_at_the_last_dash() -> None:
    name = f"a.{UNIQUE}-delete-7.{UNIQUE}-delete"
    assert parse_partition_dir_name(name) == PartitionName(f"a.{UNIQUE}-delete", 7, State.DELETE)


def test_every_kind_of_file_of_a_partition(make) -> None:
    for name, size in {
        f"{STEM}.log": 5,
        f"{STEM}.index": 8,
        f"{STEM}.timeindex": 12,
        f"{STEM}.txnindex": 34,
        f"{STEM}.snapshot": 56,
        f"{STEM}.log.deleted": 1,
        f"{STEM}.index.cleaned": 0,
        f"{STEM}.log.swap": 2,
        "00000000000000000099.index": 16,
        "00000000000000000050-0000000003.checkpoint": 3,
        "00000000000000000050-0000000003.checkpoint.deleted": 3,
        "00000000000000000060-0000000003-818.checkpoint.part": 3,
        "leader-epoch-checkpoint": 4,
        "leader-epoch-checkpoint.tmp": 0,
        "partition.metadata": 43,
        "quorum-state": 9,
        "quorum-state.tmp": 9,
        "notes.txt": 6,
    }.items():
        make(f"t-0/{name}", b"x" * size)
    make.folder("t-0/sub")
    entries, findings = entries_of(make.root / "t-0")
    assert findings == []
    assert {name: (one.kind, one.pending, one.offset, one.size) for name, one in entries.items()} == {
        f"{STEM}.log": ("log", "", 42, 5),
        f"{STEM}.index": ("index", "", 42, 8),
        f"{STEM}.timeindex": ("timeindex", "", 42, 12),
        f"{STEM}.txnindex": ("txnindex", "", 42, 34),
        f"{STEM}.snapshot": ("snapshot", "", 42, 56),
        f"{STEM}.log.deleted": ("log", "deleted", 42, 1),
        f"{STEM}.index.cleaned": ("index", "cleaned", 42, 0),
        f"{STEM}.log.swap": ("log", "swap", 42, 2),
        "00000000000000000099.index": ("index", "", 99, 16),
        "00000000000000000050-0000000003.checkpoint": ("checkpoint", "", 50, 3),
        "00000000000000000050-0000000003.checkpoint.deleted": ("checkpoint", "deleted", 50, 3),
        "00000000000000000060-0000000003-818.checkpoint.part": ("checkpoint", "part", 60, 3),
        "leader-epoch-checkpoint": ("leader-epoch-checkpoint", "", None, 4),
        "leader-epoch-checkpoint.tmp": ("leader-epoch-checkpoint", "tmp", None, 0),
        "partition.metadata": ("partition.metadata", "", None, 43),
        "quorum-state": ("quorum-state", "", None, 9),
        "quorum-state.tmp": ("quorum-state", "tmp", None, 9),
        "notes.txt": ("foreign", "", None, 6),
        "sub": ("foreign", "", None, None),
    }
    assert entries["00000000000000000099.index"].note == "an index without its segment"
    assert entries[f"{STEM}.log.swap"].note.endswith("has written, not yet in its place")
    assert entries[f"{STEM}.log.deleted"].note == "taken out of the log, waiting to be removed"
    assert (entries["sub"].note, entries[f"{STEM}.index"].note) == ("a folder", "")


def test_a_sparse_file_has_two_sizes(make) -> None:
    path = make(f"t-0/{STEM}.index")
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    if path.stat().st_blocks * 512 >= 10 * 1024 * 1024:
        pytest.skip("this file system knows no sparse files")
    entries, _ = entries_of(make.root / "t-0")
    assert (entries[f"{STEM}.index"].size, entries[f"{STEM}.index"].disk_size) == (10 * 1024 * 1024, 0)


def test_the_brokers_own_files_and_what_is_none(make) -> None:
    make.broker("t-0", f"t-1.{UNIQUE}-delete")
    for name in (
        ".kafka_cleanshutdown",
        "bootstrap.checkpoint",
        "cleaner-offset-checkpoint",
        "recovery-point-offset-checkpoint.tmp",
        "notes.txt.tmp",
        "u-0",
        f"remote-log-index-cache/0_{UUID}.index",
    ):
        make(name)
    make.folder("lost+found")
    (make.root / "nowhere").symlink_to("/does/not/exist")

    def is_partition(name: str) -> bool:
        return parse_partition_dir_name(name) is not None or name == "remote-log-index-cache"

    findings: list[Finding] = []
    entries = list(broker_entries(make.root, is_partition, findings))
    assert findings == []
    assert [(one.file_name, one.kind, one.pending) for one in entries] == [
        (".kafka_cleanshutdown", "clean-shutdown-marker", ""),
        (".lock", "lock", ""),
        ("bootstrap.checkpoint", "checkpoint", ""),
        ("cleaner-offset-checkpoint", "cleaner-offset-checkpoint", ""),
        ("lost+found", "foreign", ""),
        ("meta.properties", "meta.properties", ""),
        ("notes.txt.tmp", "foreign", ""),
        ("nowhere", "foreign", ""),
        ("recovery-point-offset-checkpoint.tmp", "recovery-point-offset-checkpoint", "tmp"),
        ("u-0", "foreign", ""),
    ]
    cache = make.root / "remote-log-index-cache"
    (cached,) = remote_entries(cache, Location(cache.name), findings)
    assert (cached.kind, cached.offset, cached.note) == ("index", 0, "of a segment in remote storage")


def test_a_directory_that_is_gone_or_closed_is_a_finding(make, public_make, as_nobody) -> None:
    entries, findings = entries_of(make.root / "t-0")
    assert (entries, [finding.slug for finding in findings]) == ({}, ["vanished-file"])
    closed = public_make.partition("t-0")
    closed.chmod(0o700)
    assert as_nobody(lambda: [str(finding) for finding in entries_of(closed)[1]]) == [
        str(unreadable(PermissionError(13, "Permission denied"), Location("t-0")))
    ]
