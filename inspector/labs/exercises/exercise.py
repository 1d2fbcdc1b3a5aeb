"""What an exercise is: an idea, and how to make a question about it from the data at hand."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from ...names import printable
from .answers import Answer
from .material import Material


@dataclass(frozen=True, slots=True)
class Place:
    """What a question is about. file: as the user can open it. position: in bytes, None for the file as a whole."""

    topic: str | None
    partition: int | None
    file: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that is easy to give, and what to say to whoever gives it."""

    answer: Answer
    hint: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question about bytes of one log directory, and all that is needed to judge an answer.

    text: one paragraph, which names the place. hint: what helps on without giving the answer away. why: how the answer
    follows, with its numbers. command: the arguments of the `kinspect` command that shows it.
    """

    place: Place
    text: str
    answer: Answer
    hint: str
    why: str
    command: tuple[str, ...]
    mistakes: tuple[Mistake, ...] = ()

    def hint_for(self, given: str) -> str:
        """What to say to a wrong answer: what is special about it if anything is, else the hint."""
        return next((mistake.hint for mistake in self.mistakes if mistake.answer.accepts(given)), self.hint)

    @property
    def command_line(self) -> str:
        """The command as it may be shown and copied."""
        return printable(shlex.join(("kinspect", *self.command)))


@dataclass(frozen=True, slots=True)
class Exercise:
    """One idea of the format. name: a few words with dashes. title: what one learns.

    needs: what data it takes, in words. ask: makes the question, or tells by None that there is no such data.
    """

    name: str
    title: str
    needs: str
    ask: Callable[[Material], Question | None]
