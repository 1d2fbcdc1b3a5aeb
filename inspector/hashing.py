"""Hashes of keys as Kafka's clients compute them, and the partition that follows from each.

A key is hashed as it lies on the disk, that is serialized. Which rule wrote a topic is nowhere on the disk. Sources:
`org.apache.kafka.common.utils.Utils.murmur2`, librdkafka's `rdcrc32` and `rdfnv1a`, Go's `hash/fnv` as Sarama and
franz-go take it, KafkaJS's `legacy/murmur2.js`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
_FNV_BASIS, _FNV_PRIME = 0x811C9DC5, 0x01000193
_MASK = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit MurmurHash2 with Kafka's seed, as Java's signed int, so that it reads as Kafka's own tests do."""
    hashed = (SEED ^ len(data)) & _MASK
    words = len(data) // 4
    for word in struct.unpack_from(f"<{words}I", data):
        mixed = word * MULTIPLIER & _MASK
        mixed ^= mixed >> 24
        hashed = (hashed * MULTIPLIER ^ mixed * MULTIPLIER) & _MASK
    tail = data[4 * words :]
    if tail:
        hashed = (hashed ^ int.from_bytes(tail, "little")) * MULTIPLIER & _MASK
    return _signed(_finish(hashed))


def murmur2_in_floats(data: bytes) -> int:
    """What KafkaJS before 2.0 makes of a key: murmur2 in JavaScript's numbers, which round beyond 2^53, as signed int.

    Its loop also takes an incomplete last word, before the tail is taken once more.
    """
    hashed = _signed((SEED ^ len(data)) & _MASK)
    padded = data + bytes(-len(data) % 4)
    for (word,) in struct.iter_unpack("<i", padded):
        mixed = _to_int32(float(word) * MULTIPLIER)
        mixed = _to_int32(float(mixed ^ (mixed & _MASK) >> 24) * MULTIPLIER)
        hashed = _to_int32(float(hashed) * MULTIPLIER) ^ mixed
    tail = data[len(data) // 4 * 4 :]
    if tail:
        hashed = _to_int32(float(hashed ^ int.from_bytes(tail, "little")) * MULTIPLIER)
    hashed = _to_int32(float(hashed ^ (hashed & _MASK) >> 13) * MULTIPLIER)
    return _signed((hashed ^ (hashed & _MASK) >> 15) & _MASK)


def fnv1a(data: bytes) -> int:
    """The 32-bit FNV-1a, as a signed int, which is how clients take it."""
    hashed = _FNV_BASIS
    for byte in data:
        hashed = (hashed ^ byte) * _FNV_PRIME & _MASK
    return _signed(hashed)


def to_positive(number: int) -> int:
    """`number` without its sign bit. Not its absolute value: that of the smallest int would still be negative."""
    return number & _POSITIVE


class Algorithm(NamedTuple):
    """How a client comes from a key to a partition: a hash, and what is made of it before the remainder is taken.

    name: of the hash, as one writes it before its argument. reduce_words: what `reduce` does, where it does something.
    """

    name: str
    hash: Callable[[bytes], int]
    reduce: Callable[[int], int]
    reduce_words: str

    def __call__(self, key: bytes, count: int) -> int:
        """The partition of a key among `count`, at least 1."""
        return self.reduce(self.hash(key)) % count


ALGORITHMS: Mapping[str, Algorithm] = {
    "murmur2": Algorithm("murmur2", murmur2, to_positive, "without its sign bit"),
    "crc32": Algorithm("crc32", zlib.crc32, lambda number: number, ""),
    "fnv1a": Algorithm("fnv1a", fnv1a, abs, "its absolute value"),
    "fnv1a-positive": Algorithm("fnv1a", fnv1a, to_positive, "without its sign bit"),
    "fnv1a-unsigned": Algorithm("fnv1a", fnv1a, lambda number: number & _MASK, "as an unsigned number"),
    "murmur2-floats": Algorithm("murmur2 in floats", murmur2_in_floats, to_positive, "without its sign bit"),
}
"""All there are, by the names that `Engine.hash_keys` takes. A shared one fits each client that shares it."""


def _finish(hashed: int) -> int:
    """Stirs the last bytes into all bits."""
    hashed ^= hashed >> 13
    hashed = hashed * MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


def _signed(number: int) -> int:
    """An unsigned 32-bit number as a signed one."""
    return number - 2**32 if number > _POSITIVE else number


def _to_int32(number: float) -> int:
    """The lowest 32 bits of a number without its fraction, as JavaScript's operators on bits take them."""
    return _signed(int(number) & _MASK)
