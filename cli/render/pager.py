"""Tables that are longer than the terminal go through a pager, as git's do; everything shorter stands there as it is.

Lines are held back until they fill the screen. Where that takes long they are shown as they come, and the pager, once
it is needed, gets them all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO, TextIO

    from .style import Style

PATIENCE = 0.3
"""Seconds after which lines are shown although they do not fill the screen yet."""

VARIABLES = ("KINSPECT_PAGER", "PAGER")
UNASKED = "less"
NO_PAGER = "cat"


class Pager:
    """A terminal as a stream, with a pager that is started when it is needed."""

    def __init__(self, terminal: TextIO, command: list[str]) -> None:
        self._terminal = terminal
        self._command = command
        self._room = shutil.get_terminal_size().lines - 1
        self._held: list[str] = []  # what was written before there was a pager
        self._shown = 0  # how many of these stand on the terminal
        self._lines = 0
        self._since = 0.0
        self._sink: IO[str] | None = None  # where text goes without being held
        self._process: subprocess.Popen[str] | None = None
        self.encoding = terminal.encoding

    @property
    def is_paging(self) -> bool:
        """Whether the terminal is the pager's by now."""
        return self._process is not None

    def isatty(self) -> bool:
        """It is a terminal."""
        return True

    def write(self, text: str) -> None:
        """Writes to the pager, or holds the text until it is known whether there will be one."""
        if self._sink is not None:
            self._sink.write(text)
            return
        self._since = self._since or time.monotonic()
        self._held.append(text)
        self._lines += text.count("\n")
        if self._lines > self._room:
            self._start()

    def flush(self) -> None:
        """Lets the reader have what was written, unless it was written just now."""
        if self._sink is not None:
            self._sink.flush()
        elif self._held and time.monotonic() - self._since > PATIENCE:
            self._show()

    def close(self) -> None:
        """Shows what was held, or waits for the user to leave the pager."""
        if self._sink is None:
            self._show()
        if self._sink is None or self._process is None:
            return
        try:
            self._sink.close()
        finally:
            _wait(self._process)

    def cut_off(self) -> None:
        """Gives a pager no more than it has, so that nothing waits for it to read the rest."""
        if self._process is not None and self._sink is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._sink.fileno())
            os.close(nowhere)

    def _show(self) -> None:
        self._terminal.write("".join(self._held[self._shown :]))
        self._terminal.flush()
        self._shown = len(self._held)

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, encoding=self.encoding)
        except OSError:  # it is there, but does not start
            self._show()
            self._sink = self._terminal
            return
        self._sink = self._process.stdin
        self.write("".join(self._held))
        self._held.clear()


def _wait(process: subprocess.Popen[str]) -> None:
    """Waits for the pager's end. Ctrl-C is meant for it, not for us, and must not leave it alone on the terminal."""
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            process.wait()


@contextmanager
def paging(style: Style) -> Iterator[TextIO | Pager]:
    """Standard output; where it is a terminal and gets a table, with a pager at its service."""
    command = pager_command() if style.format == "table" and style.pager and _is_able(sys.stdout) else None
    if command is None:
        yield sys.stdout
        return
    pager = Pager(sys.stdout, command)
    try:
        yield pager
    except KeyboardInterrupt:
        pager.cut_off()
        raise
    finally:
        pager.close()


def pager_command() -> list[str] | None:
    """The words that start the pager, or None where none is wanted or there."""
    import shlex

    asked = next((os.environ[name] for name in VARIABLES if name in os.environ), UNASKED)
    try:
        words = shlex.split(asked)
    except ValueError:  # a quote that is not closed
        return None
    program = shutil.which(words[0]) if words and words[0] != NO_PAGER else None
    if program is None:
        return None
    in_color = ["-R"] if words[0] == UNASKED else []  # without it, less shows colours as ESC[31m
    return [program, *in_color, *words[1:]]


def _is_able(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
