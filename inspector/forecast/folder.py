"""A partition's directory while a start is played through on paper: the files that would be there, by name.

Nothing on the disk is touched: a file that is renamed here is still read under the name that it has there. Names are
taken apart as Kafka does it, which is laxer than `segment.parse_file_name`. Source: `LogFileUtils`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..engine.window import Window
from ..names import printable
from ..source import FileSource, open_source
from .walk import RefusedError

DELETED, CLEANED, SWAP = ".deleted", ".cleaned", ".swap"
LOG, INDEX, TIME_INDEX, TXN_INDEX, SNAPSHOT = ".log", ".index", ".timeindex", ".txnindex", ".snapshot"
INDEXES = (INDEX, TIME_INDEX, TXN_INDEX)
KRAFT_DELETED = ".checkpoint.deleted"

_JAVA_LONG = re.compile(r"[+-]?\d{1,100}")
MOST_OFFSET = 2**63 - 1
SMALL = 64 * 1024
"""Bytes read at a time where only a few are wanted here and there."""


@dataclass(frozen=True, slots=True)
class SimFile:
    """A file as it would be. on_disk: the name under which it can be read now; "" for one that a start makes.

    start: where it begins in that file, for a part of a segment that was split.
    """

    size: int
    on_disk: str = ""
    start: int = 0


class Folder:
    """The files of a directory by their names, and what would be done to them.

    snapshots: the names of those, by offset. odd_snapshots: those whose names have none.
    """

    def __init__(self, path: Path, files: dict[str, SimFile]) -> None:
        self.path = path
        self.files = files
        self.snapshots: dict[int, str] = {}
        self.odd_snapshots: list[str] = []
        for name in files:
            self._note(name)

    @classmethod
    def listed(cls, path: Path) -> Folder:
        """As it is on the disk; folders in it are left out, as Kafka does. Raises OSError."""
        with os.scandir(path) as entries:
            return cls(path, {one.name: SimFile(one.stat().st_size, one.name) for one in entries if one.is_file()})

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def names(self, *suffixes: str) -> list[str]:
        """Those that end so, in order."""
        return sorted(name for name in self.files if not suffixes or name.endswith(suffixes))

    def size(self, name: str) -> int:
        """In bytes."""
        return self.files[name].size

    def resize(self, name: str, size: int) -> None:
        """Gives a file this size, and makes it where there is none."""
        self.files[name] = replace(self.files.get(name, SimFile(size)), size=size)

    def write(self, name: str, size: int) -> None:
        """A file with other content than what is on the disk."""
        self.files[name] = SimFile(size)
        self._note(name)

    def delete(self, name: str) -> bool:
        """False where there is none."""
        offset = offset_or_none(name) if name.endswith(SNAPSHOT) else None
        if offset is not None:
            self.snapshots.pop(offset, None)
        return self.files.pop(name, None) is not None

    def call_anew(self, old: str, new: str) -> None:
        """As a rename does: what was called so before is gone."""
        self.files[new] = self.files.pop(old)
        self._note(new)

    def _note(self, name: str) -> None:
        if name.endswith(SNAPSHOT):
            offset = offset_or_none(name)
            if offset is None:
                self.odd_snapshots.append(name)
            else:
                self.snapshots[offset] = name

    def shown(self, name: str) -> str:
        """The file's name on the disk, for people."""
        return printable(self.files[name].on_disk or name)

    @contextmanager
    def open(self, name: str, step: int = SMALL) -> Iterator[Window]:
        """What is on the disk of it, for reading, up to the size that it has by now."""
        file = self.files[name]
        if not file.on_disk:
            yield Window(_Zeros(self.shown(name), file.size), step)
            return
        with open_source(self.path / file.on_disk, self.shown(name)) as source:
            window = Window(_Part(source, file.start) if file.start else source, step)
            window.size = max(0, min(file.size, source.size - file.start))
            yield window


class _Zeros:
    """A file that a start makes: what is in it is not known, or zeros, and nobody asks but for indexes."""

    def __init__(self, path: str, size: int) -> None:
        self.path = path
        self.size = size

    def read_at(self, position: int, size: int) -> bytes:
        return bytes(max(0, min(size, self.size - position)))

    def end_of_data(self) -> int:
        return 0

    def lend(self) -> int | None:
        return None

    def count(self, size: int) -> None:
        """Nothing is read."""


class _Part:
    """A file from some position on."""

    def __init__(self, source: FileSource, start: int) -> None:
        self._source = source
        self._start = start
        self.path = source.path
        self.size = source.size - start

    def read_at(self, position: int, size: int) -> bytes:
        return self._source.read_at(position + self._start, size)

    def end_of_data(self) -> int:
        return self.size

    def lend(self) -> int | None:
        return None

    def count(self, size: int) -> None:
        self._source.count(size)


def stem(offset: int) -> str:
    """The twenty digits that a file's name begins with, behind a sign where damage made an offset negative."""
    return f"{'-' if offset < 0 else ''}{abs(offset):020}"


def offset_of(name: str) -> int:
    """The offset before the first dot. Raises RefusedError where there is none: Kafka does not expect that either."""
    digits, dot, _ = name.partition(".")
    if not dot or not _JAVA_LONG.fullmatch(digits) or not -MOST_OFFSET <= int(digits) <= MOST_OFFSET:
        raise RefusedError("the name of a file does not begin with an offset", printable(name))
    return int(digits)


def offset_or_none(name: str) -> int | None:
    """Likewise, where Kafka does expect it."""
    try:
        return offset_of(name)
    except RefusedError:
        return None
