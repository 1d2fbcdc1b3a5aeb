"""Parses by a definition of this package and tells of every named field where it lay: values and spans of one parse.

The definitions stay as they are. `trace` makes a copy of one in which each named field notes, as it is parsed, where it
starts and ends, and its value or why it has none; so there is no second description of the bytes that could differ.
"""

from __future__ import annotations

import copy
import io
from functools import lru_cache
from typing import Any, NamedTuple

from construct import Array, Bytes, Construct, FormatField, IfThenElse, Renamed, Struct, Subconstruct

from .primitives import SpecError, ZigzagVarint

_INTEGERS = {"b": "int8", "h": "int16", "i": "int32", "l": "int32", "q": "int64", "B": "uint8", "H": "uint16",
             "I": "uint32", "L": "uint32", "Q": "uint64"}  # fmt: skip
_VARINTS = {32: "varint", 64: "varlong"}


class TracedField(NamedTuple):
    """One named field as it was parsed.

    path: its name, behind those of the fields that hold it. kind: how the bytes spell the value (`int32`, `varint`,
    `bytes` …), "" for a field that holds others. start, end: positions in the bytes given.
    value: what it says. problem: why it could not be read (then `value` is None), or None.
    """

    path: tuple[str, ...]
    kind: str
    start: int
    end: int
    value: object
    sentence: str
    problem: str | None = None

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


class Trace(NamedTuple):
    """What a parse gave: the fields in the order in which they begin.

    end: behind the last byte that was read. is_whole: False where the last field is at fault.
    """

    fields: tuple[TracedField, ...]
    end: int
    is_whole: bool

    def values(self) -> dict[str, Any]:
        """The values of the fields that stand in no other one, by name, as far as they could be read."""
        return {field.name: field.value for field in self.fields if len(field.path) == 1 and field.problem is None}


def trace(definition: Construct, stream: io.BytesIO) -> Trace:
    """Parses `definition` at the stream's position. Never raises for what the bytes hold."""
    seen: list[TracedField | None] = []
    try:
        _traced(definition).parse_stream(stream, seen=seen, inside=[])
    except (SpecError, OverflowError):
        is_whole = False
    else:
        is_whole = True
    fields = tuple(field for field in seen if field is not None)
    return Trace(fields, stream.tell(), is_whole)


class _Noting(Renamed):  # type: ignore[misc]
    """A named field that notes what became of it."""

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        seen, inside = context._params.seen, context._params.inside
        inside.append(self._called(context))
        place, start = len(seen), stream.tell()
        seen.append(None)
        try:
            value = super()._parse(stream, context, path)
        except (SpecError, OverflowError) as error:
            is_holder = len(seen) > place + 1  # then a field inside it is at fault, and says so
            seen[place] = None if is_holder else self._note(inside, start, stream.tell(), None, _cause(error))
            raise
        finally:
            inside.pop()
        seen[place] = self._note([*inside, self._called(context)], start, stream.tell(), value)
        return value

    def _called(self, _context: Any) -> str:
        return str(self.name)

    def _note(self, path: list[str], start: int, end: int, value: object, problem: str | None = None) -> TracedField:
        return TracedField(tuple(path), kind_of(self.subcon), start, end, value, self.docs or "", problem)


class _NotingItem(_Noting):
    """An element of an array; its name is its number."""

    def _called(self, context: Any) -> str:
        return f"[{context._index}]"


def kind_of(definition: Construct) -> str:
    """How a definition spells its value, "" where it is made of other fields."""
    if isinstance(definition, Renamed):
        return kind_of(definition.subcon)
    if isinstance(definition, FormatField):
        return _INTEGERS[definition.fmtstr[1:]]
    if isinstance(definition, ZigzagVarint):
        return _VARINTS[definition.bits]
    if isinstance(definition, IfThenElse):
        return kind_of(definition.elsesubcon)
    return "bytes" if isinstance(definition, Bytes) else ""


def _cause(error: Exception) -> str:
    """construct's own sentence without the path that it puts in front."""
    return str(error).splitlines()[-1]


@lru_cache(maxsize=64)
def _traced(definition: Construct) -> Construct:
    """A copy in which all that is named notes itself."""
    if isinstance(definition, Renamed):
        return _Noting(_traced(_unnamed(definition)), definition.name, definition.docs)
    made = copy.copy(definition)
    if isinstance(definition, Struct):
        made.subcons = [_traced(subcon) for subcon in definition.subcons]
    elif isinstance(definition, Array):
        made.subcon = _NotingItem(_traced(definition.subcon), "[]")
    elif isinstance(definition, IfThenElse):
        made.thensubcon, made.elsesubcon = _traced(definition.thensubcon), _traced(definition.elsesubcon)
    elif isinstance(definition, Subconstruct):
        made.subcon = _traced(definition.subcon)
    return made


def _unnamed(definition: Construct) -> Construct:
    """A name and a sentence each wrap a field once."""
    while isinstance(definition, Renamed):
        definition = definition.subcon
    return definition
