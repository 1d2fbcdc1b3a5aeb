"""Foreign text in a form that forges nothing and is never ambiguous.

Text is shown plain only where it can mean nothing else; otherwise it stands in double quotes as a JSON string. The
rules hold for payloads, and for names on the disk, which anybody may have chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

NULL = "null"
NOT_APPLICABLE = "n/a"
UNREADABLE = "unreadable"
MARKS = "…~"
"""What stands where a text was cut, mostly at its end; the second where the encoding lacks the first."""

_SIGNS = rf"(?:{NULL}|{NOT_APPLICABLE}|{UNREADABLE})?\Z|{UNREADABLE} \("
_AMBIGUOUS = re.compile(rf'\A(?:{_SIGNS}|[" {MARKS}]|0x)|  |[ {MARKS}]\Z')
"""Text that could be taken for a sign of ours, for the edge of a column, or for a text that was cut."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0e\U000e0100-\U000e01ef]"
)
"""What Unicode calls printable although nothing is seen. (U+FE0F, which makes emoji of symbols, may stay.)"""

_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

CanWrite = Callable[[str], bool]


def anything(_text: str) -> bool:
    """The `CanWrite` of an encoding that lacks nothing."""
    return True


def is_plain(text: str, can_write: CanWrite = anything) -> bool:
    """Whether the text may be shown as it is.

    `str.isprintable` is false for control, format (bidi), surrogate, private and unassigned characters and for every
    separator but the blank.
    """
    if not text.isprintable() or _AMBIGUOUS.search(text):
        return False
    return text.isascii() or (_is_visible(text) and can_write(text))


def quoted(text: str, can_write: CanWrite = anything) -> str:
    """The text as a JSON string in which everything unseen, misleading or unwritable is escaped."""
    first, rest = text[:1], text[1:]
    opening = _escaped(first) if first and _is_combining(first) else _shown(first, can_write)
    return f'"{opening}{"".join(_shown(char, can_write) for char in rest)}"'


def in_json(text: str, can_write: CanWrite = anything) -> str:
    """JSON, or a sentence of ours: everything unseen, misleading or unwritable is escaped, and nothing else."""
    text = text.replace("  ", " \\u0020")  # two blanks are the edge of a column
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isascii() and char.isprintable() else _shown(char, can_write) for char in text)


def line(text: str) -> str:
    """A sentence of ours with foreign words in it: kept on one line and harmless, nothing quoted."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _SHORT_ESCAPES.get(char) or _escaped(char) for char in text)


def _shown(char: str, can_write: CanWrite) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    if not char.isprintable():
        return _escaped(char)
    return char if char.isascii() or (not _INVISIBLE.match(char) and can_write(char)) else _escaped(char)


@lru_cache(maxsize=4096)
def _escaped(char: str) -> str:
    """As JSON does: `\\u001b`, and two of them beyond the basic plane."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _is_visible(text: str) -> bool:
    return not _INVISIBLE.search(text) and not _is_combining(text[0])


def _is_combining(char: str) -> bool:
    import unicodedata

    return unicodedata.category(char).startswith("M")
