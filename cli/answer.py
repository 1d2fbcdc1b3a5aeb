"""From a report to the end of the process: written as asked, and left with the exit code it deserves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from . import exits

if TYPE_CHECKING:
    from inspector.report import Report

    from .options import Output


def give(report: Report, output: Output) -> NoReturn:
    """Writes the report and ends the command."""
    from .render import Style, write

    style = Style(output.format, output.columns, output.color, quiet=output.quiet, verbose=output.verbose)
    verdict = write(report, style)
    click.get_current_context().exit(exits.of_report(report, verdict, output.fail_on))
