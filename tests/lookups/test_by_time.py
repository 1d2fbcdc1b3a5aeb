"""Times: which segment decides, which record is found, and what the log itself says about that."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from inspector.lookups.answers import Answer
from inspector.lookups.by_time import Told
from tests.checking.logs import batch
from tests.checking.lookups import REFUSED, record_found
from tests.checking.mutations import MUTATIONS, WHOLE, whole
from tests.conftest import FIXTURES

from .making import NOON, by_time, partition, written

pytestmark = pytest.mark.usefixtures("each_engine")

STOPPED = FIXTURES / "real" / "kafka-3.6.0-stopped"


@pytest.mark.parametrize("name", WHOLE)
def test_a_broken_index_misleads_as_brute_force_says(name: str, tmp_path: Path) -> None:
    one = whole(name)
    chance = random.Random(name)
    for number, mutate in enumerate(MUTATIONS):
        index, times = one.index, mutate(chance, one.times, 12)
        if number % 2:
            index, times = mutate(chance, one.index, 8), one.times
        log = partition(one.written(tmp_path / f"{number}" / "t-0", index, times))
        for asked in chance.sample([time for of in one.batches for _, time in of.records], 4):
            lookup = by_time(log, asked)
            if lookup.chosen is None or lookup.chosen.segment.base_offset != one.base_offset:
                continue  # the greatest timestamp lies; brute force looks into the segment all the same
            expected = record_found(one.batches, index, times, one.base_offset, asked)
            if expected == REFUSED:
                assert lookup.answer in (Answer.ERROR, Answer.NONE), (mutate.__name__, asked)
                continue
            assert (lookup.record.offset if lookup.record else None) == expected, (mutate.__name__, asked)
            right = record_found(one.batches, b"", b"", one.base_offset, asked)
            assert lookup.truth is not None and lookup.truth.record is not None
            assert lookup.truth.record.offset == right
            assert lookup.is_right == (expected == right)


def test_the_first_segment_that_is_not_too_early_decides() -> None:
    log = partition(STOPPED, "indexed-0")
    lookup = by_time(log, 1700004200500)
    assert [one.segment.base_offset for one in lookup.passed] == [0]
    assert lookup.chosen is not None and lookup.chosen.segment.base_offset == 48
    assert lookup.answer is Answer.FOUND and lookup.is_right


def test_a_time_behind_all_records_is_nowhere() -> None:
    lookup = by_time(partition(STOPPED, "indexed-0"), 2_000_000_000_000)
    assert (lookup.answer, lookup.chosen, lookup.visit, lookup.is_right) == (Answer.NONE, None, None, True)


def test_records_before_the_log_start_are_not_found() -> None:
    lookup = by_time(partition(STOPPED, "trimmed-0"), 0)
    assert lookup.record is not None and lookup.record.offset == 5


def test_without_entries_the_time_of_the_file_counts(tmp_path: Path) -> None:
    log = written(
        tmp_path,
        {
            "0.log": batch(0, (1, 0, 0)),
            "0.index": b"",
            "0.timeindex": b"",
            "1.log": b"",
            "1.index": b"",
            "1.timeindex": b"",
        },
    )
    for segment in log.segments:
        os.utime(segment.path, (NOON / 1000 - 60, NOON / 1000 - 60))
    lookup = by_time(log, NOON)
    assert [one.told for one in lookup.passed[:1]] == [Told.FILE]
    assert lookup.answer is Answer.NONE
    assert not lookup.is_right
    os.utime(log.segments[0].path, (NOON / 1000 + 1, NOON / 1000 + 1))
    assert by_time(log, NOON).is_right


def test_in_a_segment_that_grows_the_broker_knows_the_batches(tmp_path: Path) -> None:
    log = written(tmp_path, {"0.log": batch(0, (1, 0, 0)), "0.index": bytes(80), "0.timeindex": bytes(120)})
    lookup = by_time(log, NOON)
    assert lookup.chosen is not None and (lookup.chosen.told, lookup.chosen.timestamp) == (Told.LOG, NOON)
    assert lookup.visit is not None and lookup.visit.times is not None and lookup.visit.times.entries == 0
    assert lookup.answer is Answer.FOUND


def test_a_segment_whose_last_entry_lies_is_passed_over() -> None:
    log = partition(FIXTURES / "damaged" / "time-index-padded", "indexed-0")
    lookup = by_time(log, 1700000570000)
    assert lookup.truth is not None and lookup.truth.segment is lookup.passed[0].segment
    assert lookup.true_largest == 1700000604003
    assert not lookup.is_right


def test_format_0_has_no_times() -> None:
    log = partition(FIXTURES / "real" / "kafka-3.6.0-old-formats", "magic-0-0")
    assert by_time(log, 1).answer is Answer.NONE


def test_an_empty_partition_has_none(tmp_path: Path) -> None:
    log = written(tmp_path, {"0.log": b"", "0.index": b"", "0.timeindex": b""})
    assert by_time(log, NOON).answer is Answer.NONE
    assert by_time(written(tmp_path / "none", {"0.index": b""}), NOON).bounds is None
