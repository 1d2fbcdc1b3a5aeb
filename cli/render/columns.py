"""Which columns of a report are written, and what the writers of rows have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inspector.report import NotApplicable, TextRequest, WritesText

from .style import Style

if TYPE_CHECKING:
    from inspector.report import Column, Row

    from .page import Page


TEXT_ENCODINGS = ("utf-8", "ascii")
"""Those in which rows may be had as text."""


class UnknownColumnError(Exception):
    """A column was asked for that the report does not have; `names` are those it has."""

    def __init__(self, name: str, names: list[str]) -> None:
        super().__init__(f"no column '{name}' here; there are: {', '.join(names)}.")
        self.name = name
        self.names = names


@dataclass(frozen=True, slots=True)
class Chosen:
    """One column to write, and its place in the rows. `droppable`: left out of a table where it is empty."""

    index: int
    column: Column
    droppable: bool = False

    def has_nothing_in(self, row: Row) -> bool:
        """Whether this row is no reason to show the column."""
        value = row[self.index]
        return self.droppable and (value == self.column.usual or _is_empty(value))


class Rows:
    """Writes rows in one format."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page, style: Style | None = None) -> None:
        self._chosen = chosen
        self._page = page
        self._style = style or Style()

    format = ""
    """The name of a machine format in which rows may be had as text."""

    def begin(self) -> None:
        """Writes what stands before all rows."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows of one section as they come."""
        raise NotImplementedError

    def _wrote_texts(self, rows: Iterable[Row]) -> bool:
        """Writes the rows as the text that they can be had as; False where that cannot be, and nothing was written."""
        if not isinstance(rows, WritesText) or self._page.encoding not in TEXT_ENCODINGS:
            return False
        columns = tuple(chosen.column for chosen in self._chosen)
        texts = rows.texts(TextRequest(self.format, columns, not self._page.is_utf8, self._value, self._row))
        for text in texts or ():
            self._page.raw(self._joined(text))
        return texts is not None

    def _value(self, value: object, column: Column) -> str:
        """One value as the format has it."""
        raise NotImplementedError

    def _row(self, row: Row) -> str:
        """One row as the format has it, as a part of the texts."""
        raise NotImplementedError

    def _joined(self, text: bytes | memoryview) -> bytes | memoryview:
        """A text as it goes behind what was written before."""
        return text

    def tick(self) -> None:
        """Writes what has waited for more rows long enough."""

    def end(self) -> None:
        """Writes what stands after all rows, also after those before a failure."""


def choose(columns: tuple[Column, ...], style: Style) -> tuple[Chosen, ...]:
    """The columns asked for; else those a table shows unasked, or for machines all."""
    if style.columns is not None:
        indexes = (_index(columns, name) for name in style.columns)
        chosen = [Chosen(index, columns[index]) for index in indexes]
    else:
        shown = ((index, column) for index, column in enumerate(columns) if column.default or not style.is_table)
        chosen = [Chosen(index, column, column.optional) for index, column in shown]
        chosen = _moved(chosen) if style.is_table else chosen
    return tuple(_replaced(one, columns) for one in chosen) if style.is_table else tuple(chosen)


def _moved(chosen: list[Chosen]) -> list[Chosen]:
    """The columns with each in front of the one that it is said to stand before."""
    moved = [one for one in chosen if one.column.before is None]
    for one in chosen:
        if one.column.before is not None:
            names = [other.column.name for other in moved]
            moved.insert(names.index(one.column.before), one)
    return moved


def _replaced(chosen: Chosen, columns: tuple[Column, ...]) -> Chosen:
    """In tables, the column that stands in place of this one, under its name."""
    for index, column in enumerate(columns):
        if column.replaces == chosen.column.name:
            return Chosen(index, replace(column, name=chosen.column.name), chosen.droppable)
    return chosen


def _index(columns: tuple[Column, ...], name: str) -> int:
    names = [column.name for column in columns]
    if name not in names:
        raise UnknownColumnError(name, names)
    return names.index(name)


def _is_empty(value: object) -> bool:
    """Whether an optional column has nothing to show for this row: no value, or no flag."""
    return value is None or value is False or isinstance(value, NotApplicable) or value in ("", (), [])
