"""Every option that several commands share, written once, and the values that they are gathered into.

A decorator adds a group of options to a command and hands it one value: `Choice` (which topics, partitions, records) or
`Output` (how the answer looks, and what counts as a failure).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .render.escape import line

if TYPE_CHECKING:
    from inspector.reports.selection import Selection

VERBOSE = "kinspect.verbose"
"""Where the context keeps that -v was given, for whoever reports a failure."""

TABLE_LIMIT = 50
"""How many records of a partition a table shows unasked."""

MOST_ROWS = 2**31 - 1

ALL = 0
"""What `-n` takes for "no limit"."""

Command = Callable[..., object]
Decorator = Callable[[Command], Command]
Parsed = TypeVar("Parsed")


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
    """Which topics, partitions and records were asked for, as typed. limit: None when -n was not given, 0 for all."""

    topics: tuple[str, ...] = ()
    partitions: str | None = None
    offsets: str | None = None
    limit: int | None = None
    tail: int | None = None
    no_control: bool = False
    full: bool = False

    def selection(self, default_limit: int | None = None) -> Selection:
        """The library's selection; `default_limit` holds where neither -n nor --tail was given."""
        from inspector.reports.selection import Selection, parse_offsets, parse_partitions

        return Selection(
            topics=self.topics,
            partitions=_parsed(parse_partitions, self.partitions, "'-p' / '--partition'"),
            offsets=_parsed(parse_offsets, self.offsets, "'-o' / '--offset'"),
            limit=self._limit(default_limit),
            tail=self.tail,
            control=not self.no_control,
            full=self.full,
        )

    def _limit(self, default: int | None) -> int | None:
        if self.limit is not None and self.tail is not None:
            raise click.UsageError("-n and --tail exclude each other: the first records, or the last.")
        if self.limit is None:
            return default if self.tail is None else None
        return None if self.limit == ALL else self.limit


def _parsed(parse: Callable[[str], Parsed], text: str | None, option: str) -> Parsed | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise click.BadParameter(line(str(error)), param_hint=option) from error


@dataclass(frozen=True, slots=True)
class Output:
    """How the answer is written, and from which severity on a finding makes exit code 1."""

    format: str = "table"
    columns: tuple[str, ...] | None = None
    color: str = "auto"
    fail_on: str = "error"
    quiet: bool = False
    verbose: bool = False

    @property
    def is_table(self) -> bool:
        """Tables are for people: they have default limits and columns."""
        return self.format == "table"


def _split_columns(_ctx: click.Context, _option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise click.BadParameter("names at least one column, for instance offset,key,value")
    return names


def _note_verbose(ctx: click.Context, _option: click.Parameter, verbose: bool) -> bool:
    ctx.meta[VERBOSE] = verbose
    return verbose


FORMATS = ("table", "jsonl", "csv")

logdirs = click.argument(
    "logdirs", metavar="LOGDIR...", nargs=-1, required=True, type=click.Path(readable=False), callback=_to_logdirs
)

topic = click.option(
    "-t",
    "--topic",
    "topics",
    metavar="PATTERN",
    multiple=True,
    help="Topics to look at: an exact name or a pattern such as 'pay*' (repeatable; '!name' excludes; '*' is all).",
)
partition = click.option(
    "-p", "--partition", "partitions", metavar="LIST", help="Partitions to look at, for instance 0,3-5."
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
no_control = click.option("--no-control", is_flag=True, help="Hide control records (the markers of transactions).")
full = click.option("--full", is_flag=True, help="Let the verdict cover all records, not only those shown.")

columns = click.option(
    "--columns", metavar="A,B,...", callback=_split_columns, help="The columns to show, in this order."
)
output_format = click.option(
    "-f",
    "--format",
    "format",
    type=click.Choice(FORMATS),
    default=None,
    help="How to write the answer: table (for people, the default), jsonl (one JSON object a line) or csv.",
)
as_jsonl = click.option("-J", "as_jsonl", is_flag=True, help="Short for --format jsonl.")
color = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colours; auto means on a terminal only.",
)
fail_on = click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "info", "never")),
    default="error",
    show_default=True,
    help="The least severity of a finding that makes the exit code 1.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Leave out notes (findings that only inform) and evidence.")
verbose = click.option(
    "-v", "--verbose", is_flag=True, callback=_note_verbose, help="Show what follows from a finding, and what to do."
)

CHOICE_OPTIONS: dict[str, Decorator] = {
    "topics": topic,
    "partitions": partition,
    "offsets": offset,
    "limit": limit,
    "tail": tail,
    "no_control": no_control,
    "full": full,
}


def choosing(*names: str) -> Decorator:
    """Adds the selection options of these names (all when none is given), gathered into one `choice`."""
    return _gathering("choice", _choice, [CHOICE_OPTIONS[name] for name in names or CHOICE_OPTIONS])


def _choice(words: dict[str, Any]) -> Choice:
    return Choice(**_taken(words, {field.name for field in fields(Choice)}))


def writing(command: Command) -> Command:
    """Adds the options of the output, gathered into one `output`."""
    added: list[Decorator] = [columns, output_format, as_jsonl, color, fail_on, quiet, verbose]
    return _gathering("output", _output, added)(command)


def _output(words: dict[str, Any]) -> Output:
    as_json, given = words.pop("as_jsonl"), words.pop("format")
    if as_json and given not in (None, "jsonl"):
        raise click.UsageError(f"-J means --format jsonl, and --format {given} was given too.")
    chosen = "jsonl" if as_json else given or "table"
    return Output(format=chosen, **_taken(words, {field.name for field in fields(Output)}))


def _taken(words: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Takes the words of these names out."""
    return {name: words.pop(name) for name in names & words.keys()}


def _gathering(name: str, gather: Callable[[dict[str, Any]], object], added: list[Decorator]) -> Decorator:
    """A decorator that adds options, and hands them to the command as one value called `name`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gathered(**words: Any) -> object:
            value = gather(words)
            return command(**{name: value}, **words)

        decorated: Command = gathered
        for option in reversed(added):
            decorated = option(decorated)
        return decorated

    return decorate
