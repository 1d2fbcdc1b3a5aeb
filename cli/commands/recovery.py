"""`kinspect recovery`: what the broker will do at its next start."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output


@click.command()
@options.logdirs
@click.option("--broker-version", "version", metavar="V", help="The version that will start, 3.6 to 4.3 (such as 3.9, "
              "or 3.6.1). Without it: the newest of them, and what others would do otherwise.")  # fmt: skip
@click.option("--config", type=click.Path(), metavar="FILE", help="The broker's server.properties, for the sizes of "
              "indexes and segments. Without it: Kafka's defaults.")  # fmt: skip
@options.choosing("topics", "partitions", "engine")
@options.writing
def recovery(
    logdirs: tuple[Path, ...], choice: Choice, output: Output, version: str | None, config: str | None
) -> None:
    """Forecast what the broker will do at its next start.

    Tells which segments are scanned, cut or deleted, which intact batches are lost by that, which indexes and
    snapshots are made anew, what interrupted work is finished, and what keeps the broker from starting. Give all log
    directories of the broker. Nothing is changed. Exit code 1: intact records will be lost, a directory will be taken
    offline, or the broker will not start.
    """
    from inspector.forecast.settings import Settings, read_settings
    from inspector.forecast.versions import rules_of
    from inspector.reports.recovery import recovery as report

    rules = parsed(rules_of, version, "'--broker-version'")
    settings = parsed(lambda text: read_settings(options.logdir(text)), config, "'--config'") or Settings()
    answer.give(report(list(logdirs), choice.selection(), rules, settings), output)
