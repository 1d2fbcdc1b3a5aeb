"""When partitions were added, by the cluster's own metadata log: a `PartitionRecord` for each partition that is made.

Only what is still in the log is told; what was compacted into a snapshot has no time. Sources: `TopicRecord`,
`PartitionRecord`, and `MetadataRecordSerde` for the frame in front of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..found import Findings
from ..partition import PartitionLog
from ..reading import read_partition
from ..schemas import SchemaError, decode, load_family
from ..schemas.reader import Reader

FRAME_VERSION = 1
TOPIC_RECORD = 2
PARTITION_RECORD = 3
NAMES = {TOPIC_RECORD: "TopicRecord", PARTITION_RECORD: "PartitionRecord"}


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
    for body, offset, timestamp in _messages(log, engine):
        if "name" in body:
            ids[body["name"]] = body["topicId"]
        else:
            made.setdefault(body["topicId"], []).append(_Made(int(body["partitionId"]), offset, timestamp))
    return {topic: list(_growths(made.get(topic_id, []))) for topic, topic_id in ids.items()}


def _messages(log: PartitionLog, engine: Engine) -> Iterator[tuple[dict[str, Any], int, int]]:
    """The messages about topics and partitions, each with its offset and timestamp. Damage is for others to tell."""
    for _, chunk in read_partition(log, engine, ScanRequest(), Findings()):
        for batch, record in records_of(chunk):
            if record.value is not None and not record.damaged and not batch.is_control:
                body = _body(record.value)
                if body is not None:
                    yield body, record.offset, record.timestamp


def _body(value: bytes) -> dict[str, Any] | None:
    reader = Reader(value, 0)
    try:
        frame, kind, version = (reader.varint(name) for name in ("frame_version", "api_key", "version"))
        if frame != FRAME_VERSION or kind not in NAMES:
            return None
        return decode(load_family("cluster_metadata")[NAMES[kind]], version, value, reader.position).value
    except SchemaError:
        return None


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
