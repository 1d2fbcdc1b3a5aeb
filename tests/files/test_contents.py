"""`kinspect show FILE`: every kind of small file, its pending names, several at once, and the words around the rows."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from inspector.files.kinds import Kind, are_beside_logs, kind_of
from inspector.reports.contents import CONTENTS, contents
from tests.conftest import FIXTURES
from tests.files.conftest import UUID, offset_entries, read_file, time_entries

REAL = FIXTURES / "real"
STOPPED = REAL / "kafka-4.3.0-stopped"
INDEX = "00000000000000000100.index"


def lines(done) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_kind_has_its_contents() -> None:
    assert set(CONTENTS) == set(Kind)


TEXTS = {  # what stands in the file, and the one line of JSON it gives
    "replication-offset-checkpoint": ("0\n1\nhello 2 17\n", {"topic": "hello", "partition": 2, "offset": 17}),
    "recovery-point-offset-checkpoint": ("0\n1\na.b 0 3\n", {"topic": "a.b", "partition": 0, "offset": 3}),
    "log-start-offset-checkpoint": ("0\n1\nt 1 5\n", {"topic": "t", "partition": 1, "offset": 5}),
    "cleaner-offset-checkpoint": ("0\n1\nt 1 5\n", {"topic": "t", "partition": 1, "offset": 5}),
    "leader-epoch-checkpoint": ("0\n1\n4 200\n", {"epoch": 4, "start_offset": 200}),
    "partition.metadata": (f"version: 0\ntopic_id: {UUID}", {"version": 0, "topic_id": UUID}),
    "meta.properties": (
        f"#\nversion=1\nnode.id=3\ncluster.id=abc\ndirectory.id={UUID}\n",
        {"version": 1, "node_id": 3, "cluster_id": "abc", "directory_id": UUID},
    ),
    "quorum-state": (
        '{"clusterId":"abc","leaderId":2,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,'
        '"currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0}',
        {"data_version": 0, "cluster_id": "abc", "leader_id": 2, "leader_epoch": 7, "voted_id": -1,
         "voted_directory_id": None, "applied_offset": 0, "current_voters": [1, 2]},
    ),
    ".kafka_cleanshutdown": ('{"version":0,"brokerEpoch":14}', {"version": 0, "broker_epoch": 14}),
    ".lock": ("", {"held": False}),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("suffix", ["", ".tmp"])
def test_small_text_files_are_shown_field_by_field(kinspect, tmp_path: Path, name: str, suffix: str) -> None:
    text, expected = TEXTS[name]
    (tmp_path / f"{name}{suffix}").write_text(text, encoding="utf-8")
    assert lines(kinspect("show", tmp_path / f"{name}{suffix}", "-J")) == [expected]


@pytest.mark.parametrize("name", [name for name in TEXTS if name != ".lock"])
def test_an_empty_text_file_has_no_entries(kinspect, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    done = kinspect("show", tmp_path / name)
    assert done.returncode == 0
    assert "no entries\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "line", "row"),
    [
        ("replication-offset-checkpoint", "some-topic-of-ours {0} 12345", ("some-topic-of-ours", 9999, 12345)),
        ("leader-epoch-checkpoint", "{0} {0}", (9999, 9999)),
    ],
)
def test_a_checkpoint_of_thousands_of_lines_is_read_to_its_end(tmp_path: Path, name, line, row) -> None:
    lines = "".join(f"{line.format(number)}\n" for number in range(10_000))
    (tmp_path / name).write_text(f"0\n10000\n{lines}")
    result = read_file(tmp_path / name)
    assert (len(result.rows), result.rows[-1], result.findings) == (10_000, row, [])


def test_every_small_file_of_a_real_broker_is_understood() -> None:
    seen = set()
    for path in [*REAL.glob("*/*"), *REAL.glob("*/*/*")]:
        named = kind_of(path.name) if path.is_file() and ".kafka-says" not in str(path) else None
        if named is not None:
            assert set(read_file(path).slugs) <= {"preallocated-tail"}, path
            seen.add(named.kind)
    assert seen == set(Kind)


HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


def test_a_lock_that_is_held_is_said(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    lock.touch()
    with Popen([sys.executable, "-c", HOLDER, str(lock)], stdin=PIPE, stdout=PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        held = read_file(lock).rows
        holder.communicate()
    assert (held, read_file(lock).rows) == ([(True,)], [(False,)])


def test_several_files_of_different_kinds_say_which_each_row_is_of(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(offset_entries((19, 5076)))
    (tmp_path / "00000000000000000100.timeindex").write_bytes(time_entries((1700000604003, 19)))
    rows = lines(kinspect("show", INDEX, "00000000000000000100.timeindex", "-J", cwd=tmp_path))
    assert rows == [
        {"file": INDEX, "offset": 119, "position": 5076, "timestamp": None},
        {"file": "00000000000000000100.timeindex", "offset": 119, "position": None, "timestamp": 1700000604003},
    ]


def test_findings_in_several_files_say_which(kinspect, tmp_path: Path) -> None:
    for folder in ("a-0", "b-0"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / INDEX).write_bytes(bytes(16))
    done = kinspect("show", f"a-0/{INDEX}", f"b-0/{INDEX}", "-J", cwd=tmp_path)
    assert [line.partition(", ")[0] for line in done.stderr.splitlines() if "KI-4013" in line] == [
        f"info KI-4013 preallocated-tail: a-0/{INDEX}",
        f"info KI-4013 preallocated-tail: b-0/{INDEX}",
    ]


def test_a_table_of_several_files_has_the_columns_of_each(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(offset_entries((19, 5076)))
    (tmp_path / "leader-epoch-checkpoint").write_text("0\n1\n4 200\n", encoding="utf-8")
    done = kinspect("show", INDEX, "leader-epoch-checkpoint", cwd=tmp_path)
    assert [line.split() for line in done.stdout.splitlines() if "offset" in line and ":" not in line] == [
        ["offset", "position"],
        ["epoch", "start_offset"],
    ]


def test_the_first_and_the_last_entries(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(offset_entries(*((n, n) for n in range(1, 101))))
    assert len(lines(kinspect("show", tmp_path / INDEX, "-J"))) == 100
    assert [row["offset"] for row in lines(kinspect("show", tmp_path / INDEX, "-J", "-n", "2"))] == [101, 102]
    assert [row["offset"] for row in lines(kinspect("show", tmp_path / INDEX, "-J", "--tail", "2"))] == [199, 200]
    table = kinspect("show", tmp_path / INDEX).stdout
    assert "first 50 entries; all: -n 0, the last: --tail 50\n" in table
    assert "50 entries shown; no damage seen\n" in table


def test_options_about_records_are_refused(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(offset_entries((19, 5076)))
    for option in ("--no-control", "--full"):
        done = kinspect("show", tmp_path / INDEX, option)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{option} is about records" in done.stderr


def test_partitions_cannot_be_chosen_from_a_file(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).touch()
    done = kinspect("show", tmp_path / INDEX, "-p", "3")
    assert (done.returncode, done.stdout) == (2, "")
    assert "-p chooses partitions" in done.stderr


def test_damage_makes_the_exit_code_1_and_another_kind_3(kinspect, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(offset_entries((19, 1), (35, 2), (34, 3)))
    assert kinspect("show", tmp_path / INDEX).returncode == 1
    assert kinspect("show", tmp_path / INDEX, "--fail-on", "never").returncode == 0
    shutil.copy(STOPPED / "hello-world-4-0" / "00000000000000000000.log", tmp_path / INDEX)
    done = kinspect("show", tmp_path / INDEX)
    assert done.returncode == 3
    assert "does not look like an offset index: record batches" in done.stdout


def test_beside_a_directory_such_a_file_is_what_could_not_be_read(kinspect) -> None:
    done = kinspect("show", STOPPED, STOPPED / "indexed-0" / "00000000000000000000.index", "-J")
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) > 10
    assert "this is an offset index" in done.stderr


@pytest.mark.parametrize("command", [["batches"], ["ls"], ["verify"], ["show", "-t", "*"]])
def test_other_commands_say_what_it_is_and_how_to_see_inside(kinspect, command: list[str]) -> None:
    done = kinspect(*command, STOPPED / "indexed-0" / "00000000000000000000.timeindex")
    assert (done.returncode, done.stdout) == (3, "")
    assert "this is a time index" in done.stderr
    assert "`kinspect show` of this file alone, without --topic, tells what is in it." in done.stderr


def test_text_logs_foreign_files_and_missing_ones_are_refused_as_before(kinspect, tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("[2026-01-05 10:00:00,000] INFO\n", encoding="utf-8")
    (tmp_path / "notes.index").write_text("not an index\n", encoding="utf-8")
    assert "the broker's text logs" in kinspect("show", tmp_path / "server.log").stderr
    assert "not a Kafka log segment" in kinspect("show", tmp_path / "notes.index").stderr
    assert "no such file or directory" in kinspect("show", tmp_path / INDEX).stderr


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / INDEX).mkdir()
    assert not are_beside_logs([tmp_path / INDEX])


def test_a_file_that_vanishes_is_a_finding(tmp_path: Path) -> None:
    for name in (INDEX, "leader-epoch-checkpoint"):
        path = tmp_path / name
        path.write_bytes(b"")
        report = contents([path])
        path.unlink()
        assert list(report.all_rows()) == []
        assert [finding.slug for finding in report.findings] == ["vanished-file"]


def test_the_place_of_a_finding_names_topic_and_partition(tmp_path: Path) -> None:
    path = tmp_path / "orders-7" / INDEX
    path.parent.mkdir()
    path.write_bytes(b"abc\0")
    (finding,) = read_file(path).findings
    place = finding.location
    assert (place.path, place.topic, place.partition) == (INDEX, "orders", 7)


@pytest.mark.parametrize(
    ("name", "kind", "base_offset", "pending"),
    [
        ("00000000000000000042.index", Kind.OFFSET_INDEX, 42, ""),
        ("00000000000000000042.timeindex.swap", Kind.TIME_INDEX, 42, "swap"),
        ("00000000000000000042.txnindex.cleaned", Kind.TXN_INDEX, 42, "cleaned"),
        ("00000000000000000042.snapshot.deleted", Kind.PRODUCER_SNAPSHOT, 42, "deleted"),
        (f"42_{UUID}.index", Kind.OFFSET_INDEX, 42, ""),
        (f"42_{UUID}.txnindex.tmp", Kind.TXN_INDEX, 42, "tmp"),
        (f"42_{'_' * 22}.timeindex.deleted", Kind.TIME_INDEX, 42, "deleted"),
        ("quorum-state.tmp", Kind.QUORUM_STATE, 0, "tmp"),
        ("partition.metadata.tmp", Kind.PARTITION_METADATA, 0, "tmp"),
        ("meta.properties.tmp", Kind.META_PROPERTIES, 0, "tmp"),
    ],
)
def test_names(name: str, kind: Kind, base_offset: int, pending: str) -> None:
    assert kind_of(name) == (kind, base_offset, pending)


@pytest.mark.parametrize(
    "name",
    [
        "00000000000000000042.log",
        "00000000000000000042-0000000001.checkpoint",
        "bootstrap.checkpoint",
        "42.index",
        f"-1_{UUID}.index",
        f"42_{UUID[1:]}.index",
        f"42_{UUID}.log",
        "server.log",
        ".tmp",
        "",
        ".lock.bak",
    ],
)
def test_names_of_other_files(name: str) -> None:
    assert kind_of(name) is None
