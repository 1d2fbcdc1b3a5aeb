"""A whole report, written while its rows are made."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

from inspector.errors import KinspectError

from .bar import Bar
from .columns import choose
from .formats import FORMATS
from .notes import Notes
from .page import Page
from .pager import Pager, paging
from .prose import MarkdownProse, Prose
from .style import Style

if TYPE_CHECKING:
    from typing import TextIO

    from inspector.report import Report, Section, Verdict


def write(report: Report, style: Style) -> Verdict:
    """Writes the whole report while its rows are made, and returns the verdict that stands at its end."""
    with paging(style) as stream:
        verdict = _Writing(report, style, stream).all()
    if isinstance(stream, Pager) and stream.is_paging:
        Notes(report, style, Prose(Page(sys.stdout, style.color))).sum_up(verdict)
    return verdict


class _Writing:
    """The pages of an answer, with a bar between their lines while they are waited for."""

    def __init__(self, report: Report, style: Style, stream: TextIO | Pager) -> None:
        self._report = report
        self._style = style
        self._data = Page(stream, style.color)
        self._rows = FORMATS[style.format].rows()(choose(report.columns, style), self._data, style)
        prose = _prose(style, self._data)
        self._notes = Notes(report, style, prose)
        self._bar = Bar(report.progress)
        self._data.before_line = prose.page.before_line = self._bar.clear
        report.progress.watch = self._wait

    def all(self) -> Verdict:
        self._rows.begin()
        try:
            for section in self._report.sections:
                self._section(section)
            verdict = self._report.verdict()
        finally:
            self._bar.clear()
            self._rows.end()
        self._notes.end(verdict)
        return verdict

    def _section(self, section: Section) -> None:
        self._notes.open(section)
        try:
            if self._report.rows_are_findings and self._style.prefers_lines:
                deque(section.rows, maxlen=0)  # the notes tell them
            else:
                self._rows.write(section.rows)
        except KinspectError:
            self._notes.findings()  # what was found before reading broke off
            raise
        self._notes.close(section)

    def _wait(self) -> None:
        """Called while nothing but reading goes on."""
        self._rows.tick()
        self._data.flush()
        if not self._data.is_paged:
            self._bar.draw()


def _prose(style: Style, data: Page) -> Prose:
    if style.format == "markdown":
        return MarkdownProse(data)
    return Prose(data if style.is_table else Page(sys.stderr, style.color))
