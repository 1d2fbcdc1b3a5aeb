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
@click.option(f"--{SEGMENTS}", is_flag=True, help="One row a segment instead of one a partition.")
@click.option(f"--{FILES}", is_flag=True, help="One row a file, whatever it is, and what it is.")
@click.option(f"--{IDENTITY}", is_flag=True, help="One row a directory: cluster, node, ids of topics.")
@options.choosing("topics", "partitions", "engine")
@options.writing
def ls(logdirs: tuple[Path, ...], choice: Choice, output: Output, **rows_of: bool) -> None:
    """List topic-partitions, segments, files or identities."""
    answer.give(_report(list(logdirs), _wanted(rows_of), choice), output)


def _wanted(rows_of: dict[str, bool]) -> str | None:
    """Which one of the flags was given."""
    given = [f"--{name}" for name, is_given in rows_of.items() if is_given]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(sorted(given))} exclude each other: a table has rows of one kind.")
    return given[0].removeprefix("--") if given else None


def _report(logdirs: list[Path], wanted: str | None, choice: Choice) -> Report:
    if wanted == FILES:
        from inspector.reports.files import files

        return files(logdirs, choice.selection())
    if wanted == IDENTITY:
        from inspector.reports.identity import identity

        return identity(logdirs, choice.selection())
    from inspector.reports.inventory import inventory

    return inventory(logdirs, choice.selection(), segments=wanted == SEGMENTS)
