"""Harm done to a segment by recipe, and what is left whole, told by the recipe and the original bytes alone."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

OVERHEAD = 12


class Whole(NamedTuple):
    """A batch of the original, byte for byte. Nothing of kinspect told where it is: only its length field."""

    position: int
    data: bytes

    @property
    def base_offset(self) -> int:
        return int(struct.unpack_from(">q", self.data)[0])


def split(data: bytes) -> Iterator[Whole]:
    """The batches of an intact segment."""
    position = 0
    while position + OVERHEAD <= len(data):
        size = OVERHEAD + struct.unpack_from(">i", data, position + 8)[0]
        if size <= OVERHEAD:
            return
        yield Whole(position, data[position : position + size])
        position += size


class Harmed(NamedTuple):
    """A segment that was harmed. touched: ranges of the original in which it no longer is what it was."""

    data: bytes
    touched: tuple[tuple[int, int], ...]

    def left_whole(self, original: bytes) -> list[bytes]:
        """The batches of the original that no harm was done to."""
        return [one.data for one in split(original) if not any(self._meets(one, *span) for span in self.touched)]

    @staticmethod
    def _meets(one: Whole, start: int, end: int) -> bool:
        """A range without bytes is a place between two of them: what was put in there parts a batch, but no two."""
        first, behind = one.position, one.position + len(one.data)
        return first < start < behind if start == end else start < behind and first < end


def flip(data: bytes, rng: random.Random) -> Harmed:
    """One bit."""
    at = rng.randrange(len(data))
    return Harmed(data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :], ((at, at + 1),))


def zero(data: bytes, rng: random.Random) -> Harmed:
    """A range of zeros, as a lost page leaves."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((1, 16, 100, 512, 4096)))
    if not data[start:end].strip(b"\0"):
        return Harmed(data, ())
    return Harmed(data[:start] + bytes(end - start) + data[end:], ((start, end),))


def cut(data: bytes, rng: random.Random) -> Harmed:
    """A range taken out, what follows moved up. Not such that another one, moved by a byte, would leave the same."""
    while True:
        start = rng.randrange(len(data))
        end = min(len(data), start + rng.choice((1, 7, 61, 300, 2000)))
        if (end == len(data) or data[start] != data[end]) and (not start or data[start - 1] != data[end - 1]):
            break
    return Harmed(data[:start] + data[end:], ((start, end),))


def insert(data: bytes, rng: random.Random) -> Harmed:
    """Bytes put in between, what follows moved on."""
    at = rng.randrange(len(data) + 1)
    return Harmed(data[:at] + rng.randbytes(rng.choice((1, 7, 61, 300, 2000))) + data[at:], ((at, at),))


def overwrite(data: bytes, rng: random.Random) -> Harmed:
    """A range of other bytes."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((2, 16, 100, 512)))
    return Harmed(data[:start] + rng.randbytes(end - start) + data[end:], ((start, end),))


def shorten(data: bytes, rng: random.Random) -> Harmed:
    """The end is missing."""
    at = rng.randrange(len(data))
    return Harmed(data[:at], ((at, len(data)),))


KINDS: dict[str, Callable[[bytes, random.Random], Harmed]] = {
    "flip": flip, "zero": zero, "cut": cut, "insert": insert, "overwrite": overwrite, "shorten": shorten,
}  # fmt: skip


def harm(data: bytes, seed: int) -> tuple[str, Harmed]:
    """One to four harms of a kind, from the end to the beginning, so that each meets what it was meant for."""
    rng = random.Random(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    if kind == "shorten":
        return kind, shorten(data, rng)
    places = sorted(rng.sample(range(1, len(data)), k=min(rng.randint(1, 4) - 1, len(data) - 1)))
    pieces, touched, start = [], [], 0
    for end in (*places, len(data)):
        one = KINDS[kind](data[start:end], rng)
        pieces.append(one.data)
        touched += [(start + a, start + b) for a, b in one.touched]
        start = end
    return kind, Harmed(b"".join(pieces), tuple(touched))
