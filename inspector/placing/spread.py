"""How a producer spread records that no key places: in runs, by turns, or neither.

Java's clients and librdkafka stay with one partition for a while and then change it (KIP-480, KIP-794); others take the
partitions by turns. Both leave an order in time that chance does not make. Records of the same millisecond have no
order, so each claim is held against the order that speaks most against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from math import log10
from typing import NamedTuple

from .chance import SURE, log10_chance


class Sent(NamedTuple):
    """One record: when, where, and in which batch (its position in its segment, and the segment's base offset)."""

    timestamp: int
    partition: int
    offset: int
    batch: tuple[int, int]


class Manner(StrEnum):
    """What can be said of the records of one producer."""

    RUNS = "runs"
    """Many to one partition, then many to another: sticky."""
    TURNS = "turns"
    """Each to the next partition, or to the next but some."""
    NEITHER = "neither"
    """Enough records, and no order: at random, or by something in them."""
    UNDECIDABLE = "undecidable"
    """Too few, all in one partition, or without times that tell an order."""


class Run(NamedTuple):
    """Records that followed each other in time in one partition."""

    partition: int
    first_offset: int
    last_offset: int
    batches: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How one producer spread its records.

    stride: of turns, by how many partitions it goes on. log10_chance: of the claim. runs: the first few.
    """

    manner: Manner
    records: int
    partitions: int
    log10_chance: float = 0.0
    stride: int = 0
    runs: tuple[Run, ...] = ()
    why: str = ""


FEWEST = 20
"""Fewer records than that are not judged as without order: an order of few cannot be told from chance."""

SHOWN_RUNS = 3
"""So many runs are shown."""


def spread_of(sent: Sequence[Sent], count: int) -> Spread:
    """Judges the records of one producer in a topic of so many partitions."""
    places = Counter(one.partition for one in sent)
    about = len(sent), len(places)
    if len(places) < 2:
        return Spread(Manner.UNDECIDABLE, *about, why="all lie in one partition")
    if any(one.timestamp < 0 for one in sent):
        return Spread(Manner.UNDECIDABLE, *about, why="they have no timestamps")
    moments = _moments(sent)
    in_runs = _chance_of_runs(moments, places)
    if in_runs <= SURE:
        return Spread(Manner.RUNS, *about, in_runs, runs=tuple(_runs(sent))[:SHOWN_RUNS])
    stride, by_turns = _turns(moments, places, count)
    if by_turns <= SURE:
        return Spread(Manner.TURNS, *about, by_turns, stride)
    return _neither(moments, *about)


def _neither(moments: Sequence[Counter[int]], records: int, partitions: int) -> Spread:
    alone = sum(len(moment) == 1 for moment in moments)
    if records < FEWEST:
        return Spread(Manner.UNDECIDABLE, records, partitions, why=f"there are only {records}")
    if alone < len(moments) / 2:
        why = "most were sent in the same millisecond as one to another partition, so their order is not known"
        return Spread(Manner.UNDECIDABLE, records, partitions, why=why)
    return Spread(Manner.NEITHER, records, partitions)


def _moments(sent: Sequence[Sent]) -> list[Counter[int]]:
    """How many records went where, millisecond by millisecond."""
    in_time = sorted(sent)
    return [Counter(one.partition for one in same) for _, same in groupby(in_time, key=lambda one: one.timestamp)]


# -- runs


def _chance_of_runs(moments: Sequence[Counter[int]], places: Counter[int]) -> float:
    """That so few changes of the partition, counted as many as there may have been, come about by chance."""
    records = sum(places.values())
    steps = records - 1
    stays = steps - _most_changes(moments)
    same = sum((number / records) ** 2 for number in places.values())
    return _of_steps(stays, steps, same)


def _of_steps(taken: int, steps: int, probability: float) -> float:
    """The bound for steps from each record to the next. Only every second one is independent of the one before."""
    return min(0.0, log10_chance(taken, steps, probability) / 2 + log10(2))


def _most_changes(moments: Sequence[Counter[int]]) -> int:
    within = sum(_most_changes_within(moment) for moment in moments)
    between = sum(len(before | after) > 1 for before, after in pairwise(moments))
    return within + between


def _most_changes_within(moment: Counter[int]) -> int:
    """Of some records in the order that changes most: the most frequent partition after each other one."""
    records = sum(moment.values())
    others = records - max(moment.values())
    return min(records - 1, 2 * others)


def _runs(sent: Sequence[Sent]) -> Iterator[Run]:
    for partition, same in groupby(sorted(sent), key=lambda one: one.partition):
        run = list(same)
        batches = len({one.batch for one in run})
        yield Run(partition, run[0].offset, run[-1].offset, batches)


# -- turns


def _turns(moments: Sequence[Counter[int]], places: Counter[int], count: int) -> tuple[int, float]:
    """The stride that most steps have, and the chance of that; only steps whose order is known are looked at."""
    alone = [next(iter(moment)) if sum(moment.values()) == 1 else None for moment in moments]
    steps = [(after - before) % count for before, after in pairwise(alone) if before is not None and after is not None]
    if not steps:
        return 0, 0.0
    stride, taken = Counter(step for step in steps if step).most_common(1)[0] if any(steps) else (0, 0)
    likeliest = max(places.values()) / sum(places.values())
    return stride, min(0.0, _of_steps(taken, len(steps), likeliest) + log10(count))
