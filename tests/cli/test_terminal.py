"""On a terminal: the pager, and the bar that shows how far reading is. The terminal is a real one (a pty)."""

from __future__ import annotations

import io
import os
import re
import select
import shutil
import subprocess
import sys
import time

import pytest
from inspector.cli.render import bar as bars
from inspector.cli.render.bar import Bar, progress_text, size_text
from inspector.cli.render.pager import pager_command
from inspector.cli.render.prose import Prose
from inspector.cli.render.widths import wrap

from inspector.report import Progress

STUB = """
import itertools, os, sys, time, types
from inspector.findings import Finding
from inspector.location import Location
from inspector.report import Column, Hint, Report, Section, Verdict

def endless():
    return ((n,) for n in itertools.count())

def few():
    return ((n,) for n in range(3))

def many():
    return ((n,) for n in range(100))

def slow():
    for n in range(3):
        yield (n,)
        for _ in range(3):
            time.sleep(0.5)
            made.progress.step(5)

def inventory(paths, selection, *, segments):
    global made
    findings = [Finding("crc-mismatch", Location("0.log", 7))] if "damaged" in str(paths) else []
    rows = globals()[os.environ["ROWS"]]()
    columns, verdict = (Column("offset", Hint.NUMBER),), Verdict("the verdict")
    made = Report(columns, [Section("t-0", rows=rows)], findings, lambda: verdict)
    made.progress.measure = lambda: 100
    return made

stub = types.ModuleType("inspector.reports.inventory")
stub.inventory = inventory
sys.modules[stub.__name__] = stub
sys.argv[0] = "kinspect"
from inspector.cli.start import main
main()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
needs_less = pytest.mark.skipif(shutil.which("less") is None, reason="needs less")

ALTERNATE_SCREEN = "\x1b[?1049h"
BACK_AGAIN = "\x1b[?1049l"
UNWANTED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PAGER", "KINSPECT_PAGER", "LESS")


def on_a_terminal(*words: str, keys: str = "", rows: str = "many", **variables: str) -> tuple[str, int]:
    """What a terminal of 24 lines shows, and the exit code; the keys are pressed one by one when nothing more comes."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-c", STUB, *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd="/",
        env={**environment, "TERM": "xterm", "ROWS": rows, **variables}, preexec_fn=take_the_terminal,
    )  # fmt: skip
    os.close(theirs)
    shown = _shown(ours, list(keys))
    os.close(ours)
    return shown, process.wait(timeout=30)


def _shown(terminal: int, keys: list[str]) -> str:
    shown = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1.0 if keys else 5.0)[0]:
            if keys:
                os.write(terminal, keys.pop(0).encode())
            continue
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # how a pty says that its other side is gone
            break
    return shown.decode().replace("\r\n", "\n")


@needs_less
def test_a_long_table_is_paged_and_the_verdict_stays_when_the_pager_is_left():
    shown, code = on_a_terminal("/x", keys="q")
    paged, _, left = shown.partition(BACK_AGAIN)
    assert ALTERNATE_SCREEN in paged
    assert "offset" in paged
    assert "the verdict" not in paged
    assert "the verdict" in left
    assert code == 0


@needs_less
def test_the_exit_code_is_that_of_the_command():
    shown, code = on_a_terminal("/damaged", keys="q")
    assert "the verdict" in shown.partition(BACK_AGAIN)[2]
    assert code == 1


@needs_less
def test_leaving_the_pager_early_stops_the_reading_with_exit_code_0():
    shown, code = on_a_terminal("/x", keys="q", rows="endless")
    assert ALTERNATE_SCREEN in shown
    assert "the verdict" not in shown
    assert code == 0


@needs_less
def test_ctrl_c_stops_the_reading_and_leaves_the_pager_to_the_user():
    shown, code = on_a_terminal("/x", keys="\x03q", rows="endless")
    assert shown.count(BACK_AGAIN) == 1
    assert "Traceback" not in shown
    assert code == 130


@pytest.mark.parametrize(
    ("words", "rows", "variables"),
    [
        (["/x"], "few", {}),
        (["/x", "--no-pager"], "many", {}),
        (["/x"], "many", {"PAGER": "cat"}),
        (["/x"], "many", {"PAGER": ""}),
        (["/x"], "many", {"PAGER": "no-such-program-anywhere"}),
        (["/x"], "many", {"PAGER": "less 'unclosed"}),
        (["/x"], "many", {"PAGER": "less", "KINSPECT_PAGER": "cat"}),
        (["/x"], "many", {"TERM": "dumb"}),
        (["/x", "-J"], "many", {}),
        (["/x", "-f", "markdown"], "many", {}),
    ],
    ids=str,
)
def test_there_is_no_pager_where_none_is_wanted_or_needed(words, rows, variables):
    shown, code = on_a_terminal(*words, rows=rows, **variables)
    assert ALTERNATE_SCREEN not in shown
    assert shown.count("the verdict") == 1
    assert code == 0


def test_another_pager_gets_all_of_it():
    shown, code = on_a_terminal("/x", PAGER="sed s/^/>/")
    lines = re.sub("\x1b\\[[0-9;]*m", "", shown).splitlines()
    assert [line for line in lines if line.startswith(">    ")][-1] == ">    99"
    assert lines[-1] == "the verdict"
    assert code == 0


def test_the_pager_is_that_of_the_surroundings(monkeypatch):
    for name in ("KINSPECT_PAGER", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    assert pager_command() == ["/bin/less", "-R"]
    monkeypatch.setenv("PAGER", "more -s")
    assert pager_command() == ["/bin/more", "-s"]
    monkeypatch.setenv("KINSPECT_PAGER", "most")
    assert pager_command() == ["/bin/most"]


def test_rows_that_come_slowly_are_shown_as_they_come_and_the_bar_stands_between_them():
    shown, code = on_a_terminal("/x", rows="slow")
    assert ALTERNATE_SCREEN not in shown
    assert re.search(r"\r\x1b\[K +\d+% \[#+ *\] \d+ bytes of 100 bytes, \d+ bytes/s, 0:\d\d left", shown)
    after_the_last_bar = shown.rpartition("left")[2]
    assert after_the_last_bar.startswith("\r\x1b[K")
    assert "the verdict" in after_the_last_bar
    assert code == 0


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when it is told to."""
    now = [100.0]
    monkeypatch.setattr(bars.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    return now


def test_the_bar_appears_after_a_second_of_silence_and_gives_way_to_lines(clock):
    screen = Screen()
    bar = Bar(Progress(done=50, measure=lambda: 200), screen)
    clock[0] += 0.9
    bar.draw()
    assert screen.getvalue() == ""
    clock[0] += 0.2
    bar.draw()
    assert screen.getvalue() == "\r\x1b[K 25% [####            ] 50 bytes of 200 bytes, 45 bytes/s, 0:03 left"
    bar.clear()
    assert screen.getvalue().endswith("left\r\x1b[K")
    before = screen.getvalue()
    bar.draw()
    assert screen.getvalue() == before


def test_there_is_no_bar_but_on_a_terminal(clock):
    screen = io.StringIO()
    bar = Bar(Progress(done=50, measure=lambda: 200), screen)
    clock[0] += 10
    bar.draw()
    assert screen.getvalue() == ""


def test_bytes_that_need_not_be_read_are_taken_off_the_total():
    progress = Progress(measure=lambda: 1000)
    progress.skipped += 900
    progress.step(50)
    assert (progress.done, progress.total) == (50, 100)


def test_sizes_and_times_are_told_in_the_greatest_unit_that_fits():
    assert [size_text(size) for size in (0, 1023, 1024, 1536, 3 << 30)] == [
        "0 bytes", "1023 bytes", "1.0 KiB", "1.5 KiB", "3.0 GiB"
    ]  # fmt: skip
    assert progress_text(1, 7201, 1).endswith("2:00:00 left")
    assert progress_text(7, 7, 1) == "100% [################] 7 bytes of 7 bytes, 7 bytes/s"
    assert progress_text(9, 7, 0).startswith("100%")


def test_a_sentence_is_wrapped_at_blanks_and_its_further_lines_are_indented():
    assert wrap("error KI-1 slug: some words", 16) == ["error KI-1 slug:", "    some words"]
    assert wrap("  log: 1 segment, 8 bytes", 20) == ["  log: 1 segment, 8", "      bytes"]
    assert wrap("short", 16) == ["short"]
    assert wrap(f"at {'x' * 30} there", 16) == ["at", f"    {'x' * 30}", "    there"]


def test_only_the_first_word_of_a_finding_is_coloured_also_when_it_is_wrapped(monkeypatch):
    from inspector.cli.render.page import Page

    monkeypatch.setenv("COLUMNS", "40")
    screen = Screen()
    Prose(Page(screen, "always")).say(f"error {'word ' * 12}end", word="error", fg="red")
    first, *rest = screen.getvalue().splitlines()
    assert first.startswith("\x1b[31merror\x1b[0m word")
    assert "\x1b" not in "".join(rest)
