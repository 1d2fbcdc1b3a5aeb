"""Rows for people, in blocks: memory stays constant, rows appear early, and columns without a value are left out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.report import Hint

from .cells import Cells
from .columns import Chosen, Rows

if TYPE_CHECKING:
    from inspector.report import Row

    from .page import Page
    from .style import Style

FIRST_ROWS = 100
"""The first block of a table is smaller, so that its rows appear early."""

BLOCK_ROWS = 500
BLOCK_CHARACTERS = 1 << 20
BLOCK_SECONDS = 0.1
"""On a terminal, a row waits no longer than this for its block to fill."""


@dataclass(slots=True)
class Block:
    """Cells that wait to be printed together, and which columns have a value in some of them."""

    started: float = 0.0
    characters: int = 0
    rows: list[list[str]] = field(default_factory=list)
    filled: set[int] = field(default_factory=set)

    most_rows: int = FIRST_ROWS

    @property
    def is_full(self) -> bool:
        """Whether it holds as much as memory should."""
        return len(self.rows) >= self.most_rows or self.characters >= BLOCK_CHARACTERS


class BlockRows(Rows):
    """Writes rows as tables, one table a section. `width`: of the page, or None where cells stay whole."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page, style: Style | None = None) -> None:
        super().__init__(chosen, page, style)
        self._width = self._usable_width()
        self._cells = Cells(page.can_write, limit=self._width, tz=self._style.tz)
        self._reset()

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows; those made before something broke off as well."""
        self._reset()
        self._page.flush()
        try:
            for row in rows:
                if self._chosen:  # else titles and facts tell all that a table tells unasked
                    self._add(row)
        finally:
            self._print()

    def tick(self) -> None:
        """Prints what has waited long enough, although no further row came."""
        if self._is_due(self._block):
            self._print()

    def _usable_width(self) -> int | None:
        return None

    def _cell(self, value: object, hint: Hint) -> str:
        return self._cells.show(value, hint)

    def _lines(self, header: list[str] | None, rows: list[list[str]]) -> list[str]:
        """The lines of a block with the columns `_shown`; `header` is None where they are as before."""
        raise NotImplementedError

    def _reset(self) -> None:
        self._block = Block()
        self._shown: list[int] = []
        self._numbers: set[int] | None = None

    def _add(self, row: Row) -> None:
        block = self._block
        block.started = block.started or time.monotonic()
        cells = [self._cell(row[chosen.index], chosen.column.hint) for chosen in self._chosen]
        if self._numbers is None:
            self._numbers = {i for i, c in enumerate(self._chosen) if _is_number(row[c.index], c.column.hint)}
        block.rows.append(cells)
        block.characters += sum(map(len, cells))
        block.filled.update(i for i, c in enumerate(self._chosen) if not c.has_nothing_in(row))
        if self._is_due(block):
            self._print()

    def _is_due(self, block: Block) -> bool:
        if not block.rows:
            return False
        return block.is_full or (self._page.is_terminal and time.monotonic() - block.started > BLOCK_SECONDS)

    def _print(self) -> None:
        block, self._block = self._block, Block(most_rows=BLOCK_ROWS)
        if not block.rows:
            return
        shown = sorted(block.filled.union(self._shown))
        header = [self._chosen[i].column.name for i in shown] if shown != self._shown else None
        self._shown = shown
        self._page.line("\n".join(self._lines(header, [[row[i] for i in shown] for row in block.rows])))
        self._page.flush()

    def _hints(self) -> list[Hint]:
        return [self._chosen[index].column.hint for index in self._shown]

    def _are_numbers(self) -> list[bool]:
        return [index in (self._numbers or ()) for index in self._shown]


def _is_number(value: object, hint: Hint) -> bool:
    """Numbers are aligned to the right, as the first row of a table tells them."""
    if hint is Hint.PLAIN:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint in (Hint.NUMBER, Hint.SIZE)
