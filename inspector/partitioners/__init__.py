"""Which partition a key goes to: one file a rule, and the registry of all of them.

A partitioner is asked about keys as they lie on the disk, that is serialized. Which rule wrote a topic is nowhere on
the disk; it can only be inferred from keys and partitions, as long as the partition count has not changed since.
"""

from __future__ import annotations

from typing import Protocol

from .java import JavaPartitioner


class Partitioner(Protocol):
    """A rule that takes a key and the number of partitions and gives a partition."""

    @property
    def name(self) -> str:
        """What users type, for instance `java`."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    def partition(self, key: bytes | None, partition_count: int) -> int | None:
        """The partition from 0, or None where the rule cannot tell: most clients spread records with a null key.

        Raises ValueError if `partition_count` is less than 1.
        """

    def explain(self, key: bytes, shown_as: str, partition_count: int) -> str:
        """How the rule comes to its result, in one line; `shown_as` is the key as it may be shown on a terminal."""


PARTITIONERS: dict[str, Partitioner] = {partitioner.name: partitioner for partitioner in (JavaPartitioner(),)}
"""All partitioners by name."""

__all__ = ["PARTITIONERS", "Partitioner"]
