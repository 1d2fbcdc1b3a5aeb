"""How Kafka goes from batch to batch in a file, and what it thinks of each: the rules that a start goes by, not ours.

Kafka follows the length fields and nothing else. It stops quietly where fewer than 18 bytes are left or a batch would
reach beyond the end, calls a length below 14 corrupt, and looks for nothing behind what it does not understand.
Sources: `org.apache.kafka.common.record.FileLogInputStream`, `DefaultRecordBatch`, `AbstractLegacyRecordBatch`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..engine.messages import message_crc
from ..engine.window import Window
from ..model import NO_TIMESTAMP, int64
from ..spec.attributes import CONTROL, TRANSACTIONAL
from ..spec.message_set import MIN_MESSAGE_SIZE
from ..spec.record_batch import CRC_START, HEADER_SIZE, LOG_OVERHEAD, unpack_header

HEAD = struct.Struct(">qi4xb")
"""Offset, length and magic: what Kafka reads of every entry."""

LEAST_LENGTH = MIN_MESSAGE_SIZE[0]
V2 = 2

_LEGACY = struct.Struct(">qi6xq")
"""Offset, size and, in v1, the timestamp."""


class CorruptError(Exception):
    """What Kafka calls a `CorruptRecordException`: the scan of a recovery stops there, everything else dies of it."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position
        self.why = why


class RefusedError(Exception):
    """Something that nobody catches while logs are loaded: the broker ends. `why`: in words."""

    def __init__(self, why: str, file: str = "", position: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.file = file
        self.position = position


class Offline(Exception):  # noqa: N818 - not ours to call an error: Kafka goes on with its other directories
    """Something that takes the log directory offline. `why`: in words."""

    def __init__(self, why: str, file: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.file = file


class Batch(NamedTuple):
    """An entry as its first 17 bytes have it. size: of all of it, in bytes. offset: the first eight bytes."""

    position: int
    size: int
    offset: int
    magic: int


class Header(NamedTuple):
    """What a start needs of an entry. producer_id: -1 where there is none, always before v2."""

    base_offset: int
    last_offset: int
    max_timestamp: int
    partition_leader_epoch: int
    producer_id: int
    producer_epoch: int
    is_transactional: bool
    is_control: bool
    records_count: int


def batches(window: Window, start: int, end: int) -> Iterator[Batch]:
    """The entries from `start` on, as long as Kafka goes on. Raises CorruptError, and ShrunkError."""
    position = start
    while position < end - HEAD.size:
        offset, length, magic = HEAD.unpack(window.read(position, HEAD.size))
        if length < LEAST_LENGTH:
            raise CorruptError(position, f"a batch length of {length}, less than {LEAST_LENGTH}")
        size = LOG_OVERHEAD + length
        if position > end - size:
            return
        yield Batch(position, size, offset, magic)
        position += size


def header(window: Window, batch: Batch) -> Header:
    """What its header says, whether it is true or not. Raises RefusedError where the file ends inside it."""
    if batch.magic < V2:
        return _legacy_header(window, batch)
    data = window.read(batch.position, HEADER_SIZE)
    if len(data) < HEADER_SIZE:
        raise RefusedError("the file ends inside the header of a batch", position=batch.position)
    read: Any = unpack_header(data)
    return Header(
        batch.offset, int64(batch.offset + read.last_offset_delta), read.max_timestamp, read.partition_leader_epoch,
        read.producer_id, read.producer_epoch, bool(read.attributes & TRANSACTIONAL), bool(read.attributes & CONTROL),
        read.records_count,
    )  # fmt: skip


def _legacy_header(window: Window, batch: Batch) -> Header:
    timestamp = NO_TIMESTAMP
    if batch.magic == 1:
        timestamp = _LEGACY.unpack(window.read(batch.position, _LEGACY.size))[2]
    return Header(batch.offset, batch.offset, timestamp, -1, -1, -1, False, False, 1)


def why_invalid(window: Window, batch: Batch) -> str | None:
    """Why Kafka's `ensureValid` refuses the entry, in words; None where it does not. The records are not looked at."""
    end = batch.position + batch.size
    if batch.magic < V2:
        return None if message_crc(window, batch.position, end) == _stored_crc(window, batch) else "a wrong CRC"
    if batch.size < HEADER_SIZE:
        return f"a batch of {batch.size} bytes, less than {HEADER_SIZE}"
    read: Any = unpack_header(window.read(batch.position, HEADER_SIZE))
    return None if window.crc32c(batch.position + CRC_START, end) == read.crc else "a wrong CRC"


def _stored_crc(window: Window, batch: Batch) -> int:
    return int.from_bytes(window.read(batch.position + LOG_OVERHEAD, 4))
