"""Which columns of a report are written, and what the writers of rows have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inspector.report import NotApplicable

from .style import Style

if TYPE_CHECKING:
    from inspector.report import Column, Row

    from .page import Page


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

    def begin(self) -> None:
        """Writes what stands before all rows."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows of one section as they come."""
        raise NotImplementedError

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
