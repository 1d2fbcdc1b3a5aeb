"""A part of a source as a source of its own, so that what lies there can be read as if it were a file."""

from __future__ import annotations

from ..source import Source


class Part:
    """`size` bytes from `start` on. Positions count from there."""

    __slots__ = ("_source", "_start", "path", "size")

    def __init__(self, source: Source, start: int, size: int) -> None:
        self._source, self._start = source, start
        self.path = source.path
        self.size = size

    def read_at(self, position: int, size: int) -> bytes:
        """See `Source.read_at`."""
        return self._source.read_at(self._start + position, max(0, min(size, self.size - position)))

    def end_of_data(self) -> int:
        """See `Source.end_of_data`."""
        return self.size

    def lend(self) -> None:
        """See `Source.lend`: a descriptor would show the whole file."""

    def count(self, size: int) -> None:
        """See `Source.count`."""
        self._source.count(size)
