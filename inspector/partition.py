"""One replica of one topic-partition as a directory: its name, its segments in order, and what else lies there.

Nothing is read before it is asked for: the directory is listed once, on first use, and only segment files are asked
for their size. The name's grammar is that of `org.apache.kafka.storage.internals.log.UnifiedLog`
(`parseTopicPartitionName`), the files' that of `segment.py`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from .broker_files import Shutdown
from .findings import Finding
from .location import Location
from .names import printable
from .segment import FileName, Role, Segment, parse_file_name
from .text_files import (
    MAX_INT32,
    EpochEntry,
    Parsed,
    parse_leader_epochs,
    parse_partition_metadata,
    read_text_file,
    why_unreadable,
)

MAX_DIRECTORY_NAME = 255
"""Kafka cuts the topic in `-delete` and `-stray` names so that the whole is no longer, in characters."""

CLUSTER_METADATA = "__cluster_metadata"
INTERNAL_TOPICS = frozenset(
    ("__consumer_offsets", "__transaction_state", "__share_group_state", "__remote_log_metadata", CLUSTER_METADATA)
)

_UNIQUE = re.compile(r"(?P<name>.*)\.[0-9a-fA-F]{32}-(?P<state>delete|future|stray)", re.DOTALL)
_SIBLINGS = frozenset((Role.OFFSET_INDEX, Role.TIME_INDEX, Role.TXN_INDEX, Role.PRODUCER_SNAPSHOT))


class State(StrEnum):
    """What the suffix of the directory's name says, in the order in which users see them.

    LIVE: in use. FUTURE: being filled by a move between log directories (KIP-113). DELETE: waiting to be removed.
    STRAY: no longer in the cluster's metadata.
    """

    LIVE = "live"
    FUTURE = "future"
    DELETE = "delete"
    STRAY = "stray"


_STATE_SUFFIXES = tuple(f"-{state}" for state in State if state is not State.LIVE)


class PartitionName(NamedTuple):
    """A directory's name taken apart. topic and partition are None where the name is not a partition's.

    topic_may_be_cut: the name has the full length at which Kafka cuts topics off, so `topic` may be only its beginning.
    """

    topic: str | None = None
    partition: int | None = None
    state: State = State.LIVE
    topic_may_be_cut: bool = False


def parse_partition_dir_name(name: str) -> PartitionName | None:
    """What a directory's name says, or None if no partition is called so. The topic is made `printable`."""
    suffixed = _UNIQUE.fullmatch(name)
    if suffixed is None and name.endswith(_STATE_SUFFIXES):
        return None
    topic, _, digits = (suffixed["name"] if suffixed else name).rpartition("-")
    partition = _partition_number(digits)
    if not topic or partition is None:
        return None
    state = State(suffixed["state"]) if suffixed else State.LIVE
    may_be_cut = state in (State.DELETE, State.STRAY) and len(name) >= MAX_DIRECTORY_NAME
    return PartitionName(printable(topic), partition, state, may_be_cut)


def _partition_number(digits: str) -> int | None:
    is_number = digits.isdecimal() and len(digits) < MAX_DIRECTORY_NAME
    return int(digits) if is_number and int(digits) <= MAX_INT32 else None


class OtherFile(NamedTuple):
    """A file of a partition directory that is neither a segment nor a sibling of one.

    shown_as: its name for people, relative to the LOGDIR given. name: what its name says.
    """

    path: Path
    shown_as: str
    name: FileName


@dataclass(frozen=True, slots=True)
class Listing:
    """What was in a partition directory when it was listed.

    first_base_offset: of the first segment there, also where `segments` holds only the one that was given.
    failed: it could not be listed; a finding says why.
    """

    segments: tuple[Segment, ...] = ()
    other_files: tuple[OtherFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    first_base_offset: int | None = None
    failed: bool = False


class Checkpointed(NamedTuple):
    """The broker's checkpoints for one partition; None is "not in the file"."""

    high_watermark: int | None = None
    recovery_point: int | None = None
    log_start_offset: int | None = None


NOT_CHECKPOINTED = Checkpointed()


@dataclass(frozen=True, eq=False)
class PartitionLog:
    """A partition directory (or the one file of it that was given).

    path: the directory. shown_as: its name for people, relative to the LOGDIR given; "." when it is that itself.
    name: what the directory's name says. shutdown: how the broker left it. checkpointed: see `Checkpointed`.
    listed: what is in it, where that is known already.
    """

    path: Path
    shown_as: str
    name: PartitionName
    shutdown: Shutdown = Shutdown.UNKNOWN
    checkpointed: Checkpointed = NOT_CHECKPOINTED
    listed: Listing | None = None

    @property
    def topic(self) -> str | None:
        """The topic's name, escaped; None where the directory's name does not tell."""
        return self.name.topic

    @property
    def partition(self) -> int | None:
        """The partition's number; None where the directory's name does not tell."""
        return self.name.partition

    @property
    def state(self) -> State:
        """Live, future, delete or stray."""
        return self.name.state

    @property
    def is_internal(self) -> bool:
        """True for the topics that Kafka keeps for itself."""
        return self.topic in INTERNAL_TOPICS

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments in force, by base offset; empty if the directory could not be listed (see `findings`)."""
        return self._listing.segments

    @property
    def other_files(self) -> tuple[OtherFile, ...]:
        """Snapshots and indexes without a segment, text files, leftovers of interrupted work; by name."""
        return self._listing.other_files

    @property
    def topic_id(self) -> str | None:
        """The topic's id from partition.metadata (22 characters, KIP-516), None without one."""
        return self._metadata.value

    @property
    def leader_epochs(self) -> tuple[EpochEntry, ...]:
        """The entries of leader-epoch-checkpoint, empty without one."""
        return self._epochs.value

    @property
    def recovery_point(self) -> int | None:
        """The checkpointed first offset that may not have been flushed, None when not checkpointed."""
        return self.checkpointed.recovery_point

    @property
    def high_watermark(self) -> int | None:
        """The checkpointed high watermark, or None where the disk does not tell it. Never a default.

        A 0 that was written before the first record, and never since, tells nothing about the records that are there.
        """
        return None if self._is_checkpoint_older_than_data else self.checkpointed.high_watermark

    @property
    def high_watermark_source(self) -> str:
        """How far `high_watermark` can be trusted, in words."""
        if self.checkpointed.high_watermark is None:
            return "not checkpointed"
        if self._is_checkpoint_older_than_data:
            return "not checkpointed since the first record"
        return "checkpointed" if self.shutdown is Shutdown.CLEAN else "checkpointed (may lag)"

    @property
    def log_start_offset(self) -> int | None:
        """The first offset that a consumer can read from this directory, or None without segments and checkpoint.

        The greater of the checkpoint and the first segment's base offset, as `LogLoader` has it.
        """
        candidates = (self._listing.first_base_offset, self.checkpointed.log_start_offset)
        return max((offset for offset in candidates if offset is not None), default=None)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong or odd about the directory and its text files, as placed as can be."""
        of_text_files = () if self._listing.failed else (*self._metadata.findings, *self._epochs.findings)
        return (*self._listing.findings, *of_text_files)

    def location(self) -> Location:
        """The whole directory as a place."""
        return Location(self.shown_as, topic=self.topic, partition=self.partition)

    @property
    def _is_checkpoint_older_than_data(self) -> bool:
        is_young = self.checkpointed.high_watermark == 0 and self.shutdown is not Shutdown.CLEAN
        return is_young and any(segment.size for segment in self.segments)

    @cached_property
    def _listing(self) -> Listing:
        return self.listed or list_partition(self.path, self.location(), self.shutdown)

    @cached_property
    def _metadata(self) -> Parsed[str | None]:
        name = Role.PARTITION_METADATA
        return read_text_file(self.path / name, _within(self.location(), name), parse_partition_metadata)

    @cached_property
    def _epochs(self) -> Parsed[tuple[EpochEntry, ...]]:
        name = Role.LEADER_EPOCHS
        return read_text_file(self.path / name, _within(self.location(), name), parse_leader_epochs)


def list_partition(directory: Path, at: Location, shutdown: Shutdown) -> Listing:
    """Lists a partition directory once. A directory that cannot be listed gives an empty listing with a finding."""
    lister = _Lister(at)
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                lister.take(entry)
    except FileNotFoundError:
        return Listing(findings=(Finding("vanished-file", at),), failed=True)
    except OSError as error:
        return Listing(findings=(unreadable(error, at),), failed=True)
    return lister.listing(directory, shutdown)


def holds_kafka_files(directory: Path) -> bool:
    """True when a file that only brokers write lies in `directory`, or when we may not look."""
    try:
        with os.scandir(directory) as entries:
            return any(parse_file_name(entry.name).role is not Role.FOREIGN for entry in entries)
    except PermissionError:
        return True
    except OSError:
        return False


def unreadable(error: OSError, at: Location) -> Finding:
    """The finding for what the operating system refused or failed to read."""
    return Finding("unreadable-file", at, found=why_unreadable(error))


def describe_foreign(entry: os.DirEntry[str]) -> str:
    """What a foreign entry is, in words."""
    if entry.is_dir():
        return "a folder"
    if entry.is_file():
        return "a file"
    return "a link that leads nowhere" if entry.is_symlink() else "neither a file nor a folder"


class _Lister:
    """Sorts the entries of a partition directory into segments, siblings, other files and findings."""

    def __init__(self, at: Location) -> None:
        self.at = at
        self.logs: list[tuple[int, str, int]] = []  # base offset, name, size
        self.siblings: defaultdict[str, list[tuple[Role, int]]] = defaultdict(list)  # by the name's stem
        self.others: list[tuple[str, FileName]] = []
        self.findings: list[Finding] = []

    def take(self, entry: os.DirEntry[str]) -> None:
        """Sorts one entry in; an entry that cannot be looked at is a finding, one that vanished too."""
        try:
            self._sort_in(entry)
        except FileNotFoundError:
            self.findings.append(Finding("vanished-file", _within(self.at, entry.name)))
        except OSError as error:
            self.findings.append(unreadable(error, _within(self.at, entry.name)))

    def _sort_in(self, entry: os.DirEntry[str]) -> None:
        name = parse_file_name(entry.name)
        if name.role is Role.FOREIGN or not entry.is_file():
            foreign = Finding("foreign-entry", _within(self.at, entry.name), found=describe_foreign(entry))
            self.findings.append(foreign)
        elif name.pending or name.number is None or name.role is Role.KRAFT_SNAPSHOT:
            self.others.append((entry.name, name))
        elif name.role is Role.LOG:
            self.logs.append((name.number, entry.name, entry.stat().st_size))
        else:
            self.siblings[entry.name.partition(".")[0]].append((name.role, name.number))

    def listing(self, directory: Path, shutdown: Shutdown) -> Listing:
        """All that was taken, in order."""
        segments = tuple(self._segments(directory, shutdown))
        for stem, without_log in self.siblings.items():
            self.others += [(f"{stem}.{role}", FileName(role, number)) for role, number in without_log]
        others = (
            OtherFile(directory / name, _within(self.at, name).path, parsed) for name, parsed in sorted(self.others)
        )
        findings = sorted(self.findings, key=lambda finding: finding.location.path)
        return Listing(segments, tuple(others), tuple(findings), self.logs[0][0] if self.logs else None)

    def _segments(self, directory: Path, shutdown: Shutdown) -> Iterator[Segment]:
        self.logs.sort()
        shown_prefix = _shown_prefix(self.at)
        for index, (base_offset, name, size) in enumerate(self.logs, start=1):
            is_last = index == len(self.logs)
            yield Segment(
                path=directory / name,
                shown_as=shown_prefix + printable(name),
                base_offset=base_offset,
                size=size,
                topic=self.at.topic,
                partition=self.at.partition,
                is_last=is_last,
                may_be_torn=is_last and shutdown is not Shutdown.CLEAN,
                sibling_roles=tuple(sorted(role for role, _ in self.siblings.pop(name.partition(".")[0], ()))),
            )


def _within(directory: Location, name: str) -> Location:
    """The place of a file in a partition directory, named relative to the LOGDIR given."""
    return Location(_shown_prefix(directory) + printable(name), topic=directory.topic, partition=directory.partition)


def _shown_prefix(directory: Location) -> str:
    return "" if directory.path == "." else f"{directory.path}/"
