"""`kinspect batches`: the record batches, with where each lies."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..options import Choice, Output


@click.command()
@options.logdirs
@options.choosing(
    "topics", "partitions", "offsets", "limit", "tail", "since", "until", "no_control", "control_only", "engine"
)
@options.writing
def batches(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    """List record batches: position, offsets, CRC."""
    from inspector.reports.batches import batches as report

    answer.give(report(list(logdirs), choice.selection()), output)
