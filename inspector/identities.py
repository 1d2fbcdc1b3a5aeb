"""Whose directories these are, and what cannot be true of the directories of one healthy cluster.

Clusters, nodes and directories are named in `meta.properties`, topics by their ids in `partition.metadata`. What a
single directory contradicts in the cluster's metadata is a matter of `checking/checkpoints.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .findings import Finding
from .listing import within
from .location import Location
from .log_dir import DirKind, LogDir
from .partition import PartitionLog, State
from .segment import Role

IN_FORCE = (State.LIVE, State.FUTURE)
"""What waits for removal or is marked as stray may belong to a topic that was deleted: its id says nothing."""


@dataclass(frozen=True, slots=True)
class Replica:
    """A partition as far as identities go. at: its partition.metadata."""

    topic: str
    partition: int | None
    state: State
    topic_id: str | None
    at: Location

    @classmethod
    def of(cls, log: PartitionLog) -> Replica:
        """What is read of a partition."""
        at = within(log.location(), Role.PARTITION_METADATA)
        return cls(log.topic or "", log.partition, log.state, log.topic_id, at)


@dataclass(frozen=True, slots=True)
class Directory:
    """A log directory with what was read of its partitions."""

    log_dir: LogDir
    replicas: tuple[Replica, ...]

    @property
    def cluster(self) -> str | None:
        """The cluster's id."""
        return self.log_dir.identity.cluster_id

    @property
    def node(self) -> int | None:
        """The node's number."""
        return self.log_dir.identity.node_id


def contradictions(directories: Sequence[Directory]) -> Iterator[Finding]:
    """What cannot be true of the directories of one healthy cluster."""
    yield from _directory_ids(directories)
    yield from _nodes(directories)
    yield from _versions(directories)
    yield from _partitions(directories)
    yield from _topic_ids(directories)


def _directory_ids(directories: Sequence[Directory]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for one in directories:
        directory_id = one.log_dir.identity.directory_id
        if directory_id is None or one.log_dir.kind is not DirKind.BROKER:
            continue
        shown = one.log_dir.shown_as
        if directory_id in first:
            yield Finding("duplicate-directory-id", Location(shown), directory_id, first[directory_id])
        first.setdefault(directory_id, shown)


def _nodes(directories: Sequence[Directory]) -> Iterator[Finding]:
    first: dict[int, Directory] = {}
    for one in directories:
        if one.node is None or one.cluster is None:
            continue
        other = first.setdefault(one.node, one)
        if other.cluster != one.cluster:
            found = f"{one.node} of the cluster of {other.log_dir.shown_as}"
            yield Finding("node-in-two-clusters", Location(one.log_dir.shown_as), one.node, found)


def _versions(directories: Sequence[Directory]) -> Iterator[Finding]:
    """A node writes all its meta.properties in one version (`MetaPropertiesEnsemble`)."""
    first: dict[tuple[str | None, int], Directory] = {}
    for one in directories:
        if one.node is None or one.log_dir.kind is not DirKind.BROKER:
            continue
        other = first.setdefault((one.cluster, one.node), one)
        versions = [each.log_dir.identity.version or 0 for each in (other, one)]
        if versions[0] != versions[1]:
            found = f"{versions[0]} in {other.log_dir.shown_as}"
            yield Finding("meta-properties-versions-differ", Location(one.log_dir.shown_as), versions[1], found)


def _partitions(directories: Sequence[Directory]) -> Iterator[Finding]:
    """The first partition that lies in two directories of a node stands for all that do."""
    seen: dict[tuple[object, ...], Directory] = {}
    told: set[tuple[str, str]] = set()
    for one in directories:
        for replica in one.replicas if one.node is not None else ():
            if replica.state is not State.LIVE:
                continue
            other = seen.setdefault((one.cluster, one.node, replica.topic, replica.partition), one)
            pair = other.log_dir.shown_as, one.log_dir.shown_as
            if other is one or pair in told or _is_copy(other, one):
                continue
            told.add(pair)
            at = replace(replica.at, path=one.log_dir.shown_as)
            yield Finding("partition-in-two-directories", at, f"{replica.topic}-{replica.partition}", pair[0])


def _is_copy(one: Directory, other: Directory) -> bool:
    """Whether that is said already, by the directory's id."""
    directory_id = one.log_dir.identity.directory_id
    return directory_id is not None and directory_id == other.log_dir.identity.directory_id


def _topic_ids(directories: Sequence[Directory]) -> Iterator[Finding]:
    for (_, topic), by_id in sorted(
        _ids_by_topic(directories).items(), key=lambda item: (item[0][0] or "", item[0][1])
    ):
        ids = iter(by_id.items())
        first_id, (first_directory, _) = next(ids)
        for topic_id, (directory, replica) in ids:
            at = replace(replica.at, path=_named(directory, directories, replica.at.path))
            elsewhere = f"{first_id} in {first_directory.log_dir.shown_as}"
            yield Finding("topic-under-two-ids", at, f"{topic} ({topic_id})", elsewhere)


def _ids_by_topic(
    directories: Iterable[Directory],
) -> dict[tuple[str | None, str], dict[str, tuple[Directory, Replica]]]:
    """By cluster and topic the ids under which it lies here, each with the first replica that says so."""
    found: defaultdict[tuple[str | None, str], dict[str, tuple[Directory, Replica]]] = defaultdict(dict)
    for directory in directories:
        for replica in directory.replicas:
            if replica.topic_id is not None and replica.state in IN_FORCE:
                found[directory.cluster, replica.topic].setdefault(replica.topic_id, (directory, replica))
    return found


def _named(directory: Directory, directories: Sequence[Directory], path: str) -> str:
    """A file's name; with its directory in front where there are several."""
    return path if len(directories) == 1 else f"{directory.log_dir.shown_as}/{path}"
