"""A stand-in for a busy broker: `python -m tests.reports.living FOLDER SECONDS`.

It appends, rolls, removes old segments, compacts, deletes and recreates topics, in the order in which Kafka renames its
files (`org.apache.kafka.storage.internals.log.LocalLog`), with a much shorter delay before files are removed.
"""

from __future__ import annotations

import fcntl
import random
import shutil
import struct
import sys
import time
import uuid
from pathlib import Path

from benchmarks.scale import batch
from inspector.spec.record_batch import HEADER_SIZE, unpack_header

PARTITIONS = ("busy-0", "busy-1", "compacted-0", "compacted-1")
SEGMENT_BATCHES = 40
KEPT_SEGMENTS = 6
DELETE_SECONDS = 0.4


def last_time(data: bytes, base_offset: int) -> bytes:
    """The entry that closes a time index: the greatest timestamp, at the end of the segment."""
    size = len(batch(0))
    headers = [unpack_header(data[start : start + HEADER_SIZE]) for start in range(0, len(data), size)]
    newest = max(header.max_timestamp for header in headers)
    return struct.pack(">qi", newest, headers[-1].base_offset + headers[-1].last_offset_delta - base_offset)


def contents(data: bytes, base_offset: int) -> tuple[tuple[str, bytes], ...]:
    """What compaction leaves of a segment, by suffix."""
    return ("log", data), ("index", b""), ("timeindex", last_time(data, base_offset))


class Partition:
    """One partition that is written to; offsets go on for ever."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        (folder / "partition.metadata").write_text("version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg")
        self.next_offset = 0
        self.segments: list[int] = []
        self.removals: list[tuple[float, Path]] = []
        self.roll()

    def path(self, base_offset: int, suffix: str = "log") -> Path:
        return self.folder / f"{base_offset:020}.{suffix}"

    def roll(self) -> None:
        if self.segments:
            closed = self.segments[-1]
            self.path(closed, "timeindex").write_bytes(last_time(self.path(closed).read_bytes(), closed))
        self.segments.append(self.next_offset)
        for suffix in ("index", "timeindex", "log"):
            self.path(self.next_offset, suffix).touch()

    def append(self) -> None:
        data = batch(self.next_offset)
        cut = random.randrange(len(data))
        with self.path(self.segments[-1]).open("ab", buffering=0) as file:
            file.write(data[:cut])  # a batch can be seen half-written
            file.write(data[cut:])
        self.next_offset += 1
        if self.next_offset - self.segments[-1] >= SEGMENT_BATCHES:
            self.roll()

    def remove(self, base_offset: int) -> None:
        for suffix in ("log", "index", "timeindex"):
            path = self.path(base_offset, suffix)
            self.removals.append((time.monotonic() + DELETE_SECONDS, path.rename(f"{path}.deleted")))

    def retain(self) -> None:
        while len(self.segments) > KEPT_SEGMENTS:
            self.remove(self.segments.pop(0))

    def compact(self) -> None:
        """The two oldest segments become one, with every second batch."""
        if len(self.segments) < 4:
            return
        first, second = self.segments[:2]
        size = len(batch(0))
        data = self.path(first).read_bytes() + self.path(second).read_bytes()
        whole = [data[start : start + size] for start in range(0, len(data), size)]
        for suffix, content in contents(b"".join(whole[::2]), first):
            cleaned = self.path(first, f"{suffix}.cleaned")
            cleaned.write_bytes(content)
            cleaned.rename(self.path(first, f"{suffix}.swap"))
        del self.segments[1]
        self.remove(first)
        self.remove(second)
        for suffix in ("log", "index", "timeindex"):
            self.path(first, f"{suffix}.swap").rename(self.path(first, suffix))

    def clear(self) -> None:
        now = time.monotonic()
        for _, path in [one for one in self.removals if one[0] <= now]:
            path.unlink(missing_ok=True)  # compacted again meanwhile, under the same name
        self.removals = [one for one in self.removals if one[0] > now]


def recreate_a_topic(root: Path, doomed: list[Path]) -> None:
    """A topic is deleted and made anew; the folder of its predecessor goes away."""
    for folder in doomed:
        shutil.rmtree(folder)
    doomed.clear()
    live = root / "passing-0"
    if live.exists():
        doomed.append(live.rename(root / f"passing-0.{uuid.uuid4().hex}-delete"))
    passing = Partition(live)
    for _ in range(30):
        passing.append()


def write_checkpoint(root: Path, partitions: list[Partition]) -> None:
    lines = [f"{one.folder.name.replace('-', ' ')} {one.next_offset}" for one in partitions]
    half_written = root / "replication-offset-checkpoint.tmp"
    half_written.write_text("\n".join(["0", str(len(lines)), *lines, ""]))
    half_written.rename(root / "replication-offset-checkpoint")


def main(root: Path, seconds: float) -> None:
    """Runs until the time is over, or until it is killed."""
    root.mkdir()
    lock = (root / ".lock").open("w")
    fcntl.lockf(lock, fcntl.LOCK_EX)
    partitions = [Partition(root / name) for name in PARTITIONS]
    (root / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\n")
    doomed: list[Path] = []
    ends = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < ends:
        turn += 1
        for one in partitions:
            one.append()
            one.clear()
            if turn % 50 == 0 and one.folder.name.startswith("compacted"):
                one.compact()
            one.retain()
        if turn % 40 == 0:
            recreate_a_topic(root, doomed)
            write_checkpoint(root, partitions)
        time.sleep(0.002)
    lock.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
