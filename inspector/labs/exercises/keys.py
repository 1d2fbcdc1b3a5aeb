"""Exercises on keys and partitions: by hash, by hash when a partition is added, by a rule of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from ...hashing import murmur2, to_positive
from ...model import RecordBatch
from ...partitioners import PARTITIONERS
from ..text import shown
from .answers import Number
from .exercise import Exercise, Mistake, Place, Question
from .material import Headed, Material

MOST_BATCHES = 20
"""So many batches of a segment are looked at for their keys."""

MOST_KEY_BYTES = 40
"""Longer keys are no fun to hash."""


class _Keyed(NamedTuple):
    """A topic with partitions 0 to size - 1, and keys in it, each with its partition."""

    topic: str
    size: int
    keys: dict[bytes, int]


def _topics(material: Material) -> Iterator[_Keyed]:
    """The topics with all of at least two partitions, and with keys that each lie in one partition only."""
    segments: dict[str, list[Headed]] = {}
    for headed in material.segments():
        log = headed.log
        if log.topic is not None and log.partition is not None and not log.is_internal:
            segments.setdefault(log.topic, []).append(headed)
    for topic, of_topic in segments.items():
        numbers = {headed.log.partition for headed in of_topic}
        if len(numbers) > 1 and numbers == set(range(len(numbers))):
            keys = _keys(material, of_topic)
            if keys:
                yield _Keyed(topic, len(numbers), keys)


def _keys(material: Material, segments: list[Headed]) -> dict[bytes, int]:
    """No keys at all where one lies in two partitions: then no rule of one key and one count placed them."""
    keys: dict[bytes, int] = {}
    for key, partition in _placed(material, segments):
        if keys.setdefault(key, partition) != partition:
            return {}
    return keys


def _placed(material: Material, segments: list[Headed]) -> Iterator[tuple[bytes, int]]:
    def has_records(batch: RecordBatch) -> bool:
        return not batch.is_control and bool(batch.records_count)

    for headed in segments:
        for placed in islice(material.batches(has_records, [headed]), MOST_BATCHES):
            raw = material.raw(placed)
            for record in raw.records if raw is not None else ():
                if record.key:
                    yield record.key, headed.log.partition or 0


def _best(
    material: Material, rule: Callable[[bytes, int], int | None], worth: Callable[[bytes, int], int]
) -> tuple[_Keyed, bytes] | None:
    """Of the topics of which all keys lie as the rule has it, the key that is worth most; the first of equals."""
    found = [
        (keyed, key)
        for keyed in _topics(material)
        if all(rule(key, keyed.size) == partition for key, partition in keyed.keys.items())
        for key in keyed.keys
        if len(key) <= MOST_KEY_BYTES and key.isascii() and key.decode().isprintable()
    ]
    return max(found, key=lambda one: worth(one[1], one[0].size), default=None)


def _by_java(key: bytes, count: int) -> int | None:
    return PARTITIONERS["java"].partition(key, count)


def _by_remainder(key: bytes, count: int) -> int | None:
    return int(key) % count if key.isdigit() else None


def _murmur2(material: Material) -> Question | None:
    found = _best(material, _by_java, lambda key, _: murmur2(key) < 0)
    if found is None:
        return None
    (topic, count, _), key = found
    hashed, positive = murmur2(key), to_positive(murmur2(key))
    return Question(
        Place(topic, None),
        f"The topic {topic} has {count} partitions. Java's client, which hashes with murmur2, sends a record with the "
        f'key "{shown(key)}"; murmur2 of these bytes is {hashed}. To which partition does it go?',
        Number(positive % count),
        "The client drops the sign bit (hash & 0x7fffffff, which is not the absolute value), and takes the remainder.",
        f"{hashed} without its sign bit is {positive}, and {positive} % {count} = {positive % count}."
        if hashed < 0
        else f"{hashed} has no sign bit to drop, and {hashed} % {count} = {positive % count}.",
        _lookup(material, topic, key),
        _if_other(Number(abs(hashed) % count), positive % count, "The absolute value is not what is taken: drop the "
        "sign bit, hash & 0x7fffffff."),
    )  # fmt: skip


def _partition_added(material: Material) -> Question | None:
    found = _best(material, _by_java, lambda key, count: _by_java(key, count) != _by_java(key, count + 1))
    if found is None:
        return None
    (topic, count, keys), key = found
    positive, more = to_positive(murmur2(key)), count + 1
    return Question(
        Place(topic, keys[key]),
        f'In the topic {topic}, with {count} partitions, the records with the key "{shown(key)}" lie in partition '
        f"{keys[key]} (murmur2 without its sign bit: {positive}). One more partition is added. Where do new records "
        "with this key go?",
        Number(positive % more),
        "The rule is the same, one number in it is another.",
        f"{positive} % {more} = {positive % more}; before it was {positive} % {count} = {keys[key]}. Nothing moves "
        "what is there already: from now on the records with this key lie in two partitions, without a common order.",
        _lookup(material, topic, key),
        _if_other(Number(keys[key]), positive % more, "That is where the old records stay. The remainder is taken by "
        "another number now."),
    )  # fmt: skip


def _remainder(material: Material) -> Question | None:
    found = _best(material, _by_remainder, lambda key, _: int(key))
    if found is None:
        return None
    (topic, count, keys), key = found
    return Question(
        Place(topic, keys[key]),
        f"A partitioner of one's own takes the key as a number, modulo the number of partitions. The topic {topic} has "
        f"{count}. To which one goes the key {int(key)}?",
        Number(int(key) % count),
        "Modulo is what is left when as many whole times as possible are taken away.",
        f"{int(key)} % {count} = {int(key) % count}: {int(key) // count} times {count} is "
        f"{int(key) // count * count}, and {int(key) % count} is left.",
        (material.path, "--topic", topic),
        _if_other(Number(int(key) // count), int(key) % count, "That is how many times it goes in, not what is left."),
    )


def _if_other(wrong: Number, right: int, hint: str) -> tuple[Mistake, ...]:
    """A mistake, unless it happens to come to what is right."""
    return (Mistake(wrong, hint),) if wrong.value != right else ()


def _lookup(material: Material, topic: str, key: bytes) -> tuple[str, ...]:
    return ("lookup", material.path, "-t", topic, "--key", shown(key))


EXERCISES = (
    Exercise("murmur2", "Which partition a key goes to", "a topic with keys placed by murmur2", _murmur2),
    Exercise("partition-added", "Why the same key moved", "a topic with keys placed by murmur2", _partition_added),
    Exercise("remainder", "A rule of one's own", "a topic with numbers as keys, placed by remainder", _remainder),
)
