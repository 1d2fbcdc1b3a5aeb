"""Offsets: which batch the broker begins with, and what the log itself says about that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.make.damage import make_batch
from inspector.lookups.answers import Answer
from tests.checking.logs import NOON, batch, husk, log_dir, marker, snapshot
from tests.checking.lookups import OFFSET_ENTRY, REFUSED, Batch, batch_found
from tests.checking.mutations import MUTATIONS, WHOLE, whole
from tests.conftest import FIXTURES

from .making import by_offset, partition, written

pytestmark = pytest.mark.usefixtures("each_engine")

STOPPED = FIXTURES / "real" / "kafka-3.6.0-stopped"


def found(log, offset):  # type: ignore[no-untyped-def]
    """The position of the batch, in the words of the brute force."""
    lookup = by_offset(log, offset)
    if lookup.answer is Answer.ERROR:
        return REFUSED
    return lookup.found.position if lookup.found else None


@pytest.mark.parametrize("name", WHOLE)
def test_a_broken_index_misleads_as_brute_force_says(name: str, tmp_path: Path) -> None:
    one = whole(name)
    chance = random.Random(name)
    for number, mutate in enumerate(MUTATIONS):
        index = mutate(chance, one.index, 8)
        log = partition(one.written(tmp_path / f"{number}" / "t-0", index))
        for sample in chance.sample(one.batches, min(5, len(one.batches))):
            lookup = by_offset(log, sample.base_offset)
            expected = batch_found(one.batches, index, one.base_offset, sample.base_offset)
            if expected != REFUSED:  # from within a batch anything can happen: Kafka itself is asked elsewhere
                assert found(log, sample.base_offset) == expected, (mutate.__name__, sample)
            assert lookup.is_right == (found(log, sample.base_offset) == sample.position), (mutate.__name__, sample)
            assert lookup.truth is not None and lookup.truth.batch.position == sample.position


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    entries=st.lists(st.tuples(st.integers(-2, 40), st.integers(0, 8)), max_size=6),
    offset=st.integers(0, 40),
)
def test_random_logs_with_random_entries(
    sizes: list[int], entries: list[tuple[int, int]], offset: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made, batches, position, base = [], [], 0, 0
    for size in sizes:
        data = make_batch(base, [b"value"] * size)
        batches.append(Batch(position, len(data), base, base + size - 1, 0, ()))
        made.append(data)
        position, base = position + len(data), base + size
    places = [*(one.position for one in batches), position]
    index = b"".join(OFFSET_ENTRY.pack(of, places[at % len(places)]) for of, at in entries)
    folder = tmp_path_factory.mktemp("random")
    log = written(folder, {"0.log": b"".join(made), "0.index": index, f"{base}.log": b"", f"{base}.index": b""})
    if offset > base:
        assert by_offset(log, offset).answer is Answer.OUT_OF_RANGE
    else:
        assert found(log, offset) == batch_found(batches, index, 0, offset)


def test_the_segment_is_the_one_with_the_greatest_base_offset_not_above() -> None:
    log = partition(STOPPED, "indexed-0")
    chosen = {offset: by_offset(log, offset).visits[0].segment.base_offset for offset in (0, 47, 48, 95, 96, 143)}
    assert chosen == {0: 0, 47: 0, 48: 48, 95: 48, 96: 96, 143: 96}


def test_below_the_log_start_and_behind_the_end_is_out_of_range() -> None:
    trimmed, indexed = partition(STOPPED, "trimmed-0"), partition(STOPPED, "indexed-0")
    assert [by_offset(trimmed, offset).answer for offset in (4, 5)] == [Answer.OUT_OF_RANGE, Answer.FOUND]
    answers = [by_offset(indexed, offset).answer for offset in (143, 144, 145)]
    assert answers == [Answer.FOUND, Answer.EMPTY, Answer.OUT_OF_RANGE]


def test_what_compaction_took_is_answered_with_what_follows() -> None:
    lookup = by_offset(partition(STOPPED, "compacted-0"), 6)
    assert lookup.answer is Answer.NEXT
    assert lookup.found is not None and (lookup.found.base_offset, lookup.found.last_offset) == (5, 6)
    assert lookup.record is not None and lookup.record.offset == 8


def test_an_offset_behind_the_last_batch_of_a_segment_is_sought_in_the_next(tmp_path: Path) -> None:
    log = written(
        tmp_path, {"0.log": make_batch(0, [b"a"]), "0.index": b"", "9.log": make_batch(9, [b"b"]), "9.index": b""}
    )
    lookup = by_offset(log, 5)
    assert [visit.segment.base_offset for visit in lookup.visits] == [0, 9]
    assert lookup.answer is Answer.NEXT
    assert lookup.record is not None and lookup.record.offset == 9
    assert lookup.is_right


def test_a_husk_is_found_and_holds_nothing(tmp_path: Path) -> None:
    log = written(tmp_path, {"0.log": husk(0, (1, 0, 0), 3), "0.index": b""})
    lookup = by_offset(log, 2)
    assert (lookup.answer, lookup.record) == (Answer.NEXT, None)
    assert lookup.found is not None and lookup.found.position == 0


def test_an_empty_partition_waits_for_its_first_record(tmp_path: Path) -> None:
    log = written(tmp_path, {"7.log": b"", "7.index": b""})
    assert [by_offset(log, offset).answer for offset in (6, 7, 8)] == [
        Answer.OUT_OF_RANGE, Answer.EMPTY, Answer.OUT_OF_RANGE,
    ]  # fmt: skip


def test_without_a_segment_nothing_is_in_range(tmp_path: Path) -> None:
    log = written(tmp_path, {"7.index": b""})
    lookup = by_offset(log, 7)
    assert (lookup.answer, lookup.bounds, lookup.visits) == (Answer.OUT_OF_RANGE, None, ())


def test_the_oldest_open_transaction_is_told_with_and_without_a_snapshot(tmp_path: Path) -> None:
    opened = batch(0, (1, 0, 0), 2, in_transaction=True) + batch(2, (2, 0, 0), 2, in_transaction=True)
    data = opened + marker(4, (1, 0)) + batch(5, (3, 0, 0), 2, in_transaction=True)
    without = partition(log_dir(tmp_path / "without", log_0=data), "t-0")
    assert (bounds := by_offset(without, 2).bounds) is not None and bounds.open_from == 2
    known = snapshot((9, 0, 1, 1, 1, NOON, -1, 1))
    within = partition(log_dir(tmp_path / "within", log_0=data, snapshot_5=known), "t-0")
    assert (bounds := by_offset(within, 2).bounds) is not None and bounds.open_from == 1


def test_a_batch_with_a_wrong_crc_is_sent_all_the_same() -> None:
    log = partition(FIXTURES / "damaged" / "bit-flipped-in-a-value", "indexed-0")
    lookup = by_offset(log, 5)
    assert lookup.answer is Answer.FOUND
    assert lookup.record is not None and lookup.record.damaged
