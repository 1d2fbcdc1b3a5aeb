"""A batch with its bytes, and the records in it with the bytes of their fields, by the definitions of `spec`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import google_crc32c

from ... import codecs
from ...model import RecordBatch
from ...spec.primitives import SpecError, Varint, Varlong
from ...spec.record_batch import CRC_START, HEADER_SIZE, record, unpack_header

MOST_RECORDS = 20
"""So many records of a batch are taken apart."""

MOST_DECOMPRESSED = 256 * 1024


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record with what its bytes say.

    number: its place in the batch, from 0. start, size: in the records' bytes, with the length itself. spelled: the
    bytes of the varints that questions are about, by the names of their fields.
    """

    number: int
    start: int
    size: int
    length: int
    timestamp_delta: int
    offset_delta: int
    key: bytes | None
    value: bytes | None
    headers_count: int
    spelled: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class RawBatch:
    """A batch whose checksum holds. header: a `BatchHeader`, as on the disk.

    records: the first of them, as far as they parse.
    """

    batch: RecordBatch
    header: Any
    records: tuple[RawRecord, ...]

    def position_of(self, record: RawRecord) -> int:
        """Where a record begins in the file, if the batch is not compressed."""
        return self.batch.position + HEADER_SIZE + record.start


def read_raw(batch: RecordBatch, data: bytes) -> RawBatch | None:
    """The batch in these bytes; None where they are too few, or where the checksum does not hold."""
    if len(data) != batch.batch_bytes or len(data) < HEADER_SIZE:
        return None
    header = unpack_header(data[:HEADER_SIZE])
    if google_crc32c.value(data[CRC_START:]) != header.crc:
        return None
    try:
        body = codecs.decompress(header.attributes & 7, data[HEADER_SIZE:], MOST_DECOMPRESSED).data
    except codecs.DecompressionError:  # also where it would be too much
        body = b""
    return RawBatch(batch, header, tuple(islice(_records(bytes(body), header.records_count), MOST_RECORDS)))


def _records(body: bytes, count: int) -> Iterator[RawRecord]:
    stream = io.BytesIO(body)
    for number in range(max(count, 0)):
        start = stream.tell()
        try:
            parsed = record.parse_stream(stream)
        except (SpecError, OverflowError):
            return
        end = stream.tell()
        spelled = _spelled(body[start:end], parsed)
        if start + len(spelled["length"]) + parsed.length != end:
            return
        yield RawRecord(
            number, start, end - start, parsed.length, parsed.timestamp_delta, parsed.offset_delta, parsed.key,
            parsed.value, parsed.headers_count, spelled,
        )  # fmt: skip


_IN_ORDER = (
    ("length", Varint), ("attributes", None), ("timestamp_delta", Varlong), ("offset_delta", Varint),
    ("key_length", Varint), ("key", None), ("value_length", Varint),
)  # fmt: skip
"""The fields up to the last varint that questions are about; those without a definition take a known size."""


def _spelled(data: bytes, parsed: Any) -> dict[str, bytes]:
    """The bytes of each field. They are cut out, not built anew: a varint may be spelled longer than it need be."""
    stream = io.BytesIO(data)
    sizes = {"attributes": 1, "key": len(parsed.key or b"")}
    spelled = {}
    for name, definition in _IN_ORDER:
        start = stream.tell()
        if definition is None:
            stream.seek(sizes[name], io.SEEK_CUR)
        else:
            definition.parse_stream(stream)
        spelled[name] = data[start : stream.tell()]
    return spelled
