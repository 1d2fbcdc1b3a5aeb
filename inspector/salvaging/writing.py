"""The one place of this package that writes files: a new directory, complete or plainly unfinished.

Nothing that exists is written over, and nothing is written below a directory that is read. All goes into a directory of
another name; when everything has reached the disk it gets its own. See `source.py` for reading.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError, OutputRefusedError
from ..location import Location
from ..names import shown_path

UNFINISHED = ".unfinished"
PRIVATE = 0o700
BUFFER = 1024 * 1024


class OutputFile:
    """A file that is being written. size: bytes so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._file = os.fdopen(os.open(path, flags, 0o666), "wb", buffering=BUFFER)
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise _failed(self._path, error) from error
        self.size += len(data)

    def close(self, like: Path | None) -> None:
        """Brings it to the disk, with the rights of the file it was made from."""
        with _failing(self._path):
            self._file.flush()
            _give_rights(self._file.fileno(), like, 0o600)
            os.fsync(self._file.fileno())
            self._file.close()

    def give_up(self) -> None:
        """Closes it as it is."""
        with suppress(OSError):
            self._file.close()


class Output:
    """A new directory. path: what it will be called. unfinished: what it is called while it is written."""

    def __init__(self, path: Path, sources: Iterable[Path]) -> None:
        """Raises OutputRefusedError where something is there already, or where it would lie below a source."""
        self.path = path
        self.unfinished = path.with_name(path.name + UNFINISHED)
        _refuse_what_exists(path, self.unfinished)
        _refuse_below(path, sources)
        self._folders: list[Path] = []

    def begin(self) -> None:
        """Makes the directory, under the name that says it is unfinished."""
        with _failing(self.unfinished):
            self._make(self.unfinished, None)

    def folder(self, name: str, like: Path | None = None) -> None:
        """Makes a folder, and those above it."""
        folder = self.unfinished / name
        with _failing(folder):
            for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
                self._make(missing, like)

    def _make(self, folder: Path, like: Path | None) -> None:
        folder.mkdir()
        self._folders.append(folder)
        if like is not None:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                _give_rights(descriptor, like, PRIVATE)
            finally:
                os.close(descriptor)

    @contextmanager
    def file(self, name: str, like: Path | None = None) -> Iterator[OutputFile]:
        """A new file, on the disk when the context is left. like: the file it was made from."""
        path = self.unfinished / name
        self.folder(os.fspath(Path(name).parent))
        with _failing(path):
            file = OutputFile(path)
        try:
            yield file
        except BaseException:
            file.give_up()
            raise
        file.close(like)

    def write(self, name: str, data: bytes, like: Path | None = None) -> None:
        """A small file at once."""
        with self.file(name, like) as file:
            file.write(data)

    def finish(self) -> None:
        """Brings names to the disk, and gives the directory its own."""
        with _failing(self.path):
            for folder in reversed(self._folders):
                _sync(folder)
            self.unfinished.rename(self.path)  # over an empty directory, if there is one
            _sync(self.path.parent)


def _refuse_what_exists(path: Path, unfinished: Path) -> None:
    if not path.name:
        raise OutputRefusedError(f"not the name of a new directory: {shown_path(path)}")
    if os.path.lexists(path) and not _is_empty(path):
        raise OutputRefusedError(f"exists already, and nothing is written over it: {shown_path(path)}")
    if os.path.lexists(unfinished):
        raise OutputRefusedError(
            f"an earlier attempt left {shown_path(unfinished)}", hint="Remove it, or name another directory."
        )


def _is_empty(path: Path) -> bool:
    try:
        return not path.is_symlink() and not any(path.iterdir())
    except OSError:
        return False


def _refuse_below(path: Path, sources: Iterable[Path]) -> None:
    """By device and number of each folder above, so that neither a link nor a mount hides one."""
    try:
        above = {_identity(folder) for folder in (path.parent.resolve(strict=True), *path.parent.resolve().parents)}
        if path.exists():
            above.add(_identity(path))
    except OSError as error:
        raise OutputRefusedError(f"there is no directory {shown_path(path.parent)} to write to") from error
    for source in sources:
        with suppress(OSError):
            if _identity(source) in above:
                raise OutputRefusedError(f"lies below {shown_path(source)}, where nothing is written")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _give_rights(descriptor: int, like: Path | None, least: int) -> None:
    """The rights of the original, and its owner where we may give files away: a broker must be able to write."""
    if like is None or not hasattr(os, "fchmod"):
        return
    with suppress(OSError):
        status = like.stat()
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & 0o777 | least)
        if os.geteuid() == 0:
            os.fchown(descriptor, status.st_uid, status.st_gid)


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    """What the operating system refuses, as the library's own error."""
    try:
        yield
    except OSError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {shown_path(path)}: {error.strerror}", location=Location(str(path)))
