"""Whether what is equal lies together: the sign of a partitioner that looks at it, whatever its rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10

from .chance import SURE


@dataclass(frozen=True, slots=True)
class Together:
    """Of keys or values: how many occur more than once, how many of these lie in several partitions, and the bound on
    the chance that none would.
    """

    repeated: int
    apart: int
    log10_chance: float

    @property
    def decides(self) -> bool:
        """Whether they decide: all that are equal lie together, and not by chance."""
        return self.repeated > 0 and self.apart == 0 and self.log10_chance <= SURE


def together(occurrences: Iterable[tuple[int, int]], held: Sequence[int]) -> Together:
    """occurrences: of each key or value, how many records it has and in how many partitions. held: by partition."""
    repeated = [(records, places) for records, places in occurrences if records > 1]
    likeliest = max(held) / sum(held) if sum(held) else 1.0
    followers = sum(records - 1 for records, _ in repeated)
    return Together(len(repeated), sum(places > 1 for _, places in repeated), followers * log10(likeliest))
