"""An output stream as a page: its encoding, colours and width, and lines that fail on no character.

Text passes `line`, so a character that the stream's encoding lacks is escaped, never an exception. What passes `block`
was encoded for this page before.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, TextIO

    from .pager import Pager

Block = bytes | memoryview
"""Some whole lines, encoded."""

NARROWEST = 40
"""A terminal narrower than this is treated as this wide."""


PIPE_BYTES = 1024 * 1024
"""What Linux gives to a pipe of any user who asks."""


class Page:
    """Lines to one stream. `width` is None where cells stay whole (everywhere but on a terminal).

    lines: how often something was written. before_line: called before each line, where the page is a terminal.
    """

    def __init__(self, stream: TextIO | Pager | None, color: str = "auto") -> None:
        self._stream: TextIO | Pager = (
            io.StringIO() if stream is None else stream
        )  # None: the stream was closed before we started
        self._bytes: BinaryIO | None = getattr(self._stream, "buffer", None)
        self._is_gap_due = False
        self._is_blank = True
        self._has_text = False  # that the stream may not have encoded yet
        self._is_widened = False
        self.lines = 0
        self.before_line: Callable[[], None] | None = None
        self.encoding = _usable_encoding(getattr(self._stream, "encoding", None))
        self.is_terminal = self._stream.isatty()
        self.is_colored = _wants_color(color, self.is_terminal)
        self.width = max(NARROWEST, shutil.get_terminal_size().columns) if self.is_terminal else None

    @property
    def is_utf8(self) -> bool:
        """True when every character can be written."""
        return self.encoding == "utf-8"

    @property
    def is_paged(self) -> bool:
        """Whether a pager has taken the terminal over."""
        return getattr(self._stream, "is_paging", False)

    @property
    def takes_blocks(self) -> bool:
        """Whether encoded lines may pass by the stream's encoder, because they are what it would make of them."""
        as_they_are = self.encoding in ("utf-8", "ascii") and os.linesep == "\n"
        return as_they_are and self._bytes is not None and not self.is_terminal

    @property
    def dots(self) -> str:
        """What stands for something left out."""
        return "…" if self.can_write("…") else "..."

    def can_write(self, text: str) -> bool:
        """Whether the encoding has all these characters."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def encoded(self, text: str) -> bytes:
        """One line as `line` would have it written."""
        return (text + "\n").encode(self.encoding, "backslashreplace")

    def line(self, text: str = "") -> None:
        """Writes one line (or several joined by newlines), after the gap that may be due."""
        if self.before_line is not None and self.is_terminal:
            self.before_line()
        self._begin()
        self._write((text if self.can_write(text) else self._escaped(text)) + "\n")

    def block(self, lines: Block) -> None:
        """Writes whole lines as they are, where the page `takes_blocks`."""
        if not self._is_widened:
            self._is_widened = True
            _widen(self._bytes)
        self._begin()
        if self._has_text:
            self.flush()
        left = memoryview(lines)
        while left:
            left = left[self._put(left) :]

    def gap(self) -> None:
        """Asks for one blank line before the next line, unless the page is still blank."""
        self._is_gap_due = True

    def flush(self) -> None:
        """Lets the reader have what was written."""
        self._stream.flush()
        self._has_text = False

    def styled(self, text: str, **look: object) -> str:
        """The text in colour, where there are colours."""
        return click.style(text, **look) if self.is_colored and text else text  # type: ignore[arg-type]

    def _begin(self) -> None:
        if self._is_gap_due and not self._is_blank:
            self._write("\n")
        self._is_gap_due = self._is_blank = False
        self.lines += 1

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._has_text = True

    def _put(self, lines: memoryview) -> int:
        """Writes some of the bytes. An unbuffered stream may not take all, and says None where it is full."""
        size = self._bytes.write(lines) if self._bytes is not None else None
        if size is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return size

    def _escaped(self, text: str) -> str:
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


def _widen(stream: BinaryIO | None) -> None:
    """Gives a pipe room for more bytes, where the system can: reader and writer wake each other less often."""
    if stream is None or sys.platform != "linux":
        return
    import fcntl

    with suppress(OSError, ValueError):  # no pipe, no file at all, or no more room for this user
        if fcntl.fcntl(stream.fileno(), fcntl.F_GETPIPE_SZ) < PIPE_BYTES:
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _usable_encoding(name: str | None) -> str:
    try:
        return codecs.lookup(name or "ascii").name
    except LookupError:
        return "ascii"


def _wants_color(color: str, is_terminal: bool) -> bool:
    """An explicit --color wins; then NO_COLOR, FORCE_COLOR, TERM=dumb; then colours on a terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal and os.environ.get("TERM") != "dumb"
