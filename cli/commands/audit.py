"""`kinspect audit`: what a producer was told, held against the disk."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output

DEFAULT_ROWS = 50
"""Records that are not simply present, in a table."""


@click.command()
@options.logdirs
@click.option("--acks", type=click.Path(), metavar="FILE", required=True, help="The producer's delivery log, a line a "
              "record, as CSV or JSON lines: topic, partition, offset, and key, value or their digests.")  # fmt: skip
@options.choosing("topics", "limit", "engine")
@options.writing
def audit(logdirs: tuple[Path, ...], choice: Choice, output: Output, acks: str) -> None:
    """Hold a producer's delivery log against the disk.

    Tells of each acknowledged record whether it lies where it should: which are lost, replaced, doubled, misplaced,
    reordered or aborted, and which nobody can tell about, because retention or compaction was there.
    """
    from inspector.auditing.acks import read_acks
    from inspector.reports.audit import audit as report

    log = parsed(read_acks, acks, "'--acks'")
    if log is not None:
        selection = choice.selection(DEFAULT_ROWS if output.is_table else None)
        answer.give(report(list(logdirs), selection, log), output)
