"""The partitioners of Kafka's clients against what those clients themselves gave for the same keys."""

from __future__ import annotations

import time
from typing import NamedTuple

import pytest

from inspector.hashing import ALGORITHMS, fnv1a, murmur2, murmur2_in_floats, to_positive
from inspector.partitioners import ALSO_CALLED, PARTITIONERS, HashPartitioner, find

Four = tuple[int, int, int, int]


class Vector(NamedTuple):
    """A key, what clients' hashes make of it, and its partition of 3, 6, 12 and 50 by each rule.

    murmur2: kafka-clients 3.6.0 and 4.3.0. in_floats: KafkaJS 2.2.4, its legacy partitioner. java: these, librdkafka
    2.16.0, kafka-python, KafkaJS, Sarama, kafka-go and franz-go. crc32, fnv1a: librdkafka, Sarama and kafka-go.
    reference: Sarama and kafka-go. unsigned: franz-go. legacy: KafkaJS.
    """

    key: bytes
    murmur2: int
    crc32: int
    fnv1a: int
    in_floats: int
    java: Four
    by_crc32: Four
    by_fnv1a: Four
    reference: Four
    unsigned: Four
    legacy: Four


VECTORS = {
    "empty": Vector(
        b"",
        275646681,
        0,
        -2128831035,
        275646684,
        (0, 3, 9, 31),
        (0, 0, 0, 0),
        (0, 3, 3, 35),
        (2, 5, 5, 13),
        (1, 1, 1, 11),
        (0, 0, 0, 34),
    ),
    "a": Vector(
        b"a",
        -1563381124,
        3904355907,
        -468965076,
        -809885833,
        (1, 4, 4, 24),
        (0, 3, 3, 7),
        (0, 0, 0, 26),
        (2, 2, 8, 22),
        (1, 4, 4, 20),
        (1, 1, 7, 15),
    ),
    "foo": Vector(
        b"foo",
        597841616,
        2356372769,
        -1443660073,
        -1407394137,
        (2, 2, 8, 16),
        (2, 5, 5, 19),
        (1, 1, 1, 23),
        (1, 1, 7, 25),
        (0, 3, 3, 23),
        (2, 5, 11, 11),
    ),
    "ping": Vector(
        b"ping",
        1679575974,
        634732029,
        375255177,
        -741608044,
        (0, 0, 6, 24),
        (0, 3, 9, 29),
        (0, 3, 9, 27),
        (0, 3, 9, 27),
        (0, 3, 9, 27),
        (1, 4, 4, 4),
    ),
    "pong": Vector(
        b"pong",
        -739096614,
        559432015,
        2061178551,
        1807638525,
        (2, 2, 2, 34),
        (1, 1, 7, 15),
        (0, 3, 3, 1),
        (0, 3, 3, 1),
        (0, 3, 3, 1),
        (0, 3, 9, 25),
    ),
    "3": Vector(
        b"3",
        -1148165505,
        1842515611,
        906799682,
        2013891858,
        (2, 5, 11, 43),
        (1, 1, 7, 11),
        (2, 2, 2, 32),
        (2, 2, 2, 32),
        (2, 2, 2, 32),
        (0, 0, 6, 8),
    ),
    "21": Vector(
        b"21",
        -973932308,
        4252452532,
        -1930258452,
        -595812486,
        (0, 0, 0, 40),
        (1, 4, 4, 32),
        (0, 0, 0, 2),
        (2, 2, 8, 46),
        (1, 4, 4, 44),
        (2, 2, 2, 12),
    ),
    "369": Vector(
        b"369",
        572269902,
        259365798,
        -900382785,
        518418892,
        (0, 0, 6, 2),
        (0, 0, 6, 48),
        (0, 3, 9, 35),
        (2, 5, 11, 13),
        (1, 1, 7, 11),
        (1, 4, 4, 42),
    ),
    "abc": Vector(
        b"abc",
        479470107,
        891568578,
        440920331,
        1545667907,
        (0, 3, 3, 7),
        (0, 0, 6, 28),
        (2, 5, 11, 31),
        (2, 5, 11, 31),
        (2, 5, 11, 31),
        (2, 5, 11, 7),
    ),
    "foobar": Vector(
        b"foobar",
        -790332482,
        2666930069,
        -1080231576,
        -309133275,
        (0, 0, 6, 16),
        (2, 5, 5, 19),
        (0, 0, 0, 26),
        (2, 2, 8, 22),
        (1, 4, 4, 20),
        (2, 5, 5, 23),
    ),
    "hello-world": Vector(
        b"hello-world",
        1993811437,
        2983461467,
        1116541326,
        -49086938,
        (1, 1, 1, 37),
        (2, 5, 11, 17),
        (0, 0, 6, 26),
        (0, 0, 6, 26),
        (0, 0, 6, 26),
        (0, 0, 6, 10),
    ),
    "user-12345": Vector(
        b"user-12345",
        -243491053,
        1876782478,
        1718904176,
        -1888655144,
        (1, 1, 7, 45),
        (1, 4, 10, 28),
        (2, 2, 8, 26),
        (2, 2, 8, 26),
        (2, 2, 8, 26),
        (0, 0, 0, 4),
    ),
    "a-little-bit-long-string": Vector(
        b"a-little-bit-long-string",
        -985981536,
        4000435554,
        -576518104,
        2065008938,
        (2, 2, 8, 12),
        (0, 0, 6, 4),
        (1, 4, 4, 4),
        (1, 4, 4, 44),
        (0, 0, 0, 42),
        (2, 2, 2, 38),
    ),
    "x*1024": Vector(
        b"x" * 1024,
        1799637545,
        1222111331,
        828140997,
        -1520126261,
        (2, 5, 5, 45),
        (2, 5, 11, 31),
        (0, 3, 9, 47),
        (0, 3, 9, 47),
        (0, 3, 9, 47),
        (0, 3, 3, 37),
    ),
    "not ascii": Vector(
        bytes.fromhex("636cc3a92dd0bad0bbd18ed1872de98db5"),
        116493759,
        2335095352,
        -1347247659,
        815857473,
        (0, 3, 3, 9),
        (1, 4, 4, 2),
        (0, 3, 3, 9),
        (2, 5, 5, 39),
        (1, 1, 1, 37),
        (0, 3, 9, 23),
    ),
    "zero*16": Vector(
        bytes(16),
        -1795725688,
        3971697493,
        1768495365,
        -1978482649,
        (1, 4, 4, 10),
        (1, 1, 1, 43),
        (0, 3, 9, 15),
        (0, 3, 9, 15),
        (0, 3, 9, 15),
        (1, 1, 7, 49),
    ),
    "zero*1": Vector(
        bytes(1),
        375494588,
        3523407757,
        84696351,
        1963611669,
        (2, 2, 8, 38),
        (1, 1, 1, 7),
        (0, 3, 3, 1),
        (0, 3, 3, 1),
        (0, 3, 3, 1),
        (0, 3, 9, 19),
    ),
    "ff*4": Vector(
        b"\xff" * 4,
        644171429,
        4294967295,
        -485093455,
        1633062316,
        (2, 5, 5, 29),
        (0, 3, 3, 45),
        (1, 1, 7, 5),
        (1, 1, 1, 43),
        (0, 3, 9, 41),
        (1, 4, 4, 16),
    ),
    "int32be(42)": Vector(
        bytes.fromhex("0000002a"),
        1606757304,
        4211021514,
        831900711,
        1429923444,
        (0, 0, 0, 4),
        (0, 0, 6, 14),
        (0, 3, 3, 11),
        (0, 3, 3, 11),
        (0, 3, 3, 11),
        (0, 0, 0, 44),
    ),
    "int64be(1)": Vector(
        bytes.fromhex("0000000000000001"),
        2100486060,
        304476159,
        -1696501806,
        -777957415,
        (0, 0, 0, 10),
        (0, 3, 3, 9),
        (0, 0, 6, 6),
        (2, 2, 2, 42),
        (1, 4, 10, 40),
        (1, 1, 1, 33),
    ),
    "0x80": Vector(
        b"\x80",
        857690492,
        1069182125,
        -2062838881,
        -1197768395,
        (2, 2, 8, 42),
        (2, 5, 5, 25),
        (1, 1, 1, 31),
        (1, 1, 7, 17),
        (0, 3, 3, 15),
        (0, 3, 9, 3),
    ),
    "all bytes": Vector(
        bytes(range(256)),
        -1948347274,
        688229491,
        -1868277563,
        -1506289555,
        (1, 4, 10, 24),
        (1, 1, 7, 41),
        (2, 5, 11, 13),
        (0, 3, 9, 35),
        (2, 5, 5, 33),
        (1, 1, 1, 43),
    ),
    "uuid": Vector(
        b"6f1ed002-ab5e-4e1f-8c7f-0d9b2c1a7e33",
        732215246,
        256104758,
        1504812326,
        647532337,
        (2, 2, 2, 46),
        (2, 2, 2, 8),
        (2, 2, 2, 26),
        (2, 2, 2, 26),
        (2, 2, 2, 26),
        (1, 1, 1, 37),
    ),
}
COUNTS = (3, 6, 12, 50)

OF_RULE = {
    "java": "java", "librdkafka-murmur2": "java", "librdkafka": "by_crc32", "librdkafka-consistent": "by_crc32",
    "sarama-crc32": "by_crc32", "librdkafka-fnv1a": "by_fnv1a", "sarama-hash": "by_fnv1a",
    "sarama-reference": "reference", "franz-go-sarama-hasher": "unsigned", "kafkajs-legacy": "legacy",
}  # fmt: skip

vectors = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)


@vectors
def test_the_hashes_are_those_of_the_clients(vector: Vector) -> None:
    assert murmur2(vector.key) == vector.murmur2
    assert ALGORITHMS["crc32"].hash(vector.key) == vector.crc32
    assert fnv1a(vector.key) == vector.fnv1a
    assert murmur2_in_floats(vector.key) == vector.in_floats


@vectors
@pytest.mark.parametrize("rule", OF_RULE)
def test_the_partition_is_the_one_that_clients_chose(rule: str, vector: Vector) -> None:
    found = find(rule)
    if vector.key == b"" and rule == "librdkafka":
        assert found.partition(b"", 3) is None
    else:
        assert tuple(found.partition(vector.key, count) for count in COUNTS) == getattr(vector, OF_RULE[rule])


def test_every_rule_that_hashes_stands_in_the_table() -> None:
    assert OF_RULE.keys() == {one.name for one in PARTITIONERS.values() if isinstance(one, HashPartitioner)}


def test_the_sign_bit_is_cut_off_not_negated() -> None:
    assert [to_positive(number) for number in (5, -1, -(2**31), 2**31 - 1)] == [5, 2**31 - 1, 0, 2**31 - 1]


@pytest.mark.parametrize("rule", PARTITIONERS)
def test_one_partition_takes_every_key_that_is_hashed(rule: str) -> None:
    assert {find(rule).partition(vector.key, 1) for vector in VECTORS.values()} <= {0, None}


@pytest.mark.parametrize(
    ("rule", "null", "empty"),
    [
        ("java", None, 31), ("librdkafka", None, None), ("librdkafka-consistent", 0, 0), ("librdkafka-murmur2", 31, 31),
        ("librdkafka-murmur2-random", None, 31), ("librdkafka-fnv1a", 35, 35), ("librdkafka-fnv1a-random", None, 35),
        ("sarama-hash", None, 35), ("sarama-reference", None, 13), ("sarama-crc32", None, 0),
        ("kafka-go-crc32", None, None), ("kafka-go-crc32-consistent", 0, 0), ("kafkajs-legacy", None, 34),
        ("franz-go-sarama-hasher", None, 11), ("round-robin", None, None), ("random", None, None),
    ],
)  # fmt: skip
def test_null_and_empty_keys_go_where_each_client_sends_them(rule: str, null: int | None, empty: int | None) -> None:
    found = find(rule)
    assert (found.partition(None, 50), found.partition(b"", 50)) == (null, empty)


@pytest.mark.parametrize("rule", PARTITIONERS)
@pytest.mark.parametrize("count", [0, -1])
def test_no_topic_has_so_few_partitions(count: int, rule: str) -> None:
    with pytest.raises(ValueError, match="at least one partition"):
        find(rule).partition(b"foo", count)


@pytest.mark.parametrize(
    ("rule", "key", "count", "explained"),
    [
        ("java", "foo", 3, 'murmur2("foo") = 597841616, 597841616 % 3 = 2'),
        ("java", "foo", 5, 'murmur2("foo") = 597841616, 597841616 % 5 = 1'),
        ("java", "pong", 3, 'murmur2("pong") = -739096614, without its sign bit 1408387034, 1408387034 % 3 = 2'),
        ("librdkafka", "foo", 3, 'crc32("foo") = 2356372769, 2356372769 % 3 = 2'),
        ("librdkafka", "", 3, "an empty key is spread like none"),
        ("sarama", "foo", 3, 'fnv1a("foo") = -1443660073, its absolute value 1443660073, 1443660073 % 3 = 1'),
        (
            "franz-go-sarama-hasher",
            "foo",
            3,
            'fnv1a("foo") = -1443660073, as an unsigned number 2851307223, 2851307223 % 3 = 0',
        ),
        ("round-robin", "foo", 3, "by turns: the key foo does not count"),
    ],
)
def test_the_explanation_shows_the_arithmetic(rule: str, key: str, count: int, explained: str) -> None:
    assert find(rule).explain(key.encode(), key, count) == explained


def test_every_name_leads_to_one_rule() -> None:
    assert not ALSO_CALLED.keys() & PARTITIONERS.keys()
    assert len(ALSO_CALLED) == sum(len(one.also) for one in PARTITIONERS.values())
    assert all(find(other).name == name for other, name in ALSO_CALLED.items())
    assert all(one.title and one.name == name for name, one in PARTITIONERS.items())


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no partitioner 'libkafka'; there are java, .* Did you mean 'librdkafka'\?"):
        find("libkafka")


def test_kafka_python_agrees_on_many_keys() -> None:
    kafka_partitioner = pytest.importorskip("kafka.partitioner")
    keys = [f"{word}-{number}".encode() * (number % 7) for word in ("user", "clé") for number in range(300)]
    assert [to_positive(murmur2(key)) for key in keys] == [kafka_partitioner.murmur2(key) & 0x7FFFFFFF for key in keys]


def test_a_long_key_takes_no_noticeable_time() -> None:
    started = time.process_time()
    murmur2(bytes(1_000_000))
    assert time.process_time() - started < 2
