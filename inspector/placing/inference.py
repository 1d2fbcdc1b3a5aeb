"""What the keys of a topic tell about who placed them, and what they cannot tell.

The whole topic is judged, and each producer by itself; where partitions were added, when that was. Where chance would
fit as well, nothing is said but why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..engine.key_sample import Key, Sample, Stay
from ..words import counted
from .regimes import Found, Regime, find_regimes


class Outcome(StrEnum):
    """What can be said of a topic, or of one producer."""

    EXPLAINED = "explained"
    """One rule and today's partition count."""
    GROWN = "grown"
    """One rule, and several partition counts one after the other, or only an earlier one."""
    MIXED = "mixed"
    """Several rules."""
    PARTLY = "partly"
    """As one of the others, but keys are left that lie as no rule says."""
    NO_RULE = "no rule"
    """Enough keys, and no known rule places them so: a partitioner of somebody's own, or explicit partitions."""
    UNDECIDABLE = "undecidable"
    """One partition, no keys, or too few."""


@dataclass(frozen=True, slots=True)
class Change:
    """Partitions were added: one rule, from one count to the next.

    before, since: the last record that only the old count explains, and the first that only the new one does, by their
    timestamps. clear: whether no partition has one of the former behind one of the latter. moved: keys with records
    under both counts in different partitions.
    """

    rule: str
    old: int
    new: int
    before: tuple[Key, Stay]
    since: tuple[Key, Stay]
    clear: bool
    moved: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome for a topic or a producer, and the regimes behind it."""

    outcome: Outcome
    found: Found
    why: str = ""

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """One for each rule and count."""
        return self.found.regimes


@dataclass(frozen=True, slots=True)
class Inference:
    """All that is inferred. producers: by id, the most keys first, and no more than `MOST_PRODUCERS`; only where there
    are several. others: how many more there were.
    """

    topic: Judgement
    producers: tuple[tuple[int, Judgement], ...]
    changes: tuple[Change, ...]
    others: int = 0


def infer(sample: Sample, partition_count: int) -> Inference:
    """Judges a sample of the keys of a topic that has so many partitions now. Empty keys are no evidence: clients treat
    them as they like.
    """
    keys = [key for key in sample.keys if key.length]
    judgement = judge(keys, partition_count)
    ids = list(_producer_ids(keys)) if partition_count > 1 else []
    looked_at = ids[:MOST_PRODUCERS] if len(ids) > 1 else []
    producers = tuple(_of_producers(keys, looked_at, partition_count))
    return Inference(judgement, producers, tuple(_changes(judgement.regimes, keys)), len(ids[MOST_PRODUCERS:]))


def judge(keys: Sequence[Key], partition_count: int) -> Judgement:
    """What can be said of these keys."""
    found = find_regimes(keys, partition_count)
    if partition_count < 2:
        return Judgement(Outcome.UNDECIDABLE, found, "there is one partition, where every key must lie")
    if not keys:
        return Judgement(Outcome.UNDECIDABLE, found, "no record has a key")
    if not found.regimes:
        return _without_rule(found)
    if found.unexplained:
        return Judgement(Outcome.PARTLY, found)
    if len({regime.alike[0] for regime in found.regimes}) > 1:
        return Judgement(Outcome.MIXED, found)
    is_plain = [regime.count for regime in found.regimes] == [partition_count]
    return Judgement(Outcome.EXPLAINED if is_plain else Outcome.GROWN, found)


def _without_rule(found: Found) -> Judgement:
    if found.keys < found.needed:
        few = f"{counted(found.keys, 'distinct key')}: from {found.needed} on chance can be ruled out"
        return Judgement(Outcome.UNDECIDABLE, found, few)
    return Judgement(Outcome.NO_RULE, found)


def _producer_ids(keys: Sequence[Key]) -> dict[int, int]:
    """How many keys each producer sent, the most first."""
    counts: dict[int, int] = {}
    for key in keys:
        for producer_id in {stay.producer_id for stay in key.stays}:
            counts[producer_id] = counts.get(producer_id, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


MOST_PRODUCERS = 100
"""So many are judged each by itself."""


def _of_producers(keys: Sequence[Key], ids: Sequence[int], partition_count: int) -> Iterator[tuple[int, Judgement]]:
    own: dict[int, list[Key]] = {producer_id: [] for producer_id in ids}
    for key in keys:
        for producer_id in {stay.producer_id for stay in key.stays} & own.keys():
            own[producer_id].append(key.only(tuple(stay for stay in key.stays if stay.producer_id == producer_id)))
    for producer_id, sent in own.items():
        yield producer_id, judge(sent, partition_count)


# -- partitions that were added


def _changes(regimes: Sequence[Regime], keys: Sequence[Key]) -> Iterator[Change]:
    by_count = sorted(regimes, key=lambda regime: regime.count)
    for old in by_count:
        new = next((one for one in by_count if one.count > old.count and one.alike[0] == old.alike[0]), None)
        change = None if new is None else _change(old, new, keys)
        if change is not None:
            yield change


def _change(old: Regime, new: Regime, keys: Sequence[Key]) -> Change | None:
    before = list(_only(old, new, keys))
    since = list(_only(new, old, keys))
    if not before or not since:
        return None
    last = max(before, key=lambda pair: pair[1].last)
    first = min(since, key=lambda pair: pair[1].first)
    moved = tuple(key for key in keys if _has_moved(key, old, new))
    return Change(old.alike[0], old.count, new.count, last, first, _is_clear(before, since), moved)


def _only(wanted: Regime, other: Regime, keys: Sequence[Key]) -> Iterator[tuple[Key, Stay]]:
    """The stays that one regime explains and the other does not."""
    for key in keys:
        for stay in key.stays:
            if wanted.candidate.holds(key, stay) and not other.candidate.holds(key, stay):
                yield key, stay


def _has_moved(key: Key, old: Regime, new: Regime) -> bool:
    places = [key.numbers[regime.candidate.algorithm] % regime.count for regime in (old, new)]
    return places[0] != places[1] and key.partitions() >= set(places)


def _is_clear(before: Sequence[tuple[Key, Stay]], since: Sequence[tuple[Key, Stay]]) -> bool:
    """By offsets, which no clock can put out of order."""
    first: dict[int, int] = {}
    for _, stay in since:
        first[stay.partition] = min(stay.first.offset, first.get(stay.partition, stay.first.offset))
    return all(stay.last.offset < first.get(stay.partition, stay.last.offset + 1) for _, stay in before)
