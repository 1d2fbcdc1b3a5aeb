"""Our replay of producers against Kafka's own ProducerStateManager, and no false alarm on what brokers write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fixtures.make import kafka, random_producers
from fixtures.make.replayed import replay
from inspector.segment import Role, parse_file_name
from tests.checking.replays import read_state, replayed

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
