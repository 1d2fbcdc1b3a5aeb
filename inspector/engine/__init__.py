"""Engines: from bytes to columns. Two implementations of one protocol give the same answers, byte for byte.

The spec engine is always there; the native engine takes its place where it is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..location import Location
from ..source import Source
from .chunk import Chunk


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to read of one segment file.

    position: where to start, the start of an entry; 0 unless an index says better. base_offset: the file name's offset,
    None when unknown. follows: the last offset of the segments before (-1: none).
    start_offset, stop_offset: records below the first, or at and beyond the second, are left out (None: no bound).
    records: decode the records too; else only the batch table is filled. check_crc: compute the CRCs (a header-only
    sweep skips over the bodies without reading them). most_batches: stop behind so many (None: go on to the end).
    """

    position: int = 0
    base_offset: int | None = None
    follows: int = -1
    start_offset: int | None = None
    stop_offset: int | None = None
    records: bool = True
    check_crc: bool = True
    most_batches: int | None = None


class Engine(Protocol):
    """Reads segment files into chunks."""

    @property
    def name(self) -> str:
        """`spec` or `native`."""

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """The batches (and records) of a file in order, with findings placed by `at`. Never raises on content."""


def choose() -> Engine:
    """The fastest engine that is built."""
    from .by_spec import SpecEngine

    return SpecEngine()
