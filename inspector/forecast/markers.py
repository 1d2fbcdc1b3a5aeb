"""The marker in a control batch as Kafka reads it while it loads producers, strictly, and mostly unproved by any CRC.

Sources: `DefaultRecord.readFrom`, `ControlRecordType.parse`, `EndTransactionMarker.deserialize`.
"""

from __future__ import annotations

import struct

from ..engine.window import Window
from ..spec.record_batch import HEADER_SIZE
from .walk import Batch, RefusedError

ABORT, COMMIT = 0, 1
MOST_RECORD = 64 * 1024
"""Bytes of a marker with all that a broker ever put beside it are far fewer."""

_KEY = struct.Struct(">hh")
_VALUE = struct.Struct(">hi")
_VARINT_BYTES, _VARLONG_BYTES = 5, 10


class InvalidRecordError(Exception):
    """What Kafka calls an `InvalidRecordException`: it ends a scan, and kills a load."""


class _Reader:
    """The bytes of a batch behind its header, from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def varint(self, most: int = _VARINT_BYTES) -> int:
        value = 0
        for shift in range(0, 7 * most, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
        raise InvalidRecordError

    def take(self, size: int) -> bytes:
        if not 0 <= size <= len(self.data) - self.position:
            raise InvalidRecordError
        self.position += size
        return self.data[self.position - size : self.position]

    def nullable(self) -> bytes | None:
        size = self.varint()
        return None if size < 0 else self.take(size)


def is_aborted(window: Window, batch: Batch, records_count: int) -> bool:
    """Whether the first record of a control batch aborts a transaction. Raises InvalidRecordError and RefusedError."""
    size = min(batch.size - HEADER_SIZE, MOST_RECORD)
    reader = _Reader(window.read(batch.position + HEADER_SIZE, max(size, 0)))
    key, value = _key_and_value(reader)
    if records_count == 1 and reader.position != batch.size - HEADER_SIZE:
        raise InvalidRecordError
    return _type(key, value, batch.position) == ABORT


def _key_and_value(reader: _Reader) -> tuple[bytes | None, bytes | None]:
    length = reader.varint()
    start = reader.position
    reader.take(1)
    reader.varint(_VARLONG_BYTES)
    reader.varint()
    key, value = reader.nullable(), reader.nullable()
    headers = reader.varint()
    if headers < 0:
        raise InvalidRecordError
    while headers and reader.position < len(reader.data):
        reader.take(reader.varint())
        reader.nullable()
        headers -= 1
    if headers or reader.position - start != length:
        raise InvalidRecordError
    return key, value


def _type(key: bytes | None, value: bytes | None, position: int) -> int:
    if key is None or value is None:
        raise RefusedError("a control record without key or value", position=position)
    if len(key) < _KEY.size:
        raise InvalidRecordError
    version, kind = _KEY.unpack_from(key)
    if version < 0:
        raise InvalidRecordError
    if kind not in (ABORT, COMMIT):
        raise RefusedError(f"a control record of type {kind} of a producer", position=position)
    if len(value) < _VALUE.size:
        raise RefusedError("a control record that is too short", position=position)
    if _VALUE.unpack_from(value)[0] < 0:
        raise InvalidRecordError
    return int(kind)
