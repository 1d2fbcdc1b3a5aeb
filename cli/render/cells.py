"""Values as cells of a table, for people.

Null is `null`, empty is `""`, bytes that are no UTF-8 stand in hexadecimal, and foreign text follows `escape.py`. What
does not exist outside a payload is `-`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from inspector.report import BrokerPayload, Decoded, Hint, NotApplicable, Unreadable

from .escape import MARKS, NOT_APPLICABLE, NULL, UNREADABLE, CanWrite, anything, in_json, is_plain, quoted
from .values import as_json, json_value, pairs

NONE = "-"

BAR_LENGTH = 20
"""Characters of a whole bar."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIMESTAMP = -1


class Cells:
    """Renders values, times in the zone `tz`.

    limit: characters beyond which a cell is cut anyway, so that the rest need not be made.
    """

    def __init__(self, can_write: CanWrite = anything, limit: int | None = None, tz: tzinfo = UTC) -> None:
        self._can_write = can_write
        self._limit = limit
        self._tz = tz
        self.mark = MARKS[0] if can_write(MARKS[0]) else MARKS[1]

    def show(self, value: object, hint: Hint = Hint.PLAIN) -> str:
        """One cell."""
        if isinstance(value, Unreadable):
            return UNREADABLE
        if isinstance(value, NotApplicable):
            return self._instead(value.instead)
        if isinstance(value, Decoded):
            return self.decoded(value)
        return _BY_HINT.get(hint, Cells.plain)(self, value)

    def payload(self, value: object) -> str:
        """Bytes that somebody sent, or null."""
        if not isinstance(value, bytes):
            return NULL if value is None else self.plain(value)
        if isinstance(value, BrokerPayload):
            return self._instead(value.meaning)
        try:
            return self.text(value.decode())
        except UnicodeDecodeError:
            return f"0x{value.hex()}" if self._fits(value) else f"0x{value[: self._limit].hex()}{self.mark}"

    def bar(self, share: object) -> str:
        """A number from 0 to 1 as a bar; as little as there is of something shows."""
        length = max(round(share * BAR_LENGTH), int(share > 0)) if isinstance(share, float | int) else 0
        return ("█" if self._can_write("█") else "#") * length

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
        """Epoch milliseconds as a time in the zone asked for; -1 is none."""
        if not isinstance(value, int) or isinstance(value, bool):
            return self.plain(value)
        return NONE if value == _NO_TIMESTAMP else moment(value, self._tz)

    def plain(self, value: object) -> str:
        """Anything else: numbers, names, yes and no, lists."""
        if value is None:
            return NONE
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, bytes):
            return self.payload(value)
        if isinstance(value, dict):
            return self.json(value)
        if isinstance(value, tuple | list):
            return ", ".join(map(self.plain, value))
        return self.text(str(value))

    def json(self, value: object) -> str:
        """An object or a list as JSON text."""
        return self.json_text(as_json(json_value(value), ascii_only=False))

    def json_text(self, text: str) -> str:
        """JSON text as it is, but for characters that are better escaped."""
        return in_json(text[: self._limit], self._can_write) + ("" if self._fits(text) else self.mark)

    def decoded(self, value: Decoded) -> str:
        """What a decoder made of a payload, or why nothing."""
        if value.problem is not None:
            return in_json(f"{UNREADABLE} ({value.problem})", self._can_write)
        if value.text is not None:
            return self.json_text(value.text)
        return self.text(value.value) if isinstance(value.value, str) else self.json(value.value)

    def _instead(self, value: object) -> str:
        """What stands in the place of a payload that is none of the producer's."""
        return NOT_APPLICABLE if value is None else self.plain(value)

    def _fits(self, value: str | bytes) -> bool:
        return self._limit is None or len(value) <= self._limit

    def _part(self, value: object) -> str:
        """A header's name or value, quoted where it holds what separates headers."""
        shown = self.payload(value)
        if shown.startswith('"') or not re.search("[=,]", shown):
            return shown
        return quoted(shown, self._can_write)


_BY_HINT: dict[Hint, Callable[[Cells, object], str]] = {
    Hint.SHARE: Cells.bar,
    Hint.TIMESTAMP: Cells.timestamp,
    Hint.BYTES: Cells.payload,
    Hint.HEADERS: Cells.headers,
}


def moment(milliseconds: int, tz: tzinfo = UTC) -> str:
    """`2026-11-23 18:00:00.123Z`, with the distance from UTC in other zones; or the number where the calendar ends."""
    try:
        when = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(tz)
        text = when.isoformat(" ", "milliseconds")
    except (OverflowError, ValueError, OSError):  # the last two: beyond what the system knows of the local zone
        return str(milliseconds)
    return f"{text.removesuffix('+00:00')}Z" if tz is UTC else text
