"""`kinspect placement`: why a record lies in that partition, and how evenly all of them do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output

if TYPE_CHECKING:
    from inspector.placing.standards import Standard

DEFAULT_ROWS = 50
"""Records that lie elsewhere, in a table."""


@click.command()
@options.logdirs
@click.option("--partitioner", "rule", metavar="P", help="Hold each record against this partitioner (java, librdkafka, "
              "sarama, …, or module:function of your own), and show those that lie elsewhere.")  # fmt: skip
@click.option("--expect", type=click.Path(), metavar="FILE", help="Hold each record against expectations, a line each, "
              "as CSV or JSON lines: key, value or header.NAME, and partition.")  # fmt: skip
@click.option("--what-if", type=click.IntRange(min=1), metavar="N", help="How many keys N partitions would move.")
@click.option("--top", type=click.IntRange(min=0), default=10, show_default=True, help="How many keys to name.")
@options.choosing("topics", "limit", "engine")
@options.writing
def placement(
    logdirs: tuple[Path, ...],
    choice: Choice,
    output: Output,
    rule: str | None,
    expect: str | None,
    what_if: int | None,
    top: int,
) -> None:
    """Tell who placed the keys, and where they lie.

    Infers from keys and partitions alone which clients wrote a topic, whether partitions were added and when, how the
    records are spread, and which keys are the hottest. With --partitioner or --expect, checks each record.
    """
    given = {"--partitioner": rule, "--expect": expect, "--what-if": what_if}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other.")
    expected = _expected(rule, expect)
    if expected is not None:
        from inspector.reports.against import against

        report = against(list(logdirs), choice.selection(DEFAULT_ROWS if output.is_table else None), expected)
    else:
        from inspector.reports.placed import Question
        from inspector.reports.placement import placement as answered

        report = answered(list(logdirs), choice.selection(), Question(top, what_if), as_objects=not output.is_table)
    answer.give(report, output)


def _expected(rule: str | None, expect: str | None) -> Standard | None:
    if rule is None and expect is None:
        return None
    from inspector.placing.standards import by_file, by_partitioner

    return parsed(by_partitioner, rule, "'--partitioner'") or parsed(by_file, expect, "'--expect'")
