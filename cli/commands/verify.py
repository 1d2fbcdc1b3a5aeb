"""`kinspect verify`: what is wrong, odd or worth knowing, finding by finding."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..options import Choice, Output


@click.command()
@options.logdirs
@options.choosing("topics", "partitions", "engine")
@options.writing
def verify(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    """Look for damage, and tell how bad it is.

    Checks CRCs, framing, decompression and the order of offsets, and tells damage from a torn or preallocated tail.
    """
    from inspector.reports.integrity import integrity

    answer.give(integrity(list(logdirs), choice.selection()), output)
