"""Rows as JSON: one object a row, on a line of its own, with Kafka's field names (see `values.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .columns import Rows
from .pace import Pace
from .values import as_json, json_value

if TYPE_CHECKING:
    from inspector.report import Column, Row


class JsonRows(Rows):
    """JSON lines."""

    format = "jsonl"

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows as they come."""
        if self._wrote_texts(rows):
            return
        pace = Pace(self._page)
        for row in rows:
            self._page.line(self._before() + self._object(row))
            pace.step()

    def _before(self) -> str:
        """What stands on the line before the object."""
        return ""

    def _object(self, row: Row) -> str:
        values = {chosen.column.name: json_value(row[chosen.index], chosen.column.hint) for chosen in self._chosen}
        return as_json(values, ascii_only=not self._page.is_utf8)

    def _value(self, value: object, column: Column) -> str:
        return as_json(json_value(value, column.hint), ascii_only=not self._page.is_utf8)

    def _row(self, row: Row) -> str:
        return f"{self._object(row)}\n"


class JsonArray(JsonRows):
    """One array, written while its rows are made; it is closed also where reading breaks off."""

    format = "json"
    _is_first = True

    def begin(self) -> None:
        """Opens the array."""
        self._page.line("[")
        self._page.flush()

    def _before(self) -> str:
        comma, self._is_first = " " if self._is_first else ",", False
        return comma

    def _row(self, row: Row) -> str:
        return f",{self._object(row)}\n"

    def _joined(self, text: bytes | memoryview) -> bytes | memoryview:
        return self._before().encode() + text[1:]

    def end(self) -> None:
        """Closes the array."""
        self._page.line("]")
