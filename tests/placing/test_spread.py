"""How records that no key places are spread: simulated producers are recognised, and nothing is seen in noise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from inspector.placing.spread import Manner, Sent, spread_of
from inspector.placing.together import together

Partitions = Iterator[int]


def sticky(chance: random.Random, count: int) -> Partitions:
    """Java since 2.4: a batch to one partition, the next to another."""
    partition = 0
    while True:
        partition = chance.choice([one for one in range(count) if one != partition])
        for _ in range(chance.randint(5, 20)):
            yield partition


def turns(stride: int) -> Callable[[random.Random, int], Partitions]:
    def each(_: random.Random, count: int) -> Partitions:
        partition = 0
        while True:
            yield partition
            partition = (partition + stride) % count

    return each


def at_random(chance: random.Random, count: int) -> Partitions:
    while True:
        yield chance.randrange(count)


def skewed(chance: random.Random, count: int) -> Partitions:
    while True:
        yield 0 if chance.random() < 0.8 else chance.randrange(count)


def sent(how: Callable[[random.Random, int], Partitions], count: int, records: int, ties: int, seed: int) -> list[Sent]:
    """Records with one millisecond for each `ties` of them; a batch each ten in a partition."""
    offsets = [0] * count
    made = []
    partitions = how(random.Random(seed), count)
    for number in range(records):
        partition = next(partitions)
        offset = offsets[partition]
        made.append(Sent(1_000 + number // ties, partition, offset, (0, offset // 10)))
        offsets[partition] += 1
    random.Random(seed).shuffle(made)
    return made


@pytest.mark.parametrize("ties", [1, 3])
@pytest.mark.parametrize("count", [2, 3, 8, 50])
def test_runs_are_recognised_even_where_several_records_share_a_millisecond(count, ties):
    found = spread_of(sent(sticky, count, 400, ties, seed=count), count)
    assert found.manner is Manner.RUNS
    assert found.log10_chance < -6
    assert all(1 <= run.batches <= 3 for run in found.runs)
    first = found.runs[0]
    assert first.first_offset == 0 and 4 <= first.last_offset <= 19


@pytest.mark.parametrize(("count", "stride"), [(2, 1), (3, 1), (3, 2), (8, 1), (8, 3), (50, 1)])
def test_turns_are_recognised_with_their_stride(count, stride):
    found = spread_of(sent(turns(stride), count, 200, ties=1, seed=1), count)
    assert (found.manner, found.stride) == (Manner.TURNS, stride)


@pytest.mark.parametrize("how", [at_random, skewed])
def test_nothing_is_seen_in_noise(how):
    for seed in range(200):
        found = spread_of(sent(how, 2 + seed % 7, 300, ties=1, seed=seed), 2 + seed % 7)
        assert found.manner is Manner.NEITHER, seed


@pytest.mark.parametrize(
    ("how", "records", "ties", "why"),
    [
        (turns(1), 6, 1, "there are only 6"),
        (turns(1), 300, 10, "most were sent in the same millisecond"),
        (at_random, 300, 300, "most were sent in the same millisecond"),
        (lambda _chance, _count: iter(int, 1), 300, 1, "all lie in one partition"),
    ],
)
def test_what_cannot_be_told_is_not_told(how, records, ties, why):
    found = spread_of(sent(how, 3, records, ties, seed=1), 3)
    assert found.manner is Manner.UNDECIDABLE
    assert why in found.why


def test_records_without_timestamps_have_no_order():
    found = spread_of([Sent(-1, number % 3, number, (0, 0)) for number in range(100)], 3)
    assert found.why == "they have no timestamps"


def test_equal_things_that_lie_together_are_seen_where_chance_does_not_do_it():
    assert together([(5, 1)] * 4, [10, 10]).decides is False  # 16 followers: 2 to the power of -16
    assert together([(5, 1)] * 6, [15, 15]).decides
    assert not together([(5, 1)] * 6 + [(2, 2)], [16, 16]).decides
    assert not together([(1, 1)] * 100, [50, 50]).decides
    assert not together([(5, 1)] * 100, [1000, 1]).decides
