"""From fields that were traced to regions: what every field gets, wherever it stands."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..location import FILE_BUFFER, Span
from ..regions import BYTES, ELIDED, UNREAD, Region
from ..spec.trace import TracedField, trace
from ..words import utc
from .varints import varint_steps

ZEROS = "zeros"
"""The kind of a region that holds nothing but zeros."""

TIMESTAMPS = frozenset(("base_timestamp", "max_timestamp", "timestamp"))
"""Fields in milliseconds since 1970."""

_NONE = {
    "partition_leader_epoch": "unknown",
    "base_timestamp": "no timestamp",
    "max_timestamp": "no timestamp",
    "timestamp": "no timestamp",
    "producer_id": "none: the producer is neither idempotent nor transactional",
    "producer_epoch": "none",
    "base_sequence": "none: repeats are not recognised by it",
    "last_sequence": "none: no batch is remembered",
    "last_offset": "none: no batch is remembered",
    "coordinator_epoch": "none: no marker yet",
    "current_txn_first_offset": "none: no transaction is open",
}
"""What -1 means."""

_LENGTHS = ("key_length", "value_length")


class Piece(NamedTuple):
    """Bytes that are explained, and where the first of them lies: its position in a buffer."""

    data: bytes
    origin: int = 0
    buffer: int = FILE_BUFFER

    def span(self, start: int, end: int) -> Span:
        """The span of `data[start:end]`."""
        return Span(self.origin + start, end - start, self.buffer)


class Leaves(NamedTuple):
    """The fields of one structure as regions. values: of those that could be read. end: where it ends in the piece."""

    regions: list[Region]
    values: dict[str, Any]
    end: int
    is_whole: bool

    def enrich(self, notes: Mapping[str, Mapping[str, Any]]) -> list[Region]:
        """The regions, with what is to be said more of some of them by name."""
        return [replace(region, **notes.get(region.name, {})) for region in self.regions]


def parse(definition: Any, piece: Piece, stream: io.BytesIO, since: Mapping[str, str]) -> Leaves:
    """The structure at the stream's position, field by field.

    The field that broke is the last region, unread from its start to where the bytes it needs would begin to lack.
    """
    seen = trace(definition, stream)
    regions = [leaf(field, piece, since) for field in seen.fields]
    end = seen.fields[-1].end if seen.fields else stream.tell()
    return Leaves(regions, seen.values(), end, seen.is_whole)


def leaf(field: TracedField, piece: Piece, since: Mapping[str, str]) -> Region:
    """One field with its value in words, and the steps to it."""
    span = piece.span(field.start, field.end)
    came = since.get(field.name, "")
    if field.problem is not None:
        return Region(field.name, span, UNREAD, None, "", field.sentence, since=came, problem=_plain(field, span))
    raw = piece.data[field.start : field.end]
    steps = varint_steps(field.kind, raw) if field.kind in ("varint", "varlong") else ()
    shown = in_words(field.name, field.value)
    return Region(field.name, span, field.kind, field.value, shown, field.sentence, "", steps, came)


def in_words(name: str, value: object) -> str:
    """What a value means where the number alone tells too little, "" elsewhere."""
    if value is None:
        return "null"
    if value == b"":
        return "empty"
    if not isinstance(value, int):
        return ""
    if name in _LENGTHS and value < 0:
        return "null"
    if value == -1:
        return _NONE.get(name, "")
    return utc(value) if name in TIMESTAMPS else ""


def _plain(field: TracedField, span: Span) -> str:
    """Why a field could not be read."""
    left = f"{span.size} byte{'' if span.size == 1 else 's'}"
    if field.problem and "less than specified" in field.problem:
        wanted = field.problem.partition("expected ")[2].partition(",")[0]
        return (
            f"it needs {wanted} bytes, {left} are there" if span.size != 1 else f"it needs {wanted} bytes, 1 is there"
        )
    return field.problem or "it cannot be read"


def unread(name: str, span: Span, problem: str | None, sentence: str = "") -> Region:
    """Bytes that could not be told apart."""
    return Region(name, span, UNREAD, sentence=sentence, problem=problem)


def elided(name: str, span: Span, sentence: str) -> Region:
    """Bytes that are left out of the answer."""
    return Region(name, span, ELIDED, sentence=sentence)


def raw(name: str, piece: Piece, start: int, end: int, sentence: str = "") -> Region:
    """Bytes as they are."""
    return Region(name, piece.span(start, end), BYTES, piece.data[start:end], "", sentence)


def group(name: str, children: Sequence[Region], start: Span | None = None, **more: Any) -> Region:
    """Regions under one name; they lie one behind the other. start: where an empty group lies."""
    if not children:
        assert start is not None
        return Region(name, start, **more)
    first, last = children[0].span, children[-1].span
    return Region(name, Span(first.position, last.end - first.position, first.buffer), children=tuple(children), **more)


def sizes_in_words(regions: Iterable[Region]) -> str:
    """`1 length + 4 key`, for a sum."""
    return " + ".join(f"{region.span.size} {region.name}" for region in regions if region.span.size)


def needed(tree: Region, data: bytes) -> bytes:
    """The bytes of a range up to where all that follows is left out of the answer."""
    last = tree
    while last.children:
        last = last.children[-1]
    return data[: last.span.position - tree.span.position] if last.kind == ELIDED else data
