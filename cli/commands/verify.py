"""`kinspect verify`: what is wrong, odd or worth knowing, finding by finding."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output

if TYPE_CHECKING:
    from inspector.reports.scope import Scope


CHECKS = (
    "crc", "order", "gaps", "epochs", "checkpoints", "index", "timeindex", "producers", "snapshot", "txnindex",
)  # fmt: skip
"""What `--only` takes, as `inspector.checking` has it, which is loaded only when something is read."""


@click.command()
@options.logdirs
@options.choosing("topics", "partitions", "engine")
@click.option("--only", type=click.Choice(CHECKS), multiple=True, help="Run this check alone (repeatable).")
@click.option(
    "--modified-since",
    metavar="TIME",
    help="Read only segments whose files were written to from TIME on; times as in `show --since`.",
)
@click.option("--max-rate", metavar="RATE", help="Read at most so many bytes a second: 50MB, 20MiB, 1000000.")
@options.writing
def verify(
    logdirs: tuple[Path, ...],
    choice: Choice,
    output: Output,
    only: tuple[str, ...],
    modified_since: str | None,
    max_rate: str | None,
) -> None:
    """Look for damage, and tell how bad it is.

    Checks the bytes of every batch (CRCs, framing, decompression, records), order and gaps of offsets, leader epochs,
    producers, indexes, snapshots and checkpoints. Tells damage from a torn or preallocated tail, and what was lost.
    """
    from inspector.reports.integrity import integrity

    scope = _scope(only, modified_since, max_rate, output.tz)
    answer.give(integrity(list(logdirs), choice.selection(), scope), output)


def _scope(only: tuple[str, ...], modified_since: str | None, max_rate: str | None, zone: tzinfo) -> Scope:
    from inspector.reports.scope import Scope, parse_rate
    from inspector.reports.times import parse_time

    def time(text: str) -> int:
        return parse_time(text, datetime.now(UTC), zone)

    return Scope(
        frozenset(only) or None,
        parsed(time, modified_since, "'--modified-since'"),
        parsed(parse_rate, max_rate, "'--max-rate'"),
    )
