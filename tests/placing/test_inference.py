"""What is inferred of keys placed by known rules, by several of them, or by none: right or abstaining, never wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest

from inspector.engine.key_sample import Key, Moment, Sample, Stay, numbers_of
from inspector.hashing import ALGORITHMS
from inspector.placing.inference import Inference, Outcome, infer


class Sent(NamedTuple):
    """One record."""

    key: bytes
    partition: int
    producer_id: int = -1


Place = Callable[[bytes], int]


def by(algorithm: str, count: int) -> Place:
    return lambda key: ALGORITHMS[algorithm](key, count)


def some_keys(number: int, seed: int = 1) -> list[bytes]:
    source = random.Random(seed)
    return [b"key-%d" % source.randrange(10**9) for _ in range(number)]


def sent(keys: Iterable[bytes], place: Place, producer_id: int = -1) -> list[Sent]:
    return [Sent(key, place(key), producer_id) for key in keys]


def sample_of(records: Iterable[Sent]) -> Sample:
    """The sample of records that were sent one after the other, a millisecond each."""
    offsets: Counter[int] = Counter()
    stays: dict[bytes, dict[tuple[int, int], Stay]] = {}
    for timestamp, (key, partition, producer_id) in enumerate(records):
        moment = Moment(timestamp, offsets[partition])
        offsets[partition] += 1
        of_key = stays.setdefault(key, {})
        old = of_key.get((partition, producer_id))
        first, number = (moment, 0) if old is None else (old.first, old.records)
        of_key[partition, producer_id] = Stay(partition, producer_id, number + 1, first, moment)
    keys = [Key(key, numbers_of(key), tuple(of_key.values()), length=len(key)) for key, of_key in stays.items()]
    return Sample(keys, len(keys))


def inferred(records: Iterable[Sent], count: int) -> Inference:
    return infer(sample_of(records), count)


def said(inference: Inference) -> list[tuple[str, int]]:
    return [(regime.alike[0], regime.count) for regime in inference.topic.regimes]


@pytest.mark.parametrize("count", [2, 3, 4, 6, 12, 50, 128])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_rule_is_found(algorithm, count):
    inference = inferred(sent(some_keys(200), by(algorithm, count)), count)
    assert inference.topic.outcome is Outcome.EXPLAINED
    (regime,) = inference.topic.regimes
    assert (algorithm in regime.alike, regime.count, regime.keys) == (True, count, 200)
    assert regime.log10_chance < -50


def test_rules_that_say_the_same_are_all_named():
    (regime,) = inferred(sent(some_keys(200), by("fnv1a-unsigned", 8)), 8).topic.regimes
    assert regime.alike == ("fnv1a-positive", "fnv1a-unsigned")


@pytest.mark.parametrize(("number", "outcome"), [(10, Outcome.UNDECIDABLE), (40, Outcome.EXPLAINED)])
def test_few_keys_decide_nothing(number, outcome):
    judgement = inferred(sent(some_keys(number), by("murmur2", 3)), 3).topic
    assert judgement.outcome is outcome
    if outcome is Outcome.UNDECIDABLE:
        assert judgement.why == "10 distinct keys: from 15 on chance can be ruled out"


def test_one_partition_and_no_keys_decide_nothing():
    assert inferred(sent(some_keys(500), by("murmur2", 1)), 1).topic.outcome is Outcome.UNDECIDABLE
    assert inferred([], 3).topic.outcome is Outcome.UNDECIDABLE


@pytest.mark.parametrize("count", [3, 4, 12])
def test_two_clients_are_told_apart_and_named(count):
    keys = some_keys(300)
    records = sent(keys, by("murmur2", count), 4013) + sent(keys, by("crc32", count), 4012)
    inference = inferred(records, count)
    assert inference.topic.outcome is Outcome.MIXED
    assert {*said(inference)} == {("murmur2", count), ("crc32", count)}
    producers = {number: judgement.regimes[0].alike[0] for number, judgement in inference.producers}
    assert producers == {4013: "murmur2", 4012: "crc32"}


def test_two_clients_without_producer_ids_are_told_apart_too():
    records = sent(some_keys(300, 1), by("murmur2", 6)) + sent(some_keys(300, 2), by("fnv1a", 6))
    assert {*said(inferred(records, 6))} == {("murmur2", 6), ("fnv1a", 6)}


@pytest.mark.parametrize(("old", "new"), [(3, 4), (4, 8), (2, 3), (6, 12), (10, 50)])
def test_added_partitions_are_found_with_the_moment_and_the_keys_that_moved(old, new):
    keys = some_keys(400)
    records = sent(keys, by("murmur2", old)) + sent(keys, by("murmur2", new))
    inference = inferred(records, new)
    assert inference.topic.outcome is Outcome.GROWN
    (change,) = inference.changes
    assert (change.rule, change.old, change.new, change.clear) == ("murmur2", old, new, True)
    moved = {key for key in keys if by("murmur2", old)(key) != by("murmur2", new)(key)}
    assert {key.key for key in change.moved} == moved
    assert change.before[1].last.timestamp < 400 <= change.since[1].first.timestamp
    assert 400 - change.before[1].last.timestamp < 20
    assert change.since[1].first.timestamp - 400 < 20


def test_a_topic_that_grew_twice():
    parts = [sent(some_keys(300, count), by("murmur2", count)) for count in (3, 4, 8)]
    inference = inferred([record for part in parts for record in part], 8)
    assert inference.topic.outcome is Outcome.GROWN
    assert {*said(inference)} == {("murmur2", 3), ("murmur2", 4), ("murmur2", 8)}
    assert [(change.old, change.new) for change in inference.changes] == [(3, 4), (4, 8)]


def test_a_topic_that_grew_and_was_written_no_more():
    inference = inferred(sent(some_keys(300), by("murmur2", 3)), 6)
    assert (inference.topic.outcome, said(inference), inference.changes) == (Outcome.GROWN, [("murmur2", 3)], ())


def test_two_clients_and_added_partitions():
    old = sent(some_keys(300, 1), by("murmur2", 4), 1) + sent(some_keys(300, 2), by("crc32", 4), 2)
    new = sent(some_keys(300, 3), by("murmur2", 8), 1) + sent(some_keys(300, 4), by("crc32", 8), 2)
    inference = inferred(old + new, 8)
    assert {*said(inference)} == {("murmur2", 4), ("crc32", 4), ("murmur2", 8), ("crc32", 8)}
    assert {(change.rule, change.old, change.new) for change in inference.changes} == {
        ("murmur2", 4, 8),
        ("crc32", 4, 8),
    }


@pytest.mark.parametrize("count", [2, 3, 8, 50])
@pytest.mark.parametrize("seed", range(8))
def test_keys_that_lie_anywhere_fit_no_rule(count, seed):
    source = random.Random(seed)
    places = {key: source.randrange(count) for key in some_keys(500, seed)}
    judgement = inferred(sent(places, places.__getitem__), count).topic
    assert (judgement.outcome, judgement.regimes) == (Outcome.NO_RULE, ())


@pytest.mark.parametrize("count", [3, 8])
def test_records_by_turns_fit_no_rule(count):
    keys = some_keys(100) * 10
    records = [Sent(key, number % count) for number, key in enumerate(keys)]
    assert inferred(records, count).topic.outcome is Outcome.NO_RULE


def test_a_few_keys_elsewhere_do_not_hide_the_rule_and_are_counted():
    records = sent(some_keys(500), by("murmur2", 6)) + sent(some_keys(20, 9), lambda _key: 5)
    judgement = inferred(records, 6).topic
    assert judgement.outcome is Outcome.PARTLY
    assert [(regime.alike[0], regime.count) for regime in judgement.regimes] == [("murmur2", 6)]
    astray = [key for key in some_keys(20, 9) if by("murmur2", 6)(key) != 5]
    assert {key.key for key in judgement.found.unexplained} == {*astray}


def test_a_partitioner_of_ones_own_is_not_taken_for_a_known_one():
    keys = [b"%d" % number for number in range(1000)]
    assert inferred(sent(keys, lambda key: int(key) % 3), 3).topic.outcome is Outcome.NO_RULE
