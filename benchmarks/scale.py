"""A broker's directory with very many partitions and segments, and how `kinspect` takes it.

`python -m benchmarks.scale FOLDER` makes the directory below FOLDER once (4,000 partitions, 100,000 segments, about a
gigabyte on the disk, all of it blocks that hold next to nothing) and measures each command warm: the whole time, the
time to the first row, the peak of resident memory, and the most descriptors open at a time, under `ulimit -n 1024`.
The last column sets the time in relation to `find FOLDER -type f` on the same directory.

The segments are small and valid, the indexes of the active ones preallocated and sparse, as a running broker has them.
"""

from __future__ import annotations

import argparse
import os
import pty
import struct
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import google_crc32c

PARTITIONS = 4000
SEGMENTS = 25
"""A partition's share: 100,000 in all."""

TOPICS = 200
RECORDS_A_SEGMENT = 2
DESCRIPTOR_LIMIT = 1024
KINSPECT = Path(sysconfig.get_path("scripts")) / "kinspect"

TARGETS = {"seconds": 5.0, "first row": 0.3, "MB": 128.0, "descriptors": 256}
"""Of the inventory on the machine that this was first run on: two cores, warm."""

ACTIVE_INDEX_SIZE = 10 * 1024 * 1024
ACTIVE_TIME_INDEX_SIZE = ACTIVE_INDEX_SIZE // 12 * 12


# -- making the directory


def batch(base_offset: int, timestamp: int = 1_767_607_200_000) -> bytes:
    """A valid batch of format v2 with one record, whose key is null and whose value is `x`."""
    record = bytes((0x0E, 0, 0, 0, 1, 2)) + b"x" + b"\0"
    body = struct.pack(">hiqqqhii", 0, 0, timestamp, timestamp, -1, -1, -1, 1) + record
    covered = struct.pack(">ibI", 0, 2, google_crc32c.value(body)) + body
    return struct.pack(">qi", base_offset, len(covered)) + covered


def make_directory(root: Path, partitions: int = PARTITIONS, segments: int = SEGMENTS, topics: int = TOPICS) -> None:
    """Lays down a killed broker's directory under `root`, which must not exist yet."""
    root.mkdir(parents=True)
    (root / "meta.properties").write_text("#\nversion=1\nnode.id=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\n")
    names = [f"topic-{number % topics}-{number // topics}" for number in range(partitions)]
    for name in names:
        _make_partition(root / name, segments)
    marks = "".join(f"{topic} {number} 1\n" for topic, _, number in (name.rpartition("-") for name in names))
    (root / "replication-offset-checkpoint").write_text(f"0\n{len(names)}\n{marks}")


def _make_partition(folder: Path, segments: int) -> None:
    folder.mkdir()
    (folder / "leader-epoch-checkpoint").write_text("0\n1\n0 0\n")
    (folder / "partition.metadata").write_text("version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg")
    for number in range(segments):
        base_offset = number * RECORDS_A_SEGMENT
        stem = folder / f"{base_offset:020d}"
        batches = (batch(offset) for offset in range(base_offset, base_offset + RECORDS_A_SEGMENT))
        stem.with_suffix(".log").write_bytes(b"".join(batches))
        is_active = number == segments - 1
        _make_sparse(stem.with_suffix(".index"), ACTIVE_INDEX_SIZE if is_active else 0)
        _make_sparse(stem.with_suffix(".timeindex"), ACTIVE_TIME_INDEX_SIZE if is_active else 12)


def _make_sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


# -- measuring


class Measured(NamedTuple):
    """One run of a command. first_row is None where its output is not looked at."""

    seconds: float
    first_row: float | None
    megabytes: float
    descriptors: int
    lines: int


def measure(command: Sequence[str | Path], *, terminal: bool = False, head: int = 0) -> Measured:
    """Runs a command to its end, reading its output as fast as it comes. head: lines that stand above its first row."""
    reader, writer = pty.openpty() if terminal else os.pipe()
    start = time.perf_counter()
    # A child of a fork begins with its parent's memory as its peak; vfork and exec do not.
    process = subprocess.Popen(
        ["sh", "-c", f'ulimit -n {DESCRIPTOR_LIMIT}; exec "$@"', "sh", *map(str, command)],
        stdout=writer,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    first_row, lines, most = None, 0, 0
    for data in _output(reader):
        lines += data.count(b"\n")
        if first_row is None and lines > head:
            first_row = time.perf_counter() - start
        most = max(most, _descriptors_of(process.pid))
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    os.close(reader)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return Measured(seconds, first_row, usage.ru_maxrss / 1024, most, lines)


def _output(reader: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(reader, 1 << 16)
        except OSError:  # a terminal whose last writer is gone
            return
        if not data:
            return
        yield data


def _descriptors_of(process: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return 0


class Command(NamedTuple):
    """What is run, whether on a terminal, and how many lines stand above its first row."""

    words: tuple[str | Path, ...]
    terminal: bool = False
    head: int = 0


HEAD = 4
"""Title, two facts and the names of the columns."""


def commands(root: Path) -> dict[str, Command]:
    """What is measured, by name."""
    return {
        "find -type f": Command(("find", root, "-type", "f")),
        "du -s": Command(("du", "-s", root)),
        "ls": Command((KINSPECT, "ls", root), head=HEAD),
        "ls (terminal)": Command((KINSPECT, "ls", root, "--no-pager"), terminal=True, head=HEAD),
        "ls -J": Command((KINSPECT, "ls", root, "-J")),
        "ls --segments": Command((KINSPECT, "ls", root, "--segments"), head=HEAD),
        "ls --segments -J": Command((KINSPECT, "ls", root, "--segments", "-J")),
        "ls --files": Command((KINSPECT, "ls", root, "--files"), head=HEAD),
        "ls --files -J": Command((KINSPECT, "ls", root, "--files", "-J")),
        "ls --identity": Command((KINSPECT, "ls", root, "--identity"), head=1),
        "show -t topic-7": Command((KINSPECT, "show", root, "-t", "topic-7"), head=HEAD + 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes the directory where it is missing, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the directory is made, and kept; not in the checkout")
    parser.add_argument("--partitions", type=int, default=PARTITIONS)
    parser.add_argument("--segments", type=int, default=SEGMENTS, help="of each partition")
    parser.add_argument("--only", default="", help="measure only the commands whose name contains this")
    given = parser.parse_args(arguments)
    root = given.folder.resolve() / f"scale-{given.partitions}-{given.segments}"
    if Path(__file__).resolve().parents[1] in root.parents:
        parser.error("not in the checkout: give another folder")
    if not root.exists():
        print(f"making {given.partitions:,} partitions of {given.segments} segments: {root}", flush=True)
        make_directory(root, given.partitions, given.segments)
    _print_all(root, given.only)


def _print_all(root: Path, only: str) -> None:
    measure(("find", root, "-type", "f", "-size", "+0"))  # so that all is warm
    yardstick = measure(("find", root, "-type", "f")).seconds
    print(f"{'':18} {'seconds':>8} {'first row':>9} {'MB':>6} {'descr.':>6} {'lines':>8} {'x find':>7}")
    for name, command in commands(root).items():
        if only in name:
            seen = measure(command.words, terminal=command.terminal, head=command.head)
            print(
                f"{name:18} {seen.seconds:8.2f} {seen.first_row or 0:9.3f} {seen.megabytes:6.0f} {seen.descriptors:6} "
                f"{seen.lines:8,} {seen.seconds / yardstick:7.1f}",
                flush=True,
            )
    print("the targets of ls: " + ", ".join(f"{name} {limit:g}" for name, limit in TARGETS.items()))


if __name__ == "__main__":
    main()
