"""What goes wrong for a learner: a topic with one partition, a record sent elsewhere, a broker that is not there."""

from __future__ import annotations

import socket
import time

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from tests.kafka.answers import acknowledged, rows, succeeded

MISSING_SPACE = "the tutorial's create command lacks a space before --replication-factor"
DEADLINE_SECONDS = 3
GRACE_SECONDS = 3
"""For the start of Python, and on a busy machine."""


@pytest.fixture(scope="module")
def broker(new_broker, version):
    """Topics as a learner may have made them: 2 and 3 by producing at once, 4 with a record in a wrong partition."""
    with new_broker(version) as running:
        with KafkaAdminClient(bootstrap_servers=running.bootstrap) as admin:
            admin.create_topics({"hello-world-4": {"num_partitions": 3, "replication_factor": 1}})
            admin.wait_for_topics(["hello-world-4"])
        with KafkaProducer(bootstrap_servers=running.bootstrap) as producer:
            for topic, key, value, partition in (
                ("hello-world-2", b"foo", b"bar", None),
                ("hello-world-2", b"foo", b"bar", None),
                ("hello-world-3", b"ping", b'{"number": 1}', None),
                ("hello-world-4", b"3", b"Hello Partitioner", 0),
                ("hello-world-4", b"2", b"Hello Partitioner 2", 2),
                ("hello-world-4", b"369", b"Hello Partitioner 3", 2),  # 369 % 3 is not 2
                ("hello-world-4", b"301", b"Hello Partitioner 4", 1),
            ):
                producer.send(topic, key=key, value=value, partition=partition).get(30)
        yield running


@pytest.mark.kafka
@pytest.mark.parametrize(("lab", "records"), [(2, 2), (3, 1)])
def test_a_topic_with_one_partition_is_refused_with_the_reason(kinspect, broker, lab, records):
    done = succeeded(kinspect("labs", "run", lab, "--bootstrap-server", broker.bootstrap), code=3)
    assert f"Error: hello-world-{lab} has 1 partition (probably auto-created with 1 partition: " in done.stderr
    assert MISSING_SPACE in done.stderr
    assert f"lab {lab} needs 3" in done.stderr
    assert "Delete the topic and run the lab again" in done.stderr
    assert acknowledged(done.stdout) == []
    assert len(rows(kinspect("show", broker.log_dir, "-t", f"hello-world-{lab}", "-J"))) == records


@pytest.mark.kafka
def test_a_topic_with_one_partition_is_one_diagnosis_with_the_placement_that_it_gives(kinspect, broker):
    done = succeeded(kinspect("labs", "check", broker.log_dir, "2"), code=1)
    assert f"probably auto-created with 1 partition: {MISSING_SPACE}" in done.stdout
    assert 'partition 0: foo → foo   (murmur2("foo") = 597841616, 597841616 % 1 = 0)\n' in done.stdout
    assert "lab 2: hello-world-2 has 1 partition, the lab needs 3" in done.stdout
    (diagnosis,) = rows(succeeded(kinspect("labs", "check", broker.log_dir, "2", "-J"), code=1))
    assert (diagnosis["slug"], diagnosis["expected"], diagnosis["found"]) == ("lab-partition-count", 3, 1)


@pytest.mark.kafka
def test_a_record_that_was_sent_to_another_partition_is_named_with_its_place(kinspect, broker):
    done = succeeded(kinspect(broker.log_dir, "--topic", "hello-world-4"), code=1)
    assert "expected in partition 0, found key 369, value Hello Partitioner 3 in partition 2\n" in done.stdout
    (finding,) = rows(succeeded(kinspect("labs", "check", broker.log_dir, "4", "-J"), code=1))
    assert (finding["slug"], finding["topic"], finding["partition"]) == ("lab-record-misplaced", "hello-world-4", 2)
    assert (finding["first_offset"], finding["expected"]) == (1, 0)


def test_where_nobody_listens_the_answer_comes_at_once(kinspect):
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        address = f"127.0.0.1:{closed_soon.getsockname()[1]}"
    began = time.monotonic()
    done = succeeded(kinspect("labs", "run", "4", "--bootstrap-server", address), code=3)
    assert time.monotonic() - began < GRACE_SECONDS
    assert done.stderr.startswith(f"Error: no broker answers at {address}: ")
    assert acknowledged(done.stdout) == []


def test_where_somebody_listens_but_never_answers_the_deadline_holds(kinspect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        done = kinspect("labs", "run", "4", "--bootstrap-server", address, "--timeout", DEADLINE_SECONDS)
        assert time.monotonic() - began < DEADLINE_SECONDS + GRACE_SECONDS
    assert address in succeeded(done, code=3).stderr


@pytest.mark.kafka
def test_a_killed_broker_is_told_like_one_that_never_was(kinspect, new_broker):
    with new_broker("4.3.0") as broker:
        succeeded(kinspect("labs", "run", "4", "--bootstrap-server", broker.bootstrap))
        broker.kill()
        done = succeeded(kinspect("labs", "run", "4", "--bootstrap-server", broker.bootstrap), code=3)
        assert done.stderr.startswith("Error: no broker answers at ")
        check = succeeded(kinspect("labs", "check", broker.log_dir, "4"))
        assert "lab 4: placed as expected (4 of 4 records, run once)" in check.stdout
