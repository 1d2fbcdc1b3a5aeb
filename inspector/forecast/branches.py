"""What older versions would do otherwise, where nobody says which one will start: branches, and not a guess.

A forecast notes which habits of a version it asked for. Where a habit that changed was not asked for, all versions do
the same, and nothing is played through twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from .actions import Action
from .versions import Number, Range, Rules, in_words, older_ranges


class Watched:
    """Rules that note which of them were asked for."""

    def __init__(self, rules: Rules) -> None:
        self.asked: set[str] = set()
        self._rules = rules

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(self._rules, name)

    def as_rules(self) -> Rules:
        """To be handed on in their place."""
        return cast(Rules, self)


def branches(
    newest: Sequence[Action], watched: Watched, rules: Rules, play: Callable[[Rules], Iterable[Action]]
) -> Iterator[Action]:
    """The actions of older versions that are none of the newest, each with the versions that it depends on.

    newest: the actions of the newest version, for which `watched` was asked. play: the actions by other rules.
    """
    by_action: dict[Action, list[Range]] = {}
    for versions in older_ranges():
        if _differ(versions, watched.asked, rules):
            for action in play(versions.rules):
                if action not in newest:
                    by_action.setdefault(action, []).append(versions)
    for action, ranges in by_action.items():
        for since, until in _stretches(ranges):
            yield replace(action, versions=in_words(since, until))


def _differ(versions: Range, asked: set[str], rules: Rules) -> bool:
    return any(getattr(versions.rules, name) != getattr(rules, name) for name in asked - {"version"})


def _stretches(ranges: Sequence[Range]) -> Iterator[tuple[Number, Number]]:
    """Ranges that follow each other as one."""
    since = ranges[0].since
    for one, following in zip(ranges, (*ranges[1:], None), strict=True):
        if following is None or following.since != one.until:
            yield since, one.until
            since = one.until if following is None else following.since
