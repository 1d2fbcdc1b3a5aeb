"""The small text files of a log directory, from bytes to values: checkpoints, identities, markers.

Parsing never raises, whatever the bytes are: a file that the broker would refuse gives its empty value and a finding.
Where the files lie and when they are read is told in `broker_files.py` and `partition.py`. Formats:
`org.apache.kafka.server.common.CheckpointFile`, `o.a.k.storage.internals.checkpoint.*` (the marker of a clean stop
too), `o.a.k.metadata.properties.MetaProperties` and `o.a.k.raft.FileQuorumStateStore`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from .errors import KinspectError, PathNotFoundError
from .findings import Finding
from .location import Location
from .names import excerpt, printable
from .source import open_source

T = TypeVar("T")
E = TypeVar("E")

TopicPartition = tuple[str, int]
"""A topic's name, made `printable`, and a partition number."""

SIZE_LIMIT = 16 * 1024 * 1024
"""No file of this kind is larger in bytes; one that is, is not read."""

OBJECT_LIMIT = 64 * 1024
"""The same for a file that holds one object: a parser of JSON needs hundreds of times the room that its text takes."""

MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
TOPIC_ID_CHARACTERS = 22
_IDENTITIES = ("broker.id", "node.id", "cluster.id", "directory.id")
_DIGITS = re.compile(rb"\+?[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What a file says, and what is wrong with it. `found` is False when there is no such file."""

    value: T
    findings: tuple[Finding, ...] = ()
    found: bool = True


class EpochEntry(NamedTuple):
    """One line of leader-epoch-checkpoint: the first offset that was written in a leader epoch (KIP-101)."""

    epoch: int
    start_offset: int


class PartitionMetadata(NamedTuple):
    """What partition.metadata says: the topic's id as its 22 characters (KIP-516); None is "not in the file"."""

    version: int | None = None
    topic_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What meta.properties says about the node and the directory; None is "not in the file".

    version: 0 for brokers of the ZooKeeper age, 1 for KRaft. node_id: `node.id`, or `broker.id` in version 0.
    cluster_id, directory_id: 22 characters of base64url each, as written (KIP-858 brought directory ids).
    """

    version: int | None = None
    node_id: int | None = None
    cluster_id: str | None = None
    directory_id: str | None = None


@dataclass(frozen=True, slots=True)
class CleanShutdown:
    """What the marker of a clean stop holds: a version (0) and the broker's epoch since 3.7, nothing before."""

    version: int | None = None
    broker_epoch: int | None = None


@dataclass(frozen=True, slots=True)
class QuorumState:
    """What a node of the KRaft quorum remembers of elections; None is "not in this version", or null.

    data_version: 0 (2.7), or 1 with kraft.version 1 (3.9, KIP-853), which has a directory id and no voters.
    leader_id, voted_id: -1 is "none". current_voters: node ids.
    """

    data_version: int | None = None
    cluster_id: str | None = None
    leader_id: int | None = None
    leader_epoch: int | None = None
    voted_id: int | None = None
    voted_directory_id: str | None = None
    applied_offset: int | None = None
    current_voters: tuple[int, ...] | None = None


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """Content that the broker refuses: what it expects, and what stands there."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def at(self, location: Location, slug: str = "bad-checkpoint") -> Finding:
        return Finding(slug, location, expected=self.expected, found=self.found)


def limit_of(parse: Callable[[bytes, Location], Parsed[Any]]) -> int:
    """How many bytes a file may have that `parse` is for: a checkpoint has a line for each partition, or epoch."""
    return SIZE_LIMIT if parse in (parse_offset_checkpoint, parse_leader_epochs) else OBJECT_LIMIT


def read_text_file(
    path: Path, location: Location, parse: Callable[[bytes, Location], Parsed[T]], limit: int | None = None
) -> Parsed[T]:
    """Reads and parses one file. A missing one is the value of an empty one; an unreadable one is a finding too.

    limit: bytes beyond which it is not read; that of `parse` unless told.
    """
    limit = limit_of(parse) if limit is None else limit
    try:
        with open_source(path, location.path) as source:
            data = source.read_at(0, min(source.size, limit + 1))
    except PathNotFoundError:
        return Parsed(parse(b"", location).value, found=False)
    except KinspectError as error:
        unreadable = Finding("unreadable-file", location, found=why_unreadable(error))
        return Parsed(parse(b"", location).value, (unreadable,))
    if len(data) > limit:
        too_large = _Malformed(f"at most {limit} bytes", "more").at(location)
        return Parsed(parse(b"", location).value, (too_large,))
    return parse(data, location)


def why_unreadable(error: OSError | KinspectError) -> str:
    """The operating system's reason, or ours, without the path: the place of a finding tells that."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror[0].lower() + cause.strerror[1:]
    return str(error).partition(":")[0]


def parse_offset_checkpoint(data: bytes, location: Location) -> Parsed[Mapping[TopicPartition, int]]:
    """replication-, recovery-point-, log-start- or cleaner-offset-checkpoint: an offset per topic-partition.

    A file of zero bytes is valid and holds none. Of two lines for one partition the last counts, as in
    `OffsetCheckpointFile`.
    """
    try:
        return Parsed({(topic, number): offset for topic, number, offset in _entries(data, _offset_entry)})
    except _Malformed as malformed:
        return Parsed({}, (malformed.at(location),))


def parse_leader_epochs(data: bytes, location: Location) -> Parsed[tuple[EpochEntry, ...]]:
    """leader-epoch-checkpoint, in the file's order. Entries out of order are kept, with a finding."""
    try:
        entries = tuple(_entries(data, _epoch_entry))
    except _Malformed as malformed:
        return Parsed((), (malformed.at(location),))
    for before, after in pairwise(entries):
        if after.epoch <= before.epoch or after.start_offset <= before.start_offset:
            disorder = _Malformed(f"epoch and offset above {_words(before)}", _words(after))
            return Parsed(entries, (disorder.at(location),))
    return Parsed(entries)


def parse_partition_metadata(data: bytes, location: Location) -> Parsed[PartitionMetadata]:
    """partition.metadata. A file of zero bytes tells nothing and is no finding: the broker has just created it."""
    if not data:
        return Parsed(PartitionMetadata())
    try:
        return Parsed(_partition_metadata(data))
    except _Malformed as malformed:
        return Parsed(PartitionMetadata(), (malformed.at(location),))


def parse_meta_properties(data: bytes, location: Location) -> Parsed[Identity]:
    """meta.properties. What can be understood is kept even where the rest is wrong."""
    properties = java_properties(data)
    problems: list[_Malformed] = []
    version = _id_number(properties, "version", problems)
    node_id = _id_number(properties, "broker.id" if "node.id" not in properties else "node.id", problems)
    if version not in (None, 0, 1):
        problems.append(_Malformed("version 0 or 1", f"version {version}"))
    if data.strip() and version != 1 and not any(key in properties for key in _IDENTITIES):
        problems.append(_Malformed("one of " + ", ".join(_IDENTITIES), "none of them"))
    if version == 1:
        missing = [key for key in ("node.id", "cluster.id") if key not in properties]
        problems += [_Malformed(f"{key} in version 1", "no such line") for key in missing]
    identity = Identity(version, node_id, properties.get("cluster.id"), properties.get("directory.id"))
    return Parsed(identity, tuple(problem.at(location) for problem in problems))


def parse_clean_shutdown(data: bytes, location: Location) -> Parsed[CleanShutdown]:
    """`.kafka_cleanshutdown`: its being there counts; what cannot be understood is ignored by the broker too."""
    if not data:
        return Parsed(CleanShutdown())
    try:
        content = _json_object(data)
        epoch = _json_number(content, "brokerEpoch", -1, MAX_INT64)
        return Parsed(CleanShutdown(_json_number(content, "version", 0), epoch))
    except _Malformed as malformed:
        return Parsed(CleanShutdown(), (malformed.at(location),))


def parse_quorum_state(data: bytes, location: Location) -> Parsed[QuorumState]:
    """quorum-state, one object of JSON. A file of zero bytes tells nothing; a broken one keeps a node from starting."""
    if not data:
        return Parsed(QuorumState())
    try:
        return Parsed(_quorum_state(_json_object(data)))
    except _Malformed as malformed:
        return Parsed(QuorumState(), (malformed.at(location, "bad-quorum-state"),))


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _Malformed("an object of JSON", _quoted(data))
    return content


def _quorum_state(content: dict[str, Any]) -> QuorumState:
    version = _json_number(content, "data_version", 0)
    if version not in (0, 1):
        raise _Malformed("data_version 0 or 1", str(version))
    is_first = version == 0
    return QuorumState(
        data_version=version,
        cluster_id=_json_text(content, "clusterId") if is_first else None,
        leader_id=_json_number(content, "leaderId", -1),
        leader_epoch=_json_number(content, "leaderEpoch", -1),
        voted_id=_json_number(content, "votedId", -1),
        voted_directory_id=None if is_first else _json_text(content, "votedDirectoryId"),
        applied_offset=_json_number(content, "appliedOffset", 0, MAX_INT64) if is_first else None,
        current_voters=_voters(content) if is_first else None,
    )


def _voters(content: dict[str, Any]) -> tuple[int, ...] | None:
    voters = content.get("currentVoters")
    if voters is None:
        return None
    if not isinstance(voters, list) or not all(isinstance(voter, dict) for voter in voters):
        raise _Malformed("a list of voters in currentVoters", excerpt(json.dumps(voters)))
    return tuple(_json_number(voter, "voterId", 0) for voter in voters)


def _json_number(content: dict[str, Any], name: str, least: int, most: int = MAX_INT32) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _Malformed(f"{name}: a number from {least} to {most}", excerpt(json.dumps(value)))
    return value


def _json_text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise _Malformed(f"{name}: text", excerpt(json.dumps(value)))
    return value


def _entries(data: bytes, parse_line: Callable[[bytes], E]) -> Iterator[E]:
    """The framing of all checkpoints: the version (0), the number of entries, one entry a line."""
    if not data:
        return
    lines = data.splitlines()
    if _number(lines[0], MAX_INT32, "version 0 in the first line") != 0:
        raise _Malformed("version 0", f"version {_quoted(lines[0])}")
    claimed = _number(lines[1] if len(lines) > 1 else b"", MAX_INT32, "the number of entries in the second line")
    if claimed != len(lines) - 2:
        raise _Malformed(f"{claimed} entries, as the second line says", f"{len(lines) - 2} lines")
    yield from map(parse_line, lines[2:])


def _offset_entry(line: bytes) -> tuple[str, int, int]:
    fields = line.split()
    if len(fields) != 3:
        raise _Malformed("topic, partition and offset in a line", _quoted(line))
    topic = printable(fields[0].decode("utf-8", "surrogateescape"))
    return topic, _number(fields[1], MAX_INT32, "a partition number"), _number(fields[2], MAX_INT64, "an offset")


def _epoch_entry(line: bytes) -> EpochEntry:
    fields = line.split()
    if len(fields) != 2:
        raise _Malformed("epoch and start offset in a line", _quoted(line))
    return EpochEntry(_number(fields[0], MAX_INT32, "an epoch"), _number(fields[1], MAX_INT64, "a start offset"))


def _number(text: bytes, limit: int, meaning: str) -> int:
    """A decimal from 0 to `limit`. Negative ones would pass the broker's parser, but no broker writes them."""
    value = int(text) if _DIGITS.fullmatch(text.strip()) else -1
    if not 0 <= value <= limit:
        raise _Malformed(meaning, _quoted(text))
    return value


def _partition_metadata(data: bytes) -> PartitionMetadata:
    lines = dict(_name_and_value(line) for line in data.splitlines())
    version = _number(lines.get(b"version", b""), MAX_INT32, "version: a number from 0")
    text = lines.get(b"topic_id", b"").decode("latin-1")
    raw = _uuid_bytes(text)
    if raw is None:
        raise _Malformed(f"topic_id: {TOPIC_ID_CHARACTERS} characters of base64url", excerpt(repr(text)))
    if not any(raw):
        raise _Malformed("a topic id", "the id that is all zeros")
    return PartitionMetadata(version, text)


def _name_and_value(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip(), value.strip()


def _uuid_bytes(text: str) -> bytes | None:
    """The 16 bytes of a Kafka `Uuid` written as text, or None if it is none."""
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{{TOPIC_ID_CHARACTERS}}}", text):
        return None
    return base64.urlsafe_b64decode(text + "==")


def java_properties(data: bytes) -> dict[str, str]:
    """`java.util.Properties`, as far as these files need it: comments, separators, escapes; no continued lines."""
    lines = (line.strip() for line in data.decode("latin-1").split("\n"))
    pairs = (re.match(r"((?:\\.|[^\\=:\s])+)\s*[=:\s]?\s*(.*)", line) for line in lines if line[:1] not in ("#", "!"))
    return {_unescaped(pair[1]): _unescaped(pair[2]) for pair in pairs if pair}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)


def _id_number(properties: Mapping[str, str], key: str, problems: list[_Malformed]) -> int | None:
    text = properties.get(key)
    if text is None:
        return None
    try:
        return _number(text.encode("utf-8", "surrogatepass"), MAX_INT32, f"{key}: a number from 0")
    except _Malformed as malformed:
        problems.append(malformed)
        return None


def _quoted(line: bytes) -> str:
    return f"'{excerpt(line[:300].decode('utf-8', 'surrogateescape'))}'"


def _words(entry: EpochEntry) -> str:
    return f"epoch {entry.epoch} from offset {entry.start_offset} on"
