"""The primitive encodings of Kafka's record formats: varints exactly as the broker reads them, nullable bytes.

Unsigned varint: seven bits a byte, least significant first, 0x80 means "more"; five bytes at most, and the bits of the
fifth that do not fit into 32 are dropped silently. Varint and varlong are zigzag on top of 32 and 64 bits. Over-long
spellings (`80 00` for 0) are read as Kafka reads them. Source: `org.apache.kafka.common.utils.ByteUtils`.
"""

from __future__ import annotations

from typing import Any

from construct import Bytes, Construct, ConstructError, IfThenElse, StreamError, this

SpecError = ConstructError
"""What parsing by a definition of this package raises when the bytes do not fit it; `path` names the field."""

VARINT_MAX_BYTES = 5
VARLONG_MAX_BYTES = 10


class VarintTooLongError(StreamError):  # type: ignore[misc]
    """A continuation bit in the last byte that a varint may have."""


def zigzag(value: int, bits: int) -> int:
    """The unsigned number that stands for a signed one: 0, -1, 1, -2 … become 0, 1, 2, 3 …"""
    return ((value << 1) ^ (value >> (bits - 1))) & ((1 << bits) - 1)


def unzigzag(value: int) -> int:
    """The signed number behind an unsigned one."""
    return (value >> 1) ^ -(value & 1)


class ZigzagVarint(Construct):  # type: ignore[misc]
    """A signed integer of `bits` bits as a zigzag varint of at most `max_bytes` bytes."""

    def __init__(self, bits: int, max_bytes: int) -> None:
        super().__init__()
        self.bits = bits
        self.max_bytes = max_bytes

    def _parse(self, stream: Any, _context: Any, path: str) -> int:
        value = 0
        for shift in range(0, 7 * self.max_bytes, 7):
            byte = stream.read(1)
            if not byte:
                raise StreamError("the bytes end inside a varint", path=path)
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return unzigzag(value & ((1 << self.bits) - 1))
        raise VarintTooLongError(f"a varint of more than {self.max_bytes} bytes", path=path)

    def _build(self, obj: int, stream: Any, _context: Any, _path: str) -> int:
        value = zigzag(obj, self.bits)
        while value >= 0x80:
            stream.write(bytes((value & 0x7F | 0x80,)))
            value >>= 7
        stream.write(bytes((value,)))
        return obj


Varint = ZigzagVarint(32, VARINT_MAX_BYTES)
Varlong = ZigzagVarint(64, VARLONG_MAX_BYTES)


class Null(Construct):  # type: ignore[misc]
    """No bytes at all, and the value None."""

    def _parse(self, _stream: Any, _context: Any, _path: str) -> None:
        return None

    def _build(self, obj: None, _stream: Any, _context: Any, _path: str) -> None:
        return obj

    def _sizeof(self, _context: Any, _path: str) -> int:
        return 0


def nullable_bytes(length_field: str) -> IfThenElse:
    """As many bytes as an earlier field of the same struct says; null where it says less than 0."""
    length = getattr(this, length_field)
    return IfThenElse(length < 0, Null(), Bytes(length))
