"""Torn tails, files that vanish, shrink or may not be read, and several log directories at once."""

from __future__ import annotations

import pytest

from fixtures.make.damage import make_batch, split
from inspector.reports.integrity import integrity
from inspector.reports.inventory import inventory
from inspector.reports.selection import OffsetRange, Selection
from inspector.reports.show import show
from inspector.source import FileSource
from tests.reports.conftest import rows_of, shown, taken

FIRST, SECOND, THIRD = (f"{offset:020}.log" for offset in (0, 48, 96))
TOPIC = Selection(("indexed",))
KILLED = ("kafka-3.6.0-killed", "kafka-4.3.0-killed")
STOPPED = ("kafka-3.6.0-stopped", "kafka-4.3.0-stopped")
CUTS = {"body": 500, "header": 1397 - 40, "first-bytes": 1397 - 10, "last-byte": 1}


def cut(directory, segment, amount):
    path = directory / segment
    path.write_bytes(path.read_bytes()[:-amount])


# -- torn tails


@pytest.mark.parametrize("amount", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("real", KILLED)
def test_a_truncated_last_batch_after_a_kill_is_a_note(copied, kinspect, real, amount):
    directory = copied(real, "indexed-0")
    cut(directory / "indexed-0", THIRD, amount)
    part = shown(directory, "indexed")
    assert part.offsets == list(range(140))
    assert [(f.slug, f.location.path, f.location.position) for f in part.findings] == [
        ("torn-tail", f"indexed-0/{THIRD}", 14087)
    ]
    for command in (("show", "-n", "0"), ("verify",), ("batches",), ("ls",)):
        assert kinspect(*command, directory, "-t", "indexed").returncode == 0
    assert kinspect("verify", directory, "-t", "indexed", "--fail-on", "info").returncode == 1


@pytest.mark.parametrize("amount", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("real", STOPPED)
def test_a_truncated_last_batch_after_a_clean_stop_is_an_error(copied, kinspect, real, amount):
    directory = copied(real, "indexed-0")
    cut(directory / "indexed-0", THIRD, amount)
    part = shown(directory, "indexed")
    assert part.offsets == list(range(140))
    assert [(f.slug, f.location.position) for f in part.findings] == [("truncated-batch", 14087)]
    for command in (("show", "-n", "0"), ("verify",), ("batches",)):
        assert kinspect(*command, directory, "-t", "indexed").returncode == 1


@pytest.mark.parametrize("real", KILLED + STOPPED)
@pytest.mark.parametrize("segment", [FIRST, SECOND])
def test_a_truncated_batch_in_front_of_another_segment_is_an_error_always(copied, kinspect, real, segment):
    directory = copied(real, "indexed-0")
    cut(directory / "indexed-0", segment, 500)
    part = shown(directory, "indexed")
    assert (len(part.rows), part.slugs) == (140, ["truncated-batch"])
    assert kinspect("verify", directory, "-t", "indexed").returncode == 1


@pytest.mark.parametrize(
    ("real", "slug", "code"),
    [(KILLED[0], "torn-tail", 0), (KILLED[1], "torn-tail", 0), (STOPPED[0], "truncated-batch", 1)],
)
def test_a_partition_directory_alone_tells_by_its_preallocated_index(copied, kinspect, real, slug, code):
    partition = copied(real, "indexed-0", broker=False) / "indexed-0"
    cut(partition, THIRD, 500)
    part = shown(partition)
    assert (len(part.rows), part.slugs) == (140, [slug])
    assert kinspect("show", partition, "-t", "indexed", "-n", "0").returncode == code
    assert kinspect("verify", partition).returncode == code


@pytest.mark.parametrize("real", KILLED)
def test_an_offset_start_sees_the_torn_tail_too(copied, real):
    directory = copied(real, "indexed-0")
    cut(directory / "indexed-0", THIRD, 500)
    part = shown(directory, "indexed", offsets=OffsetRange(-2))
    assert (part.offsets, part.slugs) == ([138, 139], ["torn-tail"])


# -- several log directories


def test_several_log_directories_give_a_column_that_says_which(copied, kinspect):
    one = copied("kafka-3.6.0-stopped", "hello-world-4-0", "hello-world-4-2", to="one")
    two = copied("kafka-3.6.0-stopped", "hello-world-4-1", to="two")
    part = shown([one, two], "hello-world-4")
    assert [(row["log_dir"], row["partition"]) for row in part.rows] == [
        (str(one), 0),
        (str(one), 0),
        (str(two), 1),
        (str(one), 2),
    ]
    assert part.verdict.ok
    assert "placed as expected (4 of 4 records, run once)" in part.verdict.text
    assert "log_dir" not in rows_of(show([one], Selection(("hello-world-4",))))[0]
    assert kinspect("labs", "check", one, two).returncode == 0


def test_two_replicas_of_a_lab_are_judged_as_one_topic(real_dirs):
    replicas = [real_dirs["kafka-3.6.0-stopped"], real_dirs["kafka-4.3.0-killed"]]
    part = shown(replicas, "hello-world-4")
    assert len(part.rows) == 8
    assert part.verdict.ok


@pytest.mark.parametrize(
    "report", [inventory, integrity], ids=lambda report: report.__name__
)  # integrity finds nothing: only its columns count
def test_every_report_on_several_directories_begins_with_log_dir(copied, report):
    paths = [copied("kafka-3.6.0-stopped", "indexed-0", to=name) for name in ("one", "two")]
    options = {"segments": False} if report is inventory else {}
    assert report(paths, TOPIC, **options).columns[0].name == "log_dir"
    assert report(paths[:1], TOPIC, **options).columns[0].name != "log_dir"


# -- files that cannot be read


def test_a_segment_that_may_not_be_read_is_named_and_the_others_are_shown(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", "indexed-0", "trimmed-0")
    (directory / "indexed-0" / SECOND).chmod(0)
    done = without_privileges(directory, "-t", "*", "-f", "csv", "--columns", "topic,offset")
    expected = [f"indexed,{n}" for n in (*range(48), *range(96, 144))] + [f"trimmed,{n}" for n in range(9)]
    assert done.returncode == 3
    assert done.stdout.split() == ["topic,offset", *expected]
    assert f"indexed-0/{SECOND}: could not be read: permission denied" in done.stderr
    assert "incomplete" in done.stderr
    for command in (("verify",), ("batches",), ("ls", "--segments")):
        done = without_privileges(*command, directory)
        assert done.returncode == 3, command
        assert f"indexed-0/{SECOND}: could not be read" in done.stdout


def test_a_last_segment_that_may_not_be_read_is_named_and_the_others_are_shown(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / THIRD).chmod(0)
    done = without_privileges(directory, "-t", "indexed", "-J")
    assert (done.returncode, len(done.stdout.splitlines())) == (3, 96)


def test_ls_of_a_last_segment_that_may_not_be_read_claims_no_end_and_exits_3(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / THIRD).chmod(0)
    done = without_privileges("ls", directory, "-f", "csv", "--columns", "topic,log_end_offset")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (3, ["indexed,"])


def test_an_index_that_may_not_be_read_costs_only_time(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / SECOND.replace(".log", ".index")).chmod(0)
    done = without_privileges(directory, "-t", "indexed", "-o", "70:72", "-f", "csv", "--columns", "offset")
    assert (done.returncode, done.stdout.split()) == (0, ["offset", "70", "71"])


def test_a_lab_whose_segment_may_not_be_read_is_an_incomplete_answer(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-4-{number}" for number in range(3)))
    (directory / "hello-world-4-1" / FIRST).chmod(0)
    done = without_privileges(directory, "-t", "hello-world-4")
    assert done.returncode == 3
    assert "Hello Partitioner 3" in done.stdout
    assert "hello-world-4-1/00000000000000000000.log: could not be read" in done.stdout


def test_labs_check_of_a_segment_that_may_not_be_read_says_so_and_exits_3(copied, without_privileges):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-4-{number}" for number in range(3)))
    (directory / "hello-world-4-1" / FIRST).chmod(0)
    done = without_privileges("labs", "check", directory)
    assert done.returncode == 3
    assert "could not be read" in done.stdout + done.stderr


def test_a_segment_that_vanishes_after_the_listing_is_a_note_and_the_others_are_shown(copied):
    directory = copied("kafka-3.6.0-killed", "indexed-0")
    report = show([directory], TOPIC)
    section = next(iter(report.sections))
    rows = iter(section.rows)
    offsets = [next(rows)[2]]
    (directory / "indexed-0" / SECOND).unlink()
    offsets += [row[2] for row in rows]
    assert offsets == [*range(48), *range(96, 144)]
    assert [(f.slug, f.location.path) for f in report.findings] == [("vanished-file", f"indexed-0/{SECOND}")]


def test_a_partition_without_segments_has_no_records_and_the_others_are_shown(copied, kinspect):
    directory = copied("kafka-3.6.0-killed", "trimmed-0")
    (directory / "fresh-0").mkdir()
    part = shown(directory, "*")
    assert {row["topic"] for row in part.rows} == {"trimmed"}
    assert "no records" in part.closing
    for command in ("show", "batches", "verify", "ls"):
        assert kinspect(command, directory, "-t", "*").returncode == 0, command


def cut_reads_of(monkeypatch, name, left):
    """As if the file had only so many bytes left when it is read."""
    read_at = FileSource.read_at

    def shrunk(self, position, size):
        if self.path.endswith(name):
            size = max(0, min(size, left - position))
        return read_at(self, position, size)

    monkeypatch.setattr(FileSource, "read_at", shrunk)
    monkeypatch.setattr(FileSource, "lend", lambda _self: None)


@pytest.mark.parametrize("left", [0, 1, 40, 61, 100, 1269, 5000, 15483])
def test_a_file_that_shrinks_while_it_is_read_is_told_and_the_others_are_shown(copied, monkeypatch, left):
    directory = copied("kafka-3.6.0-killed", "indexed-0")
    cut_reads_of(monkeypatch, SECOND, left)
    for report in (show([directory], TOPIC), integrity([directory], TOPIC)):
        part = taken(report)
        assert [f.slug for f in part.findings] == ["shrunk-file"]
        assert part.findings[0].location.path == f"indexed-0/{SECOND}"
        assert part.verdict.incomplete
    offsets = shown(directory, "indexed").offsets
    assert offsets == [*range(48), *(n for n in range(48, 96) if n in offsets), *range(96, 144)]


def test_a_file_that_an_io_error_breaks_is_told_and_the_others_are_shown(copied, monkeypatch):
    directory = copied("kafka-3.6.0-killed", "indexed-0")
    pread = FileSource.read_at

    def failing(self, position, size):
        if self.path.endswith(SECOND):
            from inspector.errors import InputError

            raise InputError(f"cannot read {self.path}: Input/output error")
        return pread(self, position, size)

    monkeypatch.setattr(FileSource, "read_at", failing)
    monkeypatch.setattr(FileSource, "lend", lambda _self: None)
    part = shown(directory, "indexed")
    assert part.offsets == [*range(48), *range(96, 144)]
    assert part.slugs == ["unreadable-file"]
    assert part.verdict.incomplete


@pytest.mark.parametrize("command", ["show", "ls", "verify", "batches"])
def test_a_file_that_is_no_log_exits_3(kinspect, command):
    assert kinspect(command, "README.md").returncode == 3


def test_one_path_that_cannot_be_opened_does_not_hide_the_others(kinspect, real_dirs):
    done = kinspect(
        "show", real_dirs["kafka-3.6.0-stopped"], "nowhere", "-t", "hello-world-4", "-f", "csv", "--columns", "key"
    )
    assert done.stdout.splitlines() == ["key", "3", "369", "301", "2"]
    assert "KI-1003 unreadable-file: nowhere: could not be read: no such file or directory" in done.stderr
    assert done.returncode == 3


def test_verify_says_which_path_was_not_read(kinspect, real_dirs):
    done = kinspect("verify", real_dirs["kafka-3.6.0-stopped"], "nowhere", "-J")
    assert '"code": "KI-1003"' in done.stdout
    assert "no damage in what was read" in done.stderr
    assert done.returncode == 3


def test_a_batch_whose_last_offset_no_long_can_hold_stops_nothing(kinspect, tmp_path):
    for topic, base_offset in (("far", 2**63 - 2), ("near", 0)):
        folder = tmp_path / f"{topic}-0"
        folder.mkdir()
        batch = make_batch(base_offset, [b"one", b"two", b"three", b"four"])
        (folder / f"{base_offset:020}.log").write_bytes(batch)
    for verb in (["ls"], ["verify"], ["batches"], ["show", "-t", "*"]):
        done = kinspect(*verb, tmp_path)
        assert "unexpected" not in done.stderr and done.returncode == 1, verb
    done = kinspect("show", tmp_path, "-t", "near", "-f", "csv", "--columns", "value")
    assert done.stdout.splitlines() == ["value", "one", "two", "three", "four"]


def test_patterns_that_leave_no_topic_exit_1(kinspect, real_dirs):
    done = kinspect("show", real_dirs["kafka-3.6.0-stopped"], "-t", "codecs", "-t", "!codecs")
    assert (done.returncode, "leave no topic" in done.stderr) == (1, True)


@pytest.mark.parametrize("batches_left", range(12))
def test_a_file_that_shrinks_while_it_is_sought_in_is_told(copied, monkeypatch, batches_left):
    directory = copied("kafka-3.6.0-killed", "indexed-0")
    batches = split((directory / "indexed-0" / SECOND).read_bytes())
    cut_reads_of(monkeypatch, SECOND, sum(map(len, batches[:batches_left])))
    for start in (60, 80, 90):
        part = shown(directory, "indexed", offsets=OffsetRange(start, 96))
        assert "shrunk-file" in part.slugs
        assert part.verdict.incomplete
        assert all(start <= offset < 96 for offset in part.offsets)


@pytest.mark.parametrize("left", [0, 30, 100])
def test_a_file_of_another_name_that_shrinks_while_it_is_looked_at_is_told(copied, monkeypatch, left):
    directory = copied("kafka-3.6.0-killed", "indexed-0")
    file = (directory / "indexed-0" / SECOND).rename(directory / "indexed-0" / "saved.bin")
    cut_reads_of(monkeypatch, file.name, left)
    assert taken(integrity([file], Selection())).slugs == ["shrunk-file"]
