"""What a schema read, as regions: each span a leaf in the kind that its bytes show, structs and elements as groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from ..regions import BYTES, Region
from ..schemas import FieldSpan, snake_case
from .leaves import Piece, group
from .varints import varint_steps

_UUID_SIZE = 16
_NUMBER_SIZES = (1, 2, 4, 8)
_VARINT_MARKS = frozenset(("length", "count", "tags", "tag", "size", "version", "frame_version", "api_key"))
_INNER_MARKS = ("tags", "version", "rest")
"""What stands inside of the struct whose path it has."""

_OF_SPANS = {
    "length": "Bytes that follow; -1 is null.",
    "count": "Elements that follow; -1 is null.",
    "tags": "Tagged fields that follow: optional ones, each with its number and size.",
    "tag": "Number of the tagged field.",
    "size": "Bytes of the tagged field.",
    "present": "Whether the structure is there.",
    "rest": "No field of the schema: later versions may add bytes here.",
}
_OF_COMPACT_SPANS = {
    "length": "Bytes that follow, plus one; 0 is null.",
    "count": "Elements that follow, plus one; 0 is null.",
}


def mark_of(path: str) -> str:
    """What stands behind the `#` of a path: what bytes are that are no field themselves; "" for a field."""
    return path.rpartition("#")[2] if "#" in path else ""


def as_regions(spans: Sequence[FieldSpan], fields: Sequence[Region]) -> list[Region]:
    """The fields as a tree by the paths of their spans; each gets its name there."""
    return nested([(_names(one.path), region) for one, region in zip(spans, fields, strict=True)])


def _names(path: str) -> list[str]:
    """The names on the way to a field of a key or value: `voters[0]`, `voter_id`."""
    names = [snake_case(name) for name in path.split(".")[1:]] or [mark_of(path)]
    holder, _, mark = names[-1].partition("#")
    return [*names[:-1], holder, mark] if mark in _INNER_MARKS and holder else names


def nested(fields: list[tuple[list[str], Region]]) -> list[Region]:
    """Fields as a tree: those with the same first name, one behind the other, in a group."""
    regions: list[Region] = []
    for name, some in groupby(fields, key=lambda one: one[0][0]):
        inside = list(some)
        if len(inside[0][0]) == 1:
            regions += [replace(region, name=name) for _, region in inside]
        else:
            regions.append(group(name, nested([(names[1:], region) for names, region in inside])))
    return regions


def schema_field(one: FieldSpan, piece: Piece, sentence: str = "", shown: str = "") -> Region:
    """One field of a schema, in the kind that its bytes show. shown: what its value means in words."""
    mark = mark_of(one.path)
    raw = piece.data[one.span.position - piece.origin : one.span.end - piece.origin]
    kind, value, words = spelling(raw, one.value, mark)
    steps = varint_steps(kind, raw) if kind == "uvarint" else ()
    compact = _OF_COMPACT_SPANS if kind == "uvarint" else {}
    said = sentence or compact.get(mark) or _OF_SPANS.get(mark, "")
    return Region(one.path, one.span, kind, value, shown or words, said, steps=steps)


def spelling(raw: bytes, value: object, mark: str) -> tuple[str, object, str]:
    """How bytes spell a value of a schema: the kind, the value that gives them again, and that of the schema in words.

    A compact length is an unsigned varint of one more than it means; a bool or number is told by its size.
    """
    if value is None:
        return BYTES, None, "null"
    if isinstance(value, str) and value.encode() == raw:
        return "text", value, "" if value else "empty"
    if isinstance(value, str) and len(raw) == _UUID_SIZE:
        return "uuid", value, ""
    if isinstance(value, int) and raw:
        return _number(raw, value, mark)
    return BYTES, raw, _bytes_in_words(value)


def _bytes_in_words(value: object) -> str:
    if isinstance(value, bytes):
        return "" if value else "empty"
    return str(value)


def _number(raw: bytes, value: int, mark: str) -> tuple[str, object, str]:
    """The first of the spellings that fits; a mark is a varint before it is anything else."""
    fixed, unsigned = _fixed(raw, value), _varint(raw, value)
    if unsigned is not None and (mark in _VARINT_MARKS or (mark and fixed is None)):
        return "uvarint", unsigned, "" if unsigned == value else _one_less(value)
    if fixed is None:
        return BYTES, raw, str(value)
    return fixed, int(value), _in_words(value, mark)


def _fixed(raw: bytes, value: int) -> str | None:
    """The kind of number of this size that the bytes are."""
    if len(raw) not in _NUMBER_SIZES:
        return None
    signed, unsigned = (int.from_bytes(raw, "big", signed=is_signed) for is_signed in (True, False))
    if signed == value:
        return f"int{8 * len(raw)}"
    return f"uint{8 * len(raw)}" if unsigned == value else None


def _varint(raw: bytes, value: int) -> int | None:
    """The unsigned varint that the bytes are, where it can stand for the value."""
    if raw[-1] >= 0x80 or any(byte < 0x80 for byte in raw[:-1]):
        return None
    unsigned = sum((byte & 0x7F) << 7 * number for number, byte in enumerate(raw)) & 0xFFFFFFFF
    return unsigned if unsigned in (value, value + 1) else None


def _in_words(value: int, mark: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value < 0 and mark in ("length", "count", "present") else ""


def _one_less(value: int) -> str:
    """What a compact length means."""
    return "null" if value < 0 else f"one more than {value}"
