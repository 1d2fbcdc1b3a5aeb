"""Who is faster, by how much, and how sure that is: commands that run in turn, and the medians of their ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Competitor:
    """Something that is run again and again. seconds: runs it once, and tells how long it took by its own measure."""

    name: str
    seconds: Callable[[], float]


class Ratio(NamedTuple):
    """The median of the ratios of all pairs, the least and the greatest; and the median of the seconds of either."""

    median: float
    least: float
    greatest: float
    ours: float
    against: float


def rounds(competitors: Sequence[Competitor], count: int) -> Mapping[str, list[float]]:
    """The seconds of each. Every round runs all, every second one in reverse, so that none is always the first."""
    seconds: dict[str, list[float]] = {one.name: [] for one in competitors}
    for number in range(count):
        for one in competitors if number % 2 == 0 else reversed(competitors):
            seconds[one.name].append(one.seconds())
    return seconds


def ratio(ours: Sequence[float], against: Sequence[float]) -> Ratio:
    """Of two that ran in the same rounds."""
    ratios = [mine / other for mine, other in zip(ours, against, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios), median(ours), median(against))
