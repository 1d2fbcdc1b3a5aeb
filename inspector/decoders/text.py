"""Payloads as text: `StringSerializer` (UTF-8), `UUIDSerializer`, and two ways to write down any bytes."""

from __future__ import annotations

import re
from base64 import b64encode
from uuid import UUID

from ..report import Decoded

UUID_SIZE = 16
_UUID_TEXT = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def utf8(data: bytes) -> Decoded:
    """UTF-8."""
    try:
        return Decoded(data.decode())
    except UnicodeDecodeError as error:
        return Decoded(problem=f"not UTF-8: byte 0x{data[error.start]:02x} at {error.start}")


def hexadecimal(data: bytes) -> Decoded:
    """Two hexadecimal digits a byte."""
    return Decoded(data.hex())


def base64(data: bytes) -> Decoded:
    """Base64 with padding (RFC 4648, section 4)."""
    return Decoded(b64encode(data).decode("ascii"))


def uuid(data: bytes) -> Decoded:
    """A UUID: the 36 characters that Kafka's `UUIDSerializer` writes, or 16 bytes, big-endian."""
    if _UUID_TEXT.fullmatch(data):
        return Decoded(data.decode("ascii").lower())
    if len(data) == UUID_SIZE:
        return Decoded(str(UUID(bytes=data)))
    return Decoded(problem=f"not a UUID: {len(data)} bytes, neither 16 nor the 36 characters of its text")
