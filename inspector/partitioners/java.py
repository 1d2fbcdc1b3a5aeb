"""Java's default partitioner: the murmur2 hash of the key, made positive, modulo the number of partitions.

The same rule holds for kafka-python, KafkaJS, franz-go and librdkafka's `murmur2*` settings.
"""

from __future__ import annotations

from ..hashing import ALGORITHMS, murmur2, to_positive


def partition(key: bytes, partition_count: int) -> int:
    """The partition of a key, from 0, among all partitions of the topic, available or not.

    An empty key is hashed like any other. Raises ValueError if `partition_count` is less than 1.
    """
    if partition_count < 1:
        raise ValueError(f"a topic has at least one partition, not {partition_count}")
    return ALGORITHMS["murmur2"](key, partition_count)


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
