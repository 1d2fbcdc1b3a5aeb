"""The batches of a range that was proven, one after the other, proven once more while they are copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import google_crc32c

from ..engine.messages import MAGICS, is_message, message_crc, message_header
from ..engine.plausibility import batch_size, last_offset
from ..engine.window import Window
from ..errors import InputError
from ..spec.record_batch import CRC_START, HEADER_SIZE, unpack_header
from .chain import Found

AT_ONCE = 256 * 1024
"""Larger batches are copied in pieces."""


class Framed(NamedTuple):
    """One entry of a segment in its frame.

    header: under the names of a v2 batch also for older formats. data: all its bytes, None where they are many.
    """

    position: int
    end: int
    header: Any
    data: bytes | None

    @property
    def is_message(self) -> bool:
        """Whether it is of v0 or v1, so that its header tells the last offset only."""
        return self.header.magic in MAGICS

    @property
    def last(self) -> int:
        """The last offset."""
        return last_offset(self.header)

    @property
    def as_found(self) -> Found:
        """Where it is, as far as its header tells."""
        header = self.header
        epoch = header.partition_leader_epoch
        return Found(
            self.position, self.end - self.position, header.base_offset, self.last, header.records_count, epoch
        )


def batches_between(window: Window, start: int, end: int) -> Iterator[Framed]:
    """The batches from `start` to `end`. Raises InputError where they are not there any more, and ShrunkError."""
    while start < end:
        framed = _framed(window, start)
        if framed is None or framed.end > end or not _holds(window, framed):
            raise InputError("changed while it was read")
        yield framed
        start = framed.end


def _framed(window: Window, position: int) -> Framed | None:
    head = window.read(position, HEADER_SIZE)
    if len(head) < HEADER_SIZE and not is_message(head):
        return None
    header = message_header(head) if is_message(head) else unpack_header(head)
    if header is None or not 0 < batch_size(header) <= window.size - position:
        return None
    size = batch_size(header)
    return Framed(position, position + size, header, window.read(position, size) if size <= AT_ONCE else None)


def _holds(window: Window, framed: Framed) -> bool:
    if framed.data is not None and not framed.is_message:
        return bool(google_crc32c.value(framed.data[CRC_START:]) == framed.header.crc)
    if framed.is_message:
        return message_crc(window, framed.position, framed.end) == int(framed.header.crc)
    return window.crc32c(framed.position + CRC_START, framed.end) == int(framed.header.crc)
