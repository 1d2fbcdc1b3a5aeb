"""Positioned, read-only access to a file: the one place where bytes of a log directory are opened.

Nothing here (or anywhere in the library) opens a file for writing. Reads are positioned reads, not mappings: a file
that is cut under us gives fewer bytes, never a dead process.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .errors import AccessDeniedError, InputError, KinspectError, NotALogError, PathNotFoundError, VanishedError
from .location import Location
from .page_cache import Footprint
from .throttle import Throttle

HELD_SECONDS = 0.5
"""How long a descriptor is used before the file is looked up by its name again."""

MUCH = 64 * 1024
"""Bytes of a read next to which opening a file costs nothing."""

Renamed = Callable[[Path], Iterable[Path]]
"""From the path of a file that is no longer there to those where it may be found now."""


def _never_renamed(_file: Path) -> Iterable[Path]:
    return ()


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

    def end_of_data(self) -> int:
        """Behind this position there are only zeros that take no room (a sparse file); the size where there may be."""

    def lend(self) -> int | None:
        """A descriptor for reading the same bytes, which the borrower closes; None where each is to be asked for."""

    def count(self, size: int) -> None:
        """Notes that so many bytes were read by way of a descriptor that was lent."""


@dataclass(slots=True)
class Meter:
    """How many bytes of files were read, for whoever wants to know what an answer cost, and how they are to be read.

    throttle: holds the readers back. spares_cache: what was read for us does not stay in the system's page cache.
    """

    bytes_read: int = 0
    throttle: Throttle | None = None
    spares_cache: bool = False


class FileSource:
    """A file opened for reading. Its size is taken once, so that a growing file is read up to a fixed point.

    A descriptor on a file that the broker deletes would keep its space on the disk. So none is held after a read of
    `MUCH`, which takes its time to decode, nor while a reader waits who called `release`, and for small reads none
    longer than `HELD_SECONDS`. The next read opens the file again, and makes sure that it is the same one, under its
    own name or one of those it may have been given since.

    moved_to: the name under which the file was found, where that is no longer the one it was asked for by.
    is_as_listed: False where another file stands under the name than the one that was listed.
    meter: counts what is read.
    """

    __slots__ = (
        "_descriptor", "_file", "_footprint", "_opened", "_passed", "_renamed", "_status", "is_as_listed", "meter",
        "moved_to", "path", "size",
    )  # fmt: skip

    def __init__(
        self, file: Path, path: str, inode: int = 0, renamed: Renamed = _never_renamed, meter: Meter | None = None
    ) -> None:
        self._file = file
        self._renamed = renamed
        self.meter = meter or Meter()
        self.path = path
        self.moved_to: Path | None = None
        self._descriptor: int | None = None
        self._opened = 0.0
        descriptor = self._open_listed(inode)
        self._hold(descriptor)
        self._status = os.fstat(descriptor)
        self.size = self._status.st_size
        self.is_as_listed = not inode or self._status.st_ino == inode
        self._footprint = Footprint(self.size) if self.meter.spares_cache else None
        self._passed = 0

    def read_at(self, position: int, size: int) -> bytes:
        """See `Source.read_at`. Raises InputError when the disk does not deliver, VanishedError where it is gone."""
        throttle = self.meter.throttle
        if throttle is None or size <= throttle.piece:
            return self._read(position, size)
        end, pieces = position + size, bytearray()
        while position < end:
            piece = self._read(position, min(throttle.piece, end - position))
            if not piece:
                break
            pieces += piece
            position += len(piece)
        return bytes(pieces)

    def _read(self, position: int, size: int) -> bytes:
        descriptor = self._to_read_up_to(position + size)
        try:
            data = _read_whole(descriptor, position, size)
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror}", location=Location(self.path)) from error
        finally:
            if self.meter.throttle or size >= MUCH or position + size >= self.size:
                self.release()
        self.count(len(data))
        return data

    def count(self, size: int) -> None:
        """See `Source.count`. Waits where reading is to be slow."""
        self.meter.bytes_read += size
        if self.meter.throttle is not None:
            self.meter.throttle.pay(size)

    def lend(self) -> int | None:
        """See `Source.lend`. The source itself holds none then. Raises VanishedError where the file is gone."""
        if self.meter.throttle is not None:
            return None
        descriptor, self._descriptor = self._to_read_up_to(self._passed), None
        return descriptor

    def passed(self, position: int) -> None:
        """What lies before `position` will hardly be read again, and need not stay in memory."""
        self._passed = position
        if self._footprint is not None and self._footprint.is_worth_leaving(position):
            self._leave(self._footprint, position)

    def end_of_data(self) -> int:
        """See `Source.end_of_data`. A preallocated segment of a gigabyte need not be read to be known for empty."""
        if not hasattr(os, "SEEK_HOLE"):
            return self.size
        descriptor, hole = self._readable(), 0
        try:
            hole = os.lseek(descriptor, 0, os.SEEK_HOLE)
            os.lseek(descriptor, hole, os.SEEK_DATA)
        except OSError as error:
            return min(hole, self.size) if error.errno == errno.ENXIO else self.size
        return self.size

    def release(self) -> None:
        """Lets go of the descriptor; reading may go on."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def close(self) -> None:
        """The end of reading."""
        if self._footprint is not None and not self._footprint.is_empty:
            self._leave(self._footprint, self.size)
        self.release()

    def _leave(self, footprint: Footprint, position: int) -> None:
        with suppress(KinspectError):  # a file that is gone leaves nothing behind
            footprint.leave(self._readable(), position)

    def _to_read_up_to(self, position: int) -> int:
        """A descriptor; what is in memory before it is read is noted."""
        descriptor = self._readable()
        if self._footprint is not None:
            self._footprint.before_reading(descriptor, position)
        return descriptor

    def _readable(self) -> int:
        """A descriptor that is not held for too long."""
        if self._descriptor is None or time.monotonic() - self._opened > HELD_SECONDS:
            self.release()
            self._hold(self._open_again())
        assert self._descriptor is not None
        return self._descriptor

    def _hold(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._opened = time.monotonic()

    def _open_listed(self, inode: int) -> int:
        """Opens the file that was listed, by its new name if it has one; else whatever stands under its name."""

        def is_listed(status: os.stat_result) -> bool:
            return not inode or status.st_ino == inode

        descriptor = _open_if(self._file, self.path, is_listed)
        if descriptor is None and inode:
            descriptor = self._open_renamed(is_listed)
        return _open_read_only(self._file, self.path) if descriptor is None else descriptor

    def _open_again(self) -> int:
        descriptor = _open_if(self._file, self.path, self._is_the_same)
        if descriptor is None:
            descriptor = self._open_renamed(self._is_the_same)
        if descriptor is None:
            raise VanishedError(f"gone while it was read: {self.path}", location=Location(self.path))
        return descriptor

    def _open_renamed(self, is_it: Callable[[os.stat_result], bool]) -> int | None:
        for file in self._renamed(self._file):
            with suppress(KinspectError):  # what stands there and cannot be opened need not be what is sought
                descriptor = _open_if(file, self.path, is_it)
                if descriptor is not None:
                    self._file = self.moved_to = file
                    return descriptor
        return None

    def _is_the_same(self, status: os.stat_result) -> bool:
        """By its inode; where a file system makes these up anew, by what else a rename leaves as it is."""
        before = self._status
        if (status.st_dev, status.st_ino) == (before.st_dev, before.st_ino):
            return True
        return (status.st_mtime_ns, status.st_size) == (before.st_mtime_ns, before.st_size)


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

    def end_of_data(self) -> int:
        """See `Source.end_of_data`."""
        return self.size

    def lend(self) -> None:
        """See `Source.lend`: there is no file."""

    def count(self, size: int) -> None:
        """See `Source.count`: there is nothing to count."""


@contextmanager
def open_source(
    path: Path,
    shown_as: str | None = None,
    inode: int = 0,
    renamed: Renamed = _never_renamed,
    meter: Meter | None = None,
) -> Iterator[FileSource]:
    """Opens `path` for reading; `shown_as` is the name that locations carry.

    inode: of the file that was listed there (0: not known). renamed: the names that a file may have been given since.
    meter: counts what is read.
    Raises PathNotFoundError, AccessDeniedError, NotALogError (a directory, a device) or InputError.
    """
    source = FileSource(path, str(path) if shown_as is None else shown_as, inode, renamed, meter)
    try:
        yield source
    finally:
        source.close()


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
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotALogError(f"not a regular file: {shown}", location=Location(shown))
        try:
            return os.open(path, flags | getattr(os, "O_NOATIME", 0))
        except PermissionError:
            return os.open(path, flags)
    except OSError as error:
        raise as_kinspect_error(error, shown) from error


def _open_if(path: Path, shown: str, is_it: Callable[[os.stat_result], bool]) -> int | None:
    """A descriptor on the file at `path` if it is the one meant; None if it is another one, or if there is none."""
    try:
        descriptor = _open_read_only(path, shown)
    except PathNotFoundError:
        return None
    if is_it(os.fstat(descriptor)):
        return descriptor
    os.close(descriptor)
    return None


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
