"""Which partition a key goes to: the rules of Kafka's clients, users' own, and the registry of all of them.

A partitioner is asked about keys as they lie on the disk, that is serialized. Which rule wrote a topic is nowhere on
the disk; it can only be inferred from keys and partitions, as long as the partition count has not changed since.
"""

from __future__ import annotations

from typing import Protocol

from ..names import no_such
from . import clients, own
from .own import OwnPartitioner
from .rules import HashPartitioner, KeylessPartitioner


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


PARTITIONERS: dict[str, HashPartitioner | KeylessPartitioner] = {
    one.name: one for one in (*clients.HASHING, *clients.KEYLESS)
}
"""The rules of clients by their names."""

ALSO_CALLED = {name: one.name for one in PARTITIONERS.values() for name in one.also}
"""Other names of the same rules."""


def find(name: str) -> Partitioner:
    """The rule of this name: of a client, of another package, or `module:function`.

    Raises ValueError with a sentence where there is none, or where it cannot be loaded.
    """
    known = PARTITIONERS.get(ALSO_CALLED.get(name, name))
    if known is not None:
        return known
    if ":" in name:
        return own.load(name)
    others = own.entry_points()
    if name in others:
        return own.from_entry_point(others[name])
    known_names = (*PARTITIONERS, *ALSO_CALLED, *others)
    raise ValueError(no_such("partitioner", name, known_names, ", and module:function of your own"))


__all__ = [
    "ALSO_CALLED",
    "PARTITIONERS",
    "HashPartitioner",
    "KeylessPartitioner",
    "OwnPartitioner",
    "Partitioner",
    "find",
]
