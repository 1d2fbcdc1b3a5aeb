"""Running a command to its end, as a whole process: how long it took, and what it used.

A pipe is emptied by `splice` into the null device where the system has that, so that the reader costs next to nothing
and is the same for all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from benchmarks.data import CHECKOUT

PIECE = 1 << 20
RSS_A_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
SAID = 2000
"""Characters of what a failing command said last."""

Words = Sequence[str | Path]


class CommandError(Exception):
    """A command failed; the message tells its exit code and what it said last."""


class Run(NamedTuple):
    """One run of a command.

    bytes_read: what it asked the system for, where the system tells (else 0).
    """

    seconds: float
    output_bytes: int
    bytes_read: int
    said: str


def thrown_away(command: Words) -> Run:
    """Its output goes through a pipe and is read, and no more."""
    return _through_pipe(command, _throw_away)


def lines_counted(command: Words) -> tuple[Run, int]:
    """Likewise, and how many lines there were: slower, for a first run that is not timed."""
    lines = 0

    def count(reader: int) -> int:
        nonlocal lines
        size = 0
        while piece := os.read(reader, PIECE):
            lines += piece.count(b"\n")
            size += len(piece)
        return size

    return _through_pipe(command, count), lines


def into_file(command: Words, path: Path) -> Run:
    """Its output goes to a new file. What other runs have left to write is written first."""
    path.unlink(missing_ok=True)
    os.sync()
    with path.open("wb") as file:
        run = _run(command, file.fileno())
    return run._replace(output_bytes=path.stat().st_size)


def answer(command: Words) -> dict[str, Any]:
    """The object that a command of our own prints as JSON, with the seconds of the whole process as `process`."""
    with tempfile.TemporaryFile() as file:
        run = _run(command, file.fileno())
        file.seek(0)
        return {**json.loads(file.read()), "process": run.seconds}


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
print('{"kibibytes":', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, '}')
"""


def peak_megabytes(command: Words) -> float:
    """The peak of its resident memory. A small process stands between: a child begins with the peak of its parent."""
    return float(answer([sys.executable, "-I", "-S", "-c", PEAK, *command])["kibibytes"]) / RSS_A_MEGABYTE


def _through_pipe(command: Words, empty: Callable[[int], int]) -> Run:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0), os.fdopen(writer, "wb", buffering=0) as ours:

        def output() -> int:
            ours.close()
            return empty(reader)

        return _run(command, writer, output)


def _throw_away(reader: int) -> int:
    if sys.platform != "linux":
        return sum(map(len, iter(lambda: os.read(reader, PIECE), b"")))
    with Path(os.devnull).open("wb") as null:
        return sum(iter(lambda: os.splice(reader, null.fileno(), PIECE), 0))


def _run(command: Words, stdout: int, empty: Callable[[], int] = int) -> Run:
    """empty: reads the command's pipe to its end, where it has one, and gives the number of bytes."""
    with tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = _started(command, stdout, stderr)
        try:
            size = empty()
            bytes_read = _bytes_read_by(process.pid)
            _, status = os.waitpid(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
        said = _said(stderr)
        if process.returncode:
            raise CommandError(f"{Path(command[0]).name} ended with {process.returncode}: {said}")
        return Run(seconds, size, bytes_read, said)


def _started(command: Words, stdout: int, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    words = list(map(str, command))
    try:
        return subprocess.Popen(words, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
    except FileNotFoundError as missing:
        raise CommandError(f"{words[0]} is not installed") from missing


def _bytes_read_by(pid: int) -> int:
    """Waits for the end of a process, and asks the system about it before it is forgotten."""
    if sys.platform != "linux":
        return 0
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return 0
    return int(dict(line.split(": ") for line in lines)["rchar"])


def _said(stderr: IO[bytes]) -> str:
    stderr.seek(0)
    return stderr.read().decode(errors="replace")[-SAID:].strip()
