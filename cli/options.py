"""Every option that several commands share, written once, and the values that they are gathered into.

A decorator adds a group of options to a command and hands it one value: `Choice` (which topics, partitions, records) or
`Output` (how the answer looks, and what counts as a failure; see `output.py`).
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import completion
from .gather import Decorator, gathering, parsed, taken
from .output import Output, verbose, writing, writing_records

if TYPE_CHECKING:
    from inspector.reports.filters import Filters
    from inspector.reports.selection import Selection
    from inspector.reports.times import TimeRange

__all__ = ["Choice", "Output", "choosing", "engine", "logdir", "logdirs", "verbose", "writing", "writing_records"]

TABLE_LIMIT = 50
"""How many records of a partition a table shows unasked."""

MOST_ROWS = 2**31 - 1

ALL = 0
"""What `-n` takes for "no limit"."""

ENGINES = ("auto", "native", "spec")
"""What `--engine` takes, as `inspector.engine` has it, which is loaded only when something is read."""

OUTCOMES = ("committed", "aborted", "open", "unknown", "none")
"""What `--transaction` takes: the values of the column `transaction`, and `none` for null."""


def logdir(text: str) -> Path:
    """The path as typed; a leading `~` that the shell left alone is the home directory.

    Whether it exists, and what it is, the library tells, with a message worth reading.
    """
    path = Path(text)
    try:
        return path if os.path.lexists(path) else path.expanduser()
    except RuntimeError:  # no such user
        return path


def _to_logdirs(_ctx: click.Context, _argument: click.Parameter, texts: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(map(logdir, texts))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which topics, partitions and records were asked for, as typed. limit: None when -n was not given, 0 for all.

    tz: the zone of times that name none.
    """

    topics: tuple[str, ...] = ()
    partitions: str | None = None
    offsets: str | None = None
    limit: int | None = None
    tail: int | None = None
    since: str | None = None
    until: str | None = None
    key: str | None = None
    key_regex: str | None = None
    value_regex: str | None = None
    headers: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    no_control: bool = False
    control_only: bool = False
    full: bool = False
    engine: str = ENGINES[0]
    tz: tzinfo = UTC

    def selection(self, default_limit: int | None = None) -> Selection:
        """The library's selection; `default_limit` holds where neither -n nor --tail was given."""
        from inspector.reports.selection import Selection, parse_offsets, parse_partitions

        return Selection(
            topics=self.topics,
            partitions=parsed(parse_partitions, self.partitions, "'-p' / '--partition'"),
            offsets=parsed(parse_offsets, self.offsets, "'-o' / '--offset'"),
            limit=self._limit(default_limit),
            tail=self.tail,
            control=not self.no_control,
            data=not self._is_control_only(),
            filters=self._filters(),
            full=self.full,
            engine=self.engine,
        )

    def _filters(self) -> Filters:
        from inspector.reports.filters import Filters, parse_bytes, parse_header, parse_regex

        headers = (parsed(parse_header, header, "'--header'") for header in self.headers)
        return Filters(
            times=self._times(),
            key=parsed(parse_bytes, self.key, "'--key'"),
            key_regex=parsed(parse_regex, self.key_regex, "'--key-regex'"),
            value_regex=parsed(parse_regex, self.value_regex, "'--value-regex'"),
            headers=tuple(header for header in headers if header is not None),
            transactions=frozenset(self.transactions),
        )

    def _times(self) -> TimeRange | None:
        if self.since is None and self.until is None:
            return None
        from inspector.reports.times import TimeRange, parse_time

        parse = functools.partial(parse_time, now=datetime.now(UTC), zone=self.tz)
        since, until = parsed(parse, self.since, "'--since'"), parsed(parse, self.until, "'--until'")
        if since is not None and until is not None and until < since:
            raise click.UsageError("--until is a time before --since.")
        return TimeRange(since, until)

    def _is_control_only(self) -> bool:
        if self.control_only and self.no_control:
            raise click.UsageError("--control-only and --no-control exclude each other.")
        return self.control_only

    def _limit(self, default: int | None) -> int | None:
        if self.limit is not None and self.tail is not None:
            raise click.UsageError("-n and --tail exclude each other: the first records, or the last.")
        if self.limit is None:
            return default if self.tail is None else None
        return None if self.limit == ALL else self.limit


logdirs = click.argument(
    "logdirs", metavar="LOGDIR...", nargs=-1, required=True, type=click.Path(readable=False), callback=_to_logdirs
)

topic = click.option(
    "-t",
    "--topic",
    "topics",
    metavar="PATTERN",
    multiple=True,
    shell_complete=completion.topics,
    help="Topics to look at: an exact name or a pattern such as 'pay*' (repeatable; '!name' excludes; '*' is all).",
)
partition = click.option(
    "-p",
    "--partition",
    "partitions",
    metavar="LIST",
    shell_complete=completion.partitions,
    help="Partitions to look at, for instance 0,3-5.",
)
offset = click.option(
    "-o",
    "--offset",
    "offsets",
    metavar="A[:B]",
    help="Offsets to start at and to stop before: N, -N (from the end), A:B, 'beginning' or 'end'.",
)
limit = click.option(
    "-n",
    "--limit",
    "limit",
    type=click.IntRange(min=0, max=MOST_ROWS),
    metavar="N",
    help="How many rows of each partition (0: all). A table of records shows 50 unless told otherwise.",
)
tail = click.option(
    "--tail", type=click.IntRange(min=1, max=MOST_ROWS), metavar="N", help="Only the last N rows of each partition."
)
since = click.option(
    "--since",
    metavar="TIME",
    help="Only records with a timestamp from TIME on: 2026-03-01, 2026-03-01T12:05, epoch milliseconds, '2h ago'.",
)
until = click.option("--until", metavar="TIME", help="Only records with a timestamp before TIME.")
key = click.option("--key", metavar="TEXT", help="Only records with exactly this key, in UTF-8 ('' is the empty key).")
key_regex = click.option(
    "--key-regex", metavar="REGEX", help="Only records whose key holds a match of this regular expression (on bytes)."
)
value_regex = click.option("--value-regex", metavar="REGEX", help="The same for values.")
header = click.option(
    "--header",
    "headers",
    metavar="NAME[=VALUE]",
    multiple=True,
    help="Only records with this header (repeatable; all must be there).",
)
transaction = click.option(
    "--transaction",
    "transactions",
    type=click.Choice(OUTCOMES),
    multiple=True,
    help="Only records whose transaction ended so, or that are in none (repeatable). "
    "What read_committed consumers get: committed and none, before the first open.",
)
no_control = click.option("--no-control", is_flag=True, help="Hide control records (the markers of transactions).")
control_only = click.option("--control-only", is_flag=True, help="Show control records alone.")
full = click.option("--full", is_flag=True, help="Let the verdict cover all records, not only those shown.")
engine = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="What reads: native (fast), spec (always there; slow), auto (native where it is built). All answer alike.",
)

CHOICE_OPTIONS: dict[str, Decorator] = {
    "topics": topic,
    "partitions": partition,
    "offsets": offset,
    "limit": limit,
    "tail": tail,
    "since": since,
    "until": until,
    "key": key,
    "key_regex": key_regex,
    "value_regex": value_regex,
    "headers": header,
    "transactions": transaction,
    "no_control": no_control,
    "control_only": control_only,
    "full": full,
    "engine": engine,
}


def choosing(*names: str) -> Decorator:
    """Adds the selection options of these names (all when none is given), gathered into one `choice`."""
    return gathering("choice", _choice, [CHOICE_OPTIONS[name] for name in names or CHOICE_OPTIONS])


def _choice(words: dict[str, Any]) -> Choice:
    zone = words.get("tz", UTC)  # an option of the output, which takes it out
    return Choice(tz=zone, **taken(words, {field.name for field in fields(Choice)} - {"tz"}))
