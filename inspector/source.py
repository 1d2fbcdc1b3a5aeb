"""Positioned, read-only access to a file: the one place where bytes of a log directory are opened.

Nothing here (or anywhere in the library) opens a file for writing. Reads are positioned reads, not mappings: a file
that is cut under us gives fewer bytes, never a dead process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from .errors import AccessDeniedError, InputError, KinspectError, NotALogError, PathNotFoundError
from .location import Location


class Source(Protocol):
    """Bytes that can be read at a position."""

    @property
    def path(self) -> str:
        """The name that locations carry."""

    @property
    def size(self) -> int:
        """Bytes there were when the source was opened."""

    def read_at(self, position: int, size: int) -> bytes:
        """Up to `size` bytes from `position` on; fewer at the end, or when the file shrank."""


class FileSource:
    """A file opened for reading. Its size is taken once, so that a growing file is read up to a fixed point."""

    __slots__ = ("_descriptor", "path", "size")

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self.path = path
        self.size = os.fstat(descriptor).st_size

    def read_at(self, position: int, size: int) -> bytes:
        """See `Source.read_at`. Raises InputError when the disk does not deliver."""
        try:
            return _read_whole(self._descriptor, position, size)
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror}", location=Location(self.path)) from error


class BytesSource:
    """Bytes in memory as a source, for tests and for decompressed data."""

    __slots__ = ("_data", "path", "size")

    def __init__(self, data: bytes, path: str = "<memory>") -> None:
        self._data = data
        self.path = path
        self.size = len(data)

    def read_at(self, position: int, size: int) -> bytes:
        """See `Source.read_at`."""
        return self._data[position : position + size]


@contextmanager
def open_source(path: Path, shown_as: str | None = None) -> Iterator[FileSource]:
    """Opens `path` for reading; `shown_as` is the name that locations carry.

    Raises PathNotFoundError, AccessDeniedError, NotALogError (a directory, a device) or InputError.
    """
    shown = str(path) if shown_as is None else shown_as
    descriptor = _open_read_only(path, shown)
    try:
        yield FileSource(descriptor, shown)
    finally:
        os.close(descriptor)


def read_small_file(path: Path, limit: int = 16 * 1024 * 1024) -> bytes:
    """The first `limit` bytes of a file, for checkpoints and other text files. Raises as `open_source`."""
    with open_source(path) as source:
        return source.read_at(0, min(source.size, limit))


def as_kinspect_error(error: OSError, path: Path | str) -> KinspectError:
    """The library's own error for what the operating system said."""
    location = Location(str(path))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PathNotFoundError(f"no such file or directory: {path}", location=location)
    if isinstance(error, PermissionError):
        return AccessDeniedError(
            f"permission denied: {path}", location=location, hint="Run as the user that owns the log directory."
        )
    return InputError(f"cannot read {path}: {error.strerror}", location=location)


def _open_read_only(path: Path, shown: str) -> int:
    # O_NONBLOCK: a pipe left in the directory must not hang us. O_NOATIME leaves no trace at all, but only
    # the owner of a file may ask for it.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not path.is_file():
            path.stat()
            raise NotALogError(f"not a regular file: {shown}", location=Location(shown))
        try:
            return os.open(path, flags | getattr(os, "O_NOATIME", 0))
        except PermissionError:
            return os.open(path, flags)
    except OSError as error:
        raise as_kinspect_error(error, shown) from error


def _read_whole(descriptor: int, position: int, size: int) -> bytes:
    """One positioned read, repeated while the system delivers less than asked for but not nothing."""
    data = _pread(descriptor, size, position)
    while 0 < len(data) < size:
        more = _pread(descriptor, size - len(data), position + len(data))
        if not more:
            break
        data += more
    return data


def _pread(descriptor: int, size: int, position: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, position)
    os.lseek(descriptor, position, os.SEEK_SET)  # Windows: one reader a descriptor, so the two calls do not race
    return os.read(descriptor, size)
