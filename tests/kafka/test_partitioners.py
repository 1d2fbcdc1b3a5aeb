"""The rules of clients against the clients themselves, on tens of thousands of keys of every length and kind."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import pytest

from fixtures.make import kafka
from inspector.hashing import ALGORITHMS
from inspector.partitioners import HashPartitioner, find

PLACE_KEYS = kafka.MAKE / "src" / "any" / "PlaceKeys.java"
COUNTS = (1, 2, 3, 7, 8, 50, 1000)


def all_keys() -> list[bytes]:
    """Texts, numbers and any bytes; of lengths around each word's end, and some long ones."""
    source = random.Random(20261125)
    lengths = [*range(40), 255, 256, 257, 1023]
    anything = [source.randbytes(length) for length in lengths for _ in range(250)]
    texts = [f"{word}-{source.randrange(10**9)}".encode() for word in ("user", "clé", "鍵", "") for _ in range(2000)]
    numbers = [source.getrandbits(bits).to_bytes(bits // 8, "big") for bits in (32, 64) for _ in range(2000)]
    return [b"", *anything, *texts, *numbers]


KEYS = all_keys()

SILENT = logging.getLogger("librdkafka")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


def ours(rule: str, keys: Sequence[bytes] = KEYS) -> list[list[int]]:
    """The partitions that a rule gives: each key is hashed once, and some once more by the rule as a whole."""
    found = find(rule)
    assert isinstance(found, HashPartitioner)
    algorithm = ALGORITHMS[found.algorithm]
    placed = [
        [number % count for count in COUNTS] for number in (algorithm.reduce(algorithm.hash(key)) for key in keys)
    ]
    for key, partitions in islice(zip(keys, placed, strict=True), 0, None, 50):
        assert [found.partition(key, count) for count in COUNTS] == partitions
    return placed


@pytest.mark.kafka
def test_java_places_each_key_as_the_rule_says(version: str, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("".join(f"{key.hex()}\n" for key in KEYS))
    said = kafka.run_java(version, str(PLACE_KEYS), str(tmp_path / "keys"), *map(str, COUNTS))
    assert [[int(number) for number in line.split(",")] for line in said.splitlines()] == ours("java")


@pytest.fixture(scope="module")
def librdkafka(require: Callable[[str, str], None]) -> ctypes.CDLL:
    """The library in confluent-kafka's wheel."""
    spec = importlib.util.find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        require("confluent", "confluent-kafka is not installed")
        raise AssertionError
    (path,) = Path(spec.origin).parent.parent.glob("confluent_kafka.libs/librdkafka*")
    return ctypes.CDLL(str(path))


@pytest.mark.parametrize(
    ("setting", "rule", "takes_empty"),
    [
        ("consistent", "librdkafka-consistent", True), ("consistent_random", "librdkafka", False),
        ("murmur2", "librdkafka-murmur2", True), ("murmur2_random", "librdkafka-murmur2-random", True),
        ("fnv1a", "librdkafka-fnv1a", True), ("fnv1a_random", "librdkafka-fnv1a-random", True),
    ],
)  # fmt: skip
def test_librdkafka_places_each_key_as_the_rule_says(
    librdkafka: ctypes.CDLL, setting: str, rule: str, takes_empty: bool
) -> None:
    place = getattr(librdkafka, f"rd_kafka_msg_partitioner_{setting}")
    place.restype = ctypes.c_int32
    place.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int32, *[ctypes.c_void_p] * 2]
    keys = [key for key in KEYS if key or takes_empty]
    theirs = [[place(None, key, len(key), count, None, None) for count in COUNTS] for key in keys]
    assert theirs == ours(rule, keys)


def places_of(server: str, setting: str, key: bytes | None) -> set[int]:
    """Where records with that key go, sent one at a time: what is spread stays with one for some milliseconds."""
    from confluent_kafka import Producer

    places: set[int] = set()
    producer = Producer({"bootstrap.servers": server, "partitioner": setting, "linger.ms": 0, "logger": SILENT})
    topic = f"{setting}-{'null' if key is None else 'empty'}"
    for _ in range(60):
        producer.produce(topic, b"value", key, on_delivery=lambda _error, message: places.add(message.partition()))
        producer.flush()
    return places


NULL_AND_EMPTY = [
    ("consistent", "librdkafka-consistent"), ("consistent_random", "librdkafka"), ("murmur2", "librdkafka-murmur2"),
    ("murmur2_random", "librdkafka-murmur2-random"), ("fnv1a", "librdkafka-fnv1a"),
    ("fnv1a_random", "librdkafka-fnv1a-random"), ("random", "librdkafka-random"),
]  # fmt: skip


@pytest.mark.kafka
def test_librdkafkas_producer_treats_null_and_empty_keys_as_the_rules_say(new_broker, librdkafka) -> None:
    del librdkafka  # it is there
    with new_broker("4.3.0", **{"num.partitions": 6}) as broker:
        seen = {
            (setting, key): places_of(broker.bootstrap, setting, key)
            for setting, _ in NULL_AND_EMPTY
            for key in (None, b"")
        }
    for setting, rule in NULL_AND_EMPTY:
        for key in (None, b""):
            expected = find(rule).partition(key, 6)
            places = seen[setting, key]
            assert (len(places) > 1) if expected is None else (places == {expected}), (setting, key, places)
