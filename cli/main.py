"""The command group: the default command, commands loaded when used, and the way out.

`kinspect LOGDIR` means `kinspect show LOGDIR`. That is a rule about paths, not a catch-all, so that a mistyped command
is never taken for a directory. Exit codes and failures are in `exits.py`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import exits
from .nearest import nearest, nearest_path
from .output import VERBOSE
from .render.escape import line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "kinspect"
COMPLETE_VARIABLE = "_KINSPECT_COMPLETE"

COMMANDS = (
    "show", "ls", "batches", "explain", "lookup", "verify", "recovery", "salvage", "placement", "audit", "labs",
    "doctor",
)  # fmt: skip
"""The verbs, in the order of the help text; each is a module of `commands/`."""

DEFAULT_COMMAND = "show"
OWN_OPTIONS = ("--help", "--version")
LOOKS_LIKE_A_PATH = re.compile(r"[.~]|[A-Za-z]:|[^/\\]*[/\\]")


def wants_default(token: str) -> bool:
    """Whether the first token belongs to the default command: a path or an option, but neither a command nor a typo."""
    if token in COMMANDS or token in OWN_OPTIONS:
        return False
    return token.startswith("-") or LOOKS_LIKE_A_PATH.match(token) is not None or os.path.lexists(token)


def neither_command_nor_path(token: str) -> exits.CommandError:
    """The error for a first token that is nothing known; exit code 2 when a command is near, else 3."""
    command = nearest(token, COMMANDS)
    near = command or nearest_path(token)
    hint = f" Did you mean '{line(near)}'?" if near else ""
    message = f"'{line(token)}' is neither a command nor an existing path.{hint}"
    return exits.CommandError(message, exits.USAGE if command else exits.INCOMPLETE)


class CommandGroup(click.Group):
    """A click group with a default command, lazy commands, and this project's exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports the verb's module now that it is asked for."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f".commands.{cmd_name}", __package__), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `show` in front where the default command is meant."""
        if args and wants_default(args[0]):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Says what is near when the first token is nothing known."""
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise neither_command_nor_path(args[0])
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The first word may be a path as well as a command."""
        from click.shell_completion import CompletionItem

        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Runs the command line and exits; see `exits.guarded` for every way it can end."""
        words = list(sys.argv[1:] if args is None else args)
        seen: list[click.Context] = []
        self._complete_and_exit()

        def run() -> object:
            with self.make_context(prog_name or PROGRAM, words, **extra) as context:
                seen.append(context)
                return self.invoke(context)

        sys.exit(exits.guarded(run, is_verbose=lambda: any(context.meta.get(VERBOSE) for context in seen)))

    def _complete_and_exit(self) -> None:
        """Answers a shell that asks for completions; does nothing in an ordinary run."""
        instruction = os.environ.get(COMPLETE_VARIABLE)
        if instruction:
            from click.shell_completion import shell_complete

            from . import bash

            bash.use()
            sys.exit(shell_complete(self, {}, PROGRAM, COMPLETE_VARIABLE, instruction))


def show_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Prints the version and the engine that reads, and stops."""
    if not asked or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    from inspector.engine import taken_by_auto

    click.echo(f"{PROGRAM} {version(PROGRAM)} (engine: {taken_by_auto()})")
    ctx.exit()


@click.group(
    cls=CommandGroup,
    epilog="Exit codes: 0 done; 1 something found, an expectation not met, or no such topic; 2 usage error; "
    "3 not everything could be read; 130 stopped by Ctrl-C.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Show the version and the engine that reads.",
)
def kinspect() -> None:
    """See what a Kafka broker really wrote to disk, without a running broker and without changing a byte.

    kinspect LOGDIR [--topic T] is short for kinspect show LOGDIR [--topic T]. LOGDIR is a broker's log directory, one
    topic-partition directory in it, or one segment file.
    """
