"""`kinspect ls`: the inventory, of partitions or of segments."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..options import Choice, Output


@click.command()
@options.logdirs
@click.option("--segments", is_flag=True, help="One row a segment instead of one a partition.")
@options.choosing("topics", "partitions")
@options.writing
def ls(logdirs: tuple[Path, ...], segments: bool, choice: Choice, output: Output) -> None:
    """List topic-partitions, or their segments."""
    from inspector.reports.inventory import inventory

    answer.give(inventory(list(logdirs), choice.selection(), segments=segments), output)
