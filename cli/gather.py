"""Several options of a command, gathered into one value that the command is handed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from .render.escape import line

Command = Callable[..., object]
Decorator = Callable[[Command], Command]
Parsed = TypeVar("Parsed")


def gathering(name: str, gather: Callable[[dict[str, Any]], object], added: list[Decorator]) -> Decorator:
    """A decorator that adds options, and hands them to the command as one value called `name`.

    `gather` takes its own words out of those given to the command; it sees those of the decorators below it too.
    """

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


def taken(words: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Takes the words of these names out."""
    return {name: words.pop(name) for name in names & words.keys()}


def parsed(parse: Callable[[str], Parsed], text: str | None, option: str) -> Parsed | None:
    """The value of an option, or a usage error with the sentence that `parse` raises as a ValueError."""
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise click.BadParameter(line(str(error)), param_hint=option) from error
