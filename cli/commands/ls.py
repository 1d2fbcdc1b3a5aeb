"""`kinspect ls`: the inventory, of partitions, segments or files, and the identities of directories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import answer, options
from ..options import Choice, Output

if TYPE_CHECKING:
    from inspector.report import Report

SEGMENTS, FILES, IDENTITY = "segments", "files", "identity"


@click.command()
@options.logdirs
@click.option("--segments", "wanted", flag_value=SEGMENTS, help="One row a segment instead of one a partition.")
@click.option("--files", "wanted", flag_value=FILES, help="One row a file, whatever it is, and what it is.")
@click.option("--identity", "wanted", flag_value=IDENTITY, help="One row a directory: cluster, node, ids of topics.")
@options.choosing("topics", "partitions")
@options.writing
def ls(logdirs: tuple[Path, ...], wanted: str | None, choice: Choice, output: Output) -> None:
    """List topic-partitions, segments, files or identities."""
    answer.give(_report(list(logdirs), wanted, choice), output)


def _report(logdirs: list[Path], wanted: str | None, choice: Choice) -> Report:
    if wanted == FILES:
        from inspector.reports.files import files

        return files(logdirs, choice.selection())
    if wanted == IDENTITY:
        from inspector.reports.identity import identity

        return identity(logdirs, choice.selection())
    from inspector.reports.inventory import inventory

    return inventory(logdirs, choice.selection(), segments=wanted == SEGMENTS)
