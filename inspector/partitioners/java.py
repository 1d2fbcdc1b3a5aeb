"""Java's default partitioner: the murmur2 hash of the key, made positive, modulo the number of partitions.

The same rule holds for kafka-python, KafkaJS, franz-go and librdkafka's `murmur2*` settings. The hash is the 32-bit
MurmurHash2 as `org.apache.kafka.common.utils.Utils.murmur2` computes it, with the seed that Kafka chose.
"""

from __future__ import annotations

import struct

SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
_MASK = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """The hash of `data` as Java's signed 32-bit int, so that it reads as Kafka's own logs and tests do."""
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


def to_positive(number: int) -> int:
    """`number` without its sign bit. Not its absolute value: that of the smallest int would still be negative."""
    return number & _POSITIVE


def partition(key: bytes, partition_count: int) -> int:
    """The partition of a key, from 0, among all partitions of the topic, available or not.

    An empty key is hashed like any other. Raises ValueError if `partition_count` is less than 1.
    """
    if partition_count < 1:
        raise ValueError(f"a topic has at least one partition, not {partition_count}")
    return to_positive(murmur2(key)) % partition_count


class JavaPartitioner:
    """The rule above as an entry of the registry."""

    name = "java"
    title = "Java's default: murmur2 of the key"

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """See `Partitioner.partition`. Null keys are spread, not hashed: None."""
        return None if key is None else partition(key, partition_count)

    def explain(self, key: bytes, shown_as: str, partition_count: int) -> str:
        """The arithmetic in one line, for instance `murmur2("foo") = 597841616, 597841616 % 3 = 2`."""
        hashed = murmur2(key)
        positive = to_positive(hashed)
        without_sign = "" if hashed == positive else f", without its sign bit {positive}"
        result = partition(key, partition_count)
        return f'murmur2("{shown_as}") = {hashed}{without_sign}, {positive} % {partition_count} = {result}'


def _finish(hashed: int) -> int:
    """Stirs the last bytes into all bits."""
    hashed ^= hashed >> 13
    hashed = hashed * MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


def _signed(number: int) -> int:
    """An unsigned 32-bit number as Java's int."""
    return number - 2**32 if number > _POSITIVE else number
