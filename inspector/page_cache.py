"""Leaves the page cache of the host as it was: what was read for us is taken out of it again, and nothing else.

A broker lives on its page cache, and a sweep over a terabyte would push out what its consumers read. So a file is
looked at before it is read (mincore(2): which of its pages are in memory), and behind the reader those pages are given
back (posix_fadvise(2)) that were not. Where the system does not tell, all of a file is taken for somebody else's, and
nothing happens: beyond Linux, and for files that neither belong to who asks nor may be written by him.

The file is mapped for the look, without any right to its bytes. Nothing is read through the mapping, so a file that is
cut meanwhile does no harm.
"""

from __future__ import annotations

import functools
import mmap
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

WINDOW = 64 * 1024 * 1024
"""Bytes of a file that are looked at at once."""

AHEAD = 64 * 1024 * 1024
"""How far a look goes beyond what is about to be read: the system reads ahead, and so does the native engine."""

LUMP = 4 * 1024 * 1024
"""Pages are given back in lumps of at least so many bytes, and at the end of the file."""

UNIT = 2 * 1024 * 1024
"""Where lumps end: the system keeps pages together in units of up to so many bytes, and gives none back in part."""

_ABSENT = re.compile(rb"\0+")

Range = tuple[int, int]
"""From a position in a file to before another."""


class Footprint:
    """The pages of one file that are in memory because of us. size: of the file, as it is to be read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known = self._left = 0
        self._cold: list[Range] = []

    def before_reading(self, descriptor: int, position: int) -> None:
        """Notes what is not in memory now, from where the last look ended up to well beyond `position`."""
        while self._known < min(position + AHEAD, self._size):
            end = min(self._known + WINDOW, self._size)
            pages = resident_pages(descriptor, self._known, end - self._known)
            if pages is None:
                self._known = self._size
                return
            self._cold += absent_ranges(pages, self._known, end)
            self._known = end

    def is_worth_leaving(self, position: int) -> bool:
        """Whether there is a lump to give back before `position`."""
        return bool(self._cold) and position - self._left >= LUMP

    def leave(self, descriptor: int, position: int) -> None:
        """Gives back what lies before `position`, or the file's end, and was not in memory when we came."""
        if position < self._size:
            position -= position % UNIT
        rest: list[Range] = []
        for start, end in self._cold:
            if start < position:
                _give_back(descriptor, start, min(end, position))
            if end > position:
                rest.append((max(start, position), end))
        self._cold, self._left = rest, position

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to give back."""
        return not self._cold


def absent_ranges(pages: bytes, start: int, end: int) -> Iterator[Range]:
    """The stretches that are not in memory, by a byte a page (0: absent), of a file from `start` to `end`."""
    for match in _ABSENT.finditer(pages):
        yield start + match.start() * mmap.PAGESIZE, min(end, start + match.end() * mmap.PAGESIZE)


def resident_pages(descriptor: int, start: int, size: int) -> bytes | None:
    """A byte for each page, 1 where it is in memory; None where the system does not tell. `start` begins a page."""
    libc = _libc()
    if libc is None or not size:
        return None
    address = libc.mmap(None, size, _NO_ACCESS, mmap.MAP_SHARED, descriptor, start)
    if address == _FAILED:
        return None
    import ctypes

    try:
        pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
        return pages.raw if libc.mincore(address, size, pages) == 0 else None
    finally:
        libc.munmap(address, size)


_NO_ACCESS = 0
_FAILED = 2**64 - 1
"""What mmap gives instead of an address: -1, in the 64 bits of a pointer."""


@functools.cache
def _libc() -> Any:
    """The C library with the three calls typed; None where there are no such calls, or an offset has 32 bits."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return None
    try:
        import ctypes  # slow to load, and only here needed

        libc = ctypes.CDLL(None)
        pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        libc.mmap.argtypes = (pointer, size, number, number, number, ctypes.c_long)
        libc.mmap.restype = pointer
        libc.mincore.argtypes = (pointer, size, ctypes.c_char_p)
        libc.munmap.argtypes = (pointer, size)
    except (ImportError, OSError, AttributeError):
        return None
    return libc


def _give_back(descriptor: int, start: int, end: int) -> None:
    with suppress(OSError):
        os.posix_fadvise(descriptor, start, end - start, os.POSIX_FADV_DONTNEED)
