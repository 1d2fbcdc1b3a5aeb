"""Why a path given is no log directory, and what was probably meant: errors with advice.

Looks at names, one level around the path, and only after everything else has failed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from .broker_files import is_broker_directory
from .errors import KinspectError, NoPartitionsError, NotALogError, PathNotFoundError
from .files.kinds import kind_of
from .listing import holds_kafka_files
from .location import Location
from .names import NEAREST_CHOICES_LIMIT, did_you_mean, nearest, printable, shown_path
from .partition import parse_partition_dir_name

FOLDERS_LOOKED_INTO = 100
FOLDERS_NAMED = 5

_TEXT_LOG = re.compile(
    r"(server|controller|state-change|log-cleaner|kafka-request|kafka-authorizer|kafkaServer(-gc)?|zookeeper(-gc)?"
    r"|connect|kafka-broker-api-versions|garbage-collection)\.(log|out)(\..*)?",
    re.DOTALL,
)
"""What bin/kafka-server-start.sh and config/log4j.properties write into KAFKA_HOME/logs."""


def not_found(path: Path) -> PathNotFoundError:
    """The error for a path that is not there, with the nearest names in its place."""
    shown = shown_path(path)
    return PathNotFoundError(
        f"no such file or directory: {shown}", location=Location(shown), hint=did_you_mean(_near_paths(path))
    )


def refuse_other_kinds(path: Path) -> None:
    """Raises NotALogError for a file whose name says that it holds no record batches."""
    if _TEXT_LOG.fullmatch(path.name):
        raise _text_logs(path, "this is one of the broker's text logs")
    named = kind_of(path.name)
    if named is not None:
        shown = shown_path(path)
        hint = "It holds no records; `kinspect show` of this file alone, without --topic, tells what is in it."
        raise NotALogError(f"this is {named.kind}: {shown}", location=Location(shown), hint=hint)


def no_partitions(path: Path, names: Sequence[str]) -> KinspectError:
    """The error for a directory that holds no partition, by the names of what it does hold."""
    shown = shown_path(path)
    if any(map(_TEXT_LOG.fullmatch, names)):
        return _text_logs(path, "these are the broker's text logs")
    return NoPartitionsError(f"no partitions found in {shown}", location=Location(shown), hint=_where_else(path, names))


def _text_logs(path: Path, sentence: str) -> NotALogError:
    return NotALogError(
        f"{sentence}; the data lies where log.dirs in server.properties says: {shown_path(path)}",
        location=Location(shown_path(path)),
    )


def _where_else(path: Path, names: Sequence[str]) -> str:
    if not names:
        return "The directory is empty."
    below = [shown_path(path / name) for name in islice(_log_directories_in(path, names), FOLDERS_NAMED)]
    if below:
        return f"There are log directories in it; give one or more of these: {', '.join(below)}"
    return "Give a directory that log.dirs in server.properties names, a partition directory or a segment file."


def _log_directories_in(path: Path, names: Sequence[str]) -> Iterator[str]:
    for name in names[:FOLDERS_LOOKED_INTO]:
        if is_broker_directory(path / name) or _holds_partitions(path / name):
            yield name


def _holds_partitions(directory: Path) -> bool:
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in islice(entries, FOLDERS_LOOKED_INTO)]
    except OSError:
        return False
    return any(holds_kafka_files(directory / name) for name in names if parse_partition_dir_name(name))


def _near_paths(path: Path) -> list[str]:
    """What may have been meant by the first part of the path that is not there."""
    missing = path
    try:
        while missing.parent != missing and not os.path.lexists(missing.parent):
            missing = missing.parent
        with os.scandir(missing.parent) as entries:
            there = [printable(entry.name) for entry in islice(entries, NEAREST_CHOICES_LIMIT)]
    except (OSError, ValueError):
        return []
    return [shown_path(missing.parent / name) for name in nearest(printable(missing.name), sorted(there))]
