"""Which clients' rules an algorithm stands for, as far as records without a key, and with an empty one, tell."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.key_sample import Sample
from ..partitioners.clients import HASHING
from ..partitioners.rules import HashPartitioner


def rules_of(algorithms: Iterable[str], sample: Sample, count: int) -> tuple[HashPartitioner, ...]:
    """The rules that take one of these algorithms and that nothing contradicts, the most usual first."""
    return tuple(
        rule for name in algorithms for rule in HASHING if rule.algorithm == name and _fits(rule, sample, count)
    )


def _fits(rule: HashPartitioner, sample: Sample, count: int) -> bool:
    nulls = {partition for partition, held in sample.held.items() if held.null}
    empties = {partition for partition, held in sample.held.items() if held.empty}
    return _may_be(rule.partition(None, count), nulls) and _may_be(rule.partition(b"", count), empties)


def _may_be(expected: int | None, places: set[int]) -> bool:
    """Whether records may lie there that a rule sends to one partition, or spreads (None).

    A rule that spreads them may by chance, or because it stays with one partition for a batch, have used only one.
    """
    return expected is None or not places or places == {expected}
