"""Decodes and encodes one version of a message by its schema.

The schema says which fields a version has (`schema.py`), the wire types how they lie in bytes (`wire.py`); this module
brings the two together, once for each schema and version. Round trips keep every byte that Kafka would write; what it
would not write but does read (a varint longer than needed, a tagged field that holds its default, tags out of order, a
bool of 2, a null length of -2) is normalised.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..location import FILE_BUFFER
from .reader import NO_LIMIT, FieldSpan, Reader
from .schema import Field, Schema
from .wire import Array, Block, Length, Nullable, NullableInTag, Number, Raw, Slot, Text, Uuid, WireType

_INT16, _INT32 = struct.Struct(">h"), struct.Struct(">i")

_FIXED_TYPES: Mapping[str, WireType] = {
    "bool": Number(struct.Struct(">?")),
    "int8": Number(struct.Struct(">b")),
    "int16": Number(_INT16),
    "uint16": Number(struct.Struct(">H")),
    "int32": Number(_INT32),
    "uint32": Number(struct.Struct(">I")),
    "int64": Number(struct.Struct(">q")),
    "float64": Number(struct.Struct(">d")),
    "uuid": Uuid(),
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message read: its fields by name, where each lay, and the position in the data behind its last byte."""

    value: dict[str, object]
    spans: tuple[FieldSpan, ...]
    end: int


def decode(
    schema: Schema,
    version: int,
    data: bytes | memoryview,
    position: int = 0,
    buffer: int = FILE_BUFFER,
    *,
    origin: int = 0,
    path: str = "",
    most: int = NO_LIMIT,
) -> Decoded:
    """The message of `schema` in `version` that starts at `data[position]`; SchemaError if there is none.

    Bytes behind the message are left alone: compare `end` with `len(data)` where there should be none. Uuids are text
    in base64url, structs are dicts; fields that the version does not have are not in the value.
    buffer, origin: `data[0]` lies at `origin` in this buffer; all spans and an error's position count from its start.
    path: put in front of every field's path. most: so many spans at most; TooManyFieldsError for more.
    """
    reader = Reader(data, position, buffer, origin, most)
    if version not in schema.versions:
        reader.fail(path, f"{schema.name} version {schema.versions}", version)
    value = _layout(schema, version).read(reader, path)
    return Decoded(value, tuple(reader.spans), reader.position)


def encode(schema: Schema, version: int, value: Mapping[str, object]) -> bytes:
    """The bytes of a message as Kafka writes them. Fields left out get their default; ValueError for what cannot be."""
    if version not in schema.versions:
        raise ValueError(f"{schema.name} has no version {version}, only {schema.versions}")
    out = bytearray()
    _layout(schema, version).write(dict(value), out, "")
    return bytes(out)


@lru_cache(maxsize=1024)
def _layout(schema: Schema, version: int) -> Block:
    return _block(schema, schema.fields, version)


def _block(schema: Schema, fields: tuple[Field, ...], version: int) -> Block:
    here = [field for field in fields if version in field.versions]
    return Block(
        slots=tuple(_slot(schema, field, version) for field in here if not field.is_tagged(version)),
        tagged={field.tag or 0: _slot(schema, field, version) for field in here if field.is_tagged(version)},
        flexible=version in schema.flexible,
    )


def _slot(schema: Schema, field: Field, version: int) -> Slot:
    return Slot(field.name, _type(schema, field, version), field.default)


def _type(schema: Schema, field: Field, version: int) -> WireType:
    """The type of a field; the elements of an array are never null."""
    compact = version in (schema.flexible if field.flexible is None else field.flexible)
    nullable = version in field.nullable
    if field.type.startswith("[]"):
        element = _simple_type(field.type[2:], compact, False) or _struct(schema, field, version)
        return Array(Length(None if compact else _INT32, nullable, "count"), element)
    simple = _simple_type(field.type, compact, nullable)
    if simple is not None:
        return simple
    block = _struct(schema, field, version)
    if not nullable:
        return block
    return NullableInTag(block) if field.is_tagged(version) else Nullable(block)


def _simple_type(name: str, compact: bool, nullable: bool) -> WireType | None:
    if name == "string":
        return Text(Length(None if compact else _INT16, nullable))
    if name in ("bytes", "records"):
        return Raw(Length(None if compact else _INT32, nullable))
    return _FIXED_TYPES.get(name)


def _struct(schema: Schema, field: Field, version: int) -> Block:
    name = field.type.removeprefix("[]")
    fields = field.fields or schema.structs.get(name)
    if fields is None:
        raise ValueError(f"schema of {schema.name!r}: {field.name} has the unknown type {field.type}")
    return _block(schema, fields, version)
