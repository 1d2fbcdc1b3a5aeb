"""From a report to the end of the process: written as asked, and left with the exit code it deserves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from . import exits
from .nearest import nearest
from .render.escape import line

if TYPE_CHECKING:
    from inspector.report import Report

    from .options import Output
    from .render.columns import UnknownColumnError


def give(report: Report, output: Output) -> NoReturn:
    """Writes the report and ends the command."""
    from .render.columns import UnknownColumnError
    from .render.style import Style
    from .render.writing import write

    style = Style(
        output.format, output.columns, output.color, quiet=output.quiet, verbose=output.verbose, tz=output.tz,
        pager=output.pager,
    )  # fmt: skip
    try:
        verdict = write(_decoded(report, output), style)
    except UnknownColumnError as error:
        raise _unknown_column(error) from error
    click.get_current_context().exit(exits.of_report(report, verdict, output.fail_on))


def _decoded(report: Report, output: Output) -> Report:
    """The report, with what was asked to be decoded beside the payloads."""
    if not output.decoders:
        return report
    from inspector.reports.decoding import decoded

    if not output.decoders.keys() <= {column.name for column in report.columns}:
        raise click.UsageError("-s is about records: say of which topic with -t (of all topics: -t '*').")
    return decoded(report, output.decoders)


def _unknown_column(error: UnknownColumnError) -> click.BadParameter:
    near = nearest(error.name, error.names)
    return click.BadParameter(line(f"{error}{f' Did you mean {near!r}?' if near else ''}"), param_hint="'--columns'")
