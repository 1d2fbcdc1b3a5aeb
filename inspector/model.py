"""The nouns of a Kafka log as plain values: no parsing, no printing.

Field names are Kafka's own (`org.apache.kafka.common.record.DefaultRecordBatch` and `DefaultRecord`).
"""

from __future__ import annotations

from dataclasses import dataclass

NO_TIMESTAMP = -1

SEQUENCE_LIMIT = 2**31
"""Sequences live in 0 … 2^31-1 and wrap to 0."""


def add_sequence(sequence: int, delta: int) -> int:
    """`sequence` moved on by `delta`, wrapping to 0 behind 2^31-1; -1 stays -1.

    As `DefaultRecordBatch.incrementSequence` does.
    """
    return sequence if sequence < 0 else (sequence + delta) % SEQUENCE_LIMIT


def int64(value: int) -> int:
    """`value` wrapped to 64 bits, as Java adds."""
    return (value + 2**63) % 2**64 - 2**63


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """One header of a record. Keys may repeat, and their order counts. `value` is None for null."""

    key: bytes
    value: bytes | None


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """One record batch of format v2, or one message of v0 or v1 with all it holds: where it lies, what was checked.

    position, batch_bytes: where the batch starts in its segment file, and its whole size there, in bytes.
    crc, crc_ok: the stored CRC-32C (v0, v1: CRC-32), and whether the bytes still agree with it (None: not checked).
    base_offset, records_count: None for a compressed set of v0 or v1 that cannot be opened: only its end is known.
    Fields that v0 and v1 lack are -1, as where a v2 batch has none.
    delete_horizon_ms: epoch milliseconds, or None when the batch has none (KIP-534).
    """

    position: int
    batch_bytes: int
    base_offset: int | None
    last_offset: int
    records_count: int | None
    magic: int
    compression: str
    crc: int
    crc_ok: bool | None
    partition_leader_epoch: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    last_sequence: int
    is_transactional: bool
    is_control: bool
    delete_horizon_ms: int | None
    timestamp_type: str
    base_timestamp: int
    max_timestamp: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record, with its effective offset, timestamp (epoch milliseconds, -1: none) and sequence (-1: none).

    message_crc: the CRC-32 that a message of v0 or v1 carries itself, None in v2.
    `damaged` marks a record whose batch could not be read to its end or fails its CRC: shown, but not to be trusted.
    """

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[RecordHeader, ...]
    sequence: int
    control_type: str | None = None
    message_crc: int | None = None
    damaged: bool = False
