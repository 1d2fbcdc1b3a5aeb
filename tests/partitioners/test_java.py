"""Java's default partitioner against what Java itself, and seven other clients, gave for the same keys."""

from __future__ import annotations

import time
from typing import NamedTuple

import pytest

from inspector.partitioners import PARTITIONERS, Partitioner
from inspector.partitioners.java import murmur2, partition, to_positive


class Vector(NamedTuple):
    """A key, what `Utils.murmur2` of kafka-clients 3.6.0 and 4.3.0 makes of it, and its partition of 3, 6, 12, 50."""

    key: bytes
    hashed: int
    partitions: tuple[int, int, int, int]


VECTORS = {
    "empty": Vector(b"", 275646681, (0, 3, 9, 31)),
    "a": Vector(b"a", -1563381124, (1, 4, 4, 24)),
    "foo": Vector(b"foo", 597841616, (2, 2, 8, 16)),
    "ping": Vector(b"ping", 1679575974, (0, 0, 6, 24)),
    "pong": Vector(b"pong", -739096614, (2, 2, 2, 34)),
    "3": Vector(b"3", -1148165505, (2, 5, 11, 43)),
    "21": Vector(b"21", -973932308, (0, 0, 0, 40)),
    "369": Vector(b"369", 572269902, (0, 0, 6, 2)),
    "abc": Vector(b"abc", 479470107, (0, 3, 3, 7)),
    "foobar": Vector(b"foobar", -790332482, (0, 0, 6, 16)),
    "hello-world": Vector(b"hello-world", 1993811437, (1, 1, 1, 37)),
    "user-12345": Vector(b"user-12345", -243491053, (1, 1, 7, 45)),
    "a-little-bit-long-string": Vector(b"a-little-bit-long-string", -985981536, (2, 2, 8, 12)),
    "x*1024": Vector(b"x" * 1024, 1799637545, (2, 5, 5, 45)),
    "not ascii": Vector(bytes.fromhex("636cc3a92dd0bad0bbd18ed1872de98db5"), 116493759, (0, 3, 3, 9)),
    "zero*16": Vector(bytes(16), -1795725688, (1, 4, 4, 10)),
    "zero*1": Vector(bytes(1), 375494588, (2, 2, 8, 38)),
    "ff*4": Vector(b"\xff" * 4, 644171429, (2, 5, 5, 29)),
    "int32be(42)": Vector(bytes.fromhex("0000002a"), 1606757304, (0, 0, 0, 4)),
    "int64be(1)": Vector(bytes.fromhex("0000000000000001"), 2100486060, (0, 0, 0, 10)),
    "0x80": Vector(b"\x80", 857690492, (2, 2, 8, 42)),
    "all bytes": Vector(bytes(range(256)), -1948347274, (1, 4, 10, 24)),
    "uuid": Vector(b"6f1ed002-ab5e-4e1f-8c7f-0d9b2c1a7e33", 732215246, (2, 2, 2, 46)),
}
COUNTS = (3, 6, 12, 50)


@pytest.fixture
def java() -> Partitioner:
    return PARTITIONERS["java"]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_hash_is_javas(vector: Vector) -> None:
    assert murmur2(vector.key) == vector.hashed


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_partition_is_the_one_java_chose(vector: Vector, java: Partitioner) -> None:
    assert tuple(partition(vector.key, count) for count in COUNTS) == vector.partitions
    assert tuple(java.partition(vector.key, count) for count in COUNTS) == vector.partitions


def test_the_sign_bit_is_cut_off_not_negated() -> None:
    assert [to_positive(number) for number in (5, -1, -(2**31), 2**31 - 1)] == [5, 2**31 - 1, 0, 2**31 - 1]


def test_one_partition_takes_every_key() -> None:
    assert {partition(vector.key, 1) for vector in VECTORS.values()} == {0}


def test_a_null_key_cannot_be_decided_but_an_empty_one_can(java: Partitioner) -> None:
    assert java.partition(None, 3) is None
    assert java.partition(b"", 3) == 0


@pytest.mark.parametrize("count", [0, -1])
def test_no_topic_has_so_few_partitions(count: int, java: Partitioner) -> None:
    with pytest.raises(ValueError, match="at least one partition"):
        java.partition(b"foo", count)


def test_the_explanation_shows_the_arithmetic(java: Partitioner) -> None:
    assert java.explain(b"foo", "foo", 3) == 'murmur2("foo") = 597841616, 597841616 % 3 = 2'
    assert java.explain(b"foo", "foo", 5) == 'murmur2("foo") = 597841616, 597841616 % 5 = 1'


def test_the_explanation_of_a_negative_hash_shows_what_becomes_of_its_sign(java: Partitioner) -> None:
    explained = java.explain(b"pong", "pong", 3)
    assert explained == 'murmur2("pong") = -739096614, without its sign bit 1408387034, 1408387034 % 3 = 2'


def test_the_registry_knows_each_partitioner_by_its_name() -> None:
    assert {name: partitioner.name for name, partitioner in PARTITIONERS.items()} == {"java": "java"}
    assert all(partitioner.title for partitioner in PARTITIONERS.values())


def test_kafka_python_agrees_on_many_keys() -> None:
    kafka_partitioner = pytest.importorskip("kafka.partitioner")
    keys = [f"{word}-{number}".encode() * (number % 7) for word in ("user", "clé") for number in range(300)]
    assert [to_positive(murmur2(key)) for key in keys] == [kafka_partitioner.murmur2(key) & 0x7FFFFFFF for key in keys]


def test_a_long_key_takes_no_noticeable_time() -> None:
    started = time.process_time()
    murmur2(bytes(1_000_000))
    assert time.process_time() - started < 2
