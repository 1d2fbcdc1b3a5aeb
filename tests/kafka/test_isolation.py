"""Kafka's own consumer with read_committed, beside the outcomes that the directory tells while the broker runs."""

from __future__ import annotations

import random
import re

import pytest
from kafka import KafkaProducer

from fixtures.make import kafka
from tests.kafka.answers import rows, succeeded

pytestmark = pytest.mark.kafka

CONSUMER = {"3.6.0": "kafka.tools.ConsoleConsumer", "4.3.0": "org.apache.kafka.tools.consumer.ConsoleConsumer"}
PLACE = re.compile(r"Partition:(\d+)\tOffset:(\d+)")
TOPIC = "interleaved"
VALUE = bytes(90_000)
"""Large, so that a transaction and its marker come to lie in different segments of a mebibyte."""


@pytest.fixture(scope="module")
def broker(new_broker, version):
    """A broker with the bundled transactions of Java's producer, and with many of five producers at once."""
    with new_broker(version) as running:
        kafka.run_java(version, "kinspect.Workload", running.bootstrap, "transactions")
        running.create_topic(TOPIC, partitions=2)
        interleave(running.bootstrap)
        yield running


def interleave(bootstrap: str) -> None:
    """Five producers take turns at random; what is begun last by two of them stays open."""
    turns = random.Random(4)
    producers = [KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"t{n}") for n in range(5)]
    plain = KafkaProducer(bootstrap_servers=bootstrap)
    for producer in producers:
        producer.init_transactions()
    began: set[int] = set()
    for turn in range(80):
        number = turns.randrange(5)
        producer = producers[number]
        if number not in began:
            producer.begin_transaction()
            began.add(number)
        for partition in range(2):
            producer.send(TOPIC, VALUE, partition=partition).get(30)
        if turns.random() < 0.4:
            producer.commit_transaction() if turns.random() < 0.6 else producer.abort_transaction()
            began.remove(number)
        if turn % 9 == 0:
            plain.send(TOPIC, b"plain", partition=turn % 2).get(30)
    for number in sorted(began)[2:]:
        producers[number].commit_transaction()


def read_committed(broker: kafka.Broker, topic: str) -> list[tuple[int, int]]:
    """Partition and offset of each record that Kafka's console consumer is given."""
    printed = ("print.partition=true", "print.offset=true", "print.value=false")
    properties = [word for setting in printed for word in ("--property", setting)]
    isolation = ("--isolation-level", "read_committed", "--from-beginning", "--timeout-ms", "8000")
    where = ("--bootstrap-server", broker.bootstrap, "--topic", topic)
    answer = kafka.run_java(broker.version, CONSUMER[broker.version], *where, *isolation, *properties)
    return sorted((int(partition), int(offset)) for partition, offset in PLACE.findall(answer))


@pytest.mark.parametrize("topic", ["transactions", TOPIC])
def test_a_read_committed_consumer_gets_what_is_committed_or_in_no_transaction(kinspect, broker, topic):
    consumed = read_committed(broker, topic)  # first: the last markers come a little behind their commit
    wanted = ("--transaction", "committed", "--transaction", "none")
    columns = ("--columns", "partition,offset,transaction", "-J")
    shown = rows(succeeded(kinspect("show", broker.log_dir, "-t", topic, *wanted, *columns)))
    hanging = rows(succeeded(kinspect("show", broker.log_dir, "-t", topic, "--transaction", "open", *columns)))
    first_open = {row["partition"]: row["offset"] for row in reversed(hanging)}
    assert first_open, "a transaction was left open"
    expected = [(r["partition"], r["offset"]) for r in shown if r["offset"] < first_open.get(r["partition"], 2**63)]
    assert expected
    assert consumed == expected


def test_transactions_of_the_test_span_segments_and_end_in_every_way(kinspect, broker):
    done = succeeded(
        kinspect("show", broker.log_dir, "-t", TOPIC, "-J", "--columns", "segment,producer_id,transaction")
    )
    told = rows(done)
    assert {row["transaction"] for row in told} == {"committed", "aborted", "open", None}
    assert len({row["segment"] for row in told}) > 3
