"""The formats of an answer, each by its name: what it is, and which class writes its rows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .columns import Rows


@dataclass(frozen=True, slots=True)
class Format:
    """One format. writer: its module and class in this package, imported when used.

    is_table: for people: with default limits and columns, and with findings and verdict around the rows on stdout.
    """

    about: str
    writer: str
    is_table: bool = False

    def rows(self) -> type[Rows]:
        """The class that writes rows in this format."""
        module, _, name = self.writer.partition(".")
        rows: type[Rows] = getattr(import_module(f".{module}", __package__), name)
        return rows


FORMATS = {
    "table": Format("for people, the default", "table.TableRows", is_table=True),
    "markdown": Format("a table for GitHub", "markdown.MarkdownRows", is_table=True),
    "jsonl": Format("one JSON object a line", "jsonl.JsonRows"),
    "json": Format("one JSON array", "jsonl.JsonArray"),
    "csv": Format("for spreadsheets and databases", "csv.CsvRows"),
    "tsv": Format("likewise, with tabs and backslashes", "csv.TsvRows"),
}
