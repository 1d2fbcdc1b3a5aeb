"""Which columns of a report are written, and what the writers of rows have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from inspector.report import NotApplicable

if TYPE_CHECKING:
    from inspector.report import Column, Row

    from .page import Page
    from .style import Style


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


class Rows(Protocol):
    """Writes rows in one format."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page) -> None: ...

    def begin(self) -> None:
        """Writes what stands before all rows."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows of one section as they come."""


def choose(columns: tuple[Column, ...], style: Style) -> tuple[Chosen, ...]:
    """The columns asked for; else those a table shows unasked, or for machines all."""
    if style.columns is not None:
        return tuple(Chosen(index, columns[index]) for index in (_index(columns, name) for name in style.columns))
    shown = ((index, column) for index, column in enumerate(columns) if column.default or not style.is_table)
    return tuple(Chosen(index, column, column.optional) for index, column in shown)


def _index(columns: tuple[Column, ...], name: str) -> int:
    names = [column.name for column in columns]
    if name not in names:
        raise UnknownColumnError(name, names)
    return names.index(name)


def is_empty(value: object) -> bool:
    """Whether an optional column has nothing to show for this row: no value, or no flag."""
    return value is None or value is False or isinstance(value, NotApplicable) or value in ("", (), [])
