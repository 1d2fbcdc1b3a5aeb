"""Rows as an aligned table without box characters, in blocks, so that memory stays constant and rows appear early.

On a terminal cells are cut to its width with a visible mark; elsewhere they are whole. Widths are carried on from block
to block, and the header line is repeated only when the shown columns change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.report import Hint

from .cells import Cells
from .columns import Chosen, is_empty
from .escape import NULL

if TYPE_CHECKING:
    from inspector.report import Row

    from .page import Page

BLOCK_ROWS = 500
BLOCK_CHARACTERS = 1 << 20
BLOCK_SECONDS = 0.2
"""On a terminal, a row waits no longer than this for its block to fill."""

GAP = 2
LONG_TEXT = 24
"""Text columns keep so many characters before anything else gives way."""

FLEXIBLE_FLOOR = 8
FLOOR = 3
RIGID = (Hint.NUMBER, Hint.SIZE, Hint.TIMESTAMP)
"""Cut only when cutting everything else to FLEXIBLE_FLOOR does not suffice."""


@dataclass(slots=True)
class Block:
    """Cells that wait to be printed together, and which columns have a value in some of them."""

    started: float = 0.0
    characters: int = 0
    rows: list[list[str]] = field(default_factory=list)
    filled: set[int] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        """Whether it holds as much as memory should."""
        return len(self.rows) >= BLOCK_ROWS or self.characters >= BLOCK_CHARACTERS


class TableRows:
    """Writes rows as tables, one table a section."""

    def __init__(self, chosen: tuple[Chosen, ...], page: Page) -> None:
        self._chosen = chosen
        self._page = page
        self._cells = Cells(page.can_write, limit=page.width)
        self._reset()

    def begin(self) -> None:
        """A table needs nothing before its first row."""

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows; those made before something broke off as well."""
        self._reset()
        self._page.flush()
        try:
            for row in rows:
                self._add(row)
        finally:
            self._print()

    def _reset(self) -> None:
        self._block = Block()
        self._shown: list[int] = []
        self._numbers: set[int] | None = None
        self._widths = [0] * len(self._chosen)
        self._needed = [0] * len(self._chosen)  # by the cells alone, without the names above them

    def _add(self, row: Row) -> None:
        block = self._block
        block.started = block.started or time.monotonic()
        cells = [self._cells.show(row[chosen.index], chosen.column.hint) for chosen in self._chosen]
        if self._numbers is None:
            self._numbers = {i for i, c in enumerate(self._chosen) if _is_number(row[c.index], c.column.hint)}
        block.rows.append(cells)
        block.characters += sum(map(len, cells))
        block.filled.update(i for i, c in enumerate(self._chosen) if not (c.droppable and is_empty(row[c.index])))
        if self._is_due(block):
            self._print()

    def _is_due(self, block: Block) -> bool:
        return block.is_full or (self._page.is_terminal and time.monotonic() - block.started > BLOCK_SECONDS)

    def _print(self) -> None:
        block, self._block = self._block, Block()
        if not block.rows:
            return
        shown = sorted(block.filled.union(self._shown))
        header = [self._chosen[i].column.name for i in shown] if shown != self._shown else None
        self._shown = shown
        self._page.line("\n".join(self._lines(header, [[row[i] for i in shown] for row in block.rows])))
        self._page.flush()

    def _lines(self, header: list[str] | None, rows: list[list[str]]) -> list[str]:
        width_of = _measure([*(header or []), *(cell for row in rows for cell in row)])
        widths = self._fitted(header, rows, width_of)
        cut = [[_cut(cell, w, self._cells.mark, width_of) for cell, w in zip(row, widths, strict=True)] for row in rows]
        heading = [_cut(name, w, self._cells.mark, width_of) for name, w in zip(header or [], widths, strict=False)]
        if self._page.width is not None and _total(widths) > self._page.width:
            lines = _aligned(heading, cut, widths, self._alignments())
            return [_cut(line, self._page.width, self._cells.mark, width_of) for line in lines]
        colored = [self._page.styled(name, bold=True) for name in heading]
        return _aligned(colored, [self._colored(row) for row in cut], widths, self._alignments())

    def _fitted(self, header: list[str] | None, rows: list[list[str]], width_of: Callable[[str], int]) -> list[int]:
        """The width of each shown column: what its cells need, no less than before, narrowed to the page."""
        for place, index in enumerate(self._shown):
            needed = max(width_of(row[place]) for row in rows)
            named = width_of(header[place]) if header else 0
            self._needed[index] = max(self._needed[index], needed)
            self._widths[index] = max(self._widths[index], needed, named)
        hints = [self._chosen[index].column.hint for index in self._shown]
        needs = [self._needed[index] for index in self._shown]
        return fit([self._widths[index] for index in self._shown], hints, self._page.width, needs)

    def _alignments(self) -> list[str]:
        return ["right" if index in (self._numbers or ()) else "left" for index in self._shown]

    def _colored(self, row: list[str]) -> list[str]:
        hints = (self._chosen[index].column.hint for index in self._shown)
        return [
            self._page.styled(cell, dim=True) if cell == NULL and hint is Hint.BYTES else cell
            for cell, hint in zip(row, hints, strict=True)
        ]


def _is_number(value: object, hint: Hint) -> bool:
    """Numbers are aligned to the right, as the first row of a table tells them."""
    if hint is Hint.PLAIN:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint in (Hint.NUMBER, Hint.SIZE)


def fit(widths: list[int], hints: list[Hint], room: int | None, needs: list[int] | None = None) -> list[int]:
    """The widths, narrowed until they fit, in each turn the widest first.

    The turns: long text, names that are longer than their cells (`needs`), text, everything.
    """
    if room is None:
        return widths
    flexible = [place for place, hint in enumerate(hints) if hint not in RIGID]
    everyone = list(range(len(widths)))
    narrowed = _narrowed(list(widths), flexible, [LONG_TEXT] * len(widths), room)
    narrowed = _narrowed(narrowed, everyone, [max(need, FLOOR) for need in needs or widths], room)
    narrowed = _narrowed(narrowed, flexible, [FLEXIBLE_FLOOR] * len(widths), room)
    return _narrowed(narrowed, everyone, [FLOOR] * len(widths), room)


def _narrowed(widths: list[int], candidates: list[int], floors: list[int], room: int) -> list[int]:
    left = [place for place in candidates if widths[place] > floors[place]]
    while left and _total(widths) > room:
        widest = max(left, key=widths.__getitem__)
        widths[widest] -= 1
        if widths[widest] <= floors[widest]:
            left.remove(widest)
    return widths


def _total(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _aligned(header: list[str], rows: list[list[str]], widths: list[int], alignments: list[str]) -> list[str]:
    """Lines by tabulate. The first row is a ruler that holds every column at its width; it is taken away again."""
    from tabulate import tabulate

    table = [["x" * width for width in widths], *([header] if header else []), *rows]
    text = tabulate(table, tablefmt="plain", disable_numparse=True, colalign=alignments)
    return text.split("\n")[1:]


def _measure(texts: Iterable[str]) -> Callable[[str], int]:
    """How to count the columns a text takes on a terminal: characters, unless some are wide or combine."""
    if all(map(str.isascii, texts)):
        return len
    from wcwidth import wcswidth

    return lambda text: len(text) if text.isascii() else max(0, wcswidth(text))


def _cut(text: str, width: int, mark: str, width_of: Callable[[str], int]) -> str:
    if width_of(text) <= width:
        return text
    kept = text[: width - 1]
    while width_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}{mark}"
