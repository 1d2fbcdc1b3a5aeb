"""Rows as JSON: one object a row, on a line of its own, with Kafka's field names (see `values.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lines import LineRows
from .values import as_json, json_value

if TYPE_CHECKING:
    from inspector.report import Row

    from .page import Block


class JsonRows(LineRows):
    """JSON lines."""

    format = "jsonl"

    def _line(self, row: Row) -> str:
        values = {chosen.column.name: json_value(row[chosen.index], chosen.column.hint) for chosen in self._chosen}
        return as_json(values, ascii_only=not self._page.is_utf8)

    def _cell(self, value: object) -> str:
        return as_json(json_value(value), ascii_only=not self._page.is_utf8)


class JsonArray(JsonRows):
    """One array, written while its rows are made; it is closed also where reading breaks off.

    Every object stands behind a comma, and a blank takes the place of the first.
    """

    format = "json"

    _is_first = True

    def begin(self) -> None:
        """Opens the array."""
        self._page.line("[")
        self._page.flush()

    def _line(self, row: Row) -> str:
        return "," + super()._line(row)

    def _put_line(self, text: str) -> None:
        super()._put_line(" " + text[1:] if self._is_first else text)
        self._is_first = False

    def _put_block(self, lines: Block) -> None:
        super()._put_block(b" " + bytes(lines[1:]) if self._is_first else lines)
        self._is_first = False

    def end(self) -> None:
        """Closes the array."""
        self._page.line("]")
