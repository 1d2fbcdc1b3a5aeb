"""The data of the benchmarks are what their maker says: to kinspect, to Kafka's own reader, and to their index."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks import data, jvm, processes

pytestmark = pytest.mark.kafka

SETS = pytest.mark.parametrize("name", data.SETS)
INDEX_INTERVAL = 4096


class Shown(NamedTuple):
    """What kinspect shows of a set."""

    records: list[dict[str, Any]]
    batches: list[dict[str, Any]]


@pytest.fixture(scope="module")
def shown(made, kinspect):
    """Asks kinspect once for each set."""
    answers: dict[str, Shown] = {}

    def of(name: str) -> Shown:
        if name not in answers:
            records = kinspect("show", made[name].logs, "-t", f"bench-{name}", "-J")
            batches = kinspect("batches", made[name].partition, "-J")
            assert (records.returncode, batches.returncode) == (0, 0), records.stderr + batches.stderr
            answers[name] = Shown(
                *([json.loads(line) for line in done.stdout.splitlines()] for done in (records, batches))
            )
        return answers[name]

    return of


@SETS
def test_kinspect_reads_what_was_made(made, shown, name: str) -> None:
    records, batches = shown(name)
    assert [record["offset"] for record in records] == list(range(made[name].records))
    assert sum(len(record["key"].encode()) for record in records) == made[name].key_bytes
    assert sum(len(record["value"].encode()) for record in records) == made[name].value_bytes
    assert sum(len(record["headers"]) for record in records) == made[name].headers > 0
    assert len(batches) == made[name].batches
    assert sum(batch["batch_bytes"] for batch in batches) == made[name].log_bytes
    assert max(batch["batch_bytes"] for batch in batches) == made[name].largest_batch
    assert {batch["compression"] for batch in batches} == {made[name].set.codec}


@SETS
def test_each_producer_counts_its_records(shown, name: str) -> None:
    next_sequence: dict[int, int] = {}
    for batch in shown(name).batches:
        assert batch["base_sequence"] == next_sequence.get(batch["producer_id"], 0)
        next_sequence[batch["producer_id"]] = batch["last_sequence"] + 1
    assert sorted(next_sequence) == [2000, 2001, 2002]


@SETS
def test_values_are_json_and_keys_name_their_customer(shown, name: str) -> None:
    for record in shown(name).records[:1000]:
        value = json.loads(record["value"])
        assert record["key"] == f"customer-{value['customer']['id']}"
        assert isinstance(value["price"], float) and record["timestamp"] == value["at"]


@SETS
@pytest.mark.parametrize("threads", (1, 2))
def test_kafka_reads_what_was_made(made, name: str, threads: int) -> None:
    told = processes.answer(jvm.read_warm(made[name].files, threads, quick=True))
    expected = (made[name].records, made[name].batches, made[name].key_bytes + made[name].value_bytes)
    assert (told["records"], told["batches"], told["bytes"]) == expected
    assert all(seconds > 0 for seconds in told["seconds"])


def entries(index: Path) -> Iterator[tuple[int, int]]:
    """Offset and position of each entry."""
    base_offset = int(index.stem)
    return ((base_offset + relative, position) for relative, position in struct.iter_unpack(">ii", index.read_bytes()))


@SETS
def test_the_index_has_an_entry_each_four_kilobytes(made, shown, name: str) -> None:
    for file in made[name].files:
        batches = [batch for batch in shown(name).batches if batch["segment"] == file.name]
        held = list(entries(file.with_suffix(".index")))
        starts = {batch["position"]: batch["last_offset"] for batch in batches}
        assert all(starts[position] == offset for offset, position in held)
        farthest = max(b - a for a, b in zip([0, *(at for _, at in held)], [at for _, at in held] or [0], strict=False))
        assert held or len(batches) == 1
        assert farthest <= INDEX_INTERVAL + 2 * made[name].largest_batch


def test_a_set_that_is_there_is_not_made_again(made, quick_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jvm, "make_segments", lambda _told: pytest.fail("made again"))
    assert data.provide(data.root_of(quick_folder, quick=True), ["tiny"], quick=True)["tiny"] == made["tiny"]
