"""Rows as an aligned table without box characters.

On a terminal cells are cut to its width with a visible mark, and long names of columns take several lines; elsewhere
both are whole. Widths are carried on from block to block, and the header is repeated when the shown columns change.
"""

from __future__ import annotations

from itertools import groupby

from inspector.report import Hint

from .blocks import BlockRows
from .escape import NULL
from .widths import GAP, WidthOf, cut, fit, folded, how_many, measure, words_of

PADDED = 80
"""In a pipe, a cell that is longer than this does not widen its column: it pushes its own line apart, and no other."""


class TableRows(BlockRows):
    """Writes rows as tables, one table a section."""

    def _usable_width(self) -> int | None:
        return self._page.width

    def _reset(self) -> None:
        super()._reset()
        self._widths = [0] * len(self._chosen)
        self._needed = [0] * len(self._chosen)  # by the cells alone, without the names above them

    def _lines(self, header: list[str] | None, rows: list[list[str]]) -> list[str]:
        width_of = measure([*(header or []), *(cell for row in rows for cell in row)])
        self._widen(header, rows, width_of)
        widths = [self._widths[index] for index in self._shown]
        if self._width is None:
            return self._whole(header, rows, widths, width_of)
        needs = [self._needed[index] for index in self._shown]
        count = how_many(widths, self._hints(), self._width, needs)
        room = self._width if count == len(widths) else self._width - GAP - 1
        words = [
            max(need, *map(len, words_of(self._chosen[i].column.name)))
            for i, need in zip(self._shown, needs, strict=True)
        ]
        widths = fit(widths[:count], self._hints()[:count], room, needs[:count], words[:count])
        return self._cut_lines(header, rows, widths, width_of)

    def _cut_lines(
        self, header: list[str] | None, rows: list[list[str]], widths: list[int], width_of: WidthOf
    ) -> list[str]:
        """Lines with as much of each cell as fits, and a mark in place of the columns that have no room."""
        mark, count = self._cells.mark, len(widths)
        left_out = count < len(self._shown)
        widths = [*widths, 1] if left_out else widths

        def kept(cells: list[str]) -> list[str]:
            return [*cells[:count], mark] if left_out else cells

        def fitted(cells: list[str], hints: list[Hint]) -> list[str]:
            each = zip(cells, widths, hints, strict=True)
            return [cut(cell, width, mark, width_of, keeps_end=hint is Hint.FILE) for cell, width, hint in each]

        hints, names = [*self._hints(), Hint.PLAIN][: len(widths)], [Hint.PLAIN] * len(widths)
        heading = [fitted(line, names) for line in _heading(kept(header), widths)] if header else []
        return self._colored_lines(heading, [fitted(kept(row), hints) for row in rows], widths)

    def _whole(
        self, header: list[str] | None, rows: list[list[str]], widths: list[int], width_of: WidthOf
    ) -> list[str]:
        """Lines with all of each cell; a row with a very long one is laid out by itself."""
        lines = self._colored_lines([header], [], widths) if header else []
        for is_long, some in groupby(rows, lambda row: _overflows(row, widths, width_of)):
            if is_long:
                lines += (self._pushed_apart(row, widths, width_of) for row in some)
            else:
                lines += self._colored_lines([], list(some), widths)
        return lines

    def _pushed_apart(self, row: list[str], widths: list[int], width_of: WidthOf) -> str:
        """One line, with each cell in its column as far as the cells before it leave it there."""
        padding = (" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True))
        cells = zip(self._colored(row), padding, self._are_numbers(), strict=True)
        return (" " * GAP).join(pad + cell if number else cell + pad for cell, pad, number in cells).rstrip()

    def _colored_lines(self, heading: list[list[str]], rows: list[list[str]], widths: list[int]) -> list[str]:
        colored = [[self._page.styled(name, bold=True) if name else "" for name in names] for names in heading]
        alignments = [*self._alignments(), "left"][: len(widths)]
        return _aligned(colored, [self._colored(row) for row in rows], widths, alignments)

    def _widen(self, header: list[str] | None, rows: list[list[str]], width_of: WidthOf) -> None:
        """Takes note of what the shown columns need; they get no narrower than they were."""
        for place, index in enumerate(self._shown):
            cells = (width_of(row[place]) for row in rows)
            needed = max((width for width in cells if self._width is not None or width <= PADDED), default=0)
            named = width_of(header[place]) if header else 0
            self._needed[index] = max(self._needed[index], needed)
            self._widths[index] = max(self._widths[index], needed, named)

    def _alignments(self) -> list[str]:
        return ["right" if is_number else "left" for is_number in self._are_numbers()]

    def _colored(self, row: list[str]) -> list[str]:
        return [
            self._page.styled(cell, dim=True) if cell == NULL and hint is Hint.BYTES else cell
            for cell, hint in zip(row, [*self._hints(), None], strict=False)
        ]


def _overflows(row: list[str], widths: list[int], width_of: WidthOf) -> bool:
    """Whether a cell is wider than its column; behind the last one there is nothing to push apart."""
    return any(width_of(cell) > width for cell, width in zip(row[:-1], widths, strict=False))


def _heading(names: list[str], widths: list[int]) -> list[list[str]]:
    """The lines of the header, the last of them right above the rows."""
    columns = [folded(name, width) for name, width in zip(names, widths, strict=True)]
    most = max(map(len, columns))
    return [list(line) for line in zip(*([""] * (most - len(lines)) + lines for lines in columns), strict=True)]


def _aligned(heading: list[list[str]], rows: list[list[str]], widths: list[int], alignments: list[str]) -> list[str]:
    """Lines by tabulate. The first row is a ruler that holds every column at its width; it is taken away again."""
    from tabulate import tabulate

    table = [["x" * width for width in widths], *heading, *rows]
    text = tabulate(table, tablefmt="plain", disable_numparse=True, colalign=alignments)
    return text.split("\n")[1:]
