"""Sentences around the rows: whole in a pipe, wrapped on a terminal, and in Markdown out of the reach of markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markdown import inline
from .widths import wrap

if TYPE_CHECKING:
    from .page import Page


class Prose:
    """Titles and sentences on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def title(self, text: str) -> None:
        """What the rows below belong to."""
        self.page.line(self.page.styled(text, bold=True))

    def fact(self, name: str, text: str) -> None:
        """One fact below a title."""
        self.say(f"  {name}: {text}")

    def say(self, text: str, **look: object) -> None:
        """One sentence. The look is that of all of it, or with `word` that of its first word."""
        word = str(look.pop("word", ""))
        for line in wrap(text, self.page.width) if self.page.width else [text]:
            head, rest = (word, line[len(word) :]) if word and line.startswith(word) else (line, "")
            self.page.line((self.page.styled(head, **look) if look else head) + rest)
            word, look = ("", {}) if word else (word, look)


class MarkdownProse(Prose):
    """A heading for a title, and blocks of code for everything else."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._block_ends = -1

    def title(self, text: str) -> None:
        """A heading."""
        self.page.gap()
        self.page.line(f"## {inline(text)}")

    def fact(self, name: str, text: str) -> None:
        """One line of a block."""
        self.say(f"{name}: {text}")

    def say(self, text: str, **_look: object) -> None:
        """One line of a block; a new block where something else was written in between."""
        if self.page.lines != self._block_ends:
            self.page.gap()
        self.page.line(f"    {text}")
        self._block_ends = self.page.lines
