"""Names as people type and read them: made safe to print, and found again when typed nearly right.

A directory can hold names that no broker wrote: escape sequences, bytes that are no UTF-8. `printable` is what stands
between them and a terminal, a log line or a JSON object.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from .errors import UnknownTopicError

NEAREST_CHOICES_LIMIT = 10_000
"""So many names are looked at for a did-you-mean; more would cost seconds."""

_LOWEST_SURROGATE_OF_A_BYTE = 0xDC00  # PEP 383: os.fsdecode keeps an undecodable byte NN as U+DCNN


def printable(text: str) -> str:
    r"""`text` with every character that could forge or hide output escaped; idempotent, and plain text stays as it is.

    `\xNN` is one byte (control characters below 0x80, and bytes of a name that is no UTF-8), `\uNNNN` or `\UNNNNNNNN` a
    character (controls above, bidirectional marks, line separators, unassigned). A backslash is left alone.
    """
    return text if text.isprintable() else "".join(map(_printable_character, text))


def excerpt(text: str, limit: int = 60) -> str:
    """`text` made printable and cut to about `limit` characters, for quoting what stands in a file."""
    return printable(text) if len(text) <= limit else printable(text[:limit]) + "…"


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as messages name it."""
    return printable(os.fspath(path))


def nearest(name: str, choices: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of `choices` that `name` may have meant, best first."""
    by_folded = {choice.casefold(): choice for choice, _ in zip(choices, range(NEAREST_CHOICES_LIMIT), strict=False)}
    return [by_folded[match] for match in difflib.get_close_matches(name.casefold(), list(by_folded), count)]


def did_you_mean(choices: Sequence[str]) -> str:
    """A hint naming `choices`, or nothing where there are none."""
    return f"Did you mean {' or '.join(choices)}?" if choices else ""


def no_such(what: str, name: str, known: Sequence[str], more: str = "") -> str:
    """That there is no such thing, which there are, and which may have been meant. more: said behind the known ones."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"no {what} '{name}'; there are {', '.join(known)}{more}.{hint}"


def match_topics(names: Collection[str], patterns: Sequence[str] = ()) -> list[str]:
    """The topics that `patterns` select, sorted: exact names, globs (`*`, `?`, `[…]`), and `!pattern` to exclude.

    No pattern that includes means all. A name that is literally there wins over its reading as a glob or exclusion.
    Raises UnknownTopicError for a pattern that matches nothing, naming the nearest topics.
    """
    known = set(names)
    included: set[str] = set()
    excluded: set[str] = set()
    includes_are_given = False
    for pattern in map(printable, patterns):
        excludes = pattern.startswith("!") and pattern not in known
        includes_are_given = includes_are_given or not excludes
        (excluded if excludes else included).update(_matching(pattern[1:] if excludes else pattern, known))
    return sorted((included if includes_are_given else known) - excluded)


def _matching(pattern: str, known: set[str]) -> set[str]:
    matches = {pattern} if pattern in known else {name for name in known if fnmatchcase(name, pattern)}
    if not matches:
        raise UnknownTopicError(f"no topic matches '{pattern}'", hint=_topics_hint(pattern, known))
    return matches


def _topics_hint(pattern: str, known: set[str]) -> str:
    near = did_you_mean(nearest(pattern, sorted(known)))
    if near or not known:
        return near or "No topic is known here by name."
    some = ", ".join(sorted(known)[:5])
    return f"Known here: {some}{', …' if len(known) > 5 else ''}"


def _printable_character(character: str) -> str:
    code = ord(character)
    if character.isprintable():
        return character
    if code < 0x80 or 0x80 <= code - _LOWEST_SURROGATE_OF_A_BYTE <= 0xFF:
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
