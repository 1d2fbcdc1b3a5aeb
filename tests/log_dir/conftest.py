"""Small log directories laid down file by file, and ways to look at them as somebody else."""

from __future__ import annotations

import fcntl  # imported here, because a child without privileges may not be able to
import os
import pickle
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534

META_KRAFT = (
    "#\n#Mon Jan 05 10:00:00 UTC 2026\nnode.id=1\ndirectory.id=MFz2AkH8QpqRVmfCUOpHsA\nversion=1\ncluster.id=abc\n"
)


class Maker:
    """Lays down files under `root`, making the folders they need: `make("t-0/" + log(0), b"…")`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, name: str, content: bytes | str = b"") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(parents=True)
        return path

    def partition(self, name: str, *base_offsets: int) -> Path:
        """A partition directory with a segment of one byte, and its two indexes, for each base offset."""
        for base_offset in base_offsets or (0,):
            self(f"{name}/{base_offset:020d}.log", b"x")
            self(f"{name}/{base_offset:020d}.index")
            self(f"{name}/{base_offset:020d}.timeindex")
        return self.root / name

    def broker(self, *partitions: str) -> Path:
        """A KRaft broker's directory as a killed broker leaves it."""
        self("meta.properties", META_KRAFT)
        self(".lock")
        for name in partitions:
            self.partition(name)
        return self.root


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """A maker of files in a fresh folder."""
    root = tmp_path / "data"
    root.mkdir()
    return Maker(root)


@pytest.fixture
def public_make() -> Iterator[Maker]:
    """The same in a folder that everybody may enter."""
    root = Path(tempfile.mkdtemp(prefix="kinspect-"))
    root.chmod(0o755)
    yield Maker(root)
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    shutil.rmtree(root)


@pytest.fixture
def as_nobody() -> Callable[[Callable[[], Any]], Any]:
    """Calls a function in a child process that is not root; gives its result, or raises its exception."""

    def run(function: Callable[[], Any]) -> Any:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _answer(function, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as answers:
            answer = answers.read()
        os.waitpid(child, 0)
        is_error, result = pickle.loads(answer)
        if is_error:
            raise AssertionError(result)
        return result

    return run


def _answer(function: Callable[[], Any], writer: int) -> None:
    try:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        answer = (False, function())
    except BaseException as error:
        answer = (True, repr(error))
    os.write(writer, pickle.dumps(answer))
    os._exit(0)


@pytest.fixture
def locked() -> Callable[[Path], Any]:
    """A context in which another process holds the lock on a file, as a running broker does."""

    @contextmanager
    def hold(path: Path) -> Iterator[None]:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            with path.open("r+b") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.write(writer, b"!")
                signal.pause()
        assert os.read(reader, 1) == b"!"
        try:
            yield
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reader)
            os.close(writer)

    return hold


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""
