"""What both engines learn of keys while records pass."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fixtures.make.damage import make_batch_of, make_record
from inspector.engine import Engine, ScanRequest
from inspector.engine.hot_keys import KEPT, HotKeys
from inspector.engine.key_sample import COLUMNS, KEY_BYTES, MOST_STAYS, Held, Moment, Sample, Stay, numbers_of
from inspector.location import Location
from inspector.source import BytesSource

AT = Location("a segment")
TIME = 1_700_000_000_000


def a_batch(base_offset: int, keys: list[bytes], producer_id: int = 7, attributes: int = 0, time: int = TIME) -> bytes:
    records = b"".join(make_record(delta, b"value", key) for delta, key in enumerate(keys))
    return make_batch_of(
        base_offset, records, len(keys), producer_id=producer_id, attributes=attributes, base_timestamp=time,
        max_timestamp=time,
    )  # fmt: skip


def sampled(engine: Engine, most: int, logs: dict[int, bytes], hottest: int = 10) -> Sample:
    sampler = engine.key_sampler(most)
    for partition, log in logs.items():
        for chunk in engine.scan(BytesSource(log), ScanRequest(columns=COLUMNS), AT):
            sampler.add(chunk, partition)
    return sampler.taken(hottest)


def test_each_key_is_known_with_its_places(engine):
    logs = {
        0: a_batch(0, [b"a", b"b", b"a"]) + a_batch(3, [b"a"], producer_id=8, time=TIME + 5),
        1: a_batch(0, [b"a", b""], time=TIME + 9),
    }
    sample = sampled(engine, 10, logs)
    found = {key.key: key for key in sample.keys}
    assert found[b"a"].stays == (
        Stay(0, 7, 2, Moment(TIME, 0), Moment(TIME, 2)),
        Stay(0, 8, 1, Moment(TIME + 5, 3), Moment(TIME + 5, 3)),
        Stay(1, 7, 1, Moment(TIME + 9, 0), Moment(TIME + 9, 0)),
    )
    assert {name: (key.records, key.length) for name, key in found.items()} == {b"a": (4, 1), b"b": (1, 1), b"": (1, 0)}
    assert all(key.numbers == numbers_of(key.key) for key in sample.keys)
    assert (sample.distinct, sample.is_whole, sample.hot_error, sample.damaged, sample.is_cut) == (3, True, 0, 0, False)
    assert sample.held == {0: Held(4, 0, 0, len(logs[0])), 1: Held(2, 0, 1, len(logs[1]))}
    assert [(hot.key, hot.records) for hot in sample.hottest] == [(b"a", 4), (b"", 1), (b"b", 1)]


def test_records_without_a_key_are_counted_and_control_records_are_not(engine):
    no_key = bytes.fromhex("0e 00 00 00 01 02 76 00")
    log = make_batch_of(0, no_key, 1, producer_id=7) + a_batch(1, [b"\0\0\0\1"], attributes=0x30)
    sample = sampled(engine, 10, {3: log})
    assert sample.held == {3: Held(1, 1, 0, len(log))}
    assert (sample.keys, sample.distinct, sample.hottest) == ([], 0, [])


def test_damaged_records_prove_nothing(engine):
    broken = bytearray(a_batch(0, [b"a", b"b"]))
    broken[-2] ^= 1
    sample = sampled(engine, 10, {0: bytes(broken) + a_batch(2, [b"c"])})
    assert ([key.key for key in sample.keys], sample.damaged) == ([b"c"], 2)


def test_long_keys_are_hashed_whole_and_remembered_in_part(engine):
    long = bytes(range(256)) * 4
    (key,) = sampled(engine, 10, {0: a_batch(0, [long])}).keys
    assert (key.key, key.length, key.numbers) == (long[:KEY_BYTES], 1024, numbers_of(long))


def test_more_places_than_are_remembered_are_said(engine):
    log = b"".join(a_batch(number, [b"a"], producer_id=number) for number in range(MOST_STAYS + 3))
    sample = sampled(engine, 10, {0: log})
    assert (len(sample.keys[0].stays), sample.keys[0].records, sample.is_cut) == (MOST_STAYS, MOST_STAYS + 3, True)


def test_of_too_many_keys_a_fair_sample_is_kept_and_their_number_estimated(engine):
    keys = [b"key-%d" % number for number in range(20_000)]
    log = b"".join(a_batch(start, keys[start : start + 500]) for start in range(0, len(keys), 500))
    sample = sampled(engine, 1_000, {0: log + a_batch(20_000, keys[:500])})
    assert (len(sample.keys), sample.is_whole) == (1_000, False)
    assert 17_000 < sample.distinct < 23_000
    numbers = [int(key.key[4:]) for key in sample.keys]
    assert len({*numbers}) == 1_000
    assert 400 < sum(number < 10_000 for number in numbers) < 600
    assert all(key.records == (2 if number < 500 else 1) for key, number in zip(sample.keys, numbers, strict=True))


def test_the_most_frequent_of_many_keys_are_found_within_the_error(engine):
    source = random.Random(3)
    stream = [b"key-%d" % int(source.paretovariate(0.4)) for _ in range(60_000)]
    log = b"".join(a_batch(start, stream[start : start + 500]) for start in range(0, len(stream), 500))
    sample = sampled(engine, 1_000, {0: log}, hottest=5)
    exact = Counter(stream)
    assert sample.hot_error <= len(stream) / KEPT
    for hot in sample.hottest:
        assert hot.records <= exact[hot.key] <= hot.records + sample.hot_error
    assert sample.hottest[0].key == exact.most_common(1)[0][0]


@pytest.mark.parametrize("distinct", [100, 3 * KEPT])
def test_counts_are_lowered_only_where_there_are_too_many(distinct):
    hot = HotKeys({})
    for number in range(distinct):
        hot.add(b"%d" % number)
    for _ in range(50):
        hot.add(b"hot")
    assert hot.first(1)[0].key == b"hot"
    assert (hot.error > 0) == (distinct > 2 * KEPT)
    assert 50 - hot.error <= hot.first(1)[0].records <= 50
