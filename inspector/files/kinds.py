"""Which kind of file a name stands for, over all that a log directory holds beside the logs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ..broker_files import CHECKPOINT_FILES, CLEAN_SHUTDOWN, LOCK, META_PROPERTIES
from ..segment import PENDING_SUFFIXES, Role, parse_file_name, parse_remote_name


class Kind(StrEnum):
    """A kind of file, by what it is in a sentence."""

    OFFSET_INDEX = "an offset index"
    TIME_INDEX = "a time index"
    TXN_INDEX = "an index of aborted transactions"
    PRODUCER_SNAPSHOT = "a snapshot of producer state"
    OFFSET_CHECKPOINT = "a checkpoint of offsets"
    LEADER_EPOCHS = "a checkpoint of leader epochs"
    PARTITION_METADATA = "the partition's metadata"
    QUORUM_STATE = "the quorum's state"
    META_PROPERTIES = "the identity of node and directory"
    CLEAN_SHUTDOWN = "the marker of a clean stop"
    LOCK = "the lock of a running broker"


class Named(NamedTuple):
    """What a name says. base_offset: to which the offsets in an index are relative. pending: see `segment.FileName`."""

    kind: Kind
    base_offset: int = 0
    pending: str = ""


_BY_ROLE = {
    Role.OFFSET_INDEX: Kind.OFFSET_INDEX,
    Role.TIME_INDEX: Kind.TIME_INDEX,
    Role.TXN_INDEX: Kind.TXN_INDEX,
    Role.PRODUCER_SNAPSHOT: Kind.PRODUCER_SNAPSHOT,
    Role.LEADER_EPOCHS: Kind.LEADER_EPOCHS,
    Role.PARTITION_METADATA: Kind.PARTITION_METADATA,
    Role.QUORUM_STATE: Kind.QUORUM_STATE,
}

_BY_NAME = {
    **dict.fromkeys(CHECKPOINT_FILES, Kind.OFFSET_CHECKPOINT),
    META_PROPERTIES: Kind.META_PROPERTIES,
    CLEAN_SHUTDOWN: Kind.CLEAN_SHUTDOWN,
    LOCK: Kind.LOCK,
}


def are_beside_logs(paths: Sequence[Path]) -> bool:
    """Whether all of these are files of a kind that lies beside logs, by their names."""
    return all(kind_of(path.name) is not None and _is_file(path) for path in paths)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its folder may not be entered: whoever opens it says so
        return False


def kind_of(name: str) -> Named | None:
    """The kind of file that is called so; None for logs, KRaft snapshots and what no broker writes."""
    parsed = parse_file_name(name)
    if parsed.role in _BY_ROLE:
        return Named(_BY_ROLE[parsed.role], parsed.number or 0, parsed.pending)
    stem, _, suffix = name.rpartition(".")
    pending = suffix if stem and suffix in PENDING_SUFFIXES else ""
    name = stem if pending else name
    if name in _BY_NAME:
        return Named(_BY_NAME[name], 0, pending)
    remote = parse_remote_name(name)
    return Named(_BY_ROLE[remote.role], remote.number or 0, pending) if remote.role in _BY_ROLE else None
