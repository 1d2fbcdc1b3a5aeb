"""What is known of a topic's keys while its records pass: which lie where and since when, and which are most frequent.

Bounded, whatever the number of keys: a sample of them is kept, chosen by a hash of its own, and all keys as long as
there are not more than that.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ..hashing import ALGORITHMS
from ..spec.attributes import CONTROL
from .chunk import Chunk
from .hot_keys import HotKey, HotKeys

NAMES = tuple(ALGORITHMS)
"""The algorithms, in the order of `Key.numbers`."""

KEY_BYTES = 256
"""Of a key, so many bytes are remembered to be shown."""

JUDGED = 16_384
"""Where there are more keys than are remembered, so many of these are handed on: they tell as much."""

MOST_STAYS = 64
"""The places of a key, by partition and producer, beyond which no further ones are remembered."""


class Moment(NamedTuple):
    """When and where a record was: its timestamp in milliseconds (-1: it has none), and its offset in its partition."""

    timestamp: int
    offset: int


class Stay(NamedTuple):
    """The records of one key that one producer sent to one partition. producer_id: -1 where producers leave none."""

    partition: int
    producer_id: int
    records: int
    first: Moment
    last: Moment


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it lies.

    key: the first `KEY_BYTES` of it. length: of all. numbers: what each algorithm takes the remainder of. records: all
    of them, also those in places beyond `MOST_STAYS`.
    """

    key: bytes
    numbers: tuple[int, ...]
    stays: tuple[Stay, ...]
    records: int = 0
    length: int = 0

    def partitions(self) -> set[int]:
        """Where it lies."""
        return {stay.partition for stay in self.stays}

    def only(self, stays: tuple[Stay, ...]) -> Key:
        """The same key in some of its places."""
        return Key(self.key, self.numbers, stays, sum(stay.records for stay in stays), self.length)


@dataclass(slots=True)
class Held:
    """What one partition holds. null, empty: records without a key, and with one of no bytes. bytes: of its batches."""

    records: int = 0
    null: int = 0
    empty: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What was found out.

    keys: those of the sample. distinct: how many there are in all; an estimate unless `is_whole`. held: by partition.
    hottest: the most frequent keys first. hot_error: by how much their numbers may be too low, at the most. damaged:
    records in damaged batches, which were left out. is_cut: whether some places of a key were not remembered.
    """

    keys: Sequence[Key]
    distinct: int
    held: dict[int, Held] = field(default_factory=dict)
    hottest: Sequence[HotKey] = ()
    hot_error: int = 0
    damaged: int = 0
    is_cut: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no key is missing."""
        return len(self.keys) == self.distinct


class KeySampler(Protocol):
    """Looks at records while they pass."""

    def add(self, chunk: Chunk, partition: int) -> None:
        """Looks at a chunk that has the columns `batch`, `offset`, `timestamp`, `key` and `damaged`."""

    def taken(self, hottest: int) -> Sample:
        """What was found out, with so many of the most frequent keys."""


COLUMNS = ("batch", "offset", "timestamp", "key", "damaged")
"""The columns that a sampler looks at."""


def numbers_of(key: bytes) -> tuple[int, ...]:
    """What each algorithm takes the remainder of."""
    return tuple(algorithm.reduce(algorithm.hash(key)) for algorithm in ALGORITHMS.values())


class PlainKeySampler:
    """See `KeySampler`. most: keys that are remembered."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[int, Held] = {}
        self._keys: dict[bytes, _Seen] = {}
        self._greatest: list[tuple[int, bytes]] = []  # the negative hash, so that the greatest comes first
        self._hot: HotKeys | None = None
        self._damaged = 0
        self._is_cut = False

    def add(self, chunk: Chunk, partition: int) -> None:
        """See `KeySampler.add`."""
        records: Any = chunk.records.columns
        batches: Any = chunk.batches.columns
        held = self._held.setdefault(partition, Held())
        held.bytes += sum(batches["batch_bytes"].values)
        attributes, producer_ids = batches["attributes"].values, batches["producer_id"].values
        for row in range(len(chunk.records)):
            batch = records["batch"].values[row]
            if attributes[batch] & CONTROL:
                continue
            if records["damaged"][row]:
                self._damaged += 1
                continue
            moment = Moment(records["timestamp"].values[row], records["offset"].values[row])
            self._add(held, records["key"][row], partition, producer_ids[batch], moment)

    def _add(self, held: Held, key: bytes | None, partition: int, producer_id: int, moment: Moment) -> None:
        held.records += 1
        if key is None:
            held.null += 1
            return
        held.empty += not key
        if self._hot is not None:
            self._hot.add(key)
        seen = self._keys.get(key) or self._admitted(key)
        if seen is not None:
            self._is_cut |= not seen.add(partition, producer_id, moment)

    def _admitted(self, key: bytes) -> _Seen | None:
        """A new key, if its hash is among the least. From the first without a place on, the frequent are counted."""
        place = (-_hash(key), key)
        if len(self._keys) < self._most:
            heapq.heappush(self._greatest, place)
        else:
            self._hot = self._hot or self._counted_so_far(key)
            if place < self._greatest[0]:
                return None
            _, dropped = heapq.heapreplace(self._greatest, place)
            del self._keys[dropped]
        self._keys[key] = made = _Seen()
        return made

    def _counted_so_far(self, key: bytes) -> HotKeys:
        return HotKeys({**{one: seen.records for one, seen in self._keys.items()}, key: 1})

    def taken(self, hottest: int) -> Sample:
        """See `KeySampler.taken`."""
        sampled = sorted(self._keys, key=_hash)[: None if self._hot is None else JUDGED]
        keys = [self._keys[key].as_key(key) for key in sampled]
        hot = self._hot or HotKeys({key: seen.records for key, seen in self._keys.items()})
        first = [HotKey(key[:KEY_BYTES], records) for key, records in hot.first(hottest)]
        return Sample(keys, self._distinct(), self._held, first, hot.error, self._damaged, self._is_cut)

    def _distinct(self) -> int:
        """How many distinct keys there are, from how near to each other the hashes of the sample lie."""
        if self._hot is None:
            return len(self._keys)
        return int((self._most - 1) * 2**64 / -self._greatest[0][0])


class _Seen:
    """Where a key was seen so far."""

    __slots__ = ("_stays", "records")

    def __init__(self) -> None:
        self.records = 0
        self._stays: dict[tuple[int, int], Stay] = {}

    def add(self, partition: int, producer_id: int, moment: Moment) -> bool:
        """False where there are more places than are remembered."""
        self.records += 1
        known = self._stays.get((partition, producer_id))
        if known is None and len(self._stays) == MOST_STAYS:
            return False
        before, first = (0, moment) if known is None else (known.records, known.first)
        self._stays[partition, producer_id] = Stay(partition, producer_id, before + 1, first, moment)
        return True

    def as_key(self, key: bytes) -> Key:
        """What is known of it."""
        return Key(key[:KEY_BYTES], numbers_of(key), tuple(self._stays.values()), self.records, len(key))


def _hash(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")
