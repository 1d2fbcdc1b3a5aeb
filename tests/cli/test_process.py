"""The command line as a process of its own: pipes, signals, terminals, encodings, start-up.

A small program replaces one report by stub rows, and then is `kinspect`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.engine import taken_by_auto

STUB = """
import itertools, os, sys, time, types
from inspector.report import Column, Hint, Report, Section, Verdict

COLUMNS = (Column("offset", Hint.NUMBER), Column("key", Hint.BYTES), Column("value", Hint.BYTES))

def endless():
    return ((n, b"key", "é世\\x1b[2J".encode()) for n in itertools.count())

def slow():
    yield 0, b"first", None
    time.sleep(60)

def three():
    return ((n, b"key" * 40, "é世".encode() * 40) for n in range(3))

def inventory(paths, selection, *, segments):
    rows = globals()[os.environ["ROWS"]]()
    return Report(COLUMNS, [Section("t-0", rows=rows)], [], lambda: Verdict("done"))

stub = types.ModuleType("inspector.reports.inventory")
stub.inventory = inventory
sys.modules[stub.__name__] = stub
sys.argv[0] = "kinspect"
from inspector.cli.start import main
main()
"""


def command(*words: str) -> list[str]:
    """The stubbed command line."""
    return [sys.executable, "-c", STUB, *words]


def environment(rows: str = "three", **more: str) -> dict[str, str]:
    """An environment without colours or widths of the surroundings."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING")}
    return {**kept, "ROWS": rows, "PYTHONUNBUFFERED": "", **more}


def finished(*words: str, rows: str = "three", **more: str) -> subprocess.CompletedProcess[bytes]:
    """What the command line leaves."""
    return subprocess.run(
        command(*words), capture_output=True, timeout=60, check=False, env=environment(rows, **more), cwd="/"
    )


@pytest.mark.parametrize("start", [[sys.executable, "-m", "inspector.cli"], ["kinspect"]], ids=["module", "script"])
def test_the_entry_points_work(start, tmp_path):
    script = Path(sys.executable).with_name("kinspect")
    if start == ["kinspect"] and not script.exists():
        pytest.skip("the package is not installed in this environment")
    words = [str(script)] if start == ["kinspect"] else start
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"kinspect 0.1.0 (engine: {taken_by_auto()})\n", "")


@pytest.mark.parametrize("words", [["/x"], ["/x", "-J"], ["/x", "-f", "csv"]], ids=["table", "jsonl", "csv"])
def test_a_closed_pipe_ends_it_silently_with_exit_code_0(words):
    with subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment("endless")
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 0


def test_a_pipe_closed_before_the_first_byte_is_silent_too():
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(command("--help"), stdout=writing, stderr=subprocess.PIPE, env=environment())
    os.close(writing)
    assert process.communicate(timeout=30) == (None, b"")
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_plain_line_and_exit_code_3():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("/x", "-J"), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False, env=environment()
        )
    assert (done.returncode, done.stderr) == (3, b"Error: cannot write the output: No space left on device\n")


def test_closed_standard_streams_do_no_harm():
    shell = '"$@" >&- 2>&-'
    done = subprocess.run(["sh", "-c", shell, "sh", *command("/x")], timeout=60, check=False, env=environment())
    assert done.returncode == 0


INTERRUPTED_AT_THE_START = """
import inspector.cli.start, os, signal
os.kill(os.getpid(), signal.SIGINT)
"""

INTERRUPTED_AT_THE_END = """
import atexit, os, signal, sys
import inspector.cli.start
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
sys.argv = ["kinspect", "--version"]
inspector.cli.start.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("program", [INTERRUPTED_AT_THE_START, INTERRUPTED_AT_THE_END], ids=["start", "end"])
def test_ctrl_c_before_and_after_the_command_ends_the_process_silently(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupt_that_was_ignored_stays_ignored():
    program = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN){INTERRUPTED_AT_THE_END}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [["/x"], ["/x", "-J"]], ids=["table", "jsonl"])
def test_ctrl_c_is_exit_code_130_without_a_traceback(words):
    with subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment("slow")
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()  # a title, or the first row: it is at work
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"")
    assert b"first" in first + rest


def test_a_slow_report_shows_its_first_row_at_once():
    with subprocess.Popen(command("/x", "-J"), stdout=subprocess.PIPE, env=environment("slow")) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b'{"offset": 0, "key": "first", "value": null}\n'
        process.kill()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "utf-16", "latin-1:strict"])
@pytest.mark.parametrize("words", [["/x"], ["/x", "-J"], ["/x", "-f", "csv"], ["verfy\u4e16"]], ids=str)
def test_no_encoding_of_the_console_is_too_small(encoding, words):
    done = finished(*words, PYTHONIOENCODING=encoding)
    assert done.returncode == (2 if words == ["verfy\u4e16"] else 0), done.stderr
    assert b"Traceback" not in done.stderr
    (done.stdout + done.stderr).decode(encoding.partition(":")[0], "strict" if encoding != "utf-16" else "ignore")


def test_a_console_of_cp1252_shows_what_it_has_and_escapes_the_rest():
    done = finished("/x", "--columns", "value", PYTHONIOENCODING="cp1252")
    row = done.stdout.decode("cp1252").splitlines()[2]
    assert row == '"' + "é\\u4e16" * 40 + '"'


def on_a_terminal(columns: int, *words: str, **more: str) -> str:
    """What a terminal of so many columns gets."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command(*words), stdout=theirs, stderr=theirs, env=environment(**more))
    os.close(theirs)
    written = b""
    try:
        while more_bytes := os.read(ours, 65536):
            written += more_bytes
    except OSError:  # how a pty says that its other side is gone
        pass
    os.close(ours)
    assert process.wait(timeout=30) == 0
    return written.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_narrow_terminal_gets_cut_cells_and_colours(columns):
    import click
    from wcwidth import wcswidth

    written = on_a_terminal(columns, "/x", TERM="xterm")
    assert "\x1b[1mo" in written
    plain = click.unstyle(written)
    assert max(map(wcswidth, plain.splitlines())) <= columns
    assert plain.count("…") >= 3
    assert "\x1b" not in on_a_terminal(columns, "/x", TERM="dumb")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["verify", "--help"], ["labs", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(words):
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr))\n"
        "sys.argv[1:] = sys.argv[1:]\n"
        "from inspector.cli.start import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split())
    assert "inspector" in loaded
    assert not loaded & {"construct", "kafka", "cramjam", "tabulate", "google_crc32c", "wcwidth", "logging", "asyncio"}
