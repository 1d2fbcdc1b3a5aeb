"""`kinspect doctor`: whether this installation is whole, and which engine reads."""

from __future__ import annotations

import click

from .. import answer, options
from ..options import Output


@click.command()
@options.writing
def doctor(output: Output) -> None:
    """Tell which engine reads, and whether all works.

    What to begin the report of a fault with. No log is looked at.
    """
    from inspector.reports.doctor import doctor as report

    answer.give(report(), output)
