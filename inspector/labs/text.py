"""Payload bytes as text that may reach a terminal: nothing in it can move a cursor or forge a line."""

from __future__ import annotations

SHOWN_AT_MOST = 60
"""Characters of a payload that are shown before it is cut."""


def shown(payload: bytes | None, limit: int = SHOWN_AT_MOST) -> str:
    """A key or value as text: UTF-8 with everything unprintable escaped, else hex; cut at `limit` with an ellipsis."""
    if payload is None:
        return "(null)"
    if not payload:
        return "(empty)"
    text = _printable(payload[: 4 * limit])
    return text if len(text) <= limit and len(payload) <= 4 * limit else f"{text[:limit]}…"


def shown_record(key: bytes | None, value: bytes | None) -> str:
    """Key and value in one phrase."""
    return f"value {shown(value)}" if key is None else f"key {shown(key)}, value {shown(value)}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 record`, `2,000 records`, `3 stretches`."""
    return f"1 {noun}" if count == 1 else f"{count:,} {plural or f'{noun}s'}"


def _printable(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        # A character that our own cut tore apart at the end is no reason to call the payload binary.
        if error.start < len(payload) - 3:
            return f"0x{payload.hex()}"
        text = payload[: error.start].decode() if error.start else f"0x{payload.hex()}"
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
