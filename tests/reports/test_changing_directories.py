"""A directory that changes between the listing and the reading: what is shown then, what is said, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.scale import batch
from inspector.engine import ScanRequest, choose
from inspector.engine.chunk import records_of
from inspector.findings import Finding
from inspector.log_dir import open_log_dir
from inspector.reading import read_partition
from inspector.reports.batches import batches
from inspector.reports.integrity import integrity
from inspector.reports.inventory import inventory
from inspector.reports.selection import Selection
from inspector.reports.show import show
from tests.conftest import CHECKOUT, SCRIPT
from tests.reports.conftest import taken

FIRST, SECOND, THIRD = (f"{offset:020}.log" for offset in (0, 48, 96))
TOPIC = Selection(("indexed",))
STRESS_SECONDS = 6.0


@pytest.fixture
def directory(copied) -> Path:
    """Three segments of 48 records each, as a killed broker left them."""
    return copied("kafka-3.6.0-killed", "indexed-0")


@pytest.fixture
def after_listing(monkeypatch) -> Callable[[Callable[[], object]], None]:
    """Does something once, right after a partition was listed and before anything in it is opened."""

    def hook(change: Callable[[], object]) -> None:
        from inspector import partition

        listing, pending = partition.list_partition, [change]

        def listed(*arguments):
            made = listing(*arguments)
            while pending:
                pending.pop()()
            return made

        monkeypatch.setattr(partition, "list_partition", listed)

    return hook


def deleted(path: Path) -> Path:
    return path.rename(path.with_name(f"{path.name}.deleted"))


def answers(directory: Path) -> list[Callable[[], object]]:
    return [
        lambda: show([directory], TOPIC),
        lambda: batches([directory], TOPIC),
        lambda: integrity([directory], TOPIC),
        lambda: inventory([directory], TOPIC, segments=True),
    ]


@pytest.mark.parametrize("answer", range(4), ids=["show", "batches", "verify", "ls"])
def test_a_segment_renamed_after_the_listing_is_read_and_that_is_said(directory, after_listing, answer) -> None:
    expected = taken(answers(directory)[answer]())
    after_listing(lambda: deleted(directory / "indexed-0" / SECOND))
    part = taken(answers(directory)[answer]())
    assert "renamed-file" in part.slugs
    assert f"indexed-0/{SECOND}: was renamed to {SECOND}.deleted since it was listed, and read there" in map(
        str, part.findings
    )
    assert not part.verdict.incomplete
    if answer != 2:  # the rows of verify are the findings
        assert part.rows == expected.rows


@pytest.mark.parametrize("answer", range(4), ids=["show", "batches", "verify", "ls"])
def test_a_segment_that_vanished_after_the_listing_is_said_and_the_others_are_shown(
    directory, after_listing, answer
) -> None:
    after_listing((directory / "indexed-0" / SECOND).unlink)
    part = taken(answers(directory)[answer]())
    assert [str(f) for f in part.findings] == [f"indexed-0/{SECOND}: was there when listed, gone when opened"]
    assert not part.verdict.incomplete
    if answer == 0:
        assert part.offsets == [*range(48), *range(96, 144)]


def test_a_partition_renamed_after_the_listing_is_read_to_its_end(directory, after_listing) -> None:
    folder = directory / "indexed-0"
    after_listing(lambda: folder.rename(directory / f"indexed-0.{'a' * 32}-delete"))
    part = taken(show([directory], TOPIC))
    assert part.offsets == [*range(144)]
    assert set(part.slugs) == {"renamed-file", "vanished-file"}  # the text files are not followed
    assert not part.verdict.incomplete


def test_a_partition_that_vanished_before_its_listing_is_a_note(directory) -> None:
    report = inventory([directory], TOPIC, segments=False)
    for file in (directory / "indexed-0").iterdir():
        file.unlink()
    (directory / "indexed-0").rmdir()
    part = taken(report)
    assert part.slugs == ["vanished-file"]
    assert (part.rows[0]["segments"], part.rows[0]["log_end_offset"]) == (0, None)
    assert not part.verdict.incomplete


def test_a_segment_that_the_cleaner_replaced_is_said(directory, after_listing) -> None:
    path = directory / "indexed-0" / SECOND

    def replace() -> None:
        cleaned = path.with_name(f"{SECOND}.swap")
        cleaned.write_bytes(path.read_bytes()[:1269])
        cleaned.replace(path)

    after_listing(replace)
    part = taken(show([directory], TOPIC))
    assert part.offsets == [*range(60 - 8), *range(96, 144)]
    assert part.slugs == ["replaced-file"]


def test_that_a_file_grew_is_said_where_no_broker_runs(directory, after_listing) -> None:
    path = directory / "indexed-0" / THIRD
    size = path.stat().st_size

    def append() -> None:
        with path.open("ab") as file:
            file.write(batch(144))

    after_listing(append)
    part = taken(show([directory], TOPIC))
    assert part.offsets == [*range(145)]
    assert [str(f) for f in part.findings] == [
        f"indexed-0/{THIRD}: grew after it was listed: {size} bytes then, {path.stat().st_size} when it was opened"
    ]


def test_a_broker_that_starts_after_the_listing_leaves_a_torn_tail_and_no_damage(copied, after_listing) -> None:
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    path = directory / "indexed-0" / THIRD

    def start() -> None:
        (directory / ".kafka_cleanshutdown").unlink()
        with path.open("ab") as file:
            file.write(batch(144)[:40])

    after_listing(start)
    part = taken(show([directory], TOPIC))
    assert part.offsets == [*range(144)]
    assert part.slugs == ["grown-file", "torn-tail"]


# -- while it is read


def chunks(directory: Path, findings: list[Finding]) -> Iterator[list[int]]:
    """The offsets of each chunk; between two of them nobody holds a file."""
    (log,) = open_log_dir(directory).partitions
    request = ScanRequest()
    for _, chunk in read_partition(log, choose(), request, findings):
        yield [record.offset for _, record in records_of(chunk)]


def long_segment(root: Path, count: int) -> Path:
    """A partition with one segment that takes several chunks."""
    folder = root / "t-0"
    folder.mkdir(parents=True)
    path = folder / FIRST
    path.write_bytes(b"".join(map(batch, range(count))))
    return path


def held(root: Path) -> list[str]:
    """The files below `root`, deleted ones too, that this process has open."""
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            links.append(os.readlink(entry))  # noqa: PTH115 - a link to what is deleted leads nowhere
        except OSError:
            continue
    return [link for link in links if link.startswith(str(root))]


def test_between_two_chunks_no_file_is_open_and_a_deleted_one_is_followed(tmp_path: Path) -> None:
    path, findings = long_segment(tmp_path, 40_000), []
    reading = chunks(tmp_path, findings)
    offsets = next(reading)
    assert held(tmp_path) == []
    moved = deleted(path)
    offsets += [offset for more in reading for offset in more]
    assert (offsets, moved.exists()) == ([*range(40_000)], True)
    assert [f.slug for f in findings] == ["renamed-file"]
    assert held(tmp_path) == []


def test_a_segment_removed_while_the_reader_paused_makes_the_answer_incomplete(tmp_path: Path) -> None:
    path, findings = long_segment(tmp_path, 40_000), []
    reading = chunks(tmp_path, findings)
    seen = next(reading)
    path.unlink()
    seen += [offset for more in reading for offset in more]
    assert seen == [*range(len(seen))] and 0 < len(seen) < 40_000
    (finding,) = findings
    assert (finding.slug, finding.incomplete) == ("vanished-while-read", True)
    assert str(finding.found).startswith("position ")


def test_records_that_the_cleaner_moved_into_an_earlier_segment_are_not_shown_twice(directory, after_listing) -> None:
    first, second = (directory / "indexed-0" / name for name in (FIRST, SECOND))

    def merge() -> None:
        merged = first.with_name(f"{FIRST}.swap")
        merged.write_bytes(first.read_bytes() + second.read_bytes())
        deleted(second)
        merged.replace(first)  # and the old first one is removed already

    after_listing(merge)
    part = taken(show([directory], TOPIC))
    assert part.offsets == [*range(144)]
    assert part.slugs == ["replaced-file", "vanished-file"]


@pytest.mark.parametrize("command", ["show", "batches"])
def test_a_paused_command_holds_no_file(tmp_path: Path, command: str) -> None:
    path = long_segment(tmp_path, 20_000)
    process = subprocess.Popen(
        [SCRIPT, command, tmp_path, "-t", "t", "-J"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # and no more: the pipe fills up, the command waits
        deadline = time.monotonic() + 20
        while _holds(process.pid, path):
            assert time.monotonic() < deadline, "the segment is still open"
            time.sleep(0.05)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def _holds(pid: int, path: Path) -> bool:
    status = path.stat()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            seen = entry.stat()
        except OSError:
            continue
        if (seen.st_dev, seen.st_ino) == (status.st_dev, status.st_ino):
            return True
    return False


# -- while a broker is at it

BENIGN = {"renamed-file", "replaced-file", "vanished-file", "torn-tail", "gaps-undecidable"}
"""That stand-in compacts, and has no checkpoint that tells how far."""
COMMANDS = (
    ("ls", "-J"),
    ("ls", "--segments", "-J"),
    ("ls", "--files", "-J"),
    ("ls", "--identity", "-J"),
    ("show", "-t", "*", "-J"),
    ("batches", "-J"),
    ("verify", "-J"),
)


def test_no_command_stumbles_over_a_living_directory(tmp_path: Path, kinspect) -> None:
    root = tmp_path / "data"
    living = subprocess.Popen([sys.executable, "-m", "tests.reports.living", root, "60"], cwd=CHECKOUT)
    try:
        wait_for(root / "meta.properties")
        ends = time.monotonic() + STRESS_SECONDS
        runs = 0
        while time.monotonic() < ends or runs < len(COMMANDS):
            words = COMMANDS[runs % len(COMMANDS)]
            runs += 1
            done = kinspect(words[0], root, *words[1:])
            slugs = set(re.findall(r"KI-[0-9]{4} ([a-z-]+)", done.stderr))
            slugs |= set(re.findall(r'"slug": "([a-z-]+)"', done.stdout))
            assert "Traceback" not in done.stderr and "unexpected" not in done.stderr, done.stderr
            assert slugs <= BENIGN | {"vanished-while-read"}, (words, done.stderr, done.stdout[-2000:])
            assert done.returncode == (3 if "vanished-while-read" in slugs else 0), (words, done.stderr)
            if words[0] == "show":
                assert_in_order(done.stdout)
        assert living.poll() is None, "the writer broke off"
    finally:
        living.kill()
        living.wait()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, "the writer did not begin"
        time.sleep(0.02)


def assert_in_order(lines: str) -> None:
    """Every offset comes once, in order, whatever happened to the files meanwhile."""
    last: dict[tuple[str, int], int] = {}
    for record in map(json.loads, lines.splitlines()):
        key = record["topic"], record["partition"]
        if key[0] == "passing":  # what is removed is shown beside what took its place
            continue
        assert record["offset"] > last.get(key, -1), record
        last[key] = record["offset"]
