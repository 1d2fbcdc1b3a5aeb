"""Entries of message formats v0 and v1 in a segment: their frame, and the messages inside.

A message has few fields to check, but its lengths must add up: the size field, the key's and the value's length say the
same thing twice. What is read here is given the names of a v2 header, with -1 for what these formats lack, so that a
walk over a mixed segment sees one kind of entry.
Source: `LegacyRecord`, `AbstractLegacyRecordBatch.DeepRecordsIterator`, `DataLogInputStream`.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

from ..spec.message_set import (
    COMPRESSION_MASK,
    CRC_START,
    HEADS,
    LENGTH_SIZE,
    LOG_APPEND_TIME,
    MIN_MESSAGE_SIZE,
    unpack_head,
)
from ..spec.record_batch import LOG_OVERHEAD, MAGIC_POSITION, BatchHeader
from .window import Window

MAGICS = (0, 1)

_INT32 = struct.Struct(">i")

_NOT_IN_MESSAGES = {
    "partition_leader_epoch": -1,
    "last_offset_delta": 0,
    "base_timestamp": -1,
    "producer_id": -1,
    "producer_epoch": -1,
    "base_sequence": -1,
    "records_count": 1,
}


def is_message(head: bytes) -> bool:
    """Whether the magic byte of an entry's first bytes is that of v0 or v1."""
    return len(head) > MAGIC_POSITION and head[MAGIC_POSITION] in MAGICS


def message_header(head: bytes) -> Any | None:
    """The frame of the message that begins with these bytes as a `BatchHeader`, or None if none begins so.

    base_offset: the message's own offset, which in a wrapper is that of the last one inside.
    """
    magic = head[MAGIC_POSITION]
    if len(head) < HEADS[magic].size:
        return None
    read = unpack_head(magic, head)
    if read.offset < 0 or read.message_size < MIN_MESSAGE_SIZE[magic]:
        return None
    known = COMPRESSION_MASK | LOG_APPEND_TIME if magic else COMPRESSION_MASK
    values = dict(
        _NOT_IN_MESSAGES,
        base_offset=read.offset,
        batch_length=read.message_size,
        magic=magic,
        crc=read.crc,
        attributes=read.attributes & known,
        max_timestamp=read.timestamp,
    )
    return BatchHeader(**values)


def message_crc(window: Window, start: int, end: int) -> int:
    """CRC-32 of the message from `start` to `end`, in constant memory."""
    crc = 0
    for _, piece in window.pieces(start + CRC_START, end):
        crc = zlib.crc32(piece, crc)
    return crc


def lengths_may_agree(piece: bytes, begin: int) -> bool:
    """The quick part of `lengths_end`, for a message at `begin` of a piece that goes on for 61 bytes from there."""
    magic = piece[begin + MAGIC_POSITION]
    length = _INT32.unpack_from(piece, begin + LOG_OVERHEAD - LENGTH_SIZE)[0]
    behind_key = begin + HEADS[magic].size
    key_length = _INT32.unpack_from(piece, behind_key - LENGTH_SIZE)[0]
    if key_length > 0:
        return bool(key_length <= length - MIN_MESSAGE_SIZE[magic])
    value_length = _INT32.unpack_from(piece, behind_key)[0]
    return bool(max(value_length, 0) == length - MIN_MESSAGE_SIZE[magic])


def lengths_end(window: Window, position: int, magic: int) -> int | None:
    """Where the message at `position` ends by its key's and value's lengths; None where they cannot be read."""
    end = position + HEADS[magic].size
    for _ in ("key", "value"):
        raw = window.read(end - LENGTH_SIZE, LENGTH_SIZE)
        if len(raw) < LENGTH_SIZE:
            return None
        end += max(_INT32.unpack(raw)[0], 0) + LENGTH_SIZE
    return end - LENGTH_SIZE


def message_holds(window: Window, position: int, header: Any) -> bool:
    """Whether a whole message stands at `position`: its lengths agree and its CRC matches."""
    end = position + LOG_OVERHEAD + header.batch_length
    if end > window.size or lengths_end(window, position, header.magic) != end:
        return False
    return bool(message_crc(window, position, end) == header.crc)
