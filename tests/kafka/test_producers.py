"""Our replay of producers against Kafka's own ProducerStateManager, and no false alarm on what brokers write."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fixtures.make import kafka, random_producers
from fixtures.make.replayed import replay
from inspector.findings import Severity
from inspector.log_dir import open_log_dir
from inspector.segment import Role, parse_file_name
from tests.checking.replays import read_state, replayed
from tests.checking.rules import found_by

pytestmark = pytest.mark.kafka

END = 2**62
"""Behind every log."""


@pytest.fixture(scope="module")
def real_logs(require, real_dirs: Mapping[str, Path]) -> dict[Path, list[int]]:
    """Each partition under `fixtures/real`, with the offsets of its snapshots and segments."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    folders = {log.parent for one in real_dirs.values() for log in one.glob("*/*.log")}
    return {folder: [*_offsets(folder), END] for folder in sorted(folders)}


def _offsets(folder: Path) -> list[int]:
    names = map(parse_file_name, (path.name for path in folder.iterdir()))
    return sorted({name.number for name in names if name.role in (Role.LOG, Role.PRODUCER_SNAPSHOT) and name.number})


@pytest.fixture(scope="module")
def random_logs(require, tmp_path_factory) -> dict[Path, list[int]]:
    """Two hundred logs by Kafka's builder, which no broker would have written like this."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    return random_producers.write(tmp_path_factory.mktemp("logs"), range(200))


def test_producers_of_real_logs_are_those_that_kafka_finds_there(real_logs, version) -> None:
    assert _compared(version, real_logs) > 700


def test_producers_of_random_logs_are_those_that_kafka_finds_there(random_logs, version) -> None:
    assert _compared(version, random_logs) > 2000


def _compared(version: str, logs: Mapping[Path, Sequence[int]]) -> int:
    """How many states of producers were the same; transactions that ended, and the stable offsets then, too."""
    compared = 0
    for folder, kafkas in replay(version, logs).items():
        ours = replayed(folder, logs[folder])
        assert ours.ended == kafkas.ended, folder
        for offset, snapshot in kafkas.snapshots.items():
            state = read_state(snapshot)
            assert ours.states[offset] == state, (folder, offset)
            compared += len(state)
    return compared


SETTINGS = {
    "producer.id.expiration.ms": 3000,
    "producer.id.expiration.check.interval.ms": 500,
    "offsets.topic.replication.factor": 2,
    "transaction.state.log.replication.factor": 2,
}
SECONDS = 5
CHECKED = ("producers", "snapshot", "txnindex")
PRODUCERS = str(kafka.MAKE / "src" / "any" / "ManyProducers.java")


@pytest.fixture(scope="module")
def lives(require, version, tmp_path_factory) -> dict[str, Path]:
    """Directories of two brokers that many producers wrote to, the second one away for a while: at each end a copy."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    copies, workdir = tmp_path_factory.mktemp("copies"), tmp_path_factory.mktemp("brokers")
    left: dict[str, Path] = {}

    def copy(broker: kafka.Broker, name: str) -> None:
        left[name] = Path(shutil.copytree(broker.log_dir, copies / name, ignore=shutil.ignore_patterns("*.tmp")))

    def produce(seed: int) -> None:
        kafka.run_java(version, PRODUCERS, first.bootstrap, str(SECONDS), str(seed), "2")

    first = kafka.Broker(version, workdir, SETTINGS)
    second = kafka.Broker(version, workdir / "second", SETTINGS, joins=first)
    with first, second:
        produce(1)
        second.kill()
        copy(second, "killed")
        produce(2)
        second.start()
        produce(3)
        second.stop()
        copy(second, "stopped-follower")
        copy(first, "copied-while-it-ran")
        first.kill()
        copy(first, "killed-leader")
        first.start()
        second.start()
        produce(4)
        second.stop()
        copy(second, "stopped-later")
        first.stop()
        copy(first, "stopped-leader")
    return left


def test_nothing_is_wrong_with_what_many_producers_left(lives: Mapping[str, Path]) -> None:
    slugs: dict[str, int] = {}
    for name, directory in lives.items():
        for log in open_log_dir(directory).partitions:
            for check in CHECKED:
                for finding in found_by(check, log.path.parent, log.path.name):
                    slugs[finding.slug] = slugs.get(finding.slug, 0) + 1
                    assert finding.severity is Severity.INFO, (name, str(finding))
    assert set(slugs) <= {"open-transaction", "open-transaction-in-snapshot", "zeroed-tail", "torn-tail"}


def test_producers_of_such_logs_are_those_that_kafka_finds_there(lives: Mapping[str, Path], version: str) -> None:
    folders = {log.path for directory in lives.values() for log in open_log_dir(directory).partitions}
    assert _compared(version, {folder: [*_offsets(folder), END] for folder in sorted(folders)}) > 500
