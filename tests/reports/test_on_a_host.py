"""What `verify` does to the host on which it runs: the page cache, descriptors, memory, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.scale import batch
from fixtures.make.damage import BASE, make_batch, split
from inspector.page_cache import resident_pages
from inspector.partition import PartitionLog
from inspector.reports.integrity import integrity
from inspector.reports.scope import Scope
from inspector.reports.selection import Selection
from inspector.segment import Segment
from tests.conftest import SCRIPT
from tests.reports.test_scale import alive

FIRST = f"{0:020}.log"
MIB = 1024 * 1024


def big_segment(root: Path, size: int, value: int = 16_000) -> Path:
    """A partition with one segment of about so many bytes, out of memory."""
    folder = root / "big-0"
    folder.mkdir(parents=True)
    made = make_batch(0, [os.urandom(value)])
    path = folder / FIRST
    with path.open("wb") as file:
        for offset in range(size // len(made)):
            file.write(offset.to_bytes(8, "big") + made[8:])
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return path


def resident(path: Path) -> int:
    with path.open("rb") as file:
        pages = resident_pages(file.fileno(), 0, path.stat().st_size)
    return -1 if pages is None else 4096 * pages.count(1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages are in memory")
def test_a_cold_directory_does_not_flood_the_page_cache_and_a_hot_one_stays_hot(
    tmp_path: Path, kinspect, require
) -> None:
    path = big_segment(tmp_path, 256 * MIB, value=MIB)
    if resident(path):
        require("disk", "nothing can be pushed out of memory here")
    said = kinspect("verify", tmp_path).stdout
    assert said.startswith("no damage; 1 partition, 1 segment, ")
    assert resident(path) < MIB
    with path.open("rb") as file:
        while file.read(MIB):
            pass
    warm = resident(path)
    assert warm >= 256 * MIB - 2 * MIB
    assert kinspect("verify", tmp_path).stdout == said
    assert resident(path) > warm - MIB


def started(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SCRIPT), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def wait_until(is_true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def open_files(pid: int) -> list[str]:
    """What a process has open, by name; what is deleted is marked so."""
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(entry))  # noqa: PTH115 - a link to what is deleted leads nowhere
        except OSError:
            continue
    return links


def read_of(pid: int) -> int:
    """How many bytes a process has read so far, from anywhere."""
    return int(Path(f"/proc/{pid}/io").read_text().split()[1])


needs_proc = pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs /proc")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A `verify` that will take a minute, in the middle of its segment."""
    path = big_segment(tmp_path, 12 * MIB)
    process = started("verify", tmp_path, "--max-rate", "200kB", "-J", "--only", "crc")
    try:
        before = [0, 0]

        def is_reading() -> bool:  # as steadily as it may, no longer loading itself
            time.sleep(0.3)
            now = read_of(process.pid)
            grown, before[0] = now - before[0], now
            before[1] = before[1] + 1 if 0 < grown < 200_000 else 0
            return before[1] >= 3

        wait_until(is_reading, "it does not begin to read")
        yield process, path
    finally:
        process.kill()
        process.communicate()


@needs_proc
def test_ctrl_c_in_the_middle_ends_it_at_once_with_exit_code_130(slow) -> None:
    process, _ = slow
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert time.monotonic() - asked < 5


@needs_proc
def test_a_segment_that_is_deleted_meanwhile_is_let_go_and_said(slow) -> None:
    process, path = slow
    path.unlink()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3, err
    (line,) = out.splitlines()
    assert json.loads(line)["slug"] == "vanished-while-read"
    assert "no damage in what was read" in err


@needs_proc
def test_a_segment_that_is_renamed_meanwhile_is_followed_and_hardly_ever_open(slow) -> None:
    process, path = slow
    moved = path.rename(path.with_name(f"{FIRST}.deleted"))
    seen = [any(moved.name in one for one in open_files(process.pid)) for _ in range(200) if not time.sleep(0.005)]
    assert sum(seen) < 20
    assert process.poll() is None


def test_many_findings_that_nobody_reads_keep_no_file_open(tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    rotten = [bytearray(one) for one in split(BASE.read_bytes())]
    for one in rotten:
        one[200] ^= 1
    path = folder / FIRST
    path.write_bytes(b"".join(bytes(one) for one in rotten) * 300)
    process = started("verify", tmp_path, "-J", "--only", "crc")
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["slug"]
        wait_until(lambda: not any(FIRST in one for one in open_files(process.pid)), "the segment is still open")
        path.unlink()
        assert process.poll() is None
        assert not any("deleted" in one for one in open_files(process.pid))
    finally:
        process.kill()
        process.communicate()


# -- very many partitions


def test_memory_and_descriptors_do_not_grow_with_the_partitions(tmp_path: Path) -> None:
    many = 3000
    (tmp_path / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=made\n")
    (tmp_path / ".kafka_cleanshutdown").touch()
    data = tmp_path / "data"
    data.write_bytes(batch(0))
    for number in range(many):
        folder = tmp_path / f"t-{number}"
        folder.mkdir()
        os.link(data, folder / FIRST)
    data.unlink()
    before, descriptors = alive(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    report = integrity([tmp_path], Selection())
    report.progress.total  # noqa: B018 - as a bar asks for it, which lists all of them
    after, most = [], 0
    report.progress.watch = lambda: after.append(None)
    for _ in report.sections:
        most = max(most, len(os.listdir("/proc/self/fd")))  # noqa: PTH208
    now = alive()
    assert len(after) >= many
    assert now[Segment] - before[Segment] <= 2
    assert now[PartitionLog] - before[PartitionLog] <= many + 2
    assert most <= descriptors + 4
    assert "3,000 partitions, 3,000 segments, " in report.verdict().text


def test_the_first_finding_waits_for_no_other_partition(copied) -> None:
    directory = copied("kafka-3.6.0-stopped", "indexed-0", "trimmed-0")
    path = directory / "indexed-0" / FIRST
    path.write_bytes(path.read_bytes()[:-3])
    report = integrity([directory], Selection())
    next(report.all_rows())
    assert report.progress.done <= path.stat().st_size


@needs_proc
def test_a_segment_that_is_cut_meanwhile_is_told(slow) -> None:
    process, path = slow
    os.truncate(path, 0)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3, err
    assert [json.loads(line)["slug"] for line in out.splitlines()] == ["shrunk-file"]
    assert "no damage in what was read" in err


def test_a_segment_that_grows_while_it_is_read_is_read_as_far_as_it_was(tmp_path: Path) -> None:
    path = big_segment(tmp_path, 20 * MIB, value=MIB)
    size = path.stat().st_size
    with path.open("ab") as file:
        report = integrity([tmp_path], Selection(), Scope(only=frozenset({"crc"})))
        report.progress.watch = lambda: file.write(b"x" * 1000) and file.flush()
        assert list(report.all_rows()) == []
    assert path.stat().st_size > size
    assert report.verdict().text.startswith("no damage; 1 partition, 1 segment, 19 batches, 19 records read")


def test_a_decompression_bomb_is_a_finding_and_no_more(fixtures_dir: Path) -> None:
    code = (
        "import resource, sys; from inspector.cli.start import main;"
        "resource.setrlimit(resource.RLIMIT_AS, (1500 << 20,) * 2); sys.argv[0] = 'kinspect'; main()"
    )
    bomb = fixtures_dir / "damaged" / "decompression-bomb"
    words = [sys.executable, "-c", code, "verify", bomb, "-J"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3, done.stderr
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["slug"], line["position"], line["expected"]) == ("decompression-limit", 0, 64 * MIB)
    assert "1 segment, 2 batches, 4 records read" in done.stderr
