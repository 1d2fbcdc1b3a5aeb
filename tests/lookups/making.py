"""Partitions that a test makes from bytes, and lookups in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inspector.engine import choose
from inspector.log_dir import open_log_dir
from inspector.lookups.by_offset import OffsetLookup, lookup_offset
from inspector.lookups.by_time import TimeLookup, lookup_time
from inspector.partition import PartitionLog
from inspector.report import Progress

NOON = 1_700_000_000_000


def partition(directory: Path, name: str = "") -> PartitionLog:
    """The partition in a directory, or the one of this name in a broker's."""
    return next(log for log in open_log_dir(directory).partitions if name in ("", log.path.name))


def written(folder: Path, files: Mapping[str, bytes]) -> PartitionLog:
    """A partition `t-0` of these files, named as `0.log` for short."""
    directory = folder / "t-0"
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        number, _, suffix = name.partition(".")
        (directory / f"{int(number):020}.{suffix}").write_bytes(data)
    return partition(directory)


def by_offset(log: PartitionLog, offset: int) -> OffsetLookup:
    return lookup_offset(log, offset, choose(), Progress())


def by_time(log: PartitionLog, time: int) -> TimeLookup:
    return lookup_time(log, time, choose(), Progress())
