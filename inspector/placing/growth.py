"""When partitions were added, by the cluster's own metadata log: a `PartitionRecord` for each partition that is made.

Only what is still in the log is told; what was compacted into a snapshot has no time. Sources: `TopicRecord` and
`PartitionRecord`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..cluster_metadata import PARTITION, TOPIC, messages
from ..engine import Engine
from ..partition import PartitionLog


class Growth(NamedTuple):
    """Partitions that a topic got at a time (epoch milliseconds). offset: in the metadata log, of the first of them."""

    old: int
    new: int
    offset: int
    timestamp: int


class _Made(NamedTuple):
    """One partition that was made."""

    partition: int
    offset: int
    timestamp: int


def partitions_added(log: PartitionLog, engine: Engine) -> dict[str, list[Growth]]:
    """By topic, each time that partitions were added to it, its making left out.

    Of a topic that was deleted and made anew, the last one counts.
    """
    ids: dict[str, object] = {}
    made: dict[object, list[_Made]] = {}
    for kind, body, offset, timestamp in messages(log, engine, (TOPIC, PARTITION)):
        if kind == TOPIC:
            ids[body["name"]] = body["topicId"]
        else:
            made.setdefault(body["topicId"], []).append(_Made(int(body["partitionId"]), offset, timestamp))
    return {topic: list(_growths(made.get(topic_id, []))) for topic, topic_id in ids.items()}


def _growths(made: list[_Made]) -> Iterator[Growth]:
    """Partitions that were made at the same time belong together; the first time is the making of the topic."""
    count = 0
    by_time: dict[int, list[_Made]] = {}
    for one in made:
        by_time.setdefault(one.timestamp, []).append(one)
    for timestamp, together in by_time.items():
        new = max(count, *(one.partition + 1 for one in together))
        if count and new > count:
            yield Growth(count, new, min(one.offset for one in together), timestamp)
        count = new
