"""A producer-state `.snapshot`, producer by producer (`ProducerStateManager.readSnapshot`).

Kafka refuses a snapshot whose checksum, version or count is wrong, and reads the log instead; here its entries are kept
as far as the file holds them, with a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..engine.window import ShrunkError, Window
from ..findings import Finding
from ..location import Location
from ..model import SEQUENCE_LIMIT
from ..source import Source
from ..spec.producer_snapshot import CRC_START, ENTRY, ENTRY_SIZE, HEADER, HEADER_SIZE, VERSION
from .looks_like import PRODUCER_SNAPSHOT, evident_kind
from .sweep import HEAD_ENTRIES, PIECE_ENTRIES, Layout, Problem, Values, entries_from, impossible


class ProducerState(NamedTuple):
    """One producer; None is "none". first_sequence is derived: the sequence at which its last batch begins."""

    producer_id: int
    producer_epoch: int
    first_sequence: int | None
    last_sequence: int | None
    last_offset: int | None
    offset_delta: int | None
    timestamp: int
    coordinator_epoch: int | None
    current_txn_first_offset: int | None


class _Header(NamedTuple):
    version: int
    crc: int
    entries_count: int

    @property
    def end(self) -> int:
        """Where the last entry ends, if the count is true."""
        return HEADER_SIZE + self.entries_count * ENTRY_SIZE


def read_producer_snapshot(source: Source, at: Location, findings: list[Finding]) -> Iterator[ProducerState]:
    """The producers in the file's order. What is wrong goes to `findings`."""
    try:
        yield from _producers(source, Window(source, PIECE_ENTRIES * ENTRY_SIZE), at, findings)
    except ShrunkError as error:
        findings.append(Finding("shrunk-file", at, source.size, error.size))


def _producers(source: Source, window: Window, at: Location, findings: list[Finding]) -> Iterator[ProducerState]:
    evident = evident_kind(source)
    if evident not in (None, PRODUCER_SNAPSHOT):
        findings.append(Finding("not-what-it-is-called", at, PRODUCER_SNAPSHOT, evident))
        return
    head = window.read(0, HEADER_SIZE)
    if len(head) < HEADER_SIZE:
        findings.append(Finding("partial-entry", at.at(0, len(head)), HEADER_SIZE, len(head)))
        return
    header = _Header._make(HEADER.unpack(head))
    if header.version != VERSION:
        findings.append(Finding("unknown-version", at.at(0, 2).of("version"), VERSION, header.version))
        return
    if header.end != window.size and _breaks_the_rules(window):
        found = "bytes that break its rules from the start"
        findings.append(Finding("not-what-it-is-called", at, PRODUCER_SNAPSHOT, found))
        return
    about_header = _about_header(header, window, at)
    findings += about_header
    cause = about_header[0].as_cause if about_header else None
    end = min(max(header.end, HEADER_SIZE), window.size)
    for _, values in entries_from(HEADER_SIZE, end, window, ENTRIES, at, findings, cause):
        yield _producer(values)


def _breaks_the_rules(window: Window) -> bool:
    entries = ENTRIES.head(window.read(HEADER_SIZE, HEAD_ENTRIES * ENTRY_SIZE))
    return 2 * ENTRIES.broken(entries) > len(entries)


def _about_header(header: _Header, window: Window, at: Location) -> list[Finding]:
    """The findings on count, size and checksum: one root cause, one finding, the other follows from it."""
    findings: list[Finding] = []
    computed = window.crc32c(CRC_START, window.size)
    whole = (window.size - HEADER_SIZE) // ENTRY_SIZE
    if not 0 <= header.entries_count <= whole:
        findings.append(Finding("snapshot-count-lies", at.at(6, 4).of("entries_count"), whole, header.entries_count))
    elif header.end < window.size:
        surplus = window.size - header.end
        findings.append(Finding("surplus-snapshot-bytes", at.at(header.end, surplus), header.entries_count, surplus))
    if computed != header.crc:
        mismatch = Finding("snapshot-crc-mismatch", at.at(2, 4).of("crc"), f"{header.crc:#010x}", f"{computed:#010x}")
        findings.append(mismatch.because(findings[0].as_cause) if findings else mismatch)
    return findings


def _producer(values: Values) -> ProducerState:
    producer_id, epoch, sequence, offset, delta, timestamp, coordinator_epoch, first_offset = values
    has_batch = offset >= 0
    return ProducerState(
        producer_id,
        epoch,
        _first_sequence(sequence, delta) if has_batch else None,
        sequence if has_batch else None,
        offset if has_batch else None,
        delta if has_batch else None,
        timestamp,
        _or_none(coordinator_epoch),
        _or_none(first_offset),
    )


def _first_sequence(last: int, delta: int) -> int:
    """The sequence `delta` before `last`, as `DefaultRecordBatch.decrementSequence`: 2^31-1 stands before 0."""
    return last - delta if last >= delta else SEQUENCE_LIMIT - (delta - last)


def _or_none(value: int) -> int | None:
    return None if value < 0 else value


def _check_entry(values: Values, _before: Values | None) -> Problem | None:
    """What no broker writes. Every field but the first and the delta may be -1.

    A producer without an epoch is one of which a broker that read the log found nothing but an emptied marker.
    """
    for field, value, least in zip(_FIELDS, values, (0, -1, -1, -1, 0, -1, -1, -1), strict=True):
        if value < least:
            return impossible(field, f"{least} or more", value)
    return None


_FIELDS = (
    "producer_id", "producer_epoch", "last_sequence", "last_offset", "offset_delta", "timestamp", "coordinator_epoch",
    "current_txn_first_offset",
)  # fmt: skip

ENTRIES = Layout(PRODUCER_SNAPSHOT, ENTRY, _check_entry)
