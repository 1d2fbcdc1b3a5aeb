"""One file of record batches and its siblings: what its name, its size and its neighbours tell without reading it.

Names are those of `org.apache.kafka.storage.internals.log.LogFileUtils` and, for KRaft, `o.a.k.snapshot.Snapshots`.
What lies inside is read by the engines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from .location import Location
from .source import FileSource, Meter, open_source

BASE_OFFSET_DIGITS = 20
EPOCH_DIGITS = 10
MAX_OFFSET = 2**63 - 1
DELETED = "deleted"
FUTURE_SUFFIX = "-future"
RENAMED_SUFFIXES = ("-delete", "-stray")


class Role(StrEnum):
    """What a file of a partition directory is for, as its name tells."""

    LOG = "log"
    OFFSET_INDEX = "index"
    TIME_INDEX = "timeindex"
    TXN_INDEX = "txnindex"
    PRODUCER_SNAPSHOT = "snapshot"
    KRAFT_SNAPSHOT = "checkpoint"
    LEADER_EPOCHS = "leader-epoch-checkpoint"
    PARTITION_METADATA = "partition.metadata"
    QUORUM_STATE = "quorum-state"
    FOREIGN = "foreign"


BY_SUFFIX = {
    role.value: role for role in (Role.LOG, Role.OFFSET_INDEX, Role.TIME_INDEX, Role.TXN_INDEX, Role.PRODUCER_SNAPSHOT)
}
BY_NAME = {role.value: role for role in (Role.LEADER_EPOCHS, Role.PARTITION_METADATA, Role.QUORUM_STATE)}
PENDING_SUFFIXES = (DELETED, "cleaned", "swap", "tmp", "part")
"""Something was under way: removal, cleaning, replacement, writing. The broker finishes or undoes it at its start."""


REMOTE_SEGMENT_ID = re.compile(r"[A-Za-z0-9_-]{22}")
REMOTE_INDEXES = (Role.OFFSET_INDEX, Role.TIME_INDEX, Role.TXN_INDEX)


class FileName(NamedTuple):
    """A file's name taken apart.

    number: the offset the name begins with, or None. pending: one of `PENDING_SUFFIXES`, or "" for a file in force.
    """

    role: Role
    number: int | None = None
    pending: str = ""


def parse_file_name(name: str) -> FileName:
    """What a file of a partition directory is, by its name alone; `Role.FOREIGN` for what no broker names so."""
    stem, _, suffix = name.partition(".")
    number = parse_base_offset(stem)
    if number is not None and suffix in BY_SUFFIX:
        return FileName(BY_SUFFIX[suffix], number)
    if name in BY_NAME:
        return FileName(BY_NAME[name])
    if number is None and suffix == Role.KRAFT_SNAPSHOT and (end := _snapshot_end(stem)) is not None:
        return FileName(Role.KRAFT_SNAPSHOT, end)
    return _parse_pending(name)


def parse_base_offset(stem: str) -> int | None:
    """The offset that 20 decimal digits stand for, or None.

    Any script's digits count: Java formats the number by the JVM's locale. Beyond 2^63-1 there is no offset.
    """
    if len(stem) != BASE_OFFSET_DIGITS or not stem.isdecimal():
        return None
    number = int(stem)
    return number if number <= MAX_OFFSET else None


def _parse_pending(name: str) -> FileName:
    rest, _, pending = name.rpartition(".")
    if pending not in PENDING_SUFFIXES or rest.endswith(PENDING_SUFFIXES):
        return FileName(Role.FOREIGN)
    if pending == "part":  # <end>-<epoch>-<random>.checkpoint.part
        rest = f"{rest.rpartition('-')[0]}.{Role.KRAFT_SNAPSHOT}"
    return parse_file_name(rest)._replace(pending=pending)


def parse_remote_name(name: str) -> FileName:
    """What a file of `remote-log-index-cache` is, such as `<start offset>_<id of the remote segment>.index` (KIP-405).

    The offset is not padded, and the id may hold `_`, so the first one divides.
    """
    start, _, rest = name.partition("_")
    segment_id, _, suffix = rest.partition(".")
    role, _, pending = suffix.partition(".")
    is_start = start.isdecimal() and start.isascii() and len(start) <= BASE_OFFSET_DIGITS and int(start) <= MAX_OFFSET
    if not (is_start and REMOTE_SEGMENT_ID.fullmatch(segment_id) and role in REMOTE_INDEXES):
        return FileName(Role.FOREIGN)
    return FileName(BY_SUFFIX[role], int(start), pending) if pending in ("", "tmp", DELETED) else FileName(Role.FOREIGN)


def _snapshot_end(stem: str) -> int | None:
    """The end offset in `<20 digits>-<10 digits>`, the name of a KRaft snapshot."""
    end, _, epoch = stem.partition("-")
    return parse_base_offset(end) if len(epoch) == EPOCH_DIGITS and epoch.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of record batches.

    directory, file_name: to open it. shown_as: its name for people, relative to the LOGDIR given, escaped.
    base_offset: from its name, or None where the name has none, or where offsets start anew (KRaft snapshots).
    size, inode: bytes, and the file's number (0: not known), when it was listed.
    topic, partition: from the directory's name, or None.
    is_last: nothing follows it: the active segment of a running broker. None: not known.
    may_be_torn: the broker was not stopped cleanly, or nobody knows, and this file may have been under way.
    role, pending: what its name says; `pending` is "deleted", "cleaned", "swap", "part" or "".
    sibling_roles: which of index, timeindex, txnindex and snapshot lie beside it.
    """

    directory: str
    file_name: str
    shown_as: str
    base_offset: int | None
    size: int
    topic: str | None = None
    partition: int | None = None
    is_last: bool | None = None
    may_be_torn: bool = True
    role: Role = Role.LOG
    pending: str = ""
    sibling_roles: tuple[Role, ...] = ()
    inode: int = 0

    @property
    def path(self) -> Path:
        """Where it was when it was listed."""
        return Path(self.directory, self.file_name)

    @property
    def siblings(self) -> dict[Role, Path]:
        """The paths of the sibling files there were when the directory was listed."""
        stem = self.file_name.partition(".")[0]
        return {role: Path(self.directory, f"{stem}.{role}") for role in self.sibling_roles}

    @property
    def name(self) -> str:
        """The file's name without its directory, escaped, as contracts call it `segment`."""
        return self.shown_as.rpartition("/")[2]

    def sibling(self, role: Role) -> Path | None:
        """The path of one sibling, or None if it was not there."""
        return self.siblings.get(role)

    def location(self) -> Location:
        """The whole file as a place."""
        return Location(self.shown_as, topic=self.topic, partition=self.partition)

    @contextmanager
    def open(self, meter: Meter | None = None) -> Iterator[FileSource]:
        """The file opened for reading, also where the broker has renamed it since it was listed.

        meter: counts what is read. Raises as `open_source`; PathNotFoundError means that it vanished since.
        """
        with open_source(self.path, self.shown_as, self.inode, renamed_files, meter) as source:
            yield source


def renamed_files(file: Path) -> Iterator[Path]:
    """Where the broker may have moved a file of a partition: to `.deleted`, and its folder to a name with a suffix."""
    yield file.with_name(f"{file.name}.{DELETED}")
    for folder in renamed_folders(file.parent):
        yield folder / file.name
        yield folder / f"{file.name}.{DELETED}"


def renamed_folders(directory: Path) -> Iterator[Path]:
    """What the folder of a partition may be called now: marked for removal or as stray, or no longer a future one.

    The name may have been cut, so every marked folder is a candidate; whoever asks knows the file it looks for.
    """
    topic_and_number, _, suffix = directory.name.rpartition(".")
    if suffix.endswith(FUTURE_SUFFIX):
        yield directory.with_name(topic_and_number)
    try:
        with os.scandir(directory.parent) as entries:
            marked = [entry.name for entry in entries if entry.name.endswith(RENAMED_SUFFIXES)]
    except OSError:
        return
    yield from map(directory.with_name, marked)
