"""Nothing is ever written under a log directory: every system call of every command is watched."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

# All calls but those that read or wait: they are many, and harm nothing.
WATCHED = "trace=!read,pread64,readv,preadv,preadv2,close,lseek,poll,ppoll,select,pselect6,epoll_wait,futex"

# The calls that may name something under the log directory. Whatever else does so is a fault, known to us or not;
# a change of directory too, because relative paths would hide from the watch.
HARMLESS = {
    "access", "execve", "faccessat", "faccessat2", "fadvise64", "fcntl", "fstat", "fstatfs", "getdents64", "ioctl",
    "lstat", "newfstatat", "open", "openat", "openat2", "readlink", "readlinkat", "stat", "statfs", "statx",
}  # fmt: skip
# The calls whose data may name it (a path that is printed): what counts is the file written to.
WRITES = {"write", "writev", "sendto", "sendmsg"}
WRITING_FLAGS = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
WRITING_MAP = re.compile(r"\bPROT_WRITE\b.*\bMAP_SHARED")
CALL = re.compile(r"^(?:\d+\s+)?(?:<\.\.\. )?(\w+)(?:\((\d+<[^>]*>))?")

COMMANDS = (
    ("show", "{}"),
    ("show", "{}", "--topic", "hello-world-*"),
    ("ls", "{}"),
    ("ls", "{}", "--segments"),
    ("ls", "{}", "--files"),
    ("ls", "{}", "--identity"),
    ("batches", "{}/hello-world-4-0"),
    ("explain", "{}/hello-world-4-0/00000000000000000000.log"),
    ("explain", "{}/replication-offset-checkpoint", "--output", "{output}"),
    ("verify", "{}"),
    ("verify", "{}", "--only", "epochs", "--modified-since", "2020-01-01"),
    ("verify", "{}", "--max-rate", "10MB", "-J", "--engine", "spec"),
    ("labs", "check", "{}"),
    ("salvage", "{}", "--output", "{output}"),
    ("salvage", "{}", "--carve", "--output", "{output}"),
    ("salvage", "{}/hello-world-4-0/00000000000000000000.log", "--carve", "--output", "{output}"),
)
DIRECTORIES = ("kafka-3.6.0-stopped", "kafka-4.3.0-killed")


@pytest.fixture(scope="session")
def watch(require: Callable[[str, str], None]) -> Callable[..., tuple[str, list[str]]]:
    """Runs a command under strace and returns its output, and the calls that may change something under `root`."""
    if not shutil.which("strace"):
        require("strace", "strace is not installed")

    def run(command: list[str], root: Path, trace: Path) -> tuple[str, list[str]]:
        strace = ["strace", "-f", "-y", "-e", WATCHED, "-e", "signal=none", "-o", str(trace), *command]
        done = subprocess.run(strace, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
        if "ptrace" in done.stderr and not trace.stat().st_size:
            require("strace", f"strace may not trace here: {done.stderr.strip()}")
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        return done.stdout + done.stderr, [line for line in lines if str(root) in line and changes(line, root)]

    return run


def changes(line: str, root: Path) -> bool:
    """Whether the call on this line of the trace, which names `root`, could change something under it."""
    call = CALL.match(line)
    if call is not None and call[1] in WRITES:
        return str(root) in (call[2] or "")
    if call is not None and call[1] == "mmap":  # a file is looked at so, and could be written so
        return WRITING_MAP.search(line) is not None
    return call is None or call[1] not in HARMLESS or bool(WRITING_FLAGS.search(line))


def state(root: Path) -> dict[str, tuple[object, ...]]:
    """Names, modes, sizes, times of change, and bytes of all that lies under `root`."""
    return {str(path.relative_to(root)): state_of(path) for path in [root, *sorted(root.rglob("*"))]}


def state_of(path: Path) -> tuple[object, ...]:
    """See `state`. The time of the last access is left out: it belongs to whoever looks."""
    is_file = path.is_file()
    told = path.lstat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else ""
    return (told.st_mode, told.st_nlink, told.st_size if is_file else 0, told.st_mtime_ns, told.st_ctime_ns, digest)


@pytest.fixture
def log_dir(request: pytest.FixtureRequest, real_dirs: Mapping[str, Path], tmp_path: Path) -> Path:
    """A copy of a bundled directory, so that a fault found here spoils nothing."""
    return Path(shutil.copytree(real_dirs[request.param], tmp_path / "log-dir"))


@pytest.mark.parametrize("log_dir", DIRECTORIES, indirect=True)
def test_no_command_writes_under_the_log_directory(
    log_dir: Path, watch: Callable[..., tuple[str, list[str]]], tmp_path: Path
) -> None:
    before = state(log_dir)
    script = Path(sysconfig.get_path("scripts")) / "kinspect"
    for number, words in enumerate(COMMANDS):
        target = tmp_path / f"output-{number}"
        command = [str(script), *(word.format(log_dir, output=target) for word in words)]
        output, calls = watch(command, log_dir, tmp_path / "trace")
        assert "Traceback" not in output, output
        assert not calls, "\n".join([f"{' '.join(words)}: {len(calls)} calls, the first are", *calls[:5]])
        assert state(log_dir) == before, words


@pytest.mark.parametrize(
    "deed",
    [
        "open(root + '/new', 'w')",
        "os.open(root + '/old', os.O_RDWR)",
        "os.truncate(root + '/old', 1)",
        "os.utime(root + '/old')",
        "os.chmod(root + '/old', 0o600)",
        "os.rename(root + '/old', root + '/new')",
        "os.link(root + '/old', root + '/new')",
        "os.mkdir(root + '/new')",
        "os.unlink(root + '/old')",
        "os.chdir(root); os.unlink('old')",
    ],
)
def test_the_watch_sees_a_write(deed: str, watch: Callable[..., tuple[str, list[str]]], tmp_path: Path) -> None:
    root = tmp_path / "log-dir"
    root.mkdir()
    (root / "old").write_bytes(b"old")
    program = f"import os; root = {os.fspath(root)!r}; {deed}"
    _, calls = watch([sys.executable, "-S", "-c", program], root, tmp_path / "trace")
    assert calls


@pytest.mark.parametrize(
    ("how", "is_change"),
    [
        ("PROT_NONE, MAP_SHARED", False),
        ("PROT_READ|PROT_WRITE, MAP_PRIVATE", False),
        ("PROT_READ|PROT_WRITE, MAP_SHARED", True),
    ],
)
def test_the_watch_tells_a_look_through_a_mapping_from_a_write(how: str, is_change: bool, tmp_path: Path) -> None:
    line = f"17 mmap(NULL, 4096, {how}, 3<{tmp_path}/old>, 0) = 0x7f0000000000"
    assert changes(line, tmp_path) is is_change
