"""The spec engine: the construct definitions at work. Slow on records, exact on everything, and always there."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..location import Location
from ..source import Source
from . import ScanRequest
from .chunk import Chunk
from .framing import Entry, Walk
from .plausibility import last_offset
from .records import DecodedRecord, Decoder
from .window import WINDOW_SIZE, Window

CHUNK_BATCHES = 1024
"""A chunk is handed on when it holds so many batches …"""
CHUNK_RECORDS = 4096
"""… or so many records …"""
CHUNK_BYTES = 8 * 1024 * 1024
"""… or so many bytes of keys and values."""

_HEADERS_ONLY_STEP = 4 * 1024  # most reads are then one page: a header, and the bodies between are never touched


class SpecEngine:
    """See `Engine`."""

    name = "spec"

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """See `Engine.scan`."""
        headers_only = not request.check_crc and not request.records
        window = Window(source, _HEADERS_ONLY_STEP if headers_only else WINDOW_SIZE)
        walk = Walk(window, at, request.base_offset, request.position, request.follows, request.check_crc)
        chunk = Chunk()
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
            if _full(chunk):
                yield chunk
                chunk = Chunk()
        yield chunk


def _before(request: ScanRequest, entry: Entry) -> bool:
    return request.start_offset is not None and last_offset(entry.header) < request.start_offset


def _beyond(request: ScanRequest, entry: Entry) -> bool:
    return request.stop_offset is not None and int(entry.header.base_offset) >= request.stop_offset


def _full(chunk: Chunk) -> bool:
    records = chunk.records.columns
    return (
        len(chunk.batches) >= CHUNK_BATCHES
        or len(chunk.records) >= CHUNK_RECORDS
        or len(records["value"].data) + len(records["key"].data) >= CHUNK_BYTES  # type: ignore[union-attr]
    )


def _add(chunk: Chunk, window: Window, entry: Entry, request: ScanRequest, at: Location) -> None:
    """One batch, and its records where they are asked for."""
    header = entry.header
    chunk.batches.append(
        entry.position, entry.size, header.base_offset, last_offset(header), header.records_count, header.magic,
        header.attributes, header.crc, entry.crc_ok, header.partition_leader_epoch, header.producer_id,
        header.producer_epoch, header.base_sequence, header.base_timestamp, header.max_timestamp,
    )  # fmt: skip
    if request.records:
        _add_records(chunk, Decoder(window, entry, at), entry, request)


def _add_records(chunk: Chunk, decoder: Decoder, entry: Entry, request: ScanRequest) -> None:
    row = len(chunk.batches) - 1
    first = len(chunk.records)
    for record in decoder.records():
        if _wanted(request, record):
            chunk.records.append(row, *record, False)
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
    damaged = chunk.records.columns["damaged"]
    for row in range(first, len(chunk.records)):
        damaged.values.set(row, True)  # type: ignore[union-attr]
