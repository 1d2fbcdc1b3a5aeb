"""A log directory: what the path given is, and the partitions found there.

`open_log_dir` takes a broker's log directory, one partition directory, or one file, tells them apart by what lies in
them, and refuses with advice what is none of these. Only the top level is listed here; partitions list themselves when
asked (`partition.py`). Nothing is opened for writing, created or renamed. The layout is that of
`org.apache.kafka.storage.internals.log.LogManager`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from .broker_files import (
    BROKER_FILES,
    MARKS_OF_A_BROKER,
    REMOTE_LOG_INDEX_CACHE,
    BrokerFiles,
    Shutdown,
    is_broker_directory,
    read_broker_files,
)
from .errors import NotALogError
from .findings import Finding
from .listing import Listing, describe_foreign, holds_kafka_files, leads_nowhere, list_partition, unreadable
from .location import Location
from .names import match_topics, printable, shown_path
from .not_a_log import no_partitions, not_found, refuse_other_kinds
from .partition import NOT_CHECKPOINTED, Checkpointed, PartitionLog, PartitionName, State, parse_partition_dir_name
from .segment import Role, Segment, parse_file_name
from .source import as_kinspect_error
from .text_files import Identity

_STATE_ORDER = {state: order for order, state in enumerate(State)}


class DirKind(StrEnum):
    """What the path given turned out to be."""

    BROKER = "broker"
    PARTITION = "partition"
    FILE = "file"


class PartitionCount(NamedTuple):
    """How many partitions a topic must have at least, from the numbers seen: the highest plus one.

    present: how many of them are in this directory; the others lie with other brokers, or in other log directories.
    """

    at_least: int
    present: int

    @property
    def some_are_missing(self) -> bool:
        """True when partitions below the highest number are not here."""
        return self.present < self.at_least


@dataclass(frozen=True, eq=False)
class LogDir:
    """What was found at a path.

    path: as given. partitions: by topic, then number, live ones first. broker: the files beside the partitions; those
    of the parent when a partition or a file was given and the parent is a broker's directory.
    findings: of the top level only; each partition has its own. other_entries: names there that are no partition.
    """

    path: Path
    kind: DirKind
    partitions: tuple[PartitionLog, ...]
    broker: BrokerFiles
    findings: tuple[Finding, ...] = ()
    other_entries: tuple[str, ...] = ()

    @property
    def shown_as(self) -> str:
        """The path as messages and the column `log_dir` name it."""
        return shown_path(self.path)

    @property
    def identity(self) -> Identity:
        """Node, cluster and directory as meta.properties has them."""
        return self.broker.identity

    @property
    def shutdown(self) -> Shutdown:
        """How the broker left the directory."""
        return self.broker.shutdown

    def topics(self, patterns: Sequence[str] = ()) -> list[str]:
        """The names of the topics here that `patterns` select, sorted; see `names.match_topics`, also for errors."""
        return match_topics({log.topic for log in self.partitions if log.topic is not None}, patterns)

    def partitions_of(self, topics: Iterable[str]) -> tuple[PartitionLog, ...]:
        """The partitions of these topics in every state, in order."""
        wanted = set(topics)
        return tuple(log for log in self.partitions if log.topic in wanted)

    def partition_count(self, topic: str) -> PartitionCount:
        """How many partitions `topic` has at least, by the live ones here; 0 where there are none."""
        live = {log.partition for log in self.partitions if log.topic == topic and log.state is State.LIVE}
        numbers = {number for number in live if number is not None}
        return PartitionCount(max(numbers, default=-1) + 1, len(numbers))


def open_log_dir(path: Path) -> LogDir:
    """Finds out what `path` is and what partitions it holds.

    Raises PathNotFoundError, AccessDeniedError, InputError, NotALogError or NoPartitionsError, each with a hint.
    """
    mode = _mode(path)
    if stat.S_ISREG(mode):
        return _open_file(path)
    if stat.S_ISDIR(mode):
        return _open_directory(path)
    raise NotALogError(f"neither a file nor a directory: {shown_path(path)}", location=Location(shown_path(path)))


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise not_found(path) from error
    except OSError as error:
        raise as_kinspect_error(error, shown_path(path)) from error


def _open_directory(path: Path) -> LogDir:
    entries = _entries(path)
    names = {entry.name for entry in entries}
    if not names.isdisjoint(MARKS_OF_A_BROKER):
        return _open_broker(path, entries, is_sure=True)
    if any(parse_file_name(name).role is not Role.FOREIGN for name in names) or _belongs_to_a_broker(path):
        return _open_partition(path)
    return _open_broker(path, entries, is_sure=False)


def _entries(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise as_kinspect_error(error, shown_path(path)) from error


# One partition, or one file


def _open_partition(path: Path) -> LogDir:
    home, name = _home(path)
    broker = _broker_above(home)
    log = PartitionLog(path, ".", name, broker.shutdown, _checkpointed(broker, name, _live_twin(home, name)))
    return LogDir(path, DirKind.PARTITION, (log,), broker, broker.findings)


def _open_file(path: Path) -> LogDir:
    refuse_other_kinds(path)
    home, name = _home(path.parent)
    broker = _broker_above(home)
    listing = _listing_of_file(path, Location(".", topic=name.topic, partition=name.partition), broker.shutdown)
    checkpointed = _checkpointed(broker, name, _live_twin(home, name))
    log = PartitionLog(home, ".", name, broker.shutdown, checkpointed, listing)
    return LogDir(path, DirKind.FILE, (log,), broker, broker.findings)


def _listing_of_file(path: Path, at: Location, shutdown: Shutdown) -> Listing:
    """The segment that `path` is, with what its neighbours tell where it is named as a segment."""
    if parse_file_name(path.name).role is Role.LOG:
        neighbours = list_partition(path.parent, at, shutdown)
        for segment in neighbours.segments:
            if segment.file_name == path.name:
                return Listing((segment,), (), (), neighbours.first_base_offset, path.parent)
    alone = _segment_alone(path, at)
    return Listing((alone,), (), (), alone.base_offset, path.parent)


def _segment_alone(path: Path, at: Location) -> Segment:
    name = parse_file_name(path.name)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise as_kinspect_error(error, shown_path(path)) from error
    base_offset = name.number if name.role is Role.LOG else None
    shown = printable(path.name)
    directory = str(path.parent)
    return Segment(
        directory, path.name, shown, base_offset, size, at.topic, at.partition, role=name.role, pending=name.pending
    )


def _home(path: Path) -> tuple[Path, PartitionName]:
    """The partition directory under the name that tells its topic: the one given, or the one a link leads to."""
    try:
        candidates = (path.absolute(), path.resolve())
    except OSError:  # the working directory is gone
        return path, PartitionName()
    for candidate in candidates:
        name = parse_partition_dir_name(candidate.name)
        if name is not None:
            return candidate, name
    return candidates[0], PartitionName()


def _belongs_to_a_broker(path: Path) -> bool:
    home, name = _home(path)
    return name.topic is not None and is_broker_directory(home.parent)


def _broker_above(home: Path) -> BrokerFiles:
    return read_broker_files(home.parent, "../") if is_broker_directory(home.parent) else BrokerFiles()


def _live_twin(home: Path, name: PartitionName) -> bool:
    """Whether the partition in use lies beside this one of the same number."""
    return name.state is not State.LIVE and os.path.lexists(home.parent / f"{name.topic}-{name.partition}")


# A broker's directory


def _open_broker(path: Path, entries: list[os.DirEntry[str]], is_sure: bool) -> LogDir:
    sorter = _Sorter()
    for entry in entries:
        sorter.take(entry)
    if not sorter.named or not (is_sure or any(holds_kafka_files(path / one.file_name) for one in sorter.named)):
        raise no_partitions(path, [entry.name for entry in entries])
    broker = read_broker_files(path)
    partitions = tuple(_partitions(path, sorter.named, broker))
    return LogDir(path, DirKind.BROKER, partitions, broker, (*broker.findings, *sorter.findings), tuple(sorter.others))


class _Named(NamedTuple):
    """A folder whose name is that of a partition."""

    name: PartitionName
    file_name: str
    inode: int


class _Sorter:
    """Sorts the entries of a broker's directory into partitions, other entries, and findings on foreign ones."""

    def __init__(self) -> None:
        self.named: list[_Named] = []
        self.others: list[str] = []
        self.findings: list[Finding] = []

    def take(self, entry: os.DirEntry[str]) -> None:
        """Sorts one entry in; an entry that cannot be looked at is a finding."""
        at = Location(printable(entry.name))
        try:
            name = parse_partition_dir_name(entry.name) if entry.is_dir() else None
            if name is not None:
                self.named.append(_Named(name, entry.name, entry.inode()))
                return
            self.others.append(at.path)
            if leads_nowhere(entry) and parse_partition_dir_name(entry.name) is not None:
                self.findings.append(Finding("dangling-link", at, "a partition"))
            elif not _is_the_brokers(entry):
                self.findings.append(Finding("foreign-entry", at, found=describe_foreign(entry)))
        except OSError as error:
            self.findings.append(unreadable(error, at))


def _is_the_brokers(entry: os.DirEntry[str]) -> bool:
    if entry.is_dir():
        return entry.name == REMOTE_LOG_INDEX_CACHE
    return entry.name.removesuffix(".tmp") in BROKER_FILES


def _partitions(path: Path, named: list[_Named], broker: BrokerFiles) -> Iterator[PartitionLog]:
    live = {(name.topic, name.partition) for name, *_ in named if name.state is State.LIVE}
    for name, file_name, inode in sorted(named, key=_order):
        has_live_twin = name.state is not State.LIVE and (name.topic, name.partition) in live
        checkpointed = _checkpointed(broker, name, has_live_twin)
        shown = printable(file_name)
        yield PartitionLog(path / file_name, shown, name, broker.shutdown, checkpointed, inode=inode)


def _order(named: _Named) -> tuple[str, int, int, str]:
    name = named.name
    partition = -1 if name.partition is None else name.partition
    return name.topic or "", partition, _STATE_ORDER[name.state], named.file_name


def _checkpointed(broker: BrokerFiles, name: PartitionName, has_live_twin: bool) -> Checkpointed:
    """The checkpoints that speak of this directory.

    They know topic and number only. A removed or stray directory is no longer written there, and a line that lingers
    may be that of a newer topic of the same name; a future one is meant only where the live one lies elsewhere.
    """
    if name.topic is None or name.partition is None or has_live_twin or name.state in (State.DELETE, State.STRAY):
        return NOT_CHECKPOINTED
    key = (name.topic, name.partition)
    return Checkpointed(
        broker.high_watermarks.get(key), broker.recovery_points.get(key), broker.log_start_offsets.get(key)
    )
