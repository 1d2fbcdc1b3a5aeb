"""Rows as JSON lines: one object a line, Kafka's field names, numbers as numbers, the stored bytes.

Bytes are a string where they are valid UTF-8, else `{"$base64": "…"}`. Characters that could steer a terminal are
escaped inside the strings, which JSON readers undo.
"""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from inspector.report import Hint, NotApplicable, Unreadable

from .cells import pairs

if TYPE_CHECKING:
    from inspector.report import Row

    from .columns import Chosen
    from .page import Page

_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")

FLUSHED_ROWS = 100
FLUSH_SECONDS = 0.05


class JsonRows:
    """Writes one object a row."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page) -> None:
        self._chosen = chosen
        self._page = page
        self._pace = Pace(page)

    def begin(self) -> None:
        """JSON lines have no header."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows as they come."""
        for row in rows:
            values = {chosen.column.name: json_value(row[chosen.index], chosen.column.hint) for chosen in self._chosen}
            self._page.line(as_json(values, ascii_only=not self._page.is_utf8))
            self._pace.step()


class Pace:
    """Flushes each of the first rows, then about twenty times a second: early rows, and speed for long answers."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._rows = 0
        self._flushed = 0.0

    def step(self) -> None:
        """One more row was written."""
        self._rows += 1
        now = time.monotonic()
        if self._rows <= FLUSHED_ROWS or now - self._flushed > FLUSH_SECONDS:
            self._page.flush()
            self._flushed = now


def as_json(value: object, *, ascii_only: bool) -> str:
    """Compact enough for a line, spaced enough to be read."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text if ascii_only else _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_value(value: object, hint: Hint = Hint.PLAIN) -> object:
    """The value as JSON knows it; what does not exist or could not be read is null."""
    if value is None or isinstance(value, NotApplicable | Unreadable):
        return None
    if hint is Hint.HEADERS and isinstance(value, Iterable):
        return [[json_value(key), json_value(content)] for key, content in pairs(value)]
    if isinstance(value, bytes):
        return json_bytes(value)
    if isinstance(value, tuple | list):
        return [json_value(item) for item in value]
    if isinstance(value, bool | int | float) and not isinstance(value, Enum):
        return value
    return json_text(str(value))


def json_bytes(value: bytes) -> object:
    """A string, or base64 under a name of its own."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64(value)


def json_text(text: str) -> object:
    """A name from the file system may hold bytes that are no text: then it is bytes."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    try:
        return base64(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return base64(text.encode("utf-8", "surrogatepass"))


def base64(value: bytes) -> dict[str, str]:
    """Bytes that are no text."""
    return {"$base64": b64encode(value).decode("ascii")}
