"""Regimes: each an algorithm and a partition count under which a part of the keys was placed.

They are found greedily: the candidate that explains most of what is not explained yet is taken as long as chance does
not explain as much. Where a topic grew, or two kinds of clients write to it, there are several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..engine.key_sample import NAMES, Key, Stay
from .chance import SURE, keys_needed, log10_chance, mean_probability

MOST_REGIMES = 6
"""Three counts by two kinds of clients; beyond, nobody could follow."""

ROUNDS = ((64, 256), (512, 8), (8192, 1))
"""How many keys the candidates are held against, and how many of them are left for the next round."""

MOST_COUNTS = 2048
"""Of a topic with more than twice as many partitions, so many of the least and of the greatest counts are tried."""


class Candidate(NamedTuple):
    """An algorithm (its place in `NAMES`) and a partition count."""

    algorithm: int
    partition_count: int

    def holds(self, key: Key, stay: Stay) -> bool:
        """Whether the key's records lie there as this says."""
        return key.numbers[self.algorithm] % self.partition_count == stay.partition


@dataclass(frozen=True, slots=True)
class Regime:
    """A candidate that chance does not explain.

    alike: the algorithms that say the same of all these keys, the most usual first. keys: distinct keys of which some
    records lie so and were not explained by the regimes before. log10_chance: the bound that rules chance out.
    """

    alike: tuple[str, ...]
    count: int
    keys: int
    log10_chance: float

    @property
    def candidate(self) -> Candidate:
        """What holds or not."""
        return Candidate(NAMES.index(self.alike[0]), self.count)


@dataclass(frozen=True, slots=True)
class Found:
    """The regimes, and the keys of which some records lie as none of them says.

    keys: how many there were. needed: how many would have been needed to rule chance out.
    """

    regimes: tuple[Regime, ...]
    unexplained: tuple[Key, ...]
    keys: int
    needed: int


def find_regimes(keys: Sequence[Key], partition_count: int) -> Found:
    """The regimes of these keys in a topic with so many partitions now; partitions are added and never taken away."""
    candidates = [Candidate(one, count) for one in range(len(NAMES)) for count in _counts(partition_count)]
    needed = keys_needed(partition_count, max(1, len(candidates)))
    regimes: list[Regime] = []
    left = [key for key in keys if key.stays]
    while candidates and len(left) >= needed and len(regimes) < MOST_REGIMES:
        regime = _best(left, candidates)
        if regime is None:
            break
        regimes.append(regime)
        left = list(_without(left, regime.candidate))
    return Found(tuple(regimes), tuple(left), len(keys), needed)


def _counts(partition_count: int) -> list[int]:
    """Today's count first, then earlier ones."""
    greatest = range(partition_count, max(1, partition_count - MOST_COUNTS), -1)
    return [*greatest, *range(min(greatest.stop, MOST_COUNTS), 1, -1)]


def _best(keys: Sequence[Key], candidates: Sequence[Candidate]) -> Regime | None:
    best = _winner(keys, candidates)
    chance = _judge(best, keys) + math.log10(len(candidates))
    if chance > SURE:
        return None
    alike = [one for one in candidates if one.partition_count == best.partition_count and _is_alike(one, best, keys)]
    names = tuple(NAMES[one.algorithm] for one in alike)
    return Regime(names, best.partition_count, sum(_matches(best, key) for key in keys), chance)


def _winner(keys: Sequence[Key], candidates: Sequence[Candidate]) -> Candidate:
    for looked_at, left in ROUNDS:
        some = keys[:looked_at]
        candidates = sorted(candidates, key=lambda one, some=some: _judge(one, some))[:left]  # type: ignore[misc]
    return candidates[0]


def _is_alike(candidate: Candidate, best: Candidate, keys: Sequence[Key]) -> bool:
    """Whether both say the same of every place of every key."""
    return all(candidate.holds(key, stay) == best.holds(key, stay) for key in keys for stay in key.stays)


def _judge(candidate: Candidate, keys: Sequence[Key]) -> float:
    matches = sum(_matches(candidate, key) for key in keys)
    probability = mean_probability((len(key.partitions()) for key in keys), candidate.partition_count)
    return log10_chance(matches, len(keys), probability)


def _matches(candidate: Candidate, key: Key) -> bool:
    return any(candidate.holds(key, stay) for stay in key.stays)


def _without(keys: Sequence[Key], candidate: Candidate) -> Iterator[Key]:
    """What is left of the keys when the stays that a candidate explains are taken away."""
    for key in keys:
        stays = tuple(stay for stay in key.stays if not candidate.holds(key, stay))
        if stays:
            yield key.only(stays)
