"""How far reading is, on the last line of a terminal, while nothing else is written there."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from inspector.report import Progress

PATIENCE = 1.0
"""Seconds without a line on the terminal before the bar appears."""

EVERY = 0.2
CELLS = 16
ERASE = "\r\x1b[K"
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


class Bar:
    """A progress bar on stderr, where that is a terminal."""

    def __init__(self, progress: Progress, stream: TextIO | None = None) -> None:
        self._progress = progress
        self._stream = stream or sys.stderr
        self._is_able = self._stream is not None and self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._started = self._quiet_since = time.monotonic()
        self._drawn: float | None = None  # when, if it stands there

    def draw(self) -> None:
        """Draws it, if it is time for it."""
        now = time.monotonic()
        too_early = now - self._quiet_since < PATIENCE or (self._drawn is not None and now - self._drawn < EVERY)
        if too_early or not self._is_able or not self._progress.total:
            return
        text = progress_text(self._progress.reached, self._progress.total, now - self._started)
        self._stream.write(ERASE + text[: _columns(self._stream) - 1])
        self._stream.flush()
        self._drawn = now

    def clear(self) -> None:
        """Makes room for a line that is about to be written."""
        self._quiet_since = time.monotonic()
        if self._drawn is not None:
            self._stream.write(ERASE)
            self._stream.flush()
            self._drawn = None


def progress_text(done: int, total: int, seconds: float) -> str:
    """` 42% [######          ] 1.2 GiB of 2.9 GiB, 130.0 MiB/s, 0:13 left`."""
    share = min(1.0, done / max(total, 1))
    rate = done / seconds if seconds > 0 else 0
    filled = "#" * int(share * CELLS)
    left = f", {_clock((total - done) / rate)} left" if rate and total > done else ""
    return f"{share:4.0%} [{filled:<{CELLS}}] {size_text(done)} of {size_text(total)}, {size_text(rate)}/s{left}"


def size_text(size: float) -> str:
    """A number of bytes in the greatest unit that leaves a whole number of it."""
    power = 0
    while size >= 1024 and power < len(UNITS) - 1:
        size, power = size / 1024, power + 1
    return f"{size:.1f} {UNITS[power]}" if power else f"{size:.0f} {UNITS[0]}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80
