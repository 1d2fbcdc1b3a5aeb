"""The records inside one batch, through the construct definitions: for what is shown, explained or verified.

Kafka's rules hold: each record takes exactly the bytes it claims, the record area ends exactly behind the last record,
and a batch that breaks a rule half-way is damaged as a whole: the rows before are kept, marked.
Source: `DefaultRecord.readFrom`, `DefaultRecordBatch.iterator`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .. import codecs
from ..findings import Finding
from ..location import Location
from ..model import add_sequence, int64
from ..schemas.control_records import decode_control_record
from ..spec.attributes import COMPRESSION_MASK, CONTROL, LOG_APPEND_TIME
from ..spec.primitives import SpecError
from ..spec.record_batch import HEADER_SIZE, record
from ..words import compression_name
from .control_record import EXPECTED, MOST_ALIKE
from .framing import Entry
from .plausibility import last_offset
from .window import Window

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""A batch larger than this is framed and its CRC checked, but its records are not decoded (memory stays bounded)."""

NO_TIMESTAMP = -1
"""What stands for a timestamp where there is none."""

MAX_BATCH_RECORDS = 512 * 1024
"""The same for a batch of more records than this: a few kilobytes of zstd can hold millions of empty ones."""


class DecodedRecord(NamedTuple):
    """One record's row, but for the batch it belongs to."""

    offset: int
    timestamp: int
    sequence: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[bytes, bytes | None]]
    control_type: int | None = None
    message_crc: int | None = None


Find = Callable[[str, object, object, str | None], None]
"""Takes note of a finding: slug, expected, found, field."""


def opened(codec: int, decompress: Callable[[], codecs.Decompressed], find: Find) -> codecs.Data | None:
    """What `decompress` gives, or None; what is wrong with the compressed stream goes to `find`."""
    try:
        result = decompress()
    except codecs.UnknownCodecError:
        find("unknown-codec", None, codec, "attributes")
    except codecs.DecompressionLimitError:
        find("decompression-limit", codecs.DECOMPRESSION_LIMIT, None, None)
    except codecs.DecompressionError as error:
        find("undecompressable", compression_name(codec), str(error), None)
    else:
        if result.trailing:
            find("trailing-compressed-bytes", compression_name(codec), result.trailing, None)
        return result.data
    return None


def told_enough(findings: list[Finding], slug: str) -> bool:
    """Whether `MOST_ALIKE` of these findings on one batch are of that kind."""
    return sum(finding.slug == slug for finding in findings) >= MOST_ALIKE


class Decoder:
    """Decodes the records of one batch; iterate `records` first, then read `findings`."""

    def __init__(self, window: Window, entry: Entry, at: Location) -> None:
        self.findings: list[Finding] = []
        self._window = window
        self._entry = entry
        self._header = entry.header
        self._codec = entry.header.attributes & COMPRESSION_MASK
        self._at = at.at(entry.position, entry.size, entry.ordinal)

    def records(self) -> Iterator[DecodedRecord]:
        """The records in order, up to the first that cannot be read."""
        data = self._decompressed()
        if data is None:
            return
        stream, size = io.BytesIO(data), len(data)
        del data  # the stream has its own copy
        previous, latest = -1, NO_TIMESTAMP
        for ordinal in range(self._header.records_count):
            parsed = self._parse(stream, ordinal)
            if parsed is None:
                return
            self._check_offset(parsed.offset_delta, previous, ordinal)
            previous = parsed.offset_delta
            latest = max(latest, int64(self._header.base_timestamp + parsed.timestamp_delta))
            yield self._row(parsed, ordinal)
        self._check_end(size - stream.tell(), latest)

    def _decompressed(self) -> codecs.Data | None:
        if self._entry.size > MAX_BATCH_BYTES:
            self._find("batch-too-large", f"{MAX_BATCH_BYTES} bytes", f"{self._entry.size} bytes")
            return None
        if self._header.records_count > MAX_BATCH_RECORDS:
            self._find("batch-too-large", f"{MAX_BATCH_RECORDS} records", f"{self._header.records_count} records")
            return None
        body = self._window.read(self._entry.position + HEADER_SIZE, self._entry.size - HEADER_SIZE)
        if self._header.records_count == 0 and not body:
            return b""
        return opened(self._codec, lambda: codecs.decompress(self._codec, body), self._find)

    def _parse(self, stream: io.BytesIO, ordinal: int) -> Any:
        start = stream.tell()
        try:
            parsed = record.parse_stream(stream)
        except (SpecError, OverflowError) as error:
            field = (getattr(error, "path", None) or "").rpartition("-> ")[2] or "length"
            self._find_record(ordinal, start, "a whole record", _cause(error), field)
            return None
        taken = stream.tell() - start - _varint_size(stream, start)
        if taken != parsed.length:
            self._find_record(
                ordinal, start, f"a record of {parsed.length} bytes", f"fields of {taken} bytes", "length"
            )
            return None
        return parsed

    def _row(self, parsed: Any, ordinal: int) -> DecodedRecord:
        header = self._header
        by_broker = header.attributes & LOG_APPEND_TIME
        return DecodedRecord(
            int64(header.base_offset + parsed.offset_delta),
            header.max_timestamp if by_broker else int64(header.base_timestamp + parsed.timestamp_delta),
            add_sequence(header.base_sequence, parsed.offset_delta),
            parsed.key,
            parsed.value,
            [(item.key, item.value) for item in parsed.headers],
            self._control_type(parsed, ordinal) if header.attributes & CONTROL else None,
        )

    def _control_type(self, parsed: Any, ordinal: int) -> int | None:
        control = decode_control_record(parsed.key or b"", parsed.value)
        if control.problem and not told_enough(self.findings, "control-record-not-understood"):
            at = self._at_record(ordinal, 0)
            self.findings.append(Finding("control-record-not-understood", at, EXPECTED, control.problem))
        return control.type_id

    def _check_offset(self, delta: int, previous: int, ordinal: int) -> None:
        if previous < delta <= self._header.last_offset_delta:
            return
        if any(finding.slug == "record-offset-mismatch" for finding in self.findings):
            return  # one root cause, one finding
        expected = f"an offset_delta from {previous + 1} to {self._header.last_offset_delta}"
        at = self._at_record(ordinal, 0).of("offset_delta")
        self.findings.append(Finding("record-offset-mismatch", at, expected, delta))

    def _check_end(self, left: int, latest: int) -> None:
        if left:
            self._find("surplus-record-bytes", self._header.records_count, left, "records_count")
        elif latest != NO_TIMESTAMP:
            self._check_max_timestamp(latest)

    def _check_max_timestamp(self, latest: int) -> None:
        """Brokers see to it where the records are compressed; older ones kept what the client wrote where they are not.

        Some clients left the field at -1 or at the first record's timestamp.
        """
        header = self._header
        left_alone = () if self._codec else (NO_TIMESTAMP, header.base_timestamp)
        if not header.attributes & LOG_APPEND_TIME and header.max_timestamp not in (latest, *left_alone):
            self._find("max-timestamp-mismatch", latest, header.max_timestamp, "max_timestamp")

    # -- findings

    def _find(self, slug: str, expected: object, found: object, field: str | None = None) -> None:
        offsets = (self._header.base_offset, last_offset(self._header))
        at = self._at.of(field) if field else self._at
        self.findings.append(Finding(slug, at, expected, found, *offsets))

    def _find_record(self, ordinal: int, start: int, expected: str, found: str, field: str) -> None:
        at = self._at_record(ordinal, start).of(field)
        last = last_offset(self._header)
        self.findings.append(Finding("malformed-record", at, expected, found, None, last))

    def _at_record(self, ordinal: int, start: int) -> Location:
        """A record's own position where the bytes on disk are the records; the batch's where they are compressed."""
        position = self._entry.position if self._codec or not start else self._entry.position + HEADER_SIZE + start
        at = self._at.at(position, batch=self._entry.ordinal)
        return Location(at.path, position, None, at.batch, ordinal, None, at.topic, at.partition)


def _cause(error: Exception) -> str:
    """construct's own sentence without the path that it puts in front."""
    return str(error).splitlines()[-1]


def _varint_size(stream: io.BytesIO, start: int) -> int:
    """Bytes of the varint at `start`, however long its spelling."""
    end = stream.tell()
    stream.seek(start)
    size = next(index for index, byte in enumerate(stream.read(5), 1) if byte < 0x80)
    stream.seek(end)
    return size
