"""What Kafka's own index classes find by broken indexes: as computed by brute force, and as the rules say.

Each broken index is looked up by the Kafka that wrote it; `Lookups.java` asks for every offset and timestamp there is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from fixtures.make.java import VERSIONS, available
from tests.conftest import FIXTURES

from .kafka_lookups import Lookups, kafka_finds
from .lookups import REFUSED, batch_found, batches_kafka_read, record_found
from .mutations import MUTATIONS, WHOLE, Whole, whole
from .rules import found_by

pytestmark = pytest.mark.kafka

SEEDS = 5


class Broken(NamedTuple):
    """One broken index of a segment, where it lies, and what Kafka finds by it."""

    whole: Whole
    index: bytes
    times: bytes
    directory: Path
    finds: Lookups

    @property
    def misled_offsets(self) -> list[int]:
        right = {one.last_offset: one.position for one in self.whole.batches}
        right |= {one.base_offset: one.position for one in self.whole.batches}
        return [offset for offset, found in self.finds.by_offset.items() if found != right[offset]]

    @property
    def misled_times(self) -> list[int]:
        return [time for time, found in self.finds.by_timestamp.items() if found != self.first_record(time)]

    def first_record(self, time: int) -> object:
        """The offset that is right, in Kafka's words."""
        found = record_found(self.whole.batches, b"", b"", self.whole.base_offset, time)
        return "nothing" if found is None else found


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest, require: Callable[[str, str], None]) -> str:
    """Each Kafka in turn."""
    reason = available()
    if reason:
        require("kafka", reason)
    return str(request.param)


@pytest.fixture(scope="module")
def broken(version: str, tmp_path_factory: pytest.TempPathFactory) -> list[Broken]:
    folder, made = tmp_path_factory.mktemp("broken"), []
    for one in map(whole, WHOLE):
        for mutate in MUTATIONS:
            for seed in range(SEEDS):
                random_ = random.Random(f"{one.name} {mutate.__name__} {seed}")
                index, times = (
                    (mutate(random_, one.index, 8), one.times)
                    if seed % 2
                    else (one.index, mutate(random_, one.times, 12))
                )
                made.append((one, index, times, one.written(folder / f"{len(made)}" / "t-0", index, times)))
        made.append((one, one.index, one.times, one.written(folder / f"{len(made)}" / "t-0")))
    logs = [directory / f"{one.base_offset:020}.log" for one, _, _, directory in made]
    return [Broken(*each, finds) for each, finds in zip(made, kafka_finds(version, logs), strict=True)]


def test_kafka_finds_what_was_computed(broken: list[Broken]) -> None:
    asked = 0
    for one in broken:
        of = one.whole
        for offset, found in one.finds.by_offset.items():
            computed = batch_found(of.batches, one.index, of.base_offset, offset)
            right = batch_found(of.batches, b"", of.base_offset, offset)
            assert (found == right) == (computed == right), (one.directory, offset, found, computed)
        for time, found in one.finds.by_timestamp.items():
            computed = record_found(of.batches, one.index, one.times, of.base_offset, time)
            right = record_found(of.batches, b"", b"", of.base_offset, time)
            if computed == REFUSED and right is None:  # from within a batch, Kafka may find nothing or break off
                continue
            assert (found == one.first_record(time)) == (computed == right), (one.directory, time, found, computed)
        asked += len(one.finds.by_offset) + len(one.finds.by_timestamp)
    assert asked > 10_000


def test_where_nothing_is_said_kafka_finds_everything(broken: list[Broken]) -> None:
    silent = 0
    for one in broken:
        if not found_by("index", one.directory) and not found_by("timeindex", one.directory):
            silent += 1
            assert one.misled_offsets == one.misled_times == [], one.directory
            assert one.finds.largest_timestamp == max(batch.max_timestamp for batch in one.whole.batches)
    assert silent > len(WHOLE)


def test_where_an_entry_is_said_to_mislead_kafka_is_misled(broken: list[Broken]) -> None:
    said = 0
    for one in broken:
        if any(finding.slug == "index-entry-misleads" for finding in found_by("index", one.directory)):
            said += 1
            assert one.misled_offsets, one.directory
        if any(finding.slug == "time-index-misleads" for finding in found_by("timeindex", one.directory)):
            said += 1
            assert one.misled_times, one.directory
    assert said > len(WHOLE)


def test_zeros_behind_the_entries_are_the_greatest_timestamp_to_kafka(broken: list[Broken]) -> None:
    padded = [one for one in broken if len(one.times) > len(one.whole.times) and not any(one.times[-12:])]
    assert padded
    for one in padded:
        (finding,) = (each for each in found_by("timeindex", one.directory) if each.slug == "zero-padded-time-index")
        assert one.finds.largest_timestamp == finding.found == 0


def real_logs(version: str) -> dict[Path, Path]:
    """The segments that a broker of this version left with whole indexes, and what it read there."""
    found = {}
    for says in sorted(FIXTURES.glob(f"real/kafka-{version}-*.kafka-says/*/*.jsonl")):
        directory = says.parents[1]
        log = directory.with_name(directory.name.removesuffix(".kafka-says")) / says.parent.name / f"{says.stem}.log"
        times = log.with_suffix(".timeindex")
        if log.exists() and log.stat().st_size and times.exists() and times.read_bytes()[-12:] != bytes(12):
            found[log] = says
    return found


def test_kafka_finds_everything_in_what_a_broker_wrote(version: str) -> None:
    logs = real_logs(version)
    for (log, says), finds in zip(logs.items(), kafka_finds(version, list(logs)), strict=True):
        batches, base_offset = batches_kafka_read(says), int(log.stem)
        for offset, found in finds.by_offset.items():
            assert found == batch_found(batches, b"", base_offset, offset), (log, offset)
        for time, found in finds.by_timestamp.items():
            right = record_found(batches, b"", b"", base_offset, time)
            assert found == ("nothing" if right is None else right), (log, time)
    assert len(logs) > 50


def test_kafkas_sanity_check_passes_most_of_what_misleads(broken: list[Broken]) -> None:
    misled = [one for one in broken if one.misled_offsets]
    assert sum(one.finds.sanity_check == "passed" for one in misled) > len(misled) / 2
