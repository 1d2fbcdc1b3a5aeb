"""A lookup by key, told step by step."""

from __future__ import annotations

from collections.abc import Iterator

from ..partitioners import PARTITIONERS
from ..placing.growth import Growth
from ..placing.words import growth_in_words, shown
from ..words import counted, utc
from .answers import Answer
from .by_key import DEFAULT, KeyInPartition, KeyLookup, Sighting, counts_that_place, rules_that_place
from .step import Step, Where
from .telling import listed


def key_steps(lookup: KeyLookup, growths: tuple[Growth, ...], *, of_all: bool) -> Iterator[Step]:
    """The steps.

    growths: when partitions were added, as far as the metadata log tells. of_all: no partition is left out.
    """
    what = "Kafka keeps no index by key: a broker cannot look one up"
    yield Step(Where.INDEX, what, "only reading everything finds it")
    yield _default_step(lookup)
    yield from map(_partition_step, lookup.partitions)
    yield from (_last_step(one, one.last) for one in lookup.holders if one.last is not None)
    yield from (_placed_step(lookup, one) for one in lookup.holders)
    if len(lookup.holders) > 1:
        yield from _moved_steps(lookup, growths)
    yield _answer_step(lookup, of_all=of_all)
    yield _cost_step(lookup)


def _default_step(lookup: KeyLookup) -> Step:
    count = lookup.partition_count
    explained = PARTITIONERS[DEFAULT].explain(lookup.key, shown(lookup.key), count)
    what = f"Java's default partitioner takes partition {lookup.default}: {explained}"
    why = "a hash of the key, modulo the number of partitions; which rule the producer used, the disk does not say"
    return Step(Where.KEY, what, why)


def _partition_step(one: KeyInPartition) -> Step:
    what = f"partition {one.number}: {counted(one.count, 'record')} with this key"
    why = f"all of it was read: {one.bytes_passed:,} bytes in {counted(one.segments, 'segment')}"
    return Step(Where.LOG, what, why, bytes_read=one.bytes_passed)


def _last_step(one: KeyInPartition, last: Sighting) -> Step:
    """The last record of a partition: the one that compaction keeps."""
    record = last.record
    moment = utc(record.timestamp) if record.timestamp >= 0 else "no timestamp"
    tombstone = ", a tombstone" if record.value is None else ""
    what = f"partition {one.number}: last at offset {record.offset}, {moment}{tombstone}"
    return Step(
        Where.RECORD, what, _kept(one, is_tombstone=bool(tombstone)), last.segment.name, None, last.batch.position,
        record.offset, None, record.timestamp,
    )  # fmt: skip


def _kept(one: KeyInPartition, *, is_tombstone: bool) -> str:
    """What compaction would do, if the topic's cleanup.policy asks for it: that is not on the disk."""
    if is_tombstone:
        return "compaction would remove what is before it, and in the end the tombstone too"
    if one.count == 1:
        return "compaction would keep it"
    before = counted(one.count - 1, "record")
    return f"compaction would keep it, and remove the {before} before it, once in closed segments"


def _placed_step(lookup: KeyLookup, one: KeyInPartition) -> Step:
    """Why the key lies where it lies."""
    if one.number == lookup.default:
        return Step(Where.KEY, f"partition {one.number} is where Java's default puts it")
    return Step(Where.KEY, f"partition {one.number} is not where Java's default puts it", _other_rules(lookup, one))


def _moved_steps(lookup: KeyLookup, growths: tuple[Growth, ...]) -> Iterator[Step]:
    numbers = listed([one.number for one in lookup.holders])
    what = f"the key moved: it lies in partitions {numbers}, in the order of its first records"
    why = "order and compaction hold within one partition only: old values in another one stay"
    yield Step(Where.KEY, what, why)
    for growth in growths:
        yield Step(Where.KEY, growth_in_words(growth), "from then on the hash is taken modulo another number")


def _other_rules(lookup: KeyLookup, one: KeyInPartition) -> str:
    """What would explain it: fewer partitions at the time, or a client with another rule."""
    counts = counts_that_place(lookup.key, one.number, lookup.partition_count)
    rules = [rule.name for rule in rules_that_place(lookup.key, one.number, lookup.partition_count)]
    told = []
    if counts:
        told.append(f"it would if there were {listed(counts)} partitions")
    if rules:
        told.append(f"the rules of other clients that would: {', '.join(rules)}")
    unknown = "no rule that is known would: the producer named the partition, or has a rule of its own"
    return "; ".join(told) or unknown


def _answer_step(lookup: KeyLookup, *, of_all: bool) -> Step:
    count = sum(one.count for one in lookup.partitions)
    where = "in the topic" if of_all else "in the partitions that are here"
    what = f"{counted(count, 'record')} with the key {shown(lookup.key)} {where}"
    return Step(Where.ANSWER, what, answer=str(Answer.FOUND if count else Answer.NONE))


def _cost_step(lookup: KeyLookup) -> Step:
    passed = sum(one.bytes_passed for one in lookup.partitions)
    what = f"{passed:,} bytes of log in {counted(len(lookup.partitions), 'partition')}"
    return Step(Where.COST, what, "all there is: no index helps", bytes_read=passed)
