"""Hashes of keys as Kafka's clients compute them, and the partition that follows from each.

A key is hashed as it lies on the disk, that is serialized. Which rule wrote a topic is nowhere on the disk. Sources:
`org.apache.kafka.common.utils.Utils.murmur2`, librdkafka's `rdcrc32` and `rdfnv1a`, Go's `hash/fnv`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

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


def fnv1a(data: bytes) -> int:
    """The 32-bit FNV-1a, as a signed int, which is how clients take it."""
    hashed = _FNV_BASIS
    for byte in data:
        hashed = (hashed ^ byte) * _FNV_PRIME & _MASK
    return _signed(hashed)


def to_positive(number: int) -> int:
    """`number` without its sign bit. Not its absolute value: that of the smallest int would still be negative."""
    return number & _POSITIVE


ALGORITHMS: Mapping[str, Callable[[bytes, int], int]] = {
    "murmur2": lambda key, count: to_positive(murmur2(key)) % count,
    "crc32": lambda key, count: zlib.crc32(key) % count,
    "fnv1a": lambda key, count: abs(fnv1a(key)) % count,
}
"""The partition of a key among so many: Java's default, librdkafka's, Sarama's."""


def _finish(hashed: int) -> int:
    """Stirs the last bytes into all bits."""
    hashed ^= hashed >> 13
    hashed = hashed * MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


def _signed(number: int) -> int:
    """An unsigned 32-bit number as a signed one."""
    return number - 2**32 if number > _POSITIVE else number
