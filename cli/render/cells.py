"""Values as cells of a table, for people.

Null is `null`, empty is `""`, bytes that are no UTF-8 stand in hexadecimal, and foreign text follows `escape.py`. What
does not exist outside a payload is `-`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from inspector.report import Hint, NotApplicable, Unreadable

from .escape import MARKS, NOT_APPLICABLE, NULL, UNREADABLE, CanWrite, anything, is_plain, quoted

NONE = "-"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIMESTAMP = -1


class Cells:
    """Renders values. `limit`: characters beyond which a cell is cut anyway, so that the rest need not be made."""

    def __init__(self, can_write: CanWrite = anything, limit: int | None = None) -> None:
        self._can_write = can_write
        self._limit = limit
        self.mark = MARKS[0] if can_write(MARKS[0]) else MARKS[1]

    def show(self, value: object, hint: Hint = Hint.PLAIN) -> str:
        """One cell."""
        if isinstance(value, NotApplicable | Unreadable):
            return NOT_APPLICABLE if isinstance(value, NotApplicable) else UNREADABLE
        return _BY_HINT.get(hint, Cells.plain)(self, value)

    def payload(self, value: object) -> str:
        """Bytes that somebody sent, or null."""
        if not isinstance(value, bytes):
            return NULL if value is None else self.plain(value)
        try:
            return self.text(value.decode())
        except UnicodeDecodeError:
            return f"0x{value.hex()}" if self._fits(value) else f"0x{value[: self._limit].hex()}{self.mark}"

    def text(self, text: str) -> str:
        """Text that somebody else chose. What is cut off has no closing quote either."""
        if self._fits(text):
            return text if is_plain(text, self._can_write) else quoted(text, self._can_write)
        start = text[: self._limit]
        return (start if is_plain(text, self._can_write) else quoted(start, self._can_write)[:-1]) + self.mark

    def headers(self, value: object) -> str:
        """`name=value, name=null`, in order."""
        if not isinstance(value, Iterable):
            return self.plain(value)
        return ", ".join(f"{self._part(key)}={self._part(content)}" for key, content in pairs(value))

    def timestamp(self, value: object) -> str:
        """Epoch milliseconds as UTC; -1 is none."""
        if not isinstance(value, int) or isinstance(value, bool):
            return self.plain(value)
        return NONE if value == _NO_TIMESTAMP else utc(value)

    def plain(self, value: object) -> str:
        """Anything else: numbers, names, yes and no, lists."""
        if value is None:
            return NONE
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, bytes):
            return self.payload(value)
        if isinstance(value, tuple | list):
            return ", ".join(map(self.plain, value))
        return self.text(str(value))

    def _fits(self, value: str | bytes) -> bool:
        return self._limit is None or len(value) <= self._limit

    def _part(self, value: object) -> str:
        """A header's name or value, quoted where it holds what separates headers."""
        shown = self.payload(value)
        if shown.startswith('"') or not re.search("[=,]", shown):
            return shown
        return quoted(shown, self._can_write)


_BY_HINT: dict[Hint, Callable[[Cells, object], str]] = {
    Hint.TIMESTAMP: Cells.timestamp,
    Hint.BYTES: Cells.payload,
    Hint.HEADERS: Cells.headers,
}


def utc(milliseconds: int) -> str:
    """`2026-11-23 18:00:00.123Z`, or the number where the calendar ends."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return str(milliseconds)
    return f"{moment.replace(tzinfo=None).isoformat(' ', 'milliseconds')}Z"


def pairs(headers: Iterable[object]) -> Iterable[tuple[object, object]]:
    """Headers as (key, value), whether they come as pairs or as objects with these names."""
    for header in headers:
        if isinstance(header, tuple | list):
            yield header[0], header[1]
        else:
            yield getattr(header, "key", None), getattr(header, "value", None)
