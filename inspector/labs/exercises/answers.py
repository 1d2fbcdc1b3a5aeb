"""Answers, and how leniently they are compared: people write numbers and words in many ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from ...words import utc

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[-\u2212]?\d{1,3}(?:[,_' ]\d{3})+(?!\d)|[-\u2212]?\d+")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
MOST_DIGITS = 40
"""A longer number is none that a log holds; Python would refuse to read some of them."""


class Answer(Protocol):
    """What is right."""

    @property
    def shown(self) -> str:
        """The answer as one would write it."""

    def accepts(self, given: str) -> bool:
        """Whether what somebody wrote means this."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number; in what is given, words around it do not count."""

    value: int

    @property
    def shown(self) -> str:
        """See `Answer.shown`."""
        return str(self.value)

    def accepts(self, given: str) -> bool:
        """See `Answer.accepts`. `1,234`, `1_234`, `1 234` and `0x4d2` are all the same number."""
        return numbers_in(given) == [self.value]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Several numbers in order. also: other spellings of the same, for instance an end instead of a size."""

    values: tuple[int, ...]
    also: tuple[tuple[int, ...], ...] = ()

    @property
    def shown(self) -> str:
        """See `Answer.shown`."""
        return " ".join(map(str, self.values))

    def accepts(self, given: str) -> bool:
        """See `Answer.accepts`."""
        return tuple(numbers_in(given)) in (self.values, *self.also)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or another for the same; case, blanks and punctuation do not count."""

    word: str
    also: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """See `Answer.shown`."""
        return self.word

    def accepts(self, given: str) -> bool:
        """See `Answer.accepts`."""
        return _bare(given) in map(_bare, (self.word, *self.also))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in epoch milliseconds, given as such or as a date with a time; without a zone it is UTC."""

    timestamp: int

    @property
    def shown(self) -> str:
        """See `Answer.shown`."""
        return f"{self.timestamp} ({utc(self.timestamp)})"

    def accepts(self, given: str) -> bool:
        """See `Answer.accepts`."""
        return self.timestamp in (_milliseconds(given), *numbers_in(given)[:1])


def numbers_in(text: str) -> list[int]:
    """The numbers in a text, in order: decimal ones, also with separators between thousands, and hexadecimal ones."""
    found = (found.group() for found in _NUMBER.finditer(text))
    return [_number(digits) for digits in found if len(digits) <= MOST_DIGITS]


def _number(digits: str) -> int:
    if digits[:2] in ("0x", "0X"):
        return int(digits, 16)
    return int(re.sub(r"[,_' ]", "", digits).replace("\u2212", "-"))


def _bare(text: str) -> str:
    return _NOT_A_LETTER.sub("", text.casefold())


def _milliseconds(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip().replace(" UTC", "Z"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
