"""How often rows for machines are handed on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .page import Page

FLUSHED_ROWS = 100
FLUSH_SECONDS = 0.05


class Pace:
    """Flushes each of the first rows, then about twenty times a second: early rows, and speed for long answers."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._rows = 0
        self._flushed = 0.0

    def step(self) -> None:
        """One more row was written."""
        self._rows += 1
        now = time.monotonic()
        if self._rows <= FLUSHED_ROWS or now - self._flushed > FLUSH_SECONDS:
            self._page.flush()
            self._flushed = now
