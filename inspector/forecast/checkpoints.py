"""The small checkpoint files as Kafka reads them at a start: which mistakes it survives, and at what price.

An I/O error (a wrong version, a wrong count, a line of other fields, bytes that are no UTF-8) takes the log directory
offline, whoever asked; a field that is no number is an exception that depends on who asked. Sources: `CheckpointFile`,
`CheckpointFileWithFailureHandler`, `LeaderEpochCheckpointFile`, `OffsetCheckpointFile`, `PartitionMetadataFile`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..errors import KinspectError, PathNotFoundError
from ..source import open_source
from ..text_files import SIZE_LIMIT, EpochEntry, TopicPartition, why_unreadable
from .walk import Offline, RefusedError

T = TypeVar("T")

_INTEGER = re.compile(r"[+-]?\d+")
_SPACES = re.compile(r"[ \t\n\x0b\f\r]+")
_COLON = re.compile(r":[ \t\n\x0b\f\r]+")
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")
UUID_LENGTH = 22
_LINE_ENDS = re.compile("\r\n|\r|\n")
INT32, INT64 = 2**31, 2**63


@dataclass(frozen=True, slots=True)
class Offsets:
    """What a checkpoint of the log directory says; goes_offline, ignored: what its mistakes cost, in words."""

    values: Mapping[TopicPartition, int] = field(default_factory=dict)
    found: bool = True
    ignored: str = ""
    goes_offline: str = ""


def read_offsets(path: Path) -> Offsets:
    """A checkpoint of offsets at the top of a log directory."""
    data = _bytes(path)
    if data is None:
        return Offsets(found=False)
    try:
        return Offsets(dict(_entries(data, _offset_line, path.name)))
    except Offline as error:
        return Offsets(ignored=error.why, goes_offline=error.why)
    except RefusedError as error:
        return Offsets(ignored=error.why)


def read_epochs(path: Path) -> list[EpochEntry]:
    """`leader-epoch-checkpoint`; none where it is missing. Raises Offline and RefusedError."""
    data = _bytes(path)
    entries = [] if data is None else _entries(data, _epoch_line, path.name)
    for entry in entries:
        if entry.epoch < 0 or entry.start_offset < 0:
            raise RefusedError("a negative number", path.name)
    return entries


def read_topic_id(path: Path, newer_versions: bool) -> str | None:
    """The topic id in `partition.metadata`, as Kafka prints it; None without the file.

    Raises Offline and RefusedError; an empty file is the second.

    newer_versions: versions above 0 are read as well.
    """
    data = _bytes(path)
    if data is None:
        return None
    lines = lines_of(data, path.name)
    version = _behind_colon(lines, 0, path.name)
    if not _is_number(version, INT32):
        raise Offline("a version that is no number", path.name)
    if int(version) < 0 or (int(version) > 0 and not newer_versions):
        raise Offline(f"version {int(version)}", path.name)
    topic_id = _uuid(_behind_colon(lines, 1, path.name), path.name)
    if not any(topic_id):
        raise Offline("a topic id that is all zeros", path.name)
    return base64.urlsafe_b64encode(topic_id).decode("ascii").rstrip("=")


def _behind_colon(lines: list[str], number: int, name: str) -> str:
    if number >= len(lines):
        raise RefusedError("a line is missing" if lines else "an empty file", name)
    fields = _COLON.split(lines[number])
    while fields and not fields[-1]:
        fields.pop()
    if len(fields) != 2:
        raise Offline("a line of other fields", name)
    return fields[1]


def _uuid(text: str, name: str) -> bytes:
    """As `Uuid.fromString`, which is lax about padding and strict about the rest."""
    core = text.rstrip("=")
    if not (_BASE64.fullmatch(core) and len(core) == UUID_LENGTH and len(text) in (UUID_LENGTH, UUID_LENGTH + 2)):
        raise RefusedError("a topic id that is none", name)
    return base64.urlsafe_b64decode(core + "==")


def _bytes(path: Path) -> bytes | None:
    try:
        with open_source(path) as source:
            if source.size > SIZE_LIMIT:
                raise Offline(f"more than {SIZE_LIMIT} bytes: not read", path.name)
            return source.read_at(0, source.size)
    except PathNotFoundError:
        return None
    except KinspectError as error:
        raise Offline(why_unreadable(error), path.name) from error


def lines_of(data: bytes, name: str) -> list[str]:
    """The lines as a Java reader gives them. Raises Offline for bytes that are no UTF-8."""
    try:
        lines = _LINE_ENDS.split(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Offline("bytes that are no UTF-8", name) from error
    return lines[:-1] if not lines[-1] else lines


def _entries(data: bytes, parse: Callable[[str, str], T], name: str) -> list[T]:
    lines = lines_of(data, name)
    if not lines:
        return []
    version = _framing_number(lines[0], name)
    if version != 0:
        raise Offline(f"version {version}", name)
    if len(lines) < 2:
        return []
    claimed = _framing_number(lines[1], name)
    if claimed < 0:
        raise RefusedError(f"a count of {claimed}", name)
    entries = [parse(line, name) for line in lines[2:]]
    if len(entries) != claimed:
        raise Offline(f"{claimed} entries claimed, {len(entries)} found", name)
    return entries


def _framing_number(text: str, name: str) -> int:
    if not _is_number(text, INT32):
        raise Offline("a line that is no number", name)
    return int(text)


def _is_number(text: str, limit: int) -> bool:
    return bool(_INTEGER.fullmatch(text)) and len(text) < 100 and -limit <= int(text) < limit


def _number(text: str, limit: int, name: str) -> int:
    if not _is_number(text, limit):
        raise RefusedError("a field that is no number", name)
    return int(text)


def _fields(line: str, count: int, name: str) -> list[str]:
    fields = _SPACES.split(line)
    while fields and not fields[-1]:
        fields.pop()
    if len(fields) != count:
        raise Offline("a line of other fields", name)
    return fields


def _epoch_line(line: str, name: str) -> EpochEntry:
    epoch, offset = _fields(line, 2, name)
    return EpochEntry(_number(epoch, INT32, name), _number(offset, INT64, name))


def _offset_line(line: str, name: str) -> tuple[TopicPartition, int]:
    topic, partition, offset = _fields(line, 3, name)
    return (topic, _number(partition, INT32, name)), _number(offset, INT64, name)
