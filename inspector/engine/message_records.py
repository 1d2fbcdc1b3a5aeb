"""The records of one v0 or v1 entry: the message itself, or the messages inside a compressed one.

Kafka's rules hold: a wrapper holds at least one message, none of them compressed; offsets inside a v1 wrapper count
from its first message, whose place follows from the wrapper's own offset, which is the last one's; what is cut off at
the end of a compressed set is ignored (and told here); append time of the wrapper is that of every message in it.
Source: `AbstractLegacyRecordBatch.DeepRecordsIterator`, `DataLogInputStream`, `LegacyRecord`; KIP-31, KIP-32.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import codecs
from ..findings import Finding
from ..location import Location
from ..model import int64
from ..spec.attributes import LOG_APPEND_TIME
from ..spec.message_set import COMPRESSION_MASK, CRC_START, HEADS, LENGTH_SIZE, MIN_MESSAGE_SIZE, unpack_head
from ..spec.record_batch import LOG_OVERHEAD, MAGIC_POSITION
from .framing import Entry
from .plausibility import SEGMENT_OFFSETS
from .records import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, NO_TIMESTAMP, DecodedRecord, opened, told_enough
from .window import Window


class Message(NamedTuple):
    """One message taken apart. end: behind its last byte, by its size field."""

    head: Any
    key: bytes | None
    value: bytes | None
    end: int


class MalformedError(Exception):
    """A message whose lengths cannot be true; `field` is the one to blame."""

    def __init__(self, field: str, expected: object, found: object) -> None:
        super().__init__(field)
        self.field, self.expected, self.found = field, expected, found


class MessageDecoder:
    """Decodes one entry at once, because only its last message tells where a set begins.

    base_offset, records_count: None where the entry could not be opened.
    """

    def __init__(self, window: Window, entry: Entry, at: Location) -> None:
        self.findings: list[Finding] = []
        self._records: list[DecodedRecord] = []
        self.base_offset: int | None = None
        self.records_count: int | None = None
        self._window = window
        self._entry = entry
        self._header = entry.header
        self._codec = entry.header.attributes & COMPRESSION_MASK
        self._broken = False
        self._at = at.at(entry.position, entry.size, entry.ordinal)
        if self._codec:
            self._open_wrapper()
        else:
            self._take_message()

    def records(self) -> Iterator[DecodedRecord]:
        """The records in order, up to the first that cannot be read; see `Decoder.records`."""
        return iter(self._records)

    def _take_message(self) -> None:
        header = self._header
        self.base_offset, self.records_count = header.base_offset, 1
        if self._entry.size > MAX_BATCH_BYTES:
            self._find("batch-too-large", f"{MAX_BATCH_BYTES} bytes", f"{self._entry.size} bytes")
            return
        message = self._outer()
        if message is not None:
            self._records = [_record(message, header.base_offset, header.max_timestamp)]

    def _open_wrapper(self) -> None:
        data = self._decompressed()
        if data is None:
            return
        inside = list(self._messages(data))
        first = self._first_offset(inside)
        if first is None:
            return
        self._records = [record._replace(offset=int64(first + record.offset)) for record in inside] if first else inside
        self.base_offset, self.records_count = self._records[0].offset, len(self._records)
        self._check_order()
        if all(finding.slug == "trailing-compressed-bytes" for finding in self.findings):
            self._check_wrapper()

    def _decompressed(self) -> codecs.Data | None:
        if self._entry.size > MAX_BATCH_BYTES:
            self._find("batch-too-large", f"{MAX_BATCH_BYTES} bytes", f"{self._entry.size} bytes")
            return None
        wrapper = self._outer()
        if wrapper is None:
            return None
        if wrapper.value is None:
            self._find("malformed-record", "a compressed set of messages", "null", "value")
            return None
        value = wrapper.value
        return opened(
            self._codec, lambda: codecs.decompress_messages(self._header.magic, self._codec, value), self._find
        )

    def _outer(self) -> Message | None:
        """The entry itself; None with a finding where its lengths disagree."""
        data = self._window.read(self._entry.position, self._entry.size)
        try:
            return take_message(memoryview(data), 0)
        except MalformedError as error:
            self._find("malformed-record", error.expected, error.found, error.field)
            return None

    def _messages(self, data: codecs.Data) -> Iterator[DecodedRecord]:
        """The messages of a decompressed set with the offsets they carry, up to the first that cannot be read."""
        view, position = memoryview(data), 0
        for ordinal in range(MAX_BATCH_RECORDS):
            if not _is_whole(view, position):
                self._check_end(len(view) - position, ordinal)
                return
            try:
                message = take_message(view, position)
                self._check_inner(message, view[position : message.end], ordinal)
            except MalformedError as error:
                self._broken = True
                self._find_record(ordinal, error)
                return
            yield _record(message, message.head.offset, self._timestamp(message))
            position = message.end
        self._broken = True
        self._find("batch-too-large", f"{MAX_BATCH_RECORDS} records", "more records")

    def _check_inner(self, message: Message, raw: memoryview, ordinal: int) -> None:
        """A message inside is not compressed again, and has a CRC of its own."""
        if message.head.attributes & COMPRESSION_MASK:
            raise MalformedError("attributes", "a message that is not compressed again", message.head.attributes)
        computed = zlib.crc32(raw[CRC_START:])
        if computed != message.head.crc and not told_enough(self.findings, "message-crc-mismatch"):
            at = self._at_record(ordinal).of("crc")
            self.findings.append(Finding("message-crc-mismatch", at, f"{message.head.crc:#010x}", f"{computed:#010x}"))

    def _check_end(self, left: int, ordinal: int) -> None:
        if left:
            self._find("partial-message", None, left)
        if not ordinal:
            self._find("malformed-record", "messages in a compressed set", "none", "value")

    def _timestamp(self, message: Message) -> int:
        if message.head.magic == 0:
            return NO_TIMESTAMP
        by_broker = self._header.magic == 1 and self._header.attributes & LOG_APPEND_TIME
        return int(self._header.max_timestamp if by_broker else message.head.timestamp)

    def _first_offset(self, inside: list[DecodedRecord]) -> int | None:
        """What to add to the offsets inside; None where the wrapper's own offset does not tell it, or contradicts them.

        Only the last message inside tells where a v1 set begins, so that of a broken one no offset is known.
        """
        if not inside:
            return None
        if self._header.magic == 0 or self._header.base_offset == 0:
            return 0  # absolute already; a wrapper at 0 comes from old librdkafka, which left the rest to the broker
        if self._broken:
            return None
        first = int(self._header.base_offset - inside[-1].offset)
        if first >= 0:
            return first
        expected = f"{inside[-1].offset} or more, the offset of the last message inside"
        self._find("malformed-record", expected, self._header.base_offset, "offset")
        return None

    def _check_order(self) -> None:
        """That the wrapper's own offset does not rise, the walk tells."""
        previous = self._entry.follows if self._header.base_offset > self._entry.follows else -1
        for ordinal, record in enumerate(self._records):
            if record.offset <= previous:
                expected = f"an offset of at least {previous + 1}"
                at = self._at_record(ordinal).of("offset")
                self.findings.append(Finding("record-offset-mismatch", at, expected, record.offset))
                return
            previous = record.offset

    def _check_wrapper(self) -> None:
        """What a wrapper repeats of the messages inside: v0 the last offset, v1 the greatest timestamp.

        Exempt is what was left to the broker: an offset of 0; a timestamp of -1, or that of any message inside. That an
        offset does not rise, or lies outside the segment, the walk tells.
        """
        header, last = self._header, self._records[-1].offset
        if header.magic == 0:
            is_told = header.base_offset <= self._entry.follows or abs(header.base_offset - last) >= SEGMENT_OFFSETS
            if header.base_offset not in (0, last) and not is_told:
                expected = f"{last}, the offset of the last message inside"
                self._find("record-offset-mismatch", expected, header.base_offset, "offset")
            return
        timestamps = {record.timestamp for record in self._records}
        latest = max(timestamps)
        by_broker = header.attributes & LOG_APPEND_TIME or latest <= NO_TIMESTAMP
        if not by_broker and header.max_timestamp != NO_TIMESTAMP and header.max_timestamp not in timestamps:
            self._find("max-timestamp-mismatch", latest, header.max_timestamp, "timestamp")

    # -- findings

    def _find(self, slug: str, expected: object, found: object, field: str | None = None) -> None:
        at = self._at.of(field) if field else self._at
        last = self._header.base_offset
        self.findings.append(Finding(slug, at, expected, found, self.base_offset, last))

    def _find_record(self, ordinal: int, error: MalformedError) -> None:
        at = self._at_record(ordinal).of(error.field)
        last = self._header.base_offset
        self.findings.append(Finding("malformed-record", at, error.expected, error.found, None, last))

    def _at_record(self, ordinal: int) -> Location:
        at = self._at
        return Location(at.path, at.position, None, at.batch, ordinal, None, at.topic, at.partition)


def _is_whole(view: memoryview, position: int) -> bool:
    """Whether an entry and all it claims are left; Kafka ends a compressed set silently where not."""
    if position + LOG_OVERHEAD > len(view):
        return False
    size: int = struct.unpack_from(">i", view, position + LOG_OVERHEAD - LENGTH_SIZE)[0]
    return position + LOG_OVERHEAD + size <= len(view)


def take_message(view: memoryview, position: int) -> Message:
    """The message at `position` of a buffer that holds as many bytes as it claims. Raises MalformedError."""
    size: int = struct.unpack_from(">i", view, position + LOG_OVERHEAD - LENGTH_SIZE)[0]
    least = min(MIN_MESSAGE_SIZE.values())
    if size < least:
        raise MalformedError("message_size", f"{least} or more", size)
    magic = view[position + MAGIC_POSITION]
    if magic not in HEADS:
        raise MalformedError("magic", "0 or 1", magic)
    if size < MIN_MESSAGE_SIZE[magic]:
        raise MalformedError("message_size", f"{MIN_MESSAGE_SIZE[magic]} or more", size)
    head = unpack_head(magic, view, position)
    end = position + LOG_OVERHEAD + size
    key, start = _taken(view, position + HEADS[magic].size - LENGTH_SIZE, end - LENGTH_SIZE, "key_length")
    value, start = _taken(view, start, end, "value_length")
    if start != end:
        raise MalformedError("message_size", f"a message of {start - position - LOG_OVERHEAD} bytes", size)
    return Message(head, key, value, end)


def _taken(view: memoryview, position: int, end: int, field: str) -> tuple[bytes | None, int]:
    """The bytes behind the length at `position`, and where they end, `end` at most."""
    length: int = struct.unpack_from(">i", view, position)[0]
    start = position + LENGTH_SIZE
    if length < 0:
        return None, start
    if start + length > end:
        raise MalformedError(field, f"{end - start} at most", length)
    return bytes(view[start : start + length]), start + length


def _record(message: Message, offset: int, timestamp: int) -> DecodedRecord:
    return DecodedRecord(offset, timestamp, -1, message.key, message.value, [], None, message.head.crc)
