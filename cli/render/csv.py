"""Rows as CSV after RFC 4180, with a header line and newlines alone as line ends.

Null is an empty field without quotes, an empty string is `""`. Lists and headers are JSON text. Bytes that are no UTF-8
are the JSON text `{"$base64": "…"}`; so are values that would steer a terminal, that the output's encoding lacks, or
that begin like this form, so that it always means bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .jsonl import Pace, as_json, base64, json_value

if TYPE_CHECKING:
    from inspector.report import Row

    from .columns import Chosen
    from .page import Page

_NEEDS_QUOTES = re.compile('[",\r\n]|\\A\\Z|\\A\\s|\\s\\Z')
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BASE64 = '{"$base64"'


class CsvRows:
    """Writes one record a row, and the header line once."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page) -> None:
        self._chosen = chosen
        self._page = page
        self._pace = Pace(page)

    def begin(self) -> None:
        """Writes the header line."""
        self._page.line(",".join(field(chosen.column.name) for chosen in self._chosen))
        self._page.flush()

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows as they come."""
        for row in rows:
            values = (json_value(row[chosen.index], chosen.column.hint) for chosen in self._chosen)
            self._page.line(",".join(map(self._field, values)))
            self._pace.step()

    def _field(self, value: object) -> str:
        if isinstance(value, str):
            return field(value if self._is_writable(value) else as_json(base64(value.encode()), ascii_only=True))
        if value is None or isinstance(value, int | float):
            return "" if value is None else str(value).lower()
        return field(as_json(value, ascii_only=not self._page.is_utf8))

    def _is_writable(self, text: str) -> bool:
        return not text.startswith(_BASE64) and not _STEERING.search(text) and self._page.can_write(text)


def field(text: str) -> str:
    """The text in quotes, where it needs them."""
    if not _NEEDS_QUOTES.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'
