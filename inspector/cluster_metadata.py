"""What the cluster's own metadata log says: its messages, and what they add up to for the checks of a log directory.

`__cluster_metadata` holds one message a record, behind a frame (`MetadataRecordSerde`). Topics, their ids, replicas and
cleanup policies are followed as `TopicsDelta` and `ConfigurationsDelta` of `org.apache.kafka.image` do, as far as a
rule of `checking/` needs them; the rest is not looked at. Where the log no longer reaches back to its beginning, the
snapshot that it goes on from is read first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .engine import Engine, ScanRequest
from .engine.chunk import Chunk, records_in
from .findings import Finding, Severity
from .found import Findings
from .names import printable
from .partition import PartitionLog
from .reading import kraft_snapshots, read_partition, read_segment
from .schemas import SchemaError, decode, load_family
from .schemas.reader import Reader
from .segment import Segment, parse_file_name

FRAME_VERSION = 1
FRAME_BYTES = 3
"""The version of the frame, and the kind and the version of the message, all of them below 128."""

TOPIC, PARTITION, CONFIG, PARTITION_CHANGE, REMOVE_TOPIC = 2, 3, 4, 5, 9
NAMES = {
    TOPIC: "TopicRecord",
    PARTITION: "PartitionRecord",
    CONFIG: "ConfigRecord",
    PARTITION_CHANGE: "PartitionChangeRecord",
    REMOVE_TOPIC: "RemoveTopicRecord",
}
"""The messages that are read here, by their `apiKey`."""

OF_A_TOPIC, OF_A_BROKER = 2, 4
"""What a `ConfigRecord` is about (`ConfigResource.Type`)."""

MOST_KNOWN = 1_000_000
"""So many topics and partitions are followed; what a log beyond that tells is not believed."""


class Message(NamedTuple):
    """One message of the log. kind: its `apiKey`. timestamp: epoch milliseconds."""

    kind: int
    body: dict[str, Any]
    offset: int
    timestamp: int


def messages(
    log: PartitionLog, engine: Engine, kinds: Collection[int], findings: list[Finding] | None = None
) -> Iterator[Message]:
    """The messages of these kinds (of `NAMES`) in the log, its snapshots left out.

    Damage is for others to tell, unless they want to know of it here, in `findings`.
    """
    for _, chunk in read_partition(log, engine, ScanRequest(), Findings() if findings is None else findings):
        yield from _decoded(chunk, kinds)


def _decoded(chunk: Chunk, kinds: Collection[int]) -> Iterator[Message]:
    for row in _rows(chunk, kinds):
        for batch, record in records_in(chunk, range(row, row + 1)):
            if record.value is not None and not record.damaged and not batch.is_control:
                kind, body = _body(record.value, kinds)
                if body is not None:
                    yield Message(kind, body, record.offset, record.timestamp)


def _rows(chunk: Chunk, kinds: Collection[int]) -> Iterator[int]:
    """Those whose first bytes are of such a message; most of a log are not (`NoOpRecord`, twice a second)."""
    values: Any = chunk.records.columns["value"]
    data, starts = values.data, values.offsets
    for row in range(len(chunk.records)):
        start = starts[row]
        if starts[row + 1] - start > FRAME_BYTES and data[start] == FRAME_VERSION and data[start + 1] in kinds:
            yield row


def _body(value: bytes, kinds: Collection[int]) -> tuple[int, dict[str, Any] | None]:
    reader = Reader(value, 0)
    try:
        frame, kind, version = (reader.varint(name) for name in ("frame_version", "api_key", "version"))
        if frame != FRAME_VERSION or kind not in kinds:
            return kind, None
        return kind, decode(load_family("cluster_metadata")[NAMES[kind]], version, value, reader.position).value
    except SchemaError:
        return -1, None


# -- what they add up to


@dataclass(slots=True)
class _Topic:
    """One topic under one id. replicas: by partition, the nodes that have it. most_replicas: at any time."""

    name: str
    replicas: dict[int, tuple[int, ...]] = field(default_factory=dict)
    most_replicas: dict[int, int] = field(default_factory=dict)


class Policy(NamedTuple):
    """What is known of a topic's `cleanup.policy`.

    words: those in force (`compact`, `delete`); None: not known. was_compact: whether it ever told to compact, None:
    not known, as the log does not reach back to the making of the topic, or the broker's own default is not told.
    """

    words: frozenset[str] | None = None
    was_compact: bool | None = None

    @property
    def compacts(self) -> bool:
        """True when it is known to compact now."""
        return self.words is not None and "compact" in self.words


NOT_TOLD = Policy()
POLICY, DEFAULT_POLICY = "cleanup.policy", "log.cleanup.policy"


class ClusterMetadata:
    """Topics as the metadata log has them at its end, named as directories are, escaped.

    is_whole: nothing is missing of what led there. reaches_back: nor of what was before, back to offset 0.
    """

    def __init__(self) -> None:
        self.is_whole = self.reaches_back = False
        self._topics: dict[str, _Topic] = {}
        self._ids: dict[str, str] = {}
        self._policies: dict[str, frozenset[str]] = {}
        self._were_compact: set[str] = set()
        self._defaults_compact = False

    @classmethod
    def read(cls, log: PartitionLog, engine: Engine) -> ClusterMetadata:
        """Reads it once, from the newest snapshot that the log goes on from, where there must be one."""
        made = cls()
        first = log.segments[0].base_offset if log.segments else None
        made.reaches_back = first == 0
        snapshot = None if made.reaches_back else _newest(log)
        made.is_whole = made.reaches_back or snapshot is not None
        findings, end = Findings(), -1
        if snapshot is not None:
            end = parse_file_name(snapshot.file_name).number or 0
            for chunk in read_segment(snapshot, engine, ScanRequest(), findings, log.shutdown):
                made._take_all(_decoded(chunk, NAMES))
        made._take_all(one for one in messages(log, engine, NAMES, findings) if one.offset >= end)
        if any(one.severity is Severity.ERROR or one.incomplete for one in findings):
            made.is_whole = made.reaches_back = False
        return made

    def topic_id(self, topic: str) -> str | None:
        """The id of the topic of that name, None where there is no such topic."""
        return self._ids.get(topic)

    def replicas(self, topic: str, partition: int) -> tuple[int, ...] | None:
        """The nodes that a partition is assigned to, None where there is no such partition."""
        found = self._topics.get(self._ids.get(topic, ""))
        return None if found is None else found.replicas.get(partition)

    def was_replicated(self, topic: str, partition: int) -> bool | None:
        """Whether it ever had more than one replica; None where that is not known."""
        found = self._topics.get(self._ids.get(topic, ""))
        most = None if found is None else found.most_replicas.get(partition)
        if most is None:
            return None
        return True if most > 1 else (False if self.reaches_back else None)

    def policy(self, topic: str) -> Policy:
        """The `cleanup.policy` of a topic. One without its own has the broker's, of which the log tells little."""
        if topic not in self._ids:
            return NOT_TOLD
        own = self._policies.get(topic)
        if topic in self._were_compact or self._defaults_compact:
            return Policy(own, True)
        return Policy(own, False if own is not None and self.reaches_back else None)

    def _take_all(self, found: Iterator[Message]) -> None:
        for message in found:
            if len(self._topics) + len(self._policies) > MOST_KNOWN:
                self.is_whole = False
                return
            _TAKERS[message.kind](self, message.body)

    def _take_topic(self, body: dict[str, Any]) -> None:
        name, topic_id = printable(body["name"]), str(body["topicId"])
        self._topics[topic_id] = _Topic(name)
        self._ids[name] = topic_id

    def _take_partition(self, body: dict[str, Any]) -> None:
        topic = self._topics.get(str(body["topicId"]))
        if topic is None or body.get("replicas") is None or len(topic.replicas) > MOST_KNOWN:
            return
        number, replicas = int(body["partitionId"]), tuple(body["replicas"])
        topic.replicas[number] = replicas
        topic.most_replicas[number] = max(topic.most_replicas.get(number, 0), len(replicas))

    def _take_config(self, body: dict[str, Any]) -> None:
        value = body["value"]
        words = None if value is None else frozenset(word.strip().lower() for word in value.split(","))
        if body["resourceType"] == OF_A_BROKER and body["name"] == DEFAULT_POLICY:
            self._defaults_compact |= words is not None and "compact" in words
        if body["resourceType"] != OF_A_TOPIC or body["name"] != POLICY:
            return
        topic = printable(body["resourceName"])
        self._policies.pop(topic, None)
        if words is not None:
            self._policies[topic] = words
            if "compact" in words:
                self._were_compact.add(topic)

    def _take_removal(self, body: dict[str, Any]) -> None:
        """With a topic goes what was configured for it."""
        topic = self._topics.pop(str(body["topicId"]), None)
        if topic is not None and self._ids.get(topic.name) == str(body["topicId"]):
            del self._ids[topic.name]
            self._policies.pop(topic.name, None)
            self._were_compact.discard(topic.name)


_TAKERS = {
    TOPIC: ClusterMetadata._take_topic,
    PARTITION: ClusterMetadata._take_partition,
    PARTITION_CHANGE: ClusterMetadata._take_partition,
    CONFIG: ClusterMetadata._take_config,
    REMOVE_TOPIC: ClusterMetadata._take_removal,
}


def _newest(log: PartitionLog) -> Segment | None:
    """The last snapshot that is in force; its name, which sorts by end offset, tells where the log goes on."""
    in_force = [one for one in kraft_snapshots(log) if not one.pending]
    return max(in_force, key=lambda one: one.file_name, default=None)
