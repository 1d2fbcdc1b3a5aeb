"""A moving buffer over a source, so that a sweep of many small reads costs few system calls and constant memory."""

from __future__ import annotations

from collections.abc import Iterator

import google_crc32c

from ..source import Source

WINDOW_SIZE = 1024 * 1024
"""Bytes read at a time, unless one batch needs more."""


class ShrunkError(Exception):
    """The file gave fewer bytes than it had when it was opened. `size` is what it has now, as far as seen."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Window:
    """Reads at ever greater positions (mostly), through one buffer of about `step` bytes."""

    def __init__(self, source: Source, step: int = WINDOW_SIZE) -> None:
        self.size = source.size
        self._source = source
        self._step = step
        self._start = 0
        self._buffer = b""

    def read(self, position: int, size: int) -> bytes:
        """`size` bytes from `position` on, fewer only at the end of the file. Raises ShrunkError.

        The caller has checked `size` against the file: it is allocated.
        """
        size = min(size, self.size - position)
        if size <= 0:
            return b""
        begin = position - self._start
        if begin < 0 or begin + size > len(self._buffer):
            self._fill(position, size)
            begin = 0
        return self._buffer[begin : begin + size]

    def _fill(self, position: int, size: int) -> None:
        wanted = min(max(size, self._step), self.size - position)
        self._buffer = self._source.read_at(position, wanted)
        self._start = position
        if len(self._buffer) < size:
            raise ShrunkError(position + len(self._buffer))

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """The bytes from `start` to `end` in pieces of about a window, each with its position."""
        while start < end:
            piece = self.read(start, min(self._step, end - start))
            yield start, piece
            start += len(piece)

    def crc32c(self, start: int, end: int) -> int:
        """CRC-32C of the bytes from `start` to `end`, in constant memory."""
        crc = 0
        for _, piece in self.pieces(start, end):
            crc = google_crc32c.extend(crc, piece)
        return crc

    def first_nonzero(self, start: int) -> int:
        """The position of the first byte from `start` on that is not zero, or the file's size."""
        for position, piece in self.pieces(start, min(self.size, self._source.end_of_data())):
            rest = piece.lstrip(b"\0")
            if rest:
                return position + len(piece) - len(rest)
        return self.size
