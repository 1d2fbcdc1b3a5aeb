"""Rules that a partitioner can follow: a hash of the key, or nothing that a key would tell."""

from __future__ import annotations

from dataclasses import dataclass

from ..hashing import ALGORITHMS


@dataclass(frozen=True, slots=True)
class HashPartitioner:
    """A hash of the key, modulo the number of partitions of the topic, available or not.

    algorithm: a name in `ALGORITHMS`. hashes_null: a null key goes where an empty one goes; else records without a key
    are spread. spreads_empty: an empty key is treated as none. also: what else users call the rule.
    """

    name: str
    title: str
    algorithm: str
    hashes_null: bool = False
    spreads_empty: bool = False
    also: tuple[str, ...] = ()

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """See `Partitioner.partition`."""
        if partition_count < 1:
            raise ValueError(f"a topic has at least one partition, not {partition_count}")
        hashed = self.hashed(key)
        return None if hashed is None else ALGORITHMS[self.algorithm](hashed, partition_count)

    def hashed(self, key: bytes | None) -> bytes | None:
        """The bytes that are hashed for a key; None where the record is spread."""
        hashed = b"" if key is None and self.hashes_null else key
        return None if hashed == b"" and self.spreads_empty else hashed

    def explain(self, key: bytes, shown_as: str, partition_count: int) -> str:
        """The arithmetic in one line, for instance `murmur2("foo") = 597841616, 597841616 % 3 = 2`."""
        if self.hashed(key) is None:
            return "an empty key is spread like none"
        algorithm = ALGORITHMS[self.algorithm]
        hashed = algorithm.hash(key)
        positive = algorithm.reduce(hashed)
        reduced = "" if hashed == positive else f", {algorithm.reduce_words} {positive}"
        result = positive % partition_count
        return f'{algorithm.name}("{shown_as}") = {hashed}{reduced}, {positive} % {partition_count} = {result}'


@dataclass(frozen=True, slots=True)
class KeylessPartitioner:
    """A rule that does not look at the key: by turns, at random, by the batch, by the task that produces."""

    name: str
    title: str
    also: tuple[str, ...] = ()

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """See `Partitioner.partition`: never told by a key."""
        del key
        if partition_count < 1:
            raise ValueError(f"a topic has at least one partition, not {partition_count}")
        return None

    def explain(self, key: bytes, shown_as: str, partition_count: int) -> str:
        """That the key does not count."""
        del key, partition_count
        return f"{self.title}: the key {shown_as} does not count"
