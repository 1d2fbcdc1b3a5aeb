"""Rows for machines, a line each. Rows that write themselves (`WritesText`) are asked for blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from inspector.report import TextForm, WritesText

from .columns import Rows
from .pace import Pace

if TYPE_CHECKING:
    from inspector.report import Row

    from .page import Block


class LineRows(Rows):
    """Writes each row as one line. format: what rows that write themselves know it by."""

    format: ClassVar[str]

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows as they come."""
        pace = Pace(self._page)
        blocks = self._blocks(rows)
        if blocks is not None:
            for block in blocks:
                self._put_block(block)
                pace.step()
            return
        for row in rows:
            self._put_line(self._line(row))
            pace.step()

    def _blocks(self, rows: Iterable[Row]) -> Iterator[Block] | None:
        if not self._page.takes_blocks or not isinstance(rows, WritesText):
            return None
        names = tuple(chosen.column.name for chosen in self._chosen)
        return rows.text(TextForm(self.format, names, not self._page.is_utf8, self._cell, self._encoded))

    def _encoded(self, row: Row) -> bytes:
        return self._page.encoded(self._line(row))

    def _put_line(self, text: str) -> None:
        self._page.line(text)

    def _put_block(self, lines: Block) -> None:
        self._page.block(lines)

    def _line(self, row: Row) -> str:
        """A row, without the end of its line."""
        raise NotImplementedError

    def _cell(self, value: object) -> str:
        """A value that is no payload."""
        raise NotImplementedError
