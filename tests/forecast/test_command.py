"""The command: what it says in the end, with which exit code, and what it refuses."""

from __future__ import annotations

import json

import pytest

from tests.forecast.starts import LOG, killed, with_indexes
from tests.reports.segments import made_partition, timed_batch

BATCHES = [timed_batch(offset, [1000 + offset]) for offset in range(6)]
SIZE = len(BATCHES[0])


@pytest.fixture
def data(tmp_path):
    """A killed broker's directory with one partition of six batches."""
    return with_indexes(killed(made_partition(tmp_path / "data", b"".join(BATCHES))))


def spoil(data):
    log = data / "made-0" / LOG
    whole = bytearray(log.read_bytes())
    whole[SIZE + 30] ^= 1
    log.write_bytes(whole)


def last_line(done) -> str:
    return done.stdout.rstrip("\n").rpartition("\n")[2]


def test_a_whole_directory_is_no_reason_to_fail(kinspect, data):
    done = kinspect("recovery", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert last_line(done) == (
        f"no intact record will be lost; 1 partition: 0 left alone, 1 scanned ({6 * SIZE} bytes), 0 cut; "
        "as Kafka 4.3, the newest known, starts with default settings"
    )


def test_intact_records_that_will_be_lost_are_a_failure(kinspect, data):
    spoil(data)
    done = kinspect("recovery", data, "--broker-version", "3.9")
    assert done.returncode == 1
    assert last_line(done) == (
        f"intact records will be lost; 1 partition: 0 left alone, 1 scanned ({6 * SIZE} bytes), "
        f"1 cut ({5 * SIZE} bytes, 5 batches, of which 4 intact); as Kafka 3.9 starts with default settings"
    )


def test_a_refusal_is_a_failure_and_said_first(kinspect, data):
    (data / "lost+found").mkdir()
    done = kinspect("recovery", data)
    assert done.returncode == 1
    assert last_line(done).startswith("no clean start: the broker does not start: a folder that is no partition; ")


def test_actions_are_data(kinspect, data):
    spoil(data)
    rows = [json.loads(line) for line in kinspect("recovery", data, "-J").stdout.splitlines()]
    cut = next(row for row in rows if row["action"] == "truncate")
    assert {name: cut[name] for name in ("topic", "partition", "folder", "file", "position", "end_position")} == {
        "topic": "made", "partition": 0, "folder": "made-0", "file": LOG, "position": SIZE, "end_position": 6 * SIZE,
    }  # fmt: skip
    assert (cut["batches_lost"], cut["intact_lost"], cut["becomes"], cut["weight"]) == (5, 4, SIZE, "loss")


def test_a_partition_alone_is_looked_at_with_what_its_directory_says(kinspect, data):
    (data / "recovery-point-offset-checkpoint").write_text("0\n1\nmade 0 6\n")
    (data / ".kafka_cleanshutdown").touch()
    spoil(data)
    done = kinspect("recovery", data / "made-0")
    assert done.returncode == 0
    assert "0 scanned" in last_line(done)


def test_other_versions_are_refused(kinspect, data):
    done = kinspect("recovery", data, "--broker-version", "5.0")
    assert done.returncode == 2
    assert "the versions known are 3.6 to 4.3" in done.stderr


def test_a_configuration_that_is_not_there_is_refused(kinspect, data):
    done = kinspect("recovery", data, "--config", data / "none")
    assert (done.returncode, "no such file" in done.stderr) == (2, True)


def test_log_directories_that_were_not_given_are_counted(kinspect, data, tmp_path):
    config = tmp_path / "server.properties"
    config.write_text(f"log.dirs={data},/elsewhere\nnode.id=1\nprocess.roles=broker\n")
    done = kinspect("recovery", data, "--config", config)
    assert last_line(done).endswith("starts with the settings given; log.dirs names 2, and 1 given")
    config.write_text("node.id=2\n")
    done = kinspect("recovery", data, "--config", config)
    assert (done.returncode, "node id 1, and 2 elsewhere" in done.stdout) == (1, True)


def test_a_file_is_no_place_to_start_on(kinspect, data):
    done = kinspect("recovery", data / "made-0" / LOG)
    assert done.returncode == 3
    assert "a start is about directories" in done.stderr


def test_a_file_that_cannot_be_read_is_said_and_the_rest_goes_on(kinspect, data):
    (data / "made-1").mkdir()
    (data / "made-1" / LOG).symlink_to(data / "nowhere")
    (data / "made-1" / f"{0:020}.index").symlink_to("/proc/self/mem")
    done = kinspect("recovery", data)
    assert "made, partition 0" in done.stdout
    assert "Traceback" not in done.stderr
