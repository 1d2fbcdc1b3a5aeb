"""A key or value that is read by schemas, as far as it can be: a span for every byte, a sentence on what is wrong.

What reads it differs (control records, records of internal topics); how far one came is told alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..location import Span
from .interpreter import Decoded, decode
from .reader import NO_LIMIT, FieldSpan, Reader, SchemaError, TooManyFieldsError
from .schema import Schema

Spans = tuple[FieldSpan, ...]

ReadHead = Callable[[Reader], None]
"""Reads what stands in front of a message, and notes it."""


class Reading(NamedTuple):
    """What came of it. value: the fields by name; None if they could not be read to the end."""

    value: dict[str, object] | None
    spans: Spans
    problem: str | None = None


class Part(NamedTuple):
    """A key, a value, or bytes in one, and where they lie.

    path: in front of the paths of all their fields. most: so many of them are told apart.
    """

    path: str
    data: bytes
    origin: int
    buffer: int
    most: int = NO_LIMIT

    def decode(self, schema: Schema, version: int, start: int = 0) -> Decoded:
        """The message at `start`, its spans where it lies; SchemaError if there is none."""
        return decode(
            schema, version, self.data, start, self.buffer, origin=self.origin, path=self.path, most=self.most
        )

    def head(self, read: ReadHead) -> Spans:
        """What stands in front of a message; SchemaError if it is not there."""
        reader = Reader(self.data, 0, self.buffer, self.origin)
        read(reader)
        return tuple(reader.spans)

    def message(self, schema: Schema, version: int, head: Spans) -> Reading:
        """The message behind what was read already, and what lies behind that."""
        try:
            found = self.decode(schema, version, self.end_of(head))
        except TooManyFieldsError as error:
            return self.unread(None, head + error.spans)
        except SchemaError as error:
            return self.unread(as_sentence(error), head + error.spans)
        rest = self.rest(found.end)
        return Reading(found.value, head + found.spans + rest, surplus(self.path, schema, rest) if rest else None)

    def rest(self, start: int) -> Spans:
        """What lies behind `start`, as one span, or none if nothing does."""
        raw = self.data[start:]
        span = Span(self.origin + start, len(raw), self.buffer)
        return (FieldSpan(f"{self.path}#rest", span, raw),) if raw else ()

    def unread(self, problem: str | None, spans: Spans = ()) -> Reading:
        """A reading that ended behind `spans`, with a problem where it should not have."""
        return Reading(None, spans + self.rest(self.end_of(spans)), problem)

    def end_of(self, spans: Spans) -> int:
        """Where these spans, the first ones of the part, end in its data."""
        return spans[-1].span.end - self.origin if spans else 0


def surplus(path: str, schema: Schema, rest: Spans) -> str:
    """That there is more than the message."""
    size = rest[0].span.size
    return f"{path}: expected the end of {schema.name}, found {size} more {'byte' if size == 1 else 'bytes'}"


def as_sentence(error: SchemaError) -> str:
    """What does not fit, without its position, which the region tells."""
    return f"{error.path}: expected {error.expected}, found {error.found}"
