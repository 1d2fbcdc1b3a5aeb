"""The options on how an answer is written, each once, and the value that they are gathered into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

import click

from . import completion
from .gather import Command, Decorator, gathering, parsed, taken
from .render.formats import FORMATS
from .zone import parse_zone

if TYPE_CHECKING:
    from inspector.decoders import Decoder

VERBOSE = "kinspect.verbose"
"""Where the context keeps that -v was given, for whoever reports a failure."""

PARTS = ("key", "value")
"""What of a record `-s` decodes."""


@dataclass(frozen=True, slots=True)
class Output:
    """How the answer is written, and from which severity on a finding makes exit code 1.

    decoders: for `key` and `value`, where another form was asked for than the one that tables show unasked.
    """

    format: str = "table"
    columns: tuple[str, ...] | None = None
    decoders: Mapping[str, Decoder] = field(default_factory=dict)
    tz: tzinfo = UTC
    color: str = "auto"
    fail_on: str = "error"
    pager: bool = True
    quiet: bool = False
    verbose: bool = False

    @property
    def is_table(self) -> bool:
        """Tables are for people: they have default limits and columns."""
        return FORMATS[self.format].is_table


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


def _to_zone(_ctx: click.Context, _option: click.Parameter, name: str) -> tzinfo:
    return parsed(parse_zone, name, "'--tz'") or UTC


def _to_decoders(_ctx: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """The types by what they are for, as typed."""
    types: dict[str, str] = {}
    for text in texts:
        part, equals, name = text.partition("=")
        if part not in PARTS or not equals:
            raise click.BadParameter(f"'{text}' is not key=TYPE or value=TYPE, for instance value=json")
        if part in types:
            raise click.BadParameter(f"{part} was given two types: {types[part]} and {name}")
        types[part] = name
    return types


columns = click.option(
    "--columns",
    metavar="A,B,...",
    callback=_split_columns,
    shell_complete=completion.columns,
    help="The columns to show, in this order.",
)
decode = click.option(
    "-s",
    "--decode",
    "decoders",
    metavar="key=TYPE|value=TYPE",
    multiple=True,
    callback=_to_decoders,
    shell_complete=completion.decoders,
    help="How to read keys or values: auto, utf8, json, hex, base64, int16, int32, int64, float, double or uuid "
    "(repeatable). Machine formats get it beside the stored bytes.",
)
output_format = click.option(
    "-f",
    "--format",
    "format",
    type=click.Choice(tuple(FORMATS)),
    default=None,
    help=f"How to write the answer: {', '.join(f'{name} ({one.about})' for name, one in FORMATS.items())}.",
)
as_jsonl = click.option("-J", "as_jsonl", is_flag=True, help="Short for --format jsonl.")
tz = click.option(
    "--tz",
    metavar="ZONE",
    default="UTC",
    show_default=True,
    callback=_to_zone,
    shell_complete=completion.zones,
    help="The time zone of the times in tables, such as Europe/Berlin or local.",
)
color = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colours; auto means on a terminal only.",
)
pager = click.option(
    "--no-pager",
    "pager",
    flag_value=False,
    default=True,
    type=bool,
    help="Do not page long tables.",
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
    "-v",
    "--verbose",
    is_flag=True,
    callback=_note_verbose,
    help="Show what follows from a finding, what to do, and how many bytes were read.",
)

OPTIONS: list[Decorator] = [columns, output_format, as_jsonl, tz, color, pager, fail_on, quiet, verbose]


def writing(command: Command) -> Command:
    """Adds the options of the output, gathered into one `output`."""
    return gathering("output", _output, OPTIONS)(command)


def writing_records(command: Command) -> Command:
    """Likewise, with the options for keys and values."""
    return gathering("output", _output, [columns, decode, *OPTIONS[1:]])(command)


def _output(words: dict[str, Any]) -> Output:
    as_json, given = words.pop("as_jsonl"), words.pop("format")
    if as_json and given not in (None, "jsonl"):
        raise click.UsageError(f"-J means --format jsonl, and --format {given} was given too.")
    chosen = "jsonl" if as_json else given or "table"
    types = words.pop("decoders", {})
    found = _found(types, is_table=FORMATS[chosen].is_table) if types else {}
    return Output(format=chosen, decoders=found, **taken(words, {field.name for field in fields(Output)}))


def _found(types: Mapping[str, str], *, is_table: bool) -> dict[str, Decoder]:
    from inspector.decoders import AUTO, find

    found = {}
    for part, name in types.items():
        if name == AUTO and not is_table:
            raise click.UsageError(f"-s {part}={AUTO} is for tables only; for machines name a type, such as utf8.")
        decoder = None if name == AUTO else parsed(find, name, "'-s' / '--decode'")
        if decoder is not None:
            found[part] = decoder
    return found
