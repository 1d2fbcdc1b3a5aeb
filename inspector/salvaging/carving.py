"""Finds every batch in any bytes: a disk image, a file of another name, the inside of damage, the value of a record.

Nothing is believed but structure and CRC: at each byte where the magic of a format could stand, the header is looked
at, and where it is plausible the CRC is computed, whatever came before. So one batch is found inside another too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from ..engine.messages import MAGICS, is_message, lengths_end, lengths_may_agree, message_header
from ..engine.plausibility import batch_size, implausible, last_offset
from ..engine.window import ShrunkError, Window
from ..source import Source
from ..spec.message_set import CRC_START as MESSAGE_CRC_START
from ..spec.record_batch import CRC_START, HEADER_SIZE, MAGIC_POSITION, unpack_header
from .crcs import CRC32, CRC32C, RangeCrcs

STEP = 1024 * 1024
"""Bytes looked through at a time."""

MIN_ENTRY = 26
"""Bytes of the smallest entry of any format: a v0 message without key and value."""

# Magic 2 behind an offset and a length that are not negative; five bytes on, the attributes: a zero byte, bits 0 to 6;
# then a delta that is not negative.
_BATCH = re.compile(rb"(?s)\x02(?=.{4}\x00[\x00-\x7f][\x00-\x7f])(?<=[\x00-\x7f].{7}[\x00-\x7f].{7}.)")

# The same for a size from 14 on and a CRC; a codec; then a key of less than 16 MiB (v0), or a time before the year two
# million (v1). Each begins with its magic, not with what stands before it: so the search for it is fast.
_SIZED = rb"(?<=[\x00-\x7f].{7}(?:\x00\x00\x00[\x0e-\xff]|\x00\x00[\x01-\xff].|\x00[\x01-\xff]..|[\x01-\x7f]...).{4}.)"
_MESSAGE_0 = re.compile(rb"(?s)\x00(?=[\x00-\x07](?:\x00|\xff{4}))" + _SIZED)
_MESSAGE_1 = re.compile(rb"(?s)\x01(?=[\x00-\x0f][\x00\xff])" + _SIZED)


class Carved(NamedTuple):
    """A batch, or a message of v0 or v1, whose CRC holds, as far as its header tells.

    first, last: offsets; of a message, that of the last record in it. epoch: the leader's, -1 for none.
    """

    position: int
    size: int
    first: int
    last: int
    epoch: int
    magic: int

    @property
    def end(self) -> int:
        """The first position behind it."""
        return self.position + self.size


class Carver:
    """Finds the batches of one source, in the order of their positions."""

    def __init__(self, source: Source, step: Callable[[int], None] = lambda _size: None) -> None:
        """step: told how many bytes were looked through."""
        self._step = step
        self._source = source
        self._window = Window(source, STEP)
        self._crc32c = RangeCrcs(source, CRC32C)
        self._crc32 = RangeCrcs(source, CRC32)

    def found(self, start: int = 0, stop: int | None = None) -> Iterator[Carved]:
        """Every batch that begins from `start` on and before `stop`. A file that shrinks ends it."""
        stop = self._source.size if stop is None else stop
        try:
            for position, head in self._candidates(start, min(stop, self._source.end_of_data())):
                carved = self._at(position, head)
                if carved is not None:
                    yield carved
        except ShrunkError:
            return

    def taken(self, position: int) -> Carved:
        """A batch that somebody else has proven."""
        head = self._source.read_at(position, HEADER_SIZE)
        header = message_header(head) if is_message(head) else unpack_header(head)
        return _carved(position, header)

    def _candidates(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        for begin in range(start, stop, STEP):
            size = min(STEP, stop - begin)
            piece = self._source.read_at(begin, size + HEADER_SIZE)
            self._step(size)
            if len(piece) < min(size, self._source.size - begin):
                raise ShrunkError(begin + len(piece))
            for at in _magics(piece):
                if at < size and _lengths_may_agree(piece, at):
                    yield begin + at, piece[at : at + HEADER_SIZE]

    def _at(self, position: int, head: bytes) -> Carved | None:
        header = _header(head)
        if header is None:
            return None
        end = position + batch_size(header)
        if end > self._source.size or not self._holds(position, end, header):
            return None
        return _carved(position, header)

    def _holds(self, position: int, end: int, header: Any) -> bool:
        if header.magic in MAGICS:
            framed = lengths_end(self._window, position, header.magic) == end
            return framed and self._crc32.of(position + MESSAGE_CRC_START, end) == header.crc
        return self._crc32c.of(position + CRC_START, end) == int(header.crc)


def _carved(position: int, header: Any) -> Carved:
    first, last = header.base_offset, last_offset(header)
    return Carved(position, batch_size(header), first, last, header.partition_leader_epoch, header.magic)


def _header(head: bytes) -> Any | None:
    """The header that these bytes are, if a broker could have written it."""
    if is_message(head):
        return message_header(head)
    if len(head) < HEADER_SIZE:
        return None
    header = unpack_header(head)
    return header if implausible(header) is None else None


def _lengths_may_agree(piece: bytes, at: int) -> bool:
    """Most of what looks like a message is told by its lengths; where a piece is too short, it is not told here."""
    is_told = piece[at + MAGIC_POSITION] in MAGICS and at + HEADER_SIZE <= len(piece)
    return not is_told or lengths_may_agree(piece, at)


def _magics(piece: bytes) -> list[int]:
    """Where entries may begin in a piece, by the look of their first bytes."""
    if not piece.strip(b"\0"):
        return []
    matches = chain.from_iterable(one.finditer(piece) for one in (_BATCH, _MESSAGE_0, _MESSAGE_1))
    return sorted(match.start() - MAGIC_POSITION for match in matches)
