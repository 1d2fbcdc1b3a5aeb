"""Rows as JSON: one object a row, on a line of its own, with Kafka's field names (see `values.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .columns import Rows
from .pace import Pace
from .values import as_json, json_value

if TYPE_CHECKING:
    from inspector.report import Row


class JsonRows(Rows):
    """JSON lines."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows as they come."""
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


class JsonArray(JsonRows):
    """One array, written while its rows are made; it is closed also where reading breaks off."""

    _is_first = True

    def begin(self) -> None:
        """Opens the array."""
        self._page.line("[")
        self._page.flush()

    def _before(self) -> str:
        comma, self._is_first = " " if self._is_first else ",", False
        return comma

    def end(self) -> None:
        """Closes the array."""
        self._page.line("]")
