"""When each of several rules was at work: what one explains and no other does, from the first record to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..engine.key_sample import Key, Moment, Stay
from .regimes import Regime


class Span(NamedTuple):
    """Of one regime: the keys that it alone explains, and their first and last record by time."""

    regime: Regime
    keys: int
    first: Moment
    last: Moment


def spans(regimes: Sequence[Regime], keys: Sequence[Key]) -> list[Span]:
    """Of regimes that several keys tell apart, in the order of their beginnings; [] where a record has no time."""
    found = [span for regime in regimes for span in _span(regime, regimes, keys)]
    return sorted(found, key=lambda span: span.first) if all(span.first.timestamp >= 0 for span in found) else []


def follow_each_other(found: Sequence[Span]) -> bool:
    """Whether each ended before the next began."""
    return all(before.last.timestamp <= after.first.timestamp for before, after in pairwise(found))


def _span(regime: Regime, regimes: Sequence[Regime], keys: Sequence[Key]) -> Iterator[Span]:
    stays = [(key, stay) for key in keys for stay in key.stays if _is_only(regime, regimes, key, stay)]
    if stays:
        first = min(stay.first for _, stay in stays)
        yield Span(regime, len({id(key) for key, _ in stays}), first, max(stay.last for _, stay in stays))


def _is_only(regime: Regime, regimes: Sequence[Regime], key: Key, stay: Stay) -> bool:
    holding = [one for one in regimes if one.candidate.holds(key, stay)]
    return holding == [regime]
