"""Delivery logs kept by the documentation's own recipes on real brokers, and losses planted in what they wrote."""

from __future__ import annotations

import logging
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixtures.make import kafka
from fixtures.make.damage import split
from inspector.auditing.acks import read_acks
from inspector.reports.audit import audit
from inspector.reports.selection import Selection
from tests.reports.conftest import Taken, taken

pytestmark = pytest.mark.kafka

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
PRODUCE_LOGGED = kafka.MAKE / "src" / "any" / "ProduceLogged.java"
SILENT = logging.getLogger("librdkafka")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False

RECORDS = 300


def recipe(client: str) -> str:
    """The code that the documentation shows for a client."""
    found = re.search(rf"<!-- recipe: {client} -->\n```\w+\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def python_recipe(client: str) -> Mapping[str, Any]:
    names: dict[str, Any] = {}
    exec(recipe(client), names)
    return names


def by_java(broker: kafka.Broker, topic: str, log: Path) -> None:
    source = log.with_name("ProduceLogged.java")
    source.write_text(PRODUCE_LOGGED.read_text(encoding="utf-8") + recipe("java"), encoding="utf-8")
    kafka.run_java(broker.version, str(source), broker.bootstrap, topic, str(log), str(RECORDS))


def by_kafka_python(broker: kafka.Broker, topic: str, log: Path) -> None:
    from kafka import KafkaProducer

    send = python_recipe("kafka-python")["send_logged"]
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, linger_ms=1, batch_size=500)
    with log.open("w") as file:
        for number in range(RECORDS):
            send(producer, file, topic, b"python-%d" % number, None if number % 10 == 0 else b"key-%d" % number)
        producer.flush()
        producer.close()


def by_librdkafka(broker: kafka.Broker, topic: str, log: Path) -> None:
    from confluent_kafka import Producer

    produce = python_recipe("confluent-kafka")["produce_logged"]
    settings = {"bootstrap.servers": broker.bootstrap, "logger": SILENT, "batch.num.messages": 10}
    producer = Producer({**settings, "enable.idempotence": True})
    with log.open("w") as file:
        for number in range(RECORDS):
            produce(producer, file, topic, b"rd-%d" % number, None if number % 10 == 0 else b"key-%d" % number)
        producer.flush()


CLIENTS: Mapping[str, Callable[[kafka.Broker, str, Path], None]] = {
    "java": by_java,
    "kafka-python": by_kafka_python,
    "librdkafka": by_librdkafka,
}


class Written(NamedTuple):
    """What the clients left: a directory, and their delivery logs by topic."""

    version: str
    log_dir: Path
    logs: Mapping[str, Path]


@pytest.fixture(scope="module")
def written(version, new_broker, tmp_path_factory) -> Written:
    pytest.importorskip("confluent_kafka")
    folder = tmp_path_factory.mktemp("logs")
    logs = {name: folder / f"{name}.jsonl" for name in (*CLIENTS, "transactions", "doubled")}
    with new_broker(version) as broker:
        for client, write in CLIENTS.items():
            broker.create_topic(client, 3)
            write(broker, client, logs[client])
        broker.create_topic("transactions")
        in_transactions(broker, logs["transactions"])
        broker.create_topic("doubled")
        by_librdkafka(broker, "doubled", logs["doubled"])
        send_again(broker, "doubled", [b"rd-0", b"rd-10", b"rd-20"])
    return Written(version, broker.log_dir, logs)


def in_transactions(broker: kafka.Broker, log: Path) -> None:
    """Five transactions of ten records, of which every second one is aborted, and all acknowledged."""
    from confluent_kafka import Producer

    produce = python_recipe("confluent-kafka")["produce_logged"]
    producer = Producer({"bootstrap.servers": broker.bootstrap, "logger": SILENT, "transactional.id": "audit"})
    producer.init_transactions()
    with log.open("w") as file:
        for number in range(5):
            producer.begin_transaction()
            for each in range(10):
                produce(producer, file, "transactions", b"%d-%d" % (number, each))
            producer.flush()
            producer.abort_transaction() if number % 2 else producer.commit_transaction()


@pytest.fixture
def copy(written, tmp_path) -> Path:
    return Path(shutil.copytree(written.log_dir, tmp_path / "copy"))


def audited(directory: Path, log: Path) -> Taken:
    return taken(audit([directory], Selection(), read_acks(str(log))))


def places(part: Taken, outcome: str) -> set[tuple[int, int]]:
    return {(row["partition"], row["offset"]) for row in part.rows if row["outcome"] == outcome}


def largest_log(directory: Path, topic: str) -> Path:
    """The segment of the partition that has the most."""
    return max(directory.glob(f"{topic}-[0-9]/*.log"), key=lambda path: path.stat().st_size)


def offsets_of(batch: bytes) -> range:
    """Those that a batch holds, by its header."""
    first = int.from_bytes(batch[:8], "big")
    return range(first, first + int.from_bytes(batch[57:61], "big"))


def partition_of(segment: Path) -> int:
    return int(segment.parent.name.rpartition("-")[2])


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_client_was_told_is_all_there(written, client):
    part = audited(written.log_dir, written.logs[client])
    assert part.rows == []
    assert part.verdict.text == f"{RECORDS} acknowledged records: {RECORDS} present; no damage seen"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_batch_that_went_is_lost_and_nothing_else(written, copy, client):
    log = largest_log(copy, client)
    batches = split(log.read_bytes())
    assert len(batches) > 3
    gone = batches.pop(2)
    log.write_bytes(b"".join(batches))
    part = audited(copy, written.logs[client])
    assert places(part, "lost") == {(partition_of(log), offset) for offset in offsets_of(gone)}
    assert len(part.rows) == len(offsets_of(gone))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_flipped_bit_damages_its_batch_and_nothing_else(written, copy, client):
    log = largest_log(copy, client)
    batches = split(log.read_bytes())
    damaged = bytearray(log.read_bytes())
    damaged[len(batches[0]) + len(batches[1]) - 1] ^= 1
    log.write_bytes(damaged)
    part = audited(copy, written.logs[client])
    assert places(part, "damaged") == {(partition_of(log), offset) for offset in offsets_of(batches[1])}
    assert len(part.rows) == len(offsets_of(batches[1]))


def test_a_log_that_was_cut_and_written_on_by_the_broker_has_replaced_records(version, new_broker, tmp_path):
    """What an unclean leader election does: other records take the offsets."""
    topic, log = "t", tmp_path / "acks.jsonl"
    with new_broker(version) as broker:
        broker.create_topic(topic)
        by_kafka_python(broker, topic, log)
        broker.kill()
        cut = broker.log_dir / f"{topic}-0" / f"{0:020}.log"
        batches = split(cut.read_bytes())
        cut.write_bytes(b"".join(batches[:-1]))
        missing = {(0, offset) for offset in offsets_of(batches[-1])}
        lost = audited(broker.log_dir, log)
        broker.start()
        send_again(broker, topic, [b"other"] * len(missing))
    assert places(lost, "lost") == missing == {(row["partition"], row["offset"]) for row in lost.rows}
    replaced = audited(broker.log_dir, log)
    assert places(replaced, "replaced") == missing == {(row["partition"], row["offset"]) for row in replaced.rows}


def send_again(broker: kafka.Broker, topic: str, values: list[bytes]) -> None:
    """Sends records that no delivery log tells of."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": broker.bootstrap, "logger": SILENT})
    for value in values:
        producer.produce(topic, value)
    producer.flush()


def test_a_record_that_was_sent_again_is_doubled(written):
    part = audited(written.log_dir, written.logs["doubled"])
    assert {row["outcome"] for row in part.rows} == {"doubled"}
    assert sorted(row["line"] for row in part.rows) == [1, 11, 21]
    assert all(row["why"].startswith("by a producer without idempotence") for row in part.rows)


def test_records_of_aborted_transactions_are_told_apart(written):
    part = audited(written.log_dir, written.logs["transactions"])
    assert Counter(row["outcome"] for row in part.rows) == {"aborted": 20}
    assert not part.verdict.ok
