"""A directory while a broker runs on it and writes: the labs go through, and what they wrote is seen at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from tests.kafka.answers import (
    ACKNOWLEDGED_BY_LAB,
    LAB_4_ON_DISK,
    acknowledged,
    high_watermarks,
    places,
    rows,
    succeeded,
)

pytestmark = pytest.mark.kafka

CHECKPOINT_SECONDS = 15
"""A broker writes its checkpoints every five seconds."""
BUSY_VALUE = os.urandom(4000)


@pytest.fixture(scope="module")
def broker(new_broker, version):
    """A broker that runs as long as this module needs it."""
    with new_broker(version) as running:
        yield running


@pytest.fixture(scope="module")
def first_run(broker, kinspect) -> str:
    """What all labs print on a fresh broker."""
    done = succeeded(kinspect("labs", "run", *range(1, 8), "--bootstrap-server", broker.bootstrap))
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def log_dir(broker, first_run):
    """The directory with what the labs wrote."""
    assert first_run
    return broker.log_dir


@pytest.mark.parametrize("lab", ACKNOWLEDGED_BY_LAB)
def test_each_record_of_a_lab_is_shown_with_its_place(first_run, lab):
    said = first_run.split(f"hello-world-{lab}: ")[1].split("\n\n")[0]
    assert acknowledged(said) == ACKNOWLEDGED_BY_LAB[lab]
    assert f"lab {lab}: placed as expected ({len(ACKNOWLEDGED_BY_LAB[lab])} of " in said


def test_records_without_partition_and_key_are_all_shown_in_order_of_sending(first_run):
    said = acknowledged(first_run.split("hello-world-5: ")[1].split("\n\n")[0])
    assert [(key, value) for _, _, key, value in said] == [("null", f'{{"number": {n}}}') for n in range(1, 301)]
    assert {partition for partition, *_ in said} == {0, 1, 2}
    for each in range(3):
        offsets = [offset for partition, offset, *_ in said if partition == each]
        assert offsets == list(range(len(offsets)))
    assert "lab 5: complete and in order, the client chose at random (300 of 300 records, run once)" in first_run


def test_the_labs_say_what_to_type_next(first_run):
    assert first_run.endswith("  kinspect labs check LOGDIR 1 2 3 4 5 6 7\n")


def test_four_records_are_seen_where_the_partitioner_put_them(kinspect, log_dir):
    done = succeeded(kinspect("show", log_dir, "--topic", "hello-world-4", "-J"))
    assert places(done) == LAB_4_ON_DISK
    assert "lab 4: placed as expected (4 of 4 records, run once)" in done.stderr


def test_the_facts_tell_that_a_broker_is_running(kinspect, log_dir):
    done = succeeded(kinspect(log_dir, "--topic", "hello-world-4"))
    assert done.stdout.count(", a broker is running on it\n") == 3
    assert done.stdout.count("  high watermark: ") == 3
    assert "checkpointed 0" not in done.stdout
    assert "lab 4: placed as expected (4 of 4 records, run once); no damage seen" in done.stdout
    assert done.stderr == ""


def test_the_inventory_has_every_partition_and_no_high_watermark_of_0(kinspect, log_dir):
    partitions = rows(succeeded(kinspect("ls", log_dir, "-J")))
    labs = [(row["topic"], row["partition"]) for row in partitions if row["topic"].startswith("hello-world-")]
    partitions_of = {**dict.fromkeys(range(1, 7), 3), 7: 4}
    assert labs == [(f"hello-world-{lab}", number) for lab, count in partitions_of.items() for number in range(count)]
    watermarks = high_watermarks(partitions)
    assert "hello-world-4-0" in watermarks
    assert all(mark is None or 0 < mark <= end for mark, end in watermarks.values()), watermarks


def test_a_0_checkpointed_before_the_first_record_is_not_taken_for_the_high_watermark(kinspect, broker):
    checkpoint = broker.log_dir / "replication-offset-checkpoint"
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.create_topics({"young": {"num_partitions": 1, "replication_factor": 1}})
    deadline = time.monotonic() + CHECKPOINT_SECONDS
    while "young 0 0\n" not in checkpoint.read_text():
        assert time.monotonic() < deadline, "the broker has not checkpointed the empty topic"
        time.sleep(0.05)
    with KafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        producer.send("young", b"first").get(30)
    answer, inventory = kinspect(broker.log_dir, "-t", "young"), kinspect("ls", broker.log_dir, "-t", "young", "-J")
    assert "young 0 0\n" in checkpoint.read_text(), "the next checkpoint came too early for this test"
    assert "high watermark: not checkpointed since the first record\n" in succeeded(answer).stdout
    (partition,) = rows(succeeded(inventory))
    assert (partition["high_watermark"], partition["log_end_offset"]) == (None, 1)


def test_once_checkpointed_the_high_watermark_is_shown(kinspect, log_dir):
    deadline = time.monotonic() + CHECKPOINT_SECONDS
    while "hello-world-4 0 2\n" not in (log_dir / "replication-offset-checkpoint").read_text():
        assert time.monotonic() < deadline, "the broker has not checkpointed the lab"
        time.sleep(0.05)
    done = succeeded(kinspect(log_dir, "-t", "hello-world-4", "-p", "0"))
    assert "high watermark: checkpointed 2 (may lag)\n" in done.stdout


def test_all_labs_are_found_in_order_and_a_second_run_is_counted(kinspect, broker, log_dir):
    once = succeeded(kinspect("labs", "check", log_dir))
    assert once.stdout.count("run once)\n") == 7
    assert once.stdout.endswith("\n7 of 7 labs as expected\n")
    again = succeeded(kinspect("labs", "run", "1", "--bootstrap-server", broker.bootstrap))
    offset_of_the_second_run = {0: 1, 1: 3, 2: 2}
    assert acknowledged(again.stdout) == [
        (partition, offset + offset_of_the_second_run[partition], key, value)
        for partition, offset, key, value in ACKNOWLEDGED_BY_LAB[1]
    ]
    twice = succeeded(kinspect("labs", "check", log_dir))
    assert "lab 1: placed as expected (12 of 12 records, run 2 times)\n" in twice.stdout
    assert twice.stdout.count("run once)\n") == 6


@contextmanager
def kept_busy(bootstrap: str, topic: str) -> Iterator[list[int]]:
    """A producer that writes until the block ends; the list holds the offsets acknowledged so far."""
    offsets: list[int] = []
    failures: list[BaseException] = []
    enough = threading.Event()

    def write() -> None:
        try:
            with KafkaProducer(bootstrap_servers=bootstrap) as producer:
                while not enough.is_set():
                    pending = [producer.send(topic, key=b"k", value=BUSY_VALUE) for _ in range(20)]
                    offsets.extend(future.get(30).offset for future in pending)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield offsets
    finally:
        enough.set()
        thread.join()
    assert failures == []


def test_while_a_topic_is_being_written_it_reads_without_gap_or_complaint(kinspect, broker, log_dir):
    strict = ("--fail-on", "warning")
    with kept_busy(broker.bootstrap, "busy") as offsets:
        while len(offsets) < 100:
            time.sleep(0.01)
        began = len(offsets)
        for _ in range(3):
            at_least = len(offsets)
            shown = succeeded(kinspect("show", log_dir, "-t", "busy", "-J", "--columns", "offset,damaged", *strict))
            seen = rows(shown)
            assert [row["offset"] for row in seen] == list(range(len(seen)))
            assert len(seen) >= at_least
            assert not any(row["damaged"] for row in seen)
            succeeded(kinspect(log_dir, "-t", "busy", "--tail", "5", "--columns", "offset", *strict))
            succeeded(kinspect("batches", log_dir, "-t", "busy", *strict))
            succeeded(kinspect("ls", log_dir, *strict))
            verified = succeeded(kinspect("verify", log_dir, *strict))
            assert verified.stdout.splitlines()[-1].startswith("no damage")
            succeeded(kinspect("labs", "check", log_dir))
            lab = succeeded(kinspect("show", log_dir, "-t", "hello-world-4", "-J", *strict))
            assert places(lab) == LAB_4_ON_DISK
        assert len(offsets) > began
    assert len(list((log_dir / "busy-0").glob("*.log"))) > 1, "not even one segment was rolled meanwhile"
