"""How probable it is that keys lie as a rule says although the rule had nothing to do with it."""

from __future__ import annotations

import math
from collections.abc import Iterable

SURE = -6.0
"""The logarithm to base 10 below which chance is ruled out: one in a million, all candidates together."""


def log10_chance(matches: int, trials: int, probability: float) -> float:
    """The logarithm to base 10 of an upper bound of the probability of so many matches or more.

    Chernoff's bound; by Hoeffding it holds too where the trials have different probabilities with that mean. 0.0 where
    no more matched than would by chance.
    """
    if trials == 0 or probability >= 1 or matches <= trials * probability:
        return 0.0
    share = matches / trials
    divergence = share * math.log(share / probability)
    if share < 1:
        divergence += (1 - share) * math.log((1 - share) / (1 - probability))
    return -trials * divergence / math.log(10)


def mean_probability(places: Iterable[int], count: int) -> float:
    """That a key lies, among others, where a rule says, averaged. places: in how many of `count` each key lies."""
    shares = [min(1.0, number / count) for number in places]
    return sum(shares) / len(shares) if shares else 1.0


def keys_needed(count: int, candidates: int) -> int:
    """How many distinct keys, all in one partition each, rule chance out where each lies as the rule says."""
    if count < 2:
        return 0
    return math.ceil((math.log10(candidates) - SURE) / math.log10(count))
