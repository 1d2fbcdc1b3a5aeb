"""Walks construct definitions: field tables for people and generators, and one struct.Struct per fixed header.

The names, widths and signs stay written once, in the definitions; everything here is derived from them.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from construct import FormatField, Renamed, SizeofError
from construct import Struct as Definition


class FieldRow(NamedTuple):
    """One field of a definition, with the sentence that stands beside it.

    position, size: bytes, counted from the definition's start; None behind or at a field of variable size.
    format: its character in the struct module, or "" when it has none.
    """

    name: str
    position: int | None
    size: int | None
    format: str
    sentence: str


def field_table(definition: Definition) -> tuple[FieldRow, ...]:
    """The fields of a definition in order."""
    rows: list[FieldRow] = []
    position: int | None = 0
    for subcon in definition.subcons:
        size = _size(subcon)
        rows.append(FieldRow(subcon.name, position, size, _format(subcon), subcon.docs or ""))
        position = None if position is None or size is None else position + size
    return tuple(rows)


def header_struct(definition: Definition) -> struct.Struct:
    """One big-endian struct.Struct for a definition of fixed-size integers. Raises ValueError for any other."""
    rows = field_table(definition)
    if not all(row.format for row in rows):
        raise ValueError("only fixed-size integers can be swept")
    return struct.Struct(">" + "".join(row.format for row in rows))


def _size(subcon: Renamed) -> int | None:
    try:
        return int(subcon.sizeof())
    except (SizeofError, KeyError, AttributeError):
        return None


def _format(subcon: Renamed) -> str:
    inner = subcon
    while isinstance(inner, Renamed):  # naming and adding a sentence wrap the field once each
        inner = inner.subcon
    return inner.fmtstr[1:] if isinstance(inner, FormatField) and inner.fmtstr[0] == ">" else ""
