"""The spec engine: the construct definitions at work. Slow on records, exact on everything, and always there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..findings import Finding
from ..location import Location
from ..source import Meter, Source
from . import ScanRequest
from .chunk import (
    CHUNK_BATCHES,
    CHUNK_BYTES,
    CHUNK_RECORDS,
    RECORD_COLUMN_NAMES,
    BinaryColumn,
    BoolColumn,
    Chunk,
    HeadersColumn,
    Table,
    batch_at,
    record_fields,
)
from .framing import Entry, Walk
from .key_sample import KeySampler, PlainKeySampler
from .keys import HashRule, KeyTally, Placed, PlainKeyTally, hash_plainly, place_plainly
from .message_records import MessageDecoder
from .messages import MAGICS
from .plausibility import last_offset
from .records import DecodedRecord, Decoder
from .window import WINDOW_SIZE, Window

HEADER_OFFSETS = 8  # bytes of the offsets of one record header
HEADERS_ONLY_STEP = 4 * 1024  # most reads are then one page: a header, and the bodies between are never touched


class SpecEngine:
    """See `Engine`."""

    name = "spec"

    def __init__(self) -> None:
        self.meter = Meter()

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """See `Engine.scan`."""
        headers_only = not request.check_crc and not request.records
        window = Window(source, HEADERS_ONLY_STEP if headers_only else WINDOW_SIZE)
        walk = Walk(window, at, request.base_offset, request.position, request.follows, request.check_crc)
        chunk, start = _empty(request), walk.position
        for seen in walk.entries():
            if isinstance(seen, Finding):
                chunk.findings.append(seen)
            elif _beyond(request, seen):
                break
            elif not _before(request, seen):
                _add(chunk, window, seen, request, at)
            chunk.end = walk.position
            if len(chunk.batches) == request.most_batches:
                break
            if isinstance(seen, Finding):
                continue  # what is found about an entry comes before it, and stays with it
            if _full(chunk) or walk.position - start >= CHUNK_BYTES:
                yield chunk
                chunk, start = _empty(request), walk.position
        yield chunk

    def hash_keys(self, keys: BinaryColumn, algorithm: str, count: int) -> Sequence[int]:
        """See `Engine.hash_keys`."""
        return hash_plainly(keys, algorithm, count)

    def text_plan(self, format: str, ascii_only: bool, columns: Sequence[tuple[str, str | None]]) -> None:
        """See `Engine.text_plan`: rows are others' business here."""

    def key_tally(self, count: int, most: int) -> KeyTally:
        """See `Engine.key_tally`."""
        return PlainKeyTally(count, most)

    def place(self, chunk: Chunk, rule: HashRule, count: int, partition: int) -> Placed:
        """See `Engine.place`."""
        return place_plainly(chunk, rule, count, partition)

    def key_sampler(self, most: int) -> KeySampler:
        """See `Engine.key_sampler`."""
        return PlainKeySampler(most)


def _empty(request: ScanRequest) -> Chunk:
    return Chunk(records=Table(record_fields(request.columns)))


def _before(request: ScanRequest, entry: Entry) -> bool:
    return request.start_offset is not None and last_offset(entry.header) < request.start_offset


def _beyond(request: ScanRequest, entry: Entry) -> bool:
    """By what comes before it where the entry may hold several messages, the first at an offset not yet known."""
    if request.stop_offset is None:
        return False
    least = entry.follows + 1 if entry.header.magic in MAGICS else int(entry.header.base_offset)
    return least >= request.stop_offset


def _full(chunk: Chunk) -> bool:
    if len(chunk.batches) >= CHUNK_BATCHES or len(chunk.records) >= CHUNK_RECORDS:
        return True
    if not len(chunk.records):
        return False
    return sum(_held(column) for column in chunk.records.columns.values()) >= CHUNK_BYTES


def _held(column: object) -> int:
    """Bytes of payload. Headers count even where they are empty: a batch of a few bytes can hold millions of them."""
    if isinstance(column, BinaryColumn):
        return len(column.data)
    if isinstance(column, HeadersColumn):
        return len(column.keys.data) + len(column.values.data) + HEADER_OFFSETS * column.keys.length
    return 0


def _add(chunk: Chunk, window: Window, entry: Entry, request: ScanRequest, at: Location) -> None:
    """One batch, and its records where they are asked for."""
    if entry.header.magic in MAGICS:
        _add_message(chunk, MessageDecoder(window, entry, at), entry, request)
        return
    _add_batch(chunk, entry, entry.header.base_offset, entry.header.records_count)
    if request.records and not _stays_undecoded(chunk, request):
        _add_records(chunk, Decoder(window, entry, at), entry, request)


def _add_message(chunk: Chunk, decoder: MessageDecoder, entry: Entry, request: ScanRequest) -> None:
    """One entry of v0 or v1: what a compressed set covers, only its inside tells."""
    first = decoder.base_offset
    if first is not None and request.stop_offset is not None and first >= request.stop_offset:
        return
    _add_batch(chunk, entry, first, decoder.records_count)
    if request.records and not _stays_undecoded(chunk, request):
        _add_records(chunk, decoder, entry, request)
    elif first is None:
        chunk.findings += decoder.findings


def _add_batch(chunk: Chunk, entry: Entry, base_offset: int | None, records_count: int | None) -> None:
    header = entry.header
    chunk.batches.append(
        entry.position, entry.size, base_offset, last_offset(header), records_count, header.magic, header.attributes,
        header.crc, entry.crc_ok, header.partition_leader_epoch, header.producer_id, header.producer_epoch,
        header.base_sequence, header.base_timestamp, header.max_timestamp,
    )  # fmt: skip


def _stays_undecoded(chunk: Chunk, request: ScanRequest) -> bool:
    """Whether the last batch of the chunk is not decoded, because its header says that it is not asked for."""
    if not request.control_only and request.since is None and request.until is None:
        return False
    batch = batch_at(chunk.batches, len(chunk.batches) - 1)
    return (request.control_only and not batch.is_control) or request.rules_out(batch)


def _add_records(chunk: Chunk, decoder: Decoder | MessageDecoder, entry: Entry, request: ScanRequest) -> None:
    row = len(chunk.batches) - 1
    first = len(chunk.records)
    picked = [RECORD_COLUMN_NAMES.index(one.name) for one in record_fields(request.columns)]
    for record in decoder.records():
        if not _wanted(request, record):
            continue
        chunk.looked_at += 1
        if request.key is None or record.key == request.key:
            values = (row, *record, False)
            chunk.records.append(*(values[index] for index in picked))
    consequences = decoder.findings
    if entry.crc_ok is False:  # whatever is wrong inside follows from the flipped bytes
        cause = f"crc-mismatch at position {entry.position}"
        consequences = [finding.because(cause) for finding in consequences]
    chunk.findings += consequences
    if entry.crc_ok is False or any(finding.damages_batch for finding in consequences):
        _mark_damaged(chunk, first)


def _wanted(request: ScanRequest, record: DecodedRecord) -> bool:
    return (request.start_offset is None or record.offset >= request.start_offset) and (
        request.stop_offset is None or record.offset < request.stop_offset
    )


def _mark_damaged(chunk: Chunk, first: int) -> None:
    damaged = chunk.records.columns.get("damaged")
    if isinstance(damaged, BoolColumn):
        for row in range(first, len(chunk.records)):
            damaged.values.set(row, True)
