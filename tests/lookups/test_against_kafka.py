"""What Kafka's own segments find, held against our steps: segment, entries looked at, entry, position, batch, record.

Every partition of the fixtures is asked with both Kafkas: `LogSegment.translateOffset`, `read` and
`findOffsetByTimestamp`, `OffsetIndex.lookup`, `TimeIndex.lookup` and the search below them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixtures.make.java import VERSIONS, available
from inspector.engine import choose
from inspector.lookups.answers import Answer
from inspector.lookups.by_offset import OffsetLookup, lookup_offset
from inspector.lookups.by_time import TimeLookup, Told, lookup_time
from inspector.lookups.searching import IndexSearch
from inspector.lookups.walking import Walk
from inspector.report import Progress
from tests.checking.mutations import MUTATIONS, WHOLE, whole
from tests.conftest import FIXTURES

from .asking import asked_of, partitions
from .judge import Asked, kafka_finds

pytestmark = pytest.mark.kafka

DIRECTORIES = [
    *sorted(path for path in FIXTURES.glob("real/*") if not path.name.endswith(".kafka-says")),
    *sorted(FIXTURES.glob("damaged/*index*")),
    *sorted(FIXTURES.glob("crashed/*")),
    FIXTURES / "built" / "kafka-3.6.0",
]
MOST = 6
"""Offsets, and times, of each partition."""


class Judged(NamedTuple):
    """What Kafka says to one question, and what we say."""

    where: str
    kafka: dict[str, Any]
    ours: Any


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    """About the fixtures, and about healthy segments with indexes that were broken by chance."""
    directories = [*DIRECTORIES, *broken(tmp_path_factory.mktemp("broken"))]
    return [asked_of(log, MOST) for directory in directories for log in partitions(directory)]


def broken(folder: Path) -> Iterator[Path]:
    for one in map(whole, WHOLE):
        for mutate in MUTATIONS:
            chance = random.Random(f"{one.name} {mutate.__name__}")
            name = f"{one.name}-{mutate.__name__}"
            yield one.written(folder / f"{name}-index" / "t-0", index=mutate(chance, one.index, 8))
            yield one.written(folder / f"{name}-times" / "t-0", times=mutate(chance, one.times, 12))


@pytest.fixture(scope="module", params=VERSIONS)
def judged(
    request: pytest.FixtureRequest, asked: list[Asked], require: Callable[[str, str], None]
) -> tuple[list[Judged], list[Judged]]:
    """By offset and by time."""
    reason = available()
    if reason:
        require("kafka", reason)
    engine, progress = choose("native"), Progress()
    offsets: list[Judged] = []
    times: list[Judged] = []
    for one, said in zip(asked, kafka_finds(str(request.param), asked), strict=True):
        where = f"{one.log.path.parent.name}/{one.log.path.name}"
        for offset, kafka in said.by_offset.items():
            offsets.append(Judged(f"{where} {offset}", kafka, lookup_offset(one.log, offset, engine, progress)))
        for time, kafka in said.by_time.items():
            times.append(Judged(f"{where} {time}", kafka, lookup_time(one.log, time, engine, progress)))
    return offsets, times


def test_offsets_are_found_as_kafka_finds_them(judged: tuple[list[Judged], list[Judged]]) -> None:
    compared = [one for one in judged[0] if one.ours.visits]
    assert differing(compared, by_offset) == []
    assert len(compared) > 1000
    assert all(one.ours.answer is Answer.OUT_OF_RANGE for one in judged[0] if not one.ours.visits)


def test_times_are_found_as_kafka_finds_them(judged: tuple[list[Judged], list[Judged]]) -> None:
    compared = [one for one in judged[1] if is_comparable(one.ours)]
    assert differing(compared, by_time) == []
    assert len(compared) > 1000


def is_comparable(ours: TimeLookup) -> bool:
    """Not where a broker has the greatest timestamp in memory: a segment that is opened anew does not know it."""
    last = ours.chosen or (ours.passed[-1] if ours.passed else None)
    return last is not None and last.told is not Told.LOG


def differing(judged: list[Judged], in_words: Callable[[Any], dict[str, Any]]) -> list[str]:
    """The first questions that are answered differently, with both answers."""
    wrong = []
    for where, kafka, ours in judged:
        said = in_words(ours)
        told = {name: kafka.get(name) for name in said}
        if said != told:
            wrong.append(f"{where}: Kafka {told}, we {said}")
    return wrong[:10]


def by_offset(ours: OffsetLookup) -> dict[str, Any]:
    """In the words of the judge."""
    visit = ours.visits[-1]
    frame, search = visit.walk.found, visit.search
    found: object = [frame.position, frame.size] if frame else "nothing"
    return {
        "segment": visit.segment.base_offset,
        "slots": [slots(one.search) for one in ours.visits],
        "entry": entry(search) or [visit.segment.base_offset, 0],
        "found": exception(visit.walk) or found,
        "read": exception(visit.walk) or (frame.position if frame else "nothing"),
    }


def by_time(ours: TimeLookup) -> dict[str, Any]:
    """In the words of the judge."""
    visit = ours.visit
    if ours.chosen is None or visit is None or visit.times is None:
        return {"segment": None}
    record = ours.record
    found: object = [record.timestamp, record.offset] if record else "nothing"
    return {
        "segment": visit.segment.base_offset,
        "largest": ours.chosen.timestamp,
        "slots": slots(visit.times),
        "entry": entry(visit.times) or [-1, visit.segment.base_offset],
        "found": exception(visit.walk) or found,
    }


def slots(search: IndexSearch) -> list[int]:
    return [probe.entry.slot for probe in search.probes]


def entry(search: IndexSearch) -> list[int] | None:
    return [search.found.key, search.found.value] if search.found else None


def exception(walk: Walk) -> str | None:
    if walk.refused is None:
        return None
    return {"CORRUPT_MESSAGE": "CorruptRecordException"}.get(walk.refused.error, "KafkaException")
