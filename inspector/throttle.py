"""How fast files are read at the most: a bucket that fills with time and is emptied by bytes.

Who has read pays, by waiting until the bytes have come due. The moment up to which all is paid is kept, and no sum of
waits, so that neither long sleeps nor slow reads add up to an error.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SAVED_SECONDS = 0.25
"""So much time in which nothing was read may be made up for by reading faster."""

PIECES_A_SECOND = 20
LEAST_PIECE = 4096


class Throttle:
    """Keeps any number of readers, together, at `rate` bytes a second. clock, sleep: of a test, in seconds."""

    def __init__(
        self,
        rate: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.rate = rate
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._paid_up_to = clock()

    @property
    def piece(self) -> int:
        """How many bytes to read at once, so that the rate holds over a few seconds too."""
        return max(LEAST_PIECE, self.rate // PIECES_A_SECOND)

    def pay(self, size: int) -> None:
        """Waits until `size` bytes that were read have come due. Ctrl-C ends the wait."""
        with self._lock:
            now = self._clock()
            self._paid_up_to = max(self._paid_up_to, now - SAVED_SECONDS) + size / self.rate
            wait = self._paid_up_to - now
        if wait > 0:
            self._sleep(wait)
