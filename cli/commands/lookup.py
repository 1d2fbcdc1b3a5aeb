"""`kinspect lookup`: how the broker would find an offset, a time or a key, step by step."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import click

from .. import answer, options
from ..gather import parsed
from ..options import Choice, Output

MOST_OFFSET = 2**63 - 1


@click.command()
@options.logdirs
@click.option("-o", "--offset", type=click.IntRange(0, MOST_OFFSET), metavar="N", help="The offset to look for.")
@click.option("--time", metavar="TIME", help="The time to look for: 2026-03-01, 2026-03-01T12:05, epoch milliseconds, "
              "'2h ago'. Found is the first record that is not earlier.")  # fmt: skip
@click.option("--key", "sought_key", metavar="TEXT", help="The key to look for, in UTF-8 ('' is the empty key).")
@options.choosing("topics", "partitions", "engine")
@options.writing
def lookup(
    logdirs: tuple[Path, ...],
    choice: Choice,
    output: Output,
    offset: int | None,
    time: str | None,
    sought_key: str | None,
) -> None:
    """Show how the broker finds an offset, a time or a key.

    Step by step: the segment by its name, each entry of the index that is looked at, the batches from there on, the
    record, and what a consumer is answered. What the search read is counted. An index that lies is believed, as Kafka
    believes it, and the answer is held against the log. Exit code 1: there is no such record, or an index misleads.
    """
    given = [
        name for name, value in (("--offset", offset), ("--time", time), ("--key", sought_key)) if value is not None
    ]
    if len(given) != 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other." if given else "--offset, --time or --key?")
    from inspector.reports.filters import parse_bytes
    from inspector.reports.lookup import Question
    from inspector.reports.lookup import lookup as report
    from inspector.reports.times import parse_time

    when = parsed(functools.partial(parse_time, now=datetime.now(UTC), zone=choice.tz), time, "'--time'")
    if when is not None and when < 0:
        raise click.BadParameter("there are no timestamps before 1970", param_hint="'--time'")
    question = Question(offset, when, None if sought_key is None else parse_bytes(sought_key))
    answer.give(report(list(logdirs), choice.selection(), question, as_objects=not output.is_table), output)
