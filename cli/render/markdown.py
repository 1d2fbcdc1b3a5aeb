"""Rows as tables in GitHub's Markdown, and what is said about them as indented blocks.

Foreign text stands in code spans, and our sentences in code blocks, where nothing is markup, a link, or the mention of
somebody. Cells are never cut.
"""

from __future__ import annotations

import re

from inspector.report import Hint

from .blocks import BlockRows

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ,-]*[A-Za-z0-9])?")
_TRUSTED = (Hint.NUMBER, Hint.SIZE, Hint.TIMESTAMP)


class MarkdownRows(BlockRows):
    """Writes one table a section; a further one where the shown columns change."""

    def _cell(self, value: object, hint: Hint) -> str:
        text = super()._cell(value, hint)
        ours = value is None or isinstance(value, bool | int) or hint in _TRUSTED
        return text if ours else inline(text, is_payload=hint in (Hint.BYTES, Hint.HEADERS))

    def _lines(self, header: list[str] | None, rows: list[list[str]]) -> list[str]:
        lines = [_row(row) for row in rows]
        if header is None:
            return lines
        self._page.gap()
        return [_row(header), _row(["---:" if number else "---" for number in self._are_numbers()]), *lines]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def inline(text: str, *, is_payload: bool = False) -> str:
    """The text as it reads in a cell or a heading: as it is where that is harmless, else as code."""
    if not text or (not is_payload and _PLAIN.fullmatch(text)):
        return text
    # A code span can hold neither a backtick nor a backslash in front of a pipe; entities can hold anything.
    if "`" in text or "\\|" in text or text != text.strip():
        return f"<code>{''.join(char if char.isalnum() else f'&#{ord(char)};' for char in text)}</code>"
    return "`" + text.replace("|", "\\|") + "`"
