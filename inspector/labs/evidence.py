"""Lines for people: which records a lab puts where, and the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..words import counted
from .lab import Lab, LabRecord
from .tally import Spread

RANDOM, STICKY, ROUND_ROBIN, NO_CHOICE = "chose at random", "was sticky", "took turns (round-robin)", "had no choice"
"""What a client did, as it is told of it."""


def placement_lines(lab: Lab, partition_count: int, runs: int = 1) -> tuple[str, ...]:
    """One line a partition that gets records, for instance `partition 0: 3 → 369   (3 % 3 = 0; 369 % 3 = 0)`."""
    by_partition: dict[int, list[LabRecord]] = {}
    for record in lab.expected(partition_count):
        if record.partition is not None:
            by_partition.setdefault(record.partition, []).append(record)
    placed = sorted(by_partition.items())
    times = f", {runs:,} times" if runs > 1 else ""
    return tuple(
        f"partition {number}: {_sequence(lab, records)}{times}   ({_reasons(lab, records, partition_count)})"
        for number, records in placed
    )


def spread_lines(spreads: Mapping[int, Spread], partition_count: int) -> tuple[str, ...]:
    """What a client did with records without partition and key: a line for each partition, and what it looks like."""
    lines = [_spread_line(number, spread) for number, spread in sorted(spreads.items())]
    return (*lines, _explanation(spreads.values(), partition_count))


def manner(spreads: Iterable[Spread], partition_count: int) -> str:
    """How a client chose, judged by how long it stayed: RANDOM, STICKY, ROUND_ROBIN or NO_CHOICE.

    A stretch is a number of records sent one after another into one partition. Drawn at random among n partitions,
    stretches are n / (n - 1) records long on average; dealt out in turn, exactly one.
    """
    records, stretches = _totals(spreads)
    if partition_count < 2 or not stretches:
        return NO_CHOICE
    mean = records / stretches
    if records == stretches and records > partition_count:
        return ROUND_ROBIN
    return STICKY if mean >= 2 * partition_count / (partition_count - 1) else RANDOM


def impossible_lines(lab: Lab, partition_count: int) -> tuple[str, ...]:
    """The records that cannot be sent to a topic with so few partitions, on one line; none if all can."""
    possible = {record.identity for record in lab.expected(partition_count)}
    left_out = [record for record in lab.expected(lab.partitions) if record.identity not in possible]
    if not left_out:
        return ()
    labels = ", ".join(lab.label(record) for record in left_out)
    return (f"not sent at all: {labels}   (their partitions do not exist)",)


def _sequence(lab: Lab, records: list[LabRecord]) -> str:
    return " → ".join(lab.label(record) for record in records)


def _reasons(lab: Lab, records: list[LabRecord], partition_count: int) -> str:
    return "; ".join(dict.fromkeys(lab.reason(record, partition_count) for record in records))


def _spread_line(number: int, spread: Spread) -> str:
    stretches = counted(spread.stretches, "stretch", "stretches")
    return f"partition {number}: {counted(spread.records, 'record')} in {stretches}, the longest of {spread.longest:,}"


def _explanation(spreads: Iterable[Spread], partition_count: int) -> str:
    how = manner(spreads, partition_count)
    if how == NO_CHOICE:
        return "with one partition there is nothing to choose"
    records, stretches = _totals(spreads)
    random_mean = partition_count / (partition_count - 1)
    return (
        f"the client stayed {records / stretches:.1f} records in a partition on average: it {how} "
        f"(at random it would be {random_mean:.1f}, in turn 1.0, sticky as long as a batch)"
    )


def _totals(spreads: Iterable[Spread]) -> tuple[int, int]:
    listed = tuple(spreads)
    return sum(spread.records for spread in listed), sum(spread.stretches for spread in listed)
