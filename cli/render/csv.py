"""Rows with separators: CSV after RFC 4180, with newlines alone as line ends, and TSV with backslashes.

Lists, headers and objects are JSON text. Bytes that are no UTF-8 are the JSON text `{"$base64": "…"}`; so are values
that would steer a terminal, that the output's encoding lacks, or that begin like this form, so that it always means
bytes. Values are never changed for the sake of a spreadsheet (one that begins with `=` is written so).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lines import LineRows
from .values import as_json, base64, json_value

if TYPE_CHECKING:
    from inspector.report import Row

_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BASE64 = '{"$base64"'

_CSV_NEEDS_QUOTES = re.compile('[",\r\n]|\\A\\Z|\\A\\s|\\s\\Z')
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class CsvRows(LineRows):
    """CSV: null is an empty field without quotes, an empty text is `""`."""

    format = "csv"
    separator = ","
    null = ""

    def begin(self) -> None:
        """Writes the header line."""
        self._page.line(self.separator.join(self.field(chosen.column.name) for chosen in self._chosen))
        self._page.flush()

    def field(self, text: str) -> str:
        """The text in quotes, where it needs them."""
        return '"' + text.replace('"', '""') + '"' if _CSV_NEEDS_QUOTES.search(text) else text

    def _line(self, row: Row) -> str:
        values = (json_value(row[chosen.index], chosen.column.hint) for chosen in self._chosen)
        return self.separator.join(map(self._shown, values))

    def _cell(self, value: object) -> str:
        return self._shown(json_value(value))

    def _shown(self, value: object) -> str:
        if isinstance(value, str):
            return self.field(value if self._is_writable(value) else as_json(base64(value.encode()), ascii_only=True))
        if value is None or isinstance(value, int | float):
            return self.null if value is None else str(value).lower()
        return self.field(as_json(value, ascii_only=not self._page.is_utf8))

    def _is_writable(self, text: str) -> bool:
        return not text.startswith(_BASE64) and not _STEERING.search(text) and self._page.can_write(text)


class TsvRows(CsvRows):
    r"""TSV: `\t`, `\n`, `\r` and `\\` stand for these characters, and `\N` for null, as databases load it."""

    format = "tsv"
    separator = "\t"
    null = "\\N"

    def field(self, text: str) -> str:
        """The text without raw tabs and line ends."""
        return text.translate(_TSV_ESCAPES)
