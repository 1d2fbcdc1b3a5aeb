"""A cursor over the bytes of one message that remembers where each value lay.

Every length is a claim: it is held against what remains before anything is allocated or looped over. What the bytes
of a type mean is `wire.py`'s business.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from ..location import FILE_BUFFER, Span

_VARINT_SIZE = 5
_UINT32 = 0xFFFF_FFFF

NO_LIMIT = sys.maxsize


@dataclass(frozen=True, slots=True)
class FieldSpan:
    """A value, its dotted path (`voters[0].voterId`), and the bytes it was read from.

    Bytes that are no field themselves have a path with `#`: `name#length`, `voters#count`, `endpoint#present`, and of
    tagged fields `#tags` (how many), `topicId#tag` and `topicId#size`. A null or empty value has an empty span.
    """

    path: str
    span: Span
    value: object


class SchemaError(ValueError):
    """Bytes that do not fit their schema: the field, its place, and what was read up to there.

    position counts as `FieldSpan` does; `spans` are those of the fields in front of it.
    """

    def __init__(
        self, path: str, position: int, expected: object, found: object, spans: tuple[FieldSpan, ...] = ()
    ) -> None:
        super().__init__(f"{path or 'message'}, position {position}: expected {expected}, found {found}")
        self.path = path
        self.position = position
        self.expected = expected
        self.found = found
        self.spans = spans


class TooManyFieldsError(SchemaError):
    """More spans than were asked for: nothing is wrong with the bytes, but the rest of them was not read."""


class Reader:
    """A cursor over `data`, with the spans read so far.

    position: the next byte to read, counted in `data`.
    origin: where `data[0]` lies in the buffer with the id `buffer`; spans and errors count from there.
    most: so many spans are noted, as they take many times the bytes they are of; TooManyFieldsError for more.
    """

    def __init__(
        self, data: bytes | memoryview, position: int, buffer: int = FILE_BUFFER, origin: int = 0, most: int = NO_LIMIT
    ) -> None:
        self.position = position
        self.spans: list[FieldSpan] = []
        self._data = memoryview(data)
        self._limit = len(data)
        self._buffer = buffer
        self._origin = origin
        self._most = most
        self._elements_left = self._limit

    @property
    def remaining(self) -> int:
        """How many bytes may still be read."""
        return max(0, self._limit - self.position)

    def fail(self, path: str, expected: object, found: object, start: int | None = None) -> NoReturn:
        """Raise what is wrong at `start`, by default the next byte."""
        position = self._origin + (self.position if start is None else start)
        raise SchemaError(path, position, expected, found, tuple(self.spans))

    def note(self, path: str, start: int, value: object) -> None:
        """Remember that the bytes from `start` up to here gave `value`."""
        if len(self.spans) >= self._most:
            place = self._origin + start
            raise TooManyFieldsError(path, place, f"at most {self._most} fields", "more", tuple(self.spans))
        span = Span(self._origin + start, self.position - start, self._buffer)
        self.spans.append(FieldSpan(path, span, value))

    def take(self, size: int, path: str) -> bytes:
        """The next `size` bytes."""
        if size > self.remaining:
            self.fail(path, _bytes(size), _bytes(self.remaining))
        start = self.position
        self.position += size
        return bytes(self._data[start : self.position])

    def varint(self, path: str) -> int:
        """An unsigned varint as Kafka reads it: five bytes at most, and of the fifth only what fits into 32 bits."""
        start, value = self.position, 0
        for index, byte in enumerate(self._data[start : min(start + _VARINT_SIZE, self._limit)]):
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                self.position = start + index + 1
                return value & _UINT32
        if self.remaining < _VARINT_SIZE:
            return self.fail(path, "an unsigned varint", f"its first {_bytes(self.remaining)}")
        return self.fail(path, f"an unsigned varint of at most {_VARINT_SIZE} bytes", "a longer one")

    def counted(self, path: str) -> int:
        """An unsigned varint that counts bytes, or things of at least one byte, yet to come."""
        start = self.position
        value = self.varint(path)
        self.note(path, start, value)
        self.check_claim(path, start, value)
        return value

    def check_claim(self, path: str, start: int, size: int) -> None:
        """Refuse the claim read at `start` when fewer than `size` bytes remain."""
        if size > self.remaining:
            self.fail(path, f"at most {self.remaining}, the bytes that remain", size, start)

    def check_elements(self, path: str, start: int, count: int) -> None:
        """Refuse more array elements, over all arrays, than the message has bytes.

        Real elements have a byte each; without this, nested arrays of empty structs would take quadratic time.
        """
        if count > self._elements_left:
            self.fail(path, f"at most {self._elements_left} more array elements", count, start)
        self._elements_left -= count

    @contextmanager
    def inside(self, size: int, path: str) -> Iterator[None]:
        """Read exactly the next `size` bytes, which `check_claim` has seen."""
        outer, start = self._limit, self.position
        self._limit = start + size
        yield
        if self.position != self._limit:
            self.fail(path, f"{_bytes(size)} in the tagged field", _bytes(self.position - start), start)
        self._limit = outer


def _bytes(count: int) -> str:
    return f"{count} byte" if count == 1 else f"{count} bytes"
