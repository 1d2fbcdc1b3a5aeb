"""Reports as text: tables for people, JSON lines and CSV for machines. Knows reports and findings, and no Kafka.

Data goes to stdout. Findings, summaries and the verdict follow their rows there in a table, and go to stderr where the
data is for machines.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

from inspector.errors import KinspectError

from .columns import UnknownColumnError, choose
from .formats import FORMATS
from .notes import Notes
from .page import Page
from .prose import MarkdownProse, Prose
from .style import Style

if TYPE_CHECKING:
    from inspector.report import Report, Section, Verdict

    from .columns import Rows

__all__ = ["FORMATS", "Page", "Style", "UnknownColumnError", "write"]


def write(report: Report, style: Style) -> Verdict:
    """Writes the whole report while its rows are made, and returns the verdict that stands at its end."""
    chosen = choose(report.columns, style)
    data = Page(sys.stdout, style.color)
    rows = FORMATS[style.format].rows()(chosen, data, style)
    notes = Notes(report, style, _prose(style, data))
    rows.begin()
    try:
        for section in report.sections:
            _write_section(section, rows, notes, as_notes=report.rows_are_findings and style.prefers_lines)
    finally:
        rows.end()
    verdict = report.verdict()
    notes.end(verdict)
    return verdict


def _prose(style: Style, data: Page) -> Prose:
    if style.format == "markdown":
        return MarkdownProse(data)
    return Prose(data if style.is_table else Page(sys.stderr, style.color))


def _write_section(section: Section, rows: Rows, notes: Notes, *, as_notes: bool) -> None:
    """`as_notes`: the rows are findings, and the notes tell them."""
    notes.open(section)
    try:
        if as_notes:
            deque(section.rows, maxlen=0)
        else:
            rows.write(section.rows)
    except KinspectError:
        notes.findings()  # what was found before reading broke off
        raise
    notes.close(section)
