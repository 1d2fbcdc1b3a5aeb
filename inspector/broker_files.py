"""What stands beside the partitions of a broker's log directory: identity, checkpoints, and how the broker stopped.

Only well-known names are looked at, so a directory of thousands of partitions costs no more than an empty one. Formats
are in `text_files.py`; the meaning of the files in `org.apache.kafka.storage.internals.log.LogManager` and
`kafka.server.ReplicaManager`.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from .findings import Finding
from .location import Location
from .text_files import (
    Identity,
    Parsed,
    T,
    TopicPartition,
    parse_clean_shutdown,
    parse_meta_properties,
    parse_offset_checkpoint,
    read_text_file,
)

META_PROPERTIES = "meta.properties"
REPLICATION_OFFSETS = "replication-offset-checkpoint"
RECOVERY_POINTS = "recovery-point-offset-checkpoint"
LOG_START_OFFSETS = "log-start-offset-checkpoint"
CLEANER_OFFSETS = "cleaner-offset-checkpoint"
CLEAN_SHUTDOWN = ".kafka_cleanshutdown"
LOCK = ".lock"

CHECKPOINT_FILES = (REPLICATION_OFFSETS, RECOVERY_POINTS, LOG_START_OFFSETS, CLEANER_OFFSETS)

MARKS_OF_A_BROKER = (META_PROPERTIES, *CHECKPOINT_FILES)
"""One of these makes a directory a broker's."""

BROKER_FILES = frozenset((*MARKS_OF_A_BROKER, CLEAN_SHUTDOWN, LOCK, "bootstrap.checkpoint"))
"""Plain files that belong to the top of a log directory; each may have a half-written `.tmp` beside it."""

REMOTE_LOG_INDEX_CACHE = "remote-log-index-cache"
"""The one folder there that is no partition (tiered storage, KIP-405)."""


class Shutdown(StrEnum):
    """How the broker left the directory, as far as the disk tells.

    RUNNING: a process holds the lock. CLEAN: the marker of a clean stop is there. UNCLEAN: neither; the broker was
    killed, or the directory was copied while it ran. UNKNOWN: not a broker's directory, or the lock cannot be tested.
    """

    RUNNING = "running"
    CLEAN = "clean"
    UNCLEAN = "unclean"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """The values of those files, empty where there are none.

    high_watermarks: up to five seconds old on a running or killed broker.
    recovery_points: first offset that may not have reached the disk. log_start_offsets: only where above the first
    segment's base offset. cleaner_offsets: first offset the log cleaner has not yet cleaned; None: not told.
    clean_broker_epoch: from the marker of a clean stop (KIP-966), None where it holds none.
    """

    shutdown: Shutdown = Shutdown.UNKNOWN
    identity: Identity = field(default_factory=Identity)
    high_watermarks: Mapping[TopicPartition, int] = field(default_factory=dict)
    recovery_points: Mapping[TopicPartition, int] = field(default_factory=dict)
    log_start_offsets: Mapping[TopicPartition, int] = field(default_factory=dict)
    cleaner_offsets: Mapping[TopicPartition, int] | None = None
    clean_broker_epoch: int | None = None
    findings: tuple[Finding, ...] = ()


def is_broker_directory(directory: Path) -> bool:
    """True when a file that only brokers write lies directly in `directory`; False too when we may not look."""
    return any(os.path.lexists(directory / name) for name in MARKS_OF_A_BROKER)


def read_broker_files(directory: Path, shown_prefix: str = "") -> BrokerFiles:
    """Reads what is there; never raises for what a file holds. `shown_prefix` stands before the names in findings."""
    findings: list[Finding] = []

    def read(name: str, parse: Callable[[bytes, Location], Parsed[T]]) -> Parsed[T]:
        parsed = read_text_file(directory / name, Location(shown_prefix + name), parse)
        findings.extend(parsed.findings)
        return parsed

    marker = read(CLEAN_SHUTDOWN, parse_clean_shutdown)
    cleaned = read(CLEANER_OFFSETS, parse_offset_checkpoint)
    return BrokerFiles(
        shutdown=_shutdown(directory, marker.found),
        identity=read(META_PROPERTIES, parse_meta_properties).value,
        high_watermarks=read(REPLICATION_OFFSETS, parse_offset_checkpoint).value,
        recovery_points=read(RECOVERY_POINTS, parse_offset_checkpoint).value,
        log_start_offsets=read(LOG_START_OFFSETS, parse_offset_checkpoint).value,
        cleaner_offsets=cleaned.value if cleaned.found and not cleaned.findings else None,
        clean_broker_epoch=marker.value.broker_epoch,
        findings=tuple(findings),
    )


def _shutdown(directory: Path, marker_found: bool) -> Shutdown:
    held = is_lock_held(directory / LOCK)
    if held:
        return Shutdown.RUNNING
    if marker_found:
        return Shutdown.CLEAN
    return Shutdown.UNKNOWN if held is None else Shutdown.UNCLEAN


def is_lock_held(lock: Path) -> bool | None:
    """Whether a process holds the broker's advisory lock on `lock`; None when that cannot be told here.

    Asks with F_GETLK on a descriptor opened for reading, so nothing is locked, created or changed
    (`org.apache.kafka.server.util.FileLock` takes the lock). Told on 64-bit Linux only; a missing file is not held.
    """
    if not os.path.lexists(lock):
        return False
    if sys.platform != "linux" or struct.calcsize("P") != 8:
        return None
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return _is_write_locked(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _is_write_locked(descriptor: int) -> bool:
    import fcntl  # exists on POSIX systems only

    # struct flock of 64-bit Linux: type, whence, start, length (0: to the end), process id.
    whole_file = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, whole_file)
    return bool(struct.unpack_from("h", answer)[0] != fcntl.F_UNLCK)
