"""A region in words that nothing in the bytes can forge: the listing and the scripts show the same ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inspector.regions import ELIDED, GROUP, UNREAD

from ..escape import NULL, is_plain, line, quoted

if TYPE_CHECKING:
    from inspector.regions import Region

MOST_CHARACTERS = 2000
"""How much of a long text is shown; the bytes beside it are all there."""

_UNTYPED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters that nobody types: what holds one is no text, though it may be valid UTF-8."""

MOST_BYTES = 64
"""How many bytes of a value that is no text are shown, likewise."""


def value(region: Region) -> str:
    """What the bytes say; "" where there is nothing to say beyond the name."""
    if region.kind == ELIDED:
        return f"{region.span.size:,} bytes, not taken apart"
    if region.value is None:
        return "" if region.kind in (GROUP, UNREAD) else NULL
    return in_words(region.value)


def in_words(value: object) -> str:
    """A number, a text or bytes. Text that could be taken for something else stands in quotes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value))
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    kept = text[:MOST_CHARACTERS]
    shown = kept if not isinstance(value, str) or is_plain(kept) else quoted(kept)
    return line(shown) + _rest(len(text) - len(kept), "characters")


def _bytes(value: bytes) -> str:
    """As text where it is text, else as hexadecimal digits."""
    text = _as_text(value)
    return f"0x{value[:MOST_BYTES].hex()}{_rest(len(value) - MOST_BYTES, 'bytes')}" if text is None else in_words(text)


def _as_text(value: bytes) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return None if _UNTYPED.search(text) else text


def _rest(count: int, noun: str) -> str:
    return f" \u2026 and {count:,} {noun} more" if count > 0 else ""
