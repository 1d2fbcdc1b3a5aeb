"""Finding the next intact batch behind damage. The format has no sync marker, so a batch must prove itself.

A candidate passes every cheap header check and fits between its neighbours' offsets before its CRC is computed; the
bytes spent are budgeted, so that a file made of look-alike headers costs linear time. What lies inside the
records of a damaged batch is its payload, be it a batch or not, and is skipped where the records still tell their ends.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ..spec.attributes import COMPRESSION_MASK
from ..spec.message_set import MIN_MESSAGE_SIZE
from ..spec.primitives import unzigzag
from ..spec.record_batch import CRC_START, HEADER_SIZE, LOG_OVERHEAD, MAGIC_POSITION, MIN_RECORD_SIZE, unpack_header
from .messages import MAGICS, is_message, lengths_end, lengths_may_agree, message_crc, message_header
from .plausibility import SEGMENT_OFFSETS, batch_size, implausible, last_offset, outside_segment
from .window import Window

BUDGET_FACTOR = 8
LEAST_BUDGET = 64 * 1024
"""The search may look through, and compute CRCs over, at most this many times the file's size together, and a little
more: behind two damages in a few kilobytes the same bytes are looked at a dozen times."""

FIRST_LOOK = 1024
LONGEST_LOOK = 256 * 1024

# Magic 2; five bytes on, the attributes: a zero byte, then bits 0 to 6; then a delta that is not negative.
_LOOKS_LIKE_A_BATCH = re.compile(rb"(?s)\x02(?=.{4}\x00[\x00-\x7f][\x00-\x7f])")

# Behind an offset that is not negative, a size from 14 to 64 MiB, and a CRC: magic 0 or 1, a codec, and (v0) the key's
# length or (v1) a timestamp.
_LOOKS_LIKE_A_MESSAGE = re.compile(
    rb"(?s)(?<=[\x00-\x7f].{7}(?:\x00\x00\x00[\x0e-\xff]|\x00\x00[\x01-\xff].|\x00[\x01-\xff]..|[\x01-\x03]...).{4})"
    rb"(?:\x00(?=[\x00-\x07](?:[\x00-\x03]|\xff{4}))|\x01(?=[\x00-\x0f][\x00-\x7f\xff]))"
)
_OVERHEAD = struct.Struct(">qi")
"""An entry's first two fields in any format: its offset, and the bytes that follow them."""

LEAST_ENTRY = LOG_OVERHEAD + min(MIN_MESSAGE_SIZE.values())
"""No entry of any format is smaller: a v0 message without key and value."""


class BudgetSpentError(Exception):
    """The search has looked at as many bytes as it may."""


@dataclass(frozen=True, slots=True)
class RecordsEnd:
    """What the lengths of an uncompressed batch's records say: where they end, or that they run past the file."""

    position: int | None
    torn: bool = False


@dataclass(slots=True)
class Search:
    """One file's search for intact batches.

    base_offset: from the segment's name, None when unknown. spent: bytes looked through or checked by CRC.
    gave_up_at: the position of the candidate that the budget did not allow, None while it lasts.
    """

    window: Window
    base_offset: int | None
    spent: int = 0
    gave_up_at: int | None = None
    _followed: tuple[int, RecordsEnd] | None = None

    @property
    def budget(self) -> int:
        """The bytes that may be spent."""
        return LEAST_BUDGET + BUDGET_FACTOR * self.window.size

    def next_batch(self, start: int, after: int, stop: int | None = None) -> int | None:
        """The position of the next intact batch from `start` on (before `stop`) with offsets beyond `after`, or None.

        A batch that is followed by nothing plausible counts only if it does not contradict the next one: the payload
        of a damaged batch can be a batch too. Raises BudgetSpentError.
        """
        for position, header in self._proven(start, after, stop):
            end = position + batch_size(header)
            if self.plausible_at(end, last_offset(header)) or not self._contradicted(end, header, after):
                return position
        return None

    def _contradicted(self, end: int, header: Any, after: int) -> bool:
        following = next(self._proven(end, after, None), None)
        return following is not None and following[1].base_offset <= last_offset(header)

    def _proven(self, start: int, after: int, stop: int | None) -> Iterator[tuple[int, Any]]:
        """Batches whose header is plausible, whose offsets fit, and whose CRC holds."""
        for position in self._candidates(start, after, stop):
            header = self.header_at(position)
            if header is not None and self._fits(position, header, after) and self._crc_holds(position, header):
                yield position, header

    def header_at(self, position: int) -> Any | None:
        """The header of the entry at `position`, whether it is plausible or not; None where none fits."""
        head = self.window.read(position, HEADER_SIZE)
        if is_message(head):
            return message_header(head)
        return unpack_header(head) if len(head) == HEADER_SIZE else None

    def _fits(self, position: int, header: Any, after: int) -> bool:
        return (
            header.base_offset > after
            and batch_size(header) <= self.window.size - position
            and outside_segment(header, self.base_offset) is None
            and self._is_well_formed(position, header)
        )

    def _is_well_formed(self, position: int, header: Any) -> bool:
        if header.magic in MAGICS:
            return lengths_end(self.window, position, header.magic) == position + batch_size(header)
        return implausible(header) is None

    def _crc_holds(self, position: int, header: Any) -> bool:
        self._spend(position, batch_size(header))
        return self._computed_crc(position, header) == int(header.crc)

    def _computed_crc(self, position: int, header: Any) -> int:
        end = position + batch_size(header)
        if header.magic in MAGICS:
            return message_crc(self.window, position, end)
        return self.window.crc32c(position + CRC_START, end)

    def charge(self, size: int) -> None:
        """Takes bytes that were looked at elsewhere, in vain, from the budget."""
        self.spent = min(self.budget, self.spent + size)

    def _spend(self, position: int, size: int) -> None:
        if self.spent + size > self.budget:
            self.gave_up_at = position
            raise BudgetSpentError
        self.spent += size

    def _candidates(self, start: int, after: int, stop: int | None) -> Iterator[int]:
        """Positions where an entry may start, by the look of its bytes, its offset and its length."""
        last = self.window.size - LEAST_ENTRY if stop is None else min(self.window.size - LEAST_ENTRY, stop - 1)
        step = FIRST_LOOK  # most damage is small, and every look copies the bytes it looks at
        while start <= last:
            size = min(step, last - start + 1)
            self._spend(start, size)
            piece = self.window.read(start, size + HEADER_SIZE)
            yield from (start + begin for begin in self._possible(piece, start, after) if begin < size)
            start += size
            step = min(2 * step, LONGEST_LOOK)

    def _possible(self, piece: bytes, start: int, after: int) -> Iterator[int]:
        """The quick part of `_fits`: bytes that are mostly zeros look like an entry nearly everywhere."""
        base = self.base_offset
        first = after + 1 if base is None else max(after + 1, base)
        end = 2**63 if base is None else base + SEGMENT_OFFSETS
        left = self.window.size - start - LOG_OVERHEAD
        for begin in _looks_like_an_entry(piece):
            offset, length = _OVERHEAD.unpack_from(piece, begin)
            if first <= offset < end and length <= left - begin and _may_be_well_formed(piece, begin):
                yield begin

    def plausible_at(self, position: int, after: int) -> bool:
        """Whether a log can go on at `position`: the end, zeros, or what looks like the start of an entry.

        An entry of an older format has few fields to check, so its CRC must hold.
        """
        head = self.window.read(position, HEADER_SIZE)
        if not head.strip(b"\0"):
            return True
        if len(head) < HEADER_SIZE and not (is_message(head) and message_header(head)):
            return head[0] < 0x80 and (len(head) <= MAGIC_POSITION or head[MAGIC_POSITION] <= 2)
        header = self.header_at(position)
        if header is None or header.base_offset <= after:
            return False
        if header.magic in MAGICS:
            return self._message_holds(position, header)
        return implausible(header) is None

    def proven_at(self, position: int, after: int) -> bool:
        """Whether a whole entry with offsets beyond `after` stands at `position`, by its CRC."""
        header = self.header_at(position)
        if header is None or self.spent >= self.budget or not self._fits(position, header, after):
            return False
        holds = self._computed_crc(position, header) == int(header.crc)
        if not holds:
            self.charge(batch_size(header))
        return holds

    def _message_holds(self, position: int, header: Any) -> bool:
        end = position + batch_size(header)
        if end > self.window.size or not self._is_well_formed(position, header):
            return False
        holds = message_crc(self.window, position, end) == int(header.crc)
        if not holds:
            self.charge(batch_size(header))
        return holds

    def records_end(self, position: int, header: Any) -> RecordsEnd:
        """Where the uncompressed records of the batch at `position` end by their own lengths, whatever its length says.

        Followed once, and from the budget: the records of many false headers may lead through the same bytes.
        """
        if header.attributes & COMPRESSION_MASK:
            return RecordsEnd(None)
        if self._followed is not None and self._followed[0] == position:
            return self._followed[1]
        if self.spent >= self.budget:
            return RecordsEnd(None)
        start = position + HEADER_SIZE
        end, looked_up_to = _follow(self.window, start, header.records_count)
        self.charge(max(0, min(looked_up_to, self.window.size) - start))
        self._followed = position, end
        return end


def _may_be_well_formed(piece: bytes, begin: int) -> bool:
    """At the end of a file a piece may be too short to tell."""
    is_told = piece[begin + MAGIC_POSITION] in MAGICS and begin + HEADER_SIZE <= len(piece)
    return not is_told or lengths_may_agree(piece, begin)


def _looks_like_an_entry(piece: bytes) -> list[int]:
    if not piece.strip(b"\0"):
        return []  # the rest of a preallocated file, as a rule: zeros look a little like the beginning of anything
    magics = chain(_LOOKS_LIKE_A_BATCH.finditer(piece), _LOOKS_LIKE_A_MESSAGE.finditer(piece))
    return sorted(match.start() - MAGIC_POSITION for match in magics if match.start() >= MAGIC_POSITION)


def _follow(window: Window, position: int, count: int) -> tuple[RecordsEnd, int]:
    """Where so many records end, and up to where one has looked."""
    for _ in range(count):
        length, start = _varint(window.read(position, 5), position)
        if length < MIN_RECORD_SIZE - 1:
            return RecordsEnd(None, torn=start > window.size), position
        position = start + length
        if position > window.size:
            return RecordsEnd(None, torn=True), position
    return RecordsEnd(position), position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A zigzag varint and the position behind it; behind the file's end where the bytes end inside it."""
    value = 0
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return unzigzag(value & 0xFFFFFFFF), position + index + 1
    return -1, position + 6 if len(data) < 5 else position
