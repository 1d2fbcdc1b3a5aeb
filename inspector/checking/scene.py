"""The bytes around one finding, for whoever wants to know what kind of damage it is: a bounded look, one read.

What a repair would have to prove is asked here too: that the engine sees one whole batch in the changed bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import google_crc32c

from ..engine import Engine, ScanRequest
from ..findings import Finding, Severity
from ..location import Location
from ..source import BytesSource, Source
from ..spec import message_set, record_batch
from ..spec.record_batch import LOG_OVERHEAD
from .flips import CASTAGNOLI, IEEE

MOST_BYTES = 4 * 1024 * 1024
"""Damage in a batch larger than this is not looked into: so many bytes are read, and beyond it a flipped bit would not
be told from other damage surely enough (one syndrome in a hundred is that of a single bit)."""

NEARBY = 64 * 1024
"""So many bytes behind are read too: a length may say less than it should."""

LENGTH_POSITION = 8
LENGTH_SIZE = 4


class Frame(NamedTuple):
    """Where an entry's CRC stands, from where on it covers the entry, and how it is computed.

    extend: the CRC of a piece behind another one, from that one's CRC.
    """

    crc_position: int
    crc_start: int
    polynomial: int
    extend: Callable[[int, bytes], int]
    magics: tuple[int, ...]
    least: int

    def stored(self, data: bytes) -> int:
        """The CRC in the entry."""
        return int.from_bytes(data[self.crc_position : self.crc_position + 4], "big")

    def computed(self, data: bytes, size: int) -> int:
        """The CRC of an entry of `size` bytes."""
        return self.extend(0, data[self.crc_start : size])


def _extend_crc32(crc: int, piece: bytes) -> int:
    return zlib.crc32(piece, crc)


V2 = Frame(
    17, record_batch.CRC_START, CASTAGNOLI, google_crc32c.extend, (record_batch.MAGIC,), record_batch.HEADER_SIZE
)
MESSAGE = Frame(
    12,
    message_set.CRC_START,
    IEEE,
    _extend_crc32,
    (0, 1),
    LOG_OVERHEAD + min(message_set.MIN_MESSAGE_SIZE.values()),
)


class Scene:
    """What lies where something was found.

    position: of the entry in the file. size: up to where the log goes on, or the file ends. claimed: by its own length;
    it may be anything. data: as much of it, of what it claims, and of what follows, as is looked at.
    """

    def __init__(self, finding: Finding, source: Source, engine: Engine) -> None:
        self.finding = finding
        self.source = source
        self.position = finding.location.position or 0
        left = max(0, source.size - self.position)
        head = source.read_at(self.position, min(left, record_batch.HEADER_SIZE))
        self.claimed = int.from_bytes(head[LENGTH_POSITION:][:LENGTH_SIZE], "big", signed=True) + LOG_OVERHEAD
        own = self.claimed if finding.location.size is None else finding.location.size
        self.size = min(max(own, 0), left)
        wanted = max(self.size, self.claimed, len(head)) + NEARBY
        self.data = source.read_at(self.position, min(left, MOST_BYTES, wanted))
        self._engine = engine

    @property
    def reaches_the_end(self) -> bool:
        """Whether nothing follows in the file."""
        return self.position + self.size >= self.source.size

    def frames(self) -> tuple[Frame, ...]:
        """What the entry may be, the likelier first; the magic byte may be what is damaged."""
        magic = self.data[record_batch.MAGIC_POSITION : record_batch.MAGIC_POSITION + 1]
        return (MESSAGE, V2) if magic in (b"\0", b"\1") else (V2, MESSAGE)

    def sizes(self, frame: Frame) -> tuple[int, ...]:
        """How large the entry may be: as it claims, and up to where the log goes on."""
        return tuple(size for size in dict.fromkeys((self.claimed, self.size)) if frame.least <= size <= len(self.data))

    def is_sound(self, entry: bytes, frame: Frame) -> bool:
        """Whether these bytes are one whole batch, its CRC right and its records readable."""
        length = int.from_bytes(entry[LENGTH_POSITION:][:LENGTH_SIZE], "big", signed=True)
        if entry[record_batch.MAGIC_POSITION] not in frame.magics or length + LOG_OVERHEAD != len(entry):
            return False
        if frame.computed(entry, len(entry)) != frame.stored(entry):
            return False
        batches, place = 0, Location(self.finding.location.path)
        for chunk in self._engine.scan(BytesSource(entry), ScanRequest(columns=()), place):
            if any(one.severity is Severity.ERROR or one.incomplete for one in chunk.findings):
                return False
            batches += len(chunk.batches)
        return batches == 1
