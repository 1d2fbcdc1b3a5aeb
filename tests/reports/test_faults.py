"""`verify` on what fails beneath it: disks, rights, links."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.make.damage import split
from inspector.reports.integrity import integrity
from inspector.reports.scope import Scope
from inspector.reports.selection import Selection
from inspector.source import FileSource
from tests.conftest import SCRIPT
from tests.reports.conftest import Taken, taken

FIRST, SECOND, THIRD = (f"{offset:020}.log" for offset in (0, 48, 96))

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def verified(directory: Path, **scope: Any) -> Taken:
    return taken(integrity([directory], Selection(), Scope(**scope)))


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- links


@pytest.fixture
def directory(copied) -> Path:
    """Three segments of 48 records each."""
    return copied("kafka-3.6.0-stopped", "indexed-0", "trimmed-0")


def test_partitions_and_segments_that_are_links_are_read(directory: Path, tmp_path: Path) -> None:
    expected = verified(directory)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in (directory / "indexed-0" / SECOND, directory / "trimmed-0"):
        moved = path.rename(elsewhere / path.name)
        path.symlink_to(moved)
    assert verified(directory) == expected
    assert "2 partitions, " in expected.verdict.text and expected.findings == []


def test_links_that_lead_nowhere_are_named_and_the_answer_is_incomplete(directory: Path, kinspect) -> None:
    for name in ("gone-0", f"indexed-0/{144:020}.log", f"indexed-0/{48:020}.index"):
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to("/nowhere/at/all")
    (directory / "indexed-0" / "note").symlink_to("/nowhere/at/all")
    done = kinspect("verify", directory, "-J", "--only", "crc")
    assert done.returncode == 3
    assert [(one["slug"], one["file"], one["expected"]) for one in lines_of(done)] == [
        ("dangling-link", "gone-0", "a partition"),
        ("dangling-link", f"indexed-0/{48:020}.index", "a file of this partition"),
        ("dangling-link", f"indexed-0/{144:020}.log", "a segment"),
        ("foreign-entry", "indexed-0/note", None),
    ]
    assert "no damage in what was read" in done.stderr


def test_links_that_lead_in_circles_are_named_and_the_rest_is_read(directory: Path, kinspect) -> None:
    (directory / "round-0").symlink_to("round-0")
    (directory / "self-0").symlink_to(directory, target_is_directory=True)
    (directory / "indexed-0" / f"{144:020}.log").symlink_to(f"{144:020}.log")
    done = kinspect("verify", directory, "-J", "--only", "crc")
    assert done.returncode == 3
    told = {(one["file"], one["message"]) for one in lines_of(done) if one["slug"] == "unreadable-file"}
    loop = "could not be read: too many levels of symbolic links"
    assert told == {(name, loop) for name in ("round-0", "self-0/round-0", f"indexed-0/{144:020}.log")}
    assert "3 partitions, " in done.stderr and "153 records read" in done.stderr


# -- rights


@pytest.fixture
def as_nobody(require: Callable[[str, str], None]) -> Run:
    """Runs the installed command as a user who owns nothing here; the modes decide what he may."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        require("setpriv", "root and setpriv (util-linux) are needed to become somebody else")
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"]

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*drop, str(SCRIPT), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)

    if run("--version").returncode != 0:
        require("setpriv", "what is installed here may not be read by other users")
    return run


@pytest.fixture
def open_to_all(directory: Path) -> Iterator[Path]:
    """The directory, at a place that every user may reach."""
    place = Path("/tmp") / f"kinspect-faults-{os.getpid()}-{time.monotonic_ns()}"
    shutil.copytree(directory, place)
    place.chmod(0o755)
    yield place
    for path in place.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(place)


def test_files_of_somebody_else_that_may_only_be_read_are_enough(open_to_all: Path, as_nobody: Run) -> None:
    for path in open_to_all.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = as_nobody("verify", open_to_all)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no damage; 2 partitions, ")


def test_files_that_only_their_owner_may_read_are_enough_for_him(open_to_all: Path, as_nobody: Run) -> None:
    for path in [open_to_all, *open_to_all.rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)
        os.chown(path, 65534, 65534)
    assert as_nobody("verify", open_to_all).stdout.startswith("no damage; 2 partitions, ")


def test_files_that_only_somebody_else_may_read_are_named_one_by_one(open_to_all: Path, as_nobody: Run) -> None:
    for path in (open_to_all / "indexed-0" / SECOND, open_to_all / "trimmed-0"):
        path.chmod(0o700 if path.is_dir() else 0o400)
    done = as_nobody("verify", open_to_all, "--only", "crc")
    assert done.returncode == 3
    assert f"indexed-0/{SECOND}" in done.stdout and "trimmed-0" in done.stdout
    assert done.stdout.count("could not be read: permission denied") == 2
    assert "no damage in what was read (2 errors); 2 partitions, 3 segments, 24 batches, 96 records" in done.stdout


def test_a_read_only_mount_is_read_like_any_other(directory: Path, require, kinspect) -> None:
    mount = f'mount --bind -o ro "{directory}" "{directory}" && mount -o remount,bind,ro "{directory}"'
    check = f'if touch "{directory}/x" 2>/dev/null; then exit 99; fi'
    shell = ["unshare", "-m", "sh", "-c", f'{mount} || exit 98; {check}; "{SCRIPT}" verify "{directory}"']
    if shutil.which("unshare") is None:
        require("mount", "unshare (util-linux) is needed to mount something")
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode in (1, 98, 99) and "no damage" not in done.stdout:
        require("mount", f"nothing may be mounted here: {done.stderr}")
    assert (done.returncode, done.stdout) == (0, kinspect("verify", directory).stdout)


# -- disks


def failing_at(monkeypatch: pytest.MonkeyPatch, name: str, position: int) -> None:
    """As if the disk could not read a file from there on."""
    import errno

    from inspector import source

    pread = source._pread
    bad: set[int] = set()
    readable = FileSource._readable

    def noting(self: FileSource) -> int:
        descriptor = readable(self)
        (bad.add if self.path.endswith(name) else bad.discard)(descriptor)
        return descriptor

    def failing(descriptor: int, size: int, at: int) -> bytes:
        if descriptor in bad and at + size > position:
            if at >= position:
                raise OSError(errno.EIO, "Input/output error")
            size = position - at
        return pread(descriptor, size, at)

    monkeypatch.setattr(FileSource, "_readable", noting)
    monkeypatch.setattr(FileSource, "lend", lambda _self: None)
    monkeypatch.setattr(source, "_pread", failing)


def test_a_file_that_the_disk_does_not_give_is_named_and_the_rest_is_read(directory: Path, monkeypatch) -> None:
    failing_at(monkeypatch, SECOND, 0)
    part = verified(directory, only=frozenset({"crc"}))
    assert [(one.slug, one.location.path) for one in part.findings] == [("unreadable-file", f"indexed-0/{SECOND}")]
    assert part.findings[0].found == "input/output error"
    assert part.verdict.incomplete
    assert part.verdict.text.startswith("no damage in what was read (1 error); 2 partitions, 4 segments, ")
    assert ", 105 records read" in part.verdict.text


@pytest.fixture(scope="module")
def failing_disk(tmp_path_factory: pytest.TempPathFactory, require: Callable[[str, str], None]) -> Run:
    """Runs the installed command on a disk that cannot read some bytes of a file (`failing_disk.c`)."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        require("cc", "a C compiler is needed to make a disk fail")
        raise AssertionError
    library = tmp_path_factory.mktemp("disk") / "failing_disk.so"
    source = Path(__file__).with_suffix("").with_name("failing_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, timeout=60)

    def run(name: str, bad: range, *words: str | Path) -> subprocess.CompletedProcess[str]:
        told = {"LD_PRELOAD": str(library), "BAD_FILE": name, "BAD_FROM": str(bad.start), "BAD_TO": str(bad.stop)}
        return subprocess.run(
            [str(SCRIPT), *map(str, words)], capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **told},
        )  # fmt: skip

    return run


def test_a_real_read_error_ends_with_exit_code_3_and_the_rest_is_read(directory: Path, failing_disk) -> None:
    done = failing_disk(SECOND, range(1 << 40), "verify", directory, "-J", "--only", "crc")
    assert done.returncode == 3
    assert [(one["slug"], one["file"], one["found"]) for one in lines_of(done)] == [
        ("unreadable-file", f"indexed-0/{SECOND}", "input/output error")
    ]
    assert "2 partitions, 4 segments, " in done.stderr and ", 105 records read" in done.stderr
    assert "Traceback" not in done.stderr


PAGE = 4096


def lost(segment: Path, bad: range) -> tuple[range, list[bytes]]:
    """What of a segment is lost with the pages that hold these bytes: from where to where, and the batches."""
    first, end = bad.start // PAGE * PAGE, -(-bad.stop // PAGE) * PAGE
    position, gone = 0, []
    for batch in split(segment.read_bytes()):
        if position < end and position + len(batch) > first:
            gone.append((position, batch))
        position += len(batch)
    return range(gone[0][0], gone[-1][0] + len(gone[-1][1])), [batch for _, batch in gone]


IN_BODIES = (range(5000, 5001), range(15_400, 15_480))
IN_HEADERS = (range(9000), range(4096, 8192), range(8000, 15_483))


@pytest.mark.parametrize(
    ("only", "bad"), [("crc", bad) for bad in IN_BODIES + IN_HEADERS] + [("epochs", bad) for bad in IN_HEADERS]
)
def test_what_stands_behind_bytes_that_cannot_be_read_is_read(
    directory: Path, failing_disk, only: str, bad: range
) -> None:
    place, gone = lost(directory / "indexed-0" / SECOND, bad)
    done = failing_disk(SECOND, bad, "verify", directory, "-J", "--only", only)
    assert done.returncode == 3
    assert [(one["slug"], one["file"], one["position"], one["size"]) for one in lines_of(done)] == [
        ("unreadable-file", f"indexed-0/{SECOND}", place.start, len(place))
    ]
    assert f"{whole_batches(directory) - len(gone)} batches" in done.stderr
    if only == "crc":
        assert f", {153 - 4 * len(gone)} records read" in done.stderr


def whole_batches(directory: Path) -> int:
    return sum(len(split(path.read_bytes())) for path in directory.glob("*/*.log"))


def test_show_shows_the_records_on_both_sides(directory: Path, failing_disk) -> None:
    _, gone = lost(directory / "indexed-0" / SECOND, range(5000, 5001))
    missing = {int.from_bytes(batch[:8], "big") + n for batch in gone for n in range(4)}
    done = failing_disk(
        SECOND, range(5000, 5001), "show", directory, "-t", "indexed", "-f", "csv", "--columns", "offset"
    )
    assert done.returncode == 3
    assert [int(line) for line in done.stdout.split()[1:]] == [n for n in range(144) if n not in missing]


@pytest.mark.parametrize("name", ["leader-epoch-checkpoint", "partition.metadata", "meta.properties"])
def test_a_read_error_in_a_small_file_is_named(directory: Path, failing_disk, name: str) -> None:
    done = failing_disk(name, range(1 << 40), "verify", directory, "-J", "--only", "crc")
    assert done.returncode == 3
    assert {(one["slug"], one["found"]) for one in lines_of(done)} == {("unreadable-file", "input/output error")}
    assert ", 153 records read" in done.stderr
