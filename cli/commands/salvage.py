"""`kinspect salvage`: everything that its CRC proves, as a new log directory."""

from __future__ import annotations

from pathlib import Path

import click

from inspector.errors import OutputRefusedError

from .. import answer, options
from ..options import Choice, Output
from ..render.escape import line


@click.command()
@click.argument("logdir", metavar="LOGDIR", type=click.Path(readable=False))
@click.option("--output", "target", metavar="DIR", required=True, type=click.Path(),
              help="The new directory. Nothing that exists is written over; it may not lie below LOGDIR.")  # fmt: skip
@click.option("--carve", is_flag=True, help="Look for batches everywhere, also in files of other names. "
              "LOGDIR may then be a file of any kind, such as a disk image.")  # fmt: skip
@options.choosing("topics", "partitions", "engine")
@options.writing
def salvage(logdir: str, target: str, carve: bool, choice: Choice, output: Output) -> None:
    """Write what is whole into a new log directory.

    Copies every batch whose CRC holds and whose offsets fit, byte for byte, with indexes, leader epochs and checkpoints
    that agree: DIR/data is what a broker loads. Batches that are whole but fit nowhere go to DIR/orphans, and
    DIR/manifest.jsonl tells what came from where. LOGDIR stays as it is.
    """
    from inspector.reports.salvage import salvage as salvaged

    try:
        report = salvaged(options.logdir(logdir), choice.selection(), Path(target), carve=carve)
    except OutputRefusedError as error:
        raise click.BadParameter(line(f"{error.message}. {error.hint}".strip()), param_hint="'--output'") from error
    try:
        answer.give(report, output)
    except KeyboardInterrupt:
        click.echo(line(f"Stopped. What was written so far stands in {target}.unfinished"), err=True)
        raise
