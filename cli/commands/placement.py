"""`kinspect placement`: why a record lies in that partition, and how evenly all of them do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output

if TYPE_CHECKING:
    from inspector.report import Report

DEFAULT_ROWS = 50
"""Records that lie elsewhere, in a table."""


@click.command()
@options.logdirs
@click.option("--partitioner", "rule", metavar="P", help="Hold each record against this partitioner (java, librdkafka, "
              "sarama, …, or module:function of your own), and show those that lie elsewhere.")  # fmt: skip
@click.option("--what-if", type=click.IntRange(min=1), metavar="N", help="How many keys N partitions would move.")
@click.option("--top", type=click.IntRange(min=0), default=10, show_default=True, help="How many keys to name.")
@options.choosing("topics", "limit", "engine")
@options.writing
def placement(
    logdirs: tuple[Path, ...], choice: Choice, output: Output, rule: str | None, what_if: int | None, top: int
) -> None:
    """Tell who placed the keys, and where they lie.

    Infers from keys and partitions alone which clients wrote a topic, whether partitions were added and when, how the
    records are spread, and which keys are the hottest. With --partitioner, checks each record.
    """
    if rule is not None and what_if is not None:
        raise click.UsageError("--partitioner and --what-if exclude each other.")
    answer.give(_report(list(logdirs), choice, output, rule, what_if, top), output)


def _report(
    paths: list[Path], choice: Choice, output: Output, rule: str | None, what_if: int | None, top: int
) -> Report:
    if rule is not None:
        from inspector.partitioners import find
        from inspector.reports.against import against

        found = parsed(find, rule, "'--partitioner'")
        assert found is not None
        return against(paths, choice.selection(DEFAULT_ROWS if output.is_table else None), found)
    from inspector.reports.placement import Question, placement

    return placement(paths, choice.selection(), Question(top, what_if), as_objects=not output.is_table)
