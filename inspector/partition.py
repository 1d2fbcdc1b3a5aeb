"""One replica of one topic-partition as a directory: its name, its segments in order, and what else lies there.

Nothing is read before it is asked for: the directory is listed once, on first use, and only segment files are asked
for their size. The name's grammar is that of `org.apache.kafka.storage.internals.log.UnifiedLog`
(`parseTopicPartitionName`), the files' that of `segment.py`; `listing.py` sorts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from .broker_files import Shutdown
from .findings import Finding
from .listing import Listing, OtherFile, list_partition, within
from .location import Location
from .names import printable
from .segment import FileName, Role, Segment
from .text_files import (
    MAX_INT32,
    EpochEntry,
    Parsed,
    PartitionMetadata,
    QuorumState,
    T,
    parse_leader_epochs,
    parse_partition_metadata,
    parse_quorum_state,
    read_text_file,
)

MAX_DIRECTORY_NAME = 255
"""Kafka cuts the topic in `-delete` and `-stray` names so that the whole is no longer, in characters."""

CLUSTER_METADATA = "__cluster_metadata"
PREVIEW_METADATA = "@metadata"
"""What the previews of KRaft (2.7, 2.8) called it."""

INTERNAL_TOPICS = frozenset(
    (
        "__consumer_offsets",
        "__transaction_state",
        "__share_group_state",
        "__remote_log_metadata",
        CLUSTER_METADATA,
        PREVIEW_METADATA,
    )
)

_UNIQUE = re.compile(r"(?P<name>.*)\.[0-9a-fA-F]{32}-(?P<state>delete|future|stray)", re.DOTALL)


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
    listed: what is in it, where that is known already. inode: the directory's number when it was listed, 0: not known.
    """

    path: Path
    shown_as: str
    name: PartitionName
    shutdown: Shutdown = Shutdown.UNKNOWN
    checkpointed: Checkpointed = NOT_CHECKPOINTED
    listed: Listing | None = None
    inode: int = 0

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
    def was_closed(self) -> bool:
        """Whether a clean stop closed the log, and trimmed its last indexes to what they hold."""
        return self.shutdown is Shutdown.CLEAN and self.state is State.LIVE

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
        return self._metadata.value.topic_id

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
        if self._listing.failed:
            return self._listing.findings
        quorum = self._quorum.findings if self.topic == CLUSTER_METADATA else ()
        return (*self._listing.findings, *self._metadata.findings, *self._epochs.findings, *quorum)

    def location(self) -> Location:
        """The whole directory as a place."""
        return Location(self.shown_as, topic=self.topic, partition=self.partition)

    @property
    def _is_checkpoint_older_than_data(self) -> bool:
        is_young = self.checkpointed.high_watermark == 0 and self.shutdown is not Shutdown.CLEAN
        return is_young and any(segment.size for segment in self.segments)

    @cached_property
    def _listing(self) -> Listing:
        return self.listed or list_partition(self.path, self.location(), self.shutdown, self.inode)

    @cached_property
    def _metadata(self) -> Parsed[PartitionMetadata]:
        return self._read(Role.PARTITION_METADATA, parse_partition_metadata)

    @cached_property
    def _epochs(self) -> Parsed[tuple[EpochEntry, ...]]:
        return self._read(Role.LEADER_EPOCHS, parse_leader_epochs)

    @cached_property
    def _quorum(self) -> Parsed[QuorumState]:
        return self._read(Role.QUORUM_STATE, parse_quorum_state)

    def _read(self, role: Role, parse: Callable[[bytes, Location], Parsed[T]]) -> Parsed[T]:
        """One text file, from where the folder lay when it was listed; that it is gone by now is said."""
        at = within(self.location(), role)
        parsed = read_text_file(self._listing.directory / role, at, parse)
        if parsed.found or not any(other.name == FileName(role) for other in self.other_files):
            return parsed
        return Parsed(parsed.value, (Finding("vanished-file", at),), found=False)
