"""The manual pages in `man/`, made from the commands and their options, and from the tables of `docs/commands.md`.

One page for `kinspect` and one for each command. They carry no date, so that they change only with what they tell.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import click

from tools.environment import ROOT

FOLDER = ROOT / "man"
COMMANDS = ROOT / "docs" / "commands.md"
PROGRAM = "kinspect"
SECTION = 1

_SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
_ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
_MARKUP = re.compile(r"`([^`]*)`|\[([^\]]*)\]\([^)]*\)")


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    root = import_module("inspector.cli.main").kinspect  # by its installed name, which type checkers do not know
    return {f"{'-'.join(names)}.{SECTION}": page(names, command) for names, command in every_command(root)}


def every_command(
    command: click.Command, names: tuple[str, ...] = (PROGRAM,)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The command and all below it, each with its words."""
    yield names, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from every_command(below, (*names, name))


def page(names: tuple[str, ...], command: click.Command) -> str:
    """One manual page."""
    context = click.Context(command, info_name=" ".join(names))
    sections = (
        ("NAME", [f"{text('-'.join(names))} \\- {text(_summary(command))}"]),
        ("SYNOPSIS", list(_synopsis(names, command, context))),
        ("DESCRIPTION", list(_description(command))),
        ("COMMANDS", list(_commands(names, command, context))),
        ("OPTIONS", list(_options(command, context))),
        ("EXIT STATUS", list(_table("Exit codes")) if len(names) == 1 else [f"See \\fB{PROGRAM}\\fR({SECTION})."]),
        ("ENVIRONMENT", list(_table("Environment variables")) if len(names) == 1 else []),
        ("SEE ALSO", [_see_also(names, command)]),
    )
    title = f'.TH "{"-".join(names).upper()}" "{SECTION}" "" "{PROGRAM} {_version()}" "User commands"'
    lines = [line for heading, body in sections if body for line in (f".SH {heading}", *body)]
    return "\n".join((title, *lines, ""))


def text(plain: str) -> str:
    """Text as troff takes it: nothing in it is a command."""
    escaped = "".join(_SPECIAL.get(char, char) for char in plain)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def bold(plain: str) -> str:
    """Text in bold type."""
    return f"\\fB{text(plain)}\\fR"


def entry(term: str, meaning: str) -> list[str]:
    """A term, and its meaning indented below."""
    return [".TP", term, text(meaning)]


def _summary(command: click.Command) -> str:
    sentence = " ".join((command.help or "").split("\n\n")[0].split()).rstrip(".")
    return sentence[:1].lower() + sentence[1:]


def _synopsis(names: tuple[str, ...], command: click.Command, context: click.Context) -> Iterator[str]:
    if len(names) == 1:
        yield f"{bold(PROGRAM)} [OPTIONS] LOGDIR..."
        yield ".br"
    words = command.collect_usage_pieces(context)
    yield " ".join((bold(" ".join(names)), *map(text, words)))


def _description(command: click.Command) -> Iterator[str]:
    paragraphs = [*(command.help or "").split("\n\n"), command.epilog or ""]
    for number, paragraph in enumerate(filter(None, (" ".join(paragraph.split()) for paragraph in paragraphs))):
        if number:
            yield ".PP"
        yield text(paragraph)


def _commands(names: tuple[str, ...], command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            page_of = f"\\fB{text('-'.join((*names, name)))}\\fR({SECTION})"
            yield from entry(page_of, _summary(below)[:1].upper() + _summary(below)[1:] + ".")


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            yield from entry(bold(record[0]), record[1])


def _table(heading: str) -> Iterator[str]:
    """A table of docs/commands.md: its first column in bold, its second below."""
    _, _, rest = COMMANDS.read_text(encoding="utf-8").partition(f"## {heading}\n")
    rows = _ROW.findall(rest.partition("\n## ")[0])
    for term, meaning in rows[1:]:  # the first is the head
        yield from entry(bold(_unmarked(term)), _unmarked(meaning))


def _unmarked(markdown: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or found[2] or "", markdown)


def _see_also(names: tuple[str, ...], command: click.Command) -> str:
    near = [names[:-1]] if len(names) > 1 else []
    if isinstance(command, click.Group):
        near += [(*names, name) for name in command.list_commands(click.Context(command))]
    return ", ".join(f"{bold('-'.join(one))}({SECTION})" for one in near)


def _version() -> str:
    import tomllib

    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(described["project"]["version"])


def main(arguments: Sequence[str]) -> int:
    """Writes the pages anew, or with --check says whether one would change."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m tools.man [--check]", file=sys.stderr)
        return 2
    made, there = pages(), {path.name: path for path in sorted(FOLDER.glob("*"))}
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != _read(there.get(name)))
    if arguments and stale:
        print(f"not as the commands have it: {', '.join(stale)}; run python -m tools.man", file=sys.stderr)
    elif not arguments:
        _write(made, stale)
    return 1 if arguments and stale else 0


def _write(made: dict[str, str], stale: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in made:
            (FOLDER / name).write_text(made[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()


def _read(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
