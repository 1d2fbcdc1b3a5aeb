"""Healthy segments with their indexes, and seeded ways to break an index."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.conftest import FIXTURES

from .lookups import TIME_ENTRY, Batch, batches_kafka_read


class Whole(NamedTuple):
    """A segment that is healthy. says: what Kafka read in it."""

    name: str
    base_offset: int
    log: bytes
    index: bytes
    times: bytes
    batches: list[Batch]

    def written(self, folder: Path, index: bytes | None = None, times: bytes | None = None) -> Path:
        """A partition of this segment and an empty one behind it, so that this one is closed; the folder's name."""
        folder.mkdir(parents=True)
        (folder / f"{self.base_offset:020}.log").write_bytes(self.log)
        (folder / f"{self.base_offset:020}.index").write_bytes(self.index if index is None else index)
        (folder / f"{self.base_offset:020}.timeindex").write_bytes(self.times if times is None else times)
        following = self.batches[-1].last_offset + 1
        for ending in ("log", "index", "timeindex"):
            (folder / f"{following:020}.{ending}").write_bytes(b"")
        return folder


WHOLE = {
    "3.6.0": f"real/kafka-3.6.0-stopped/indexed-0/{48:020}",
    "4.3.0": f"real/kafka-4.3.0-stopped/indexed-0/{0:020}",
    "many": f"real/kafka-4.3.0-rich/many-0/{0:020}",
    "follower": f"real/kafka-3.6.0-replicas-2/replicated-0/{0:020}",
    "by-append": f"built/kafka-3.6.0/indexed-by-append-0/{0:020}",
    "by-record": f"built/kafka-3.6.0/indexed-by-record-0/{0:020}",
}


def whole(name: str) -> Whole:
    """One of `WHOLE`. The indexes lose the zeros of a segment that was still open."""
    stem = FIXTURES / WHOLE[name]
    parts = stem.relative_to(FIXTURES).parts
    says = FIXTURES / parts[0] / f"{parts[1]}.kafka-says" / parts[2] / f"{stem.name}.jsonl"
    log, index, times = (stem.with_suffix(f".{ending}").read_bytes() for ending in ("log", "index", "timeindex"))
    batches = batches_kafka_read(says)
    return Whole(name, int(stem.name), log, index, closed(times, batches), batches)


def closed(times: bytes, batches: list[Batch]) -> bytes:
    """A time index with the last entry that it gets when its segment is closed; built ones have none."""
    latest = max(batches, key=lambda batch: batch.max_timestamp)
    if TIME_ENTRY.unpack(times[-TIME_ENTRY.size :])[0] == latest.max_timestamp:
        return times
    return times + TIME_ENTRY.pack(latest.max_timestamp, latest.last_offset - batches[0].base_offset)


def flip(random_: random.Random, data: bytes, _size: int) -> bytes:
    """One bit flipped."""
    at = random_.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << random_.randrange(8),)) + data[at + 1 :]


def cut(random_: random.Random, data: bytes, _size: int) -> bytes:
    """Cut anywhere."""
    return data[: random_.randrange(len(data))]


def shift(random_: random.Random, data: bytes, size: int) -> bytes:
    """Some bytes taken away from the beginning, or put in there."""
    count = random_.randrange(1, 2 * size)
    return data[count:] if random_.random() < 0.5 else random_.randbytes(count) + data


def swap(random_: random.Random, data: bytes, size: int) -> bytes:
    """Two entries exchanged."""
    entries = [data[at : at + size] for at in range(0, len(data), size)]
    one, other = random_.randrange(len(entries)), random_.randrange(len(entries))
    entries[one], entries[other] = entries[other], entries[one]
    return b"".join(entries)


def drop(random_: random.Random, data: bytes, size: int) -> bytes:
    """An entry taken out."""
    at = random_.randrange(len(data) // size) * size
    return data[:at] + data[at + size :]


def mix(random_: random.Random, data: bytes, size: int) -> bytes:
    """One field of an entry given to another."""
    field = random_.choice(((0, size - 4), (size - 4, size)))
    count = len(data) // size
    taken, given = (random_.randrange(count) * size for _ in range(2))
    return data[: given + field[0]] + data[taken + field[0] : taken + field[1]] + data[given + field[1] :]


def nudge(random_: random.Random, data: bytes, size: int) -> bytes:
    """One field of an entry a little more or less."""
    start, end = random_.choice(((0, size - 4), (size - 4, size)))
    at = random_.randrange(len(data) // size) * size
    value = int.from_bytes(data[at + start : at + end], "big", signed=True) + random_.randrange(-6, 7)
    return data[: at + start] + value.to_bytes(end - start, "big", signed=True) + data[at + end :]


def pad(random_: random.Random, data: bytes, size: int) -> bytes:
    """Zeros at the end."""
    return data + bytes(random_.randrange(1, 5 * size))


def wipe(random_: random.Random, data: bytes, size: int) -> bytes:
    """An entry of zeros."""
    at = random_.randrange(len(data) // size) * size
    return data[:at] + bytes(size) + data[at + size :]


MUTATIONS: tuple[Callable[[random.Random, bytes, int], bytes], ...] = (
    flip, cut, shift, swap, drop, mix, nudge, pad, wipe,
)  # fmt: skip
