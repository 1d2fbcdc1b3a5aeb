"""Healthy indexes broken in many ways: whatever misleads Kafka is found, and where nothing does, nobody says so.

What Kafka finds by an index is computed by brute force (`lookups.py`) over the batches that Kafka itself read.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .lookups import misled_offsets, misled_times
from .mutations import MUTATIONS, WHOLE, whole
from .rules import found_by

SEEDS = 6


@pytest.mark.parametrize("name", WHOLE)
def test_the_indexes_that_are_broken_here_were_healthy(name: str, tmp_path: Path) -> None:
    one = whole(name)
    assert misled_offsets(one.batches, one.index, one.base_offset) == []
    assert misled_times(one.batches, one.index, one.times, one.base_offset) == []
    directory = one.written(tmp_path / "t-0")
    assert found_by("index", directory) == found_by("timeindex", directory) == []


@pytest.mark.parametrize("name", WHOLE)
def test_what_misleads_is_found_and_what_does_not_is_not(name: str, tmp_path: Path) -> None:
    one = whole(name)
    misled = {True: 0, False: 0}
    for mutate in MUTATIONS:
        for seed in range(SEEDS):
            index = mutate(random.Random(f"{name} {mutate.__name__} {seed}"), one.index, 8)
            directory = one.written(tmp_path / f"{mutate.__name__}-{seed}" / "t-0", index=index)
            slugs = {finding.slug for finding in found_by("index", directory)}
            is_misled = bool(misled_offsets(one.batches, index, one.base_offset))
            misled[is_misled] += 1
            said = f"{mutate.__name__} {seed}: {sorted(slugs)}"
            assert bool(slugs) or not is_misled, said
            assert is_misled or "index-entry-misleads" not in slugs, said
    assert min(misled.values()) > SEEDS


@pytest.mark.parametrize("name", WHOLE)
def test_what_misleads_by_time_is_found_and_what_does_not_is_not(name: str, tmp_path: Path) -> None:
    one = whole(name)
    misled = {True: 0, False: 0}
    for mutate in MUTATIONS:
        for seed in range(SEEDS):
            times = mutate(random.Random(f"{name} {mutate.__name__} {seed}"), one.times, 12)
            directory = one.written(tmp_path / f"{mutate.__name__}-{seed}" / "t-0", times=times)
            slugs = {finding.slug for finding in found_by("timeindex", directory)}
            is_misled = bool(misled_times(one.batches, one.index, times, one.base_offset))
            misled[is_misled] += 1
            said = f"{mutate.__name__} {seed}: {sorted(slugs)}"
            assert bool(slugs) or not is_misled, said
            assert is_misled or "time-index-misleads" not in slugs, said
    assert min(misled.values()) > 0
