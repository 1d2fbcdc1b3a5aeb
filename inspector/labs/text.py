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
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = f"0x{payload[:limit].hex()}"
    whole = len(text) <= limit
    return _printable(text if whole else f"{text[:limit]}…")


def shown_record(key: bytes | None, value: bytes | None) -> str:
    """Key and value in one phrase."""
    return f"value {shown(value)}" if key is None else f"key {shown(key)}, value {shown(value)}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
