"""The verdict on the placement: against the lab for a lab's topic, else by what Java's murmur2 explains."""

from __future__ import annotations

import pytest

from fixtures.make.damage import split, with_fields
from inspector.partitioners import PARTITIONERS
from inspector.reports.labs import lab_check
from tests.reports.conftest import shown, taken

FIRST = f"{0:020}.log"
REAL = ("kafka-3.6.0-stopped", "kafka-3.6.0-killed", "kafka-4.3.0-stopped", "kafka-4.3.0-killed")
LAB_4 = tuple(f"hello-world-4-{number}" for number in range(3))


def log(directory, partition):
    return directory / partition / FIRST


@pytest.mark.parametrize("real", REAL)
@pytest.mark.parametrize("number", range(1, 6))
def test_every_bundled_lab_is_as_expected(real_dirs, real, number):
    part = shown(real_dirs[real], f"hello-world-{number}")
    assert part.verdict.ok
    assert part.findings == []


@pytest.mark.parametrize("real", REAL)
def test_segments_exchanged_between_two_partitions_are_named_record_by_record(copied, kinspect, real):
    directory = copied(real, *LAB_4)
    one, two = log(directory, "hello-world-4-1"), log(directory, "hello-world-4-2")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    part = shown(directory, "hello-world-4")
    assert not part.verdict.ok
    assert [(f.slug, f.location.path, f.location.position) for f in part.findings] == [
        ("lab-record-misplaced", f"hello-world-4-1/{FIRST}", 0),
        ("lab-record-misplaced", f"hello-world-4-2/{FIRST}", 0),
    ]
    done = kinspect(directory, "--topic", "hello-world-4")
    assert done.returncode == 1
    told = [line for line in done.stdout.splitlines() if "lab-record-misplaced" in line]
    assert ["2" in told[0], "301" in told[1]] == [True, True]
    assert kinspect("labs", "check", directory, "4").returncode == 1


@pytest.mark.parametrize("real", REAL)
def test_one_record_moved_to_another_partition_is_the_one_named(copied, kinspect, real):
    directory = copied(real, *LAB_4)
    moved = with_fields(log(directory, "hello-world-4-2").read_bytes(), base_offset=1)
    with log(directory, "hello-world-4-1").open("ab") as file:
        file.write(moved)
    log(directory, "hello-world-4-2").write_bytes(b"")
    done = kinspect(directory, "--topic", "hello-world-4")
    assert done.returncode == 1
    named = [line for line in done.stdout.splitlines() if line.startswith("error")]
    assert len(named) == 1
    assert f"KI-7003 lab-record-misplaced: hello-world-4-1/{FIRST}, position 90" in named[0]
    assert "Hello Partitioner 2" in named[0]


def test_a_partial_selection_does_not_hide_a_misplaced_record(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *LAB_4)
    log(directory, "hello-world-4-2").write_bytes(b"")
    assert kinspect(directory, "-t", "hello-world-4", "-p", "0", "-n", "1").returncode == 1


def test_a_missing_record_is_named(copied):
    directory = copied("kafka-3.6.0-stopped", *LAB_4)
    log(directory, "hello-world-4-2").write_bytes(b"")
    part = shown(directory, "hello-world-4")
    assert part.slugs == ["lab-record-missing"]
    assert "Hello Partitioner 2" in part.findings[0].message


def test_a_topic_with_one_partition_is_one_diagnosis(copied, kinspect):
    source = copied("kafka-3.6.0-stopped", *LAB_4, to="source")
    zero = split(log(source, "hello-world-4-0").read_bytes())
    sent = [zero[0], log(source, "hello-world-4-2").read_bytes(), zero[1], log(source, "hello-world-4-1").read_bytes()]
    directory = copied("kafka-3.6.0-stopped", "hello-world-4-0", to="alone")
    batches = [with_fields(batch, base_offset=offset) for offset, batch in enumerate(sent)]
    log(directory, "hello-world-4-0").write_bytes(b"".join(batches))
    part = shown(directory, "hello-world-4")
    assert part.offsets == [0, 1, 2, 3]
    assert part.slugs == ["lab-partition-count"]
    assert "hello-world-4 has 1 partition, the lab needs 3; its records lie as that count gives it" in part.verdict.text
    assert any("auto-created with 1 partition" in line for line in part.verdict.lines)
    done = kinspect(directory, "-t", "hello-world-4")
    assert done.returncode == 1
    assert "lacks a space before --replication-factor" in done.stdout
    assert kinspect("labs", "check", directory).returncode == 1


def test_something_else_under_a_lab_name_is_a_note_in_show_and_fails_labs_check(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *(f"codecs-{n}=hello-world-4-{n}" for n in range(3)))
    part = shown(directory, "hello-world-4")
    assert part.verdict.ok
    assert part.findings == []
    assert "hello-world-4 holds no data of this lab" in part.verdict.text
    assert kinspect(directory, "-t", "hello-world-4").returncode == 0
    assert [f.slug for f in taken(lab_check([directory], (4,))).findings] == ["not-lab-data"]
    assert kinspect("labs", "check", directory).returncode == 1


def test_an_empty_lab_topic_is_a_note_in_show_and_fails_labs_check(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-2-0=hello-world-4-{n}" for n in range(3)))
    assert kinspect(directory, "-t", "hello-world-4").returncode == 0
    done = kinspect("labs", "check", directory, "4")
    assert done.returncode == 1
    assert "holds no records, the lab was not run" in done.stdout


# -- any other topic


def test_keys_placed_by_java_are_explained(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-3-{n}=pings-{n}" for n in range(3)))
    assert "pings: Java's murmur2 explains 2 of 2 distinct keys" in shown(directory, "pings").verdict.text
    assert kinspect(directory, "-t", "pings").returncode == 0


def test_keys_placed_by_another_partitioner_inform_and_exit_0(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-4-{n}=custom-{n}" for n in range(3)))
    places = {b"3": 0, b"369": 0, b"301": 1, b"2": 2}
    explained = sum(PARTITIONERS["java"].partition(key, 3) == place for key, place in places.items())
    part = shown(directory, "custom")
    assert part.verdict.ok
    assert f"custom: Java's murmur2 explains {explained} of 4 distinct keys" in part.verdict.text
    assert kinspect(directory, "-t", "custom").returncode == 0


def test_records_without_keys_are_not_judged(copied):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-5-{n}=unkeyed-{n}" for n in range(3)))
    assert "unkeyed: no keyed records to judge the placement by" in shown(directory, "unkeyed").verdict.text


def test_where_one_partition_is_here_there_is_no_placement_to_judge(copied):
    directory = copied("kafka-3.6.0-stopped", "hello-world-3-0=pings-0")
    assert "pings: one partition here, no placement to judge" in shown(directory, "pings").verdict.text


def test_a_topic_whose_partitions_are_elsewhere_is_not_judged(copied):
    directory = copied("kafka-3.6.0-stopped", "hello-world-3-0=pings-0", "hello-world-3-2=pings-2")
    text = shown(directory, "pings").verdict.text
    assert "pings: placement not judged, 1 partition of at least 3 is not here" in text


def test_a_verdict_names_what_it_covers(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", *(f"hello-world-3-{n}=pings-{n}" for n in range(3)))
    assert "(in the 2 records shown; all: --full)" in kinspect(directory, "-t", "pings", "-n", "1").stdout
    assert "(in the 4 records shown; all: --full)" in shown(directory, "pings", limit=2).verdict.text
    assert "--full" not in shown(directory, "pings").verdict.text
    assert "--full" not in shown(directory, "pings", limit=2, full=True).verdict.text


def test_a_key_in_two_partitions_is_one_distinct_key(copied):
    directory = copied("kafka-3.6.0-stopped", "hello-world-2-2=same-0", "hello-world-2-2=same-1")
    assert " of 1 distinct key" in shown(directory, "same").verdict.text


def test_internal_topics_are_not_judged(real_dirs):
    assert "murmur2" not in shown(real_dirs["kafka-3.6.0-stopped"], "__consumer_offsets").verdict.text


def test_directories_of_different_clusters_are_not_one_topic(kinspect, real_dirs):
    both = real_dirs["kafka-3.6.0-stopped"], real_dirs["kafka-4.3.0-stopped"]
    done = kinspect("labs", "check", *both, "4")
    assert (done.returncode, "different clusters" in done.stderr) == (3, True)
    assert "placement not judged" in kinspect("show", *both, "-t", "hello-world-4").stdout


def test_a_part_of_a_topic_is_not_judged(kinspect, real_dirs):
    part = real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0"
    assert kinspect("labs", "check", part).returncode == 3
    done = kinspect("show", part, "-t", "hello-world-4")
    assert (done.returncode, "placement not judged" in done.stdout) == (0, True)
