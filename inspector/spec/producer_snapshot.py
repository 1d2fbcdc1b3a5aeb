"""A producer-state `.snapshot`: what the broker remembers of each producer, so that it need not read the log again.

Source: `ProducerStateManager`, `ProducerSnapshot.json` (KIP-98, 0.11). The file's number is the offset up to which the
state holds. Of the five batches that the broker remembers of a producer, only the last is kept. -1 stands for "none".
"""

from __future__ import annotations

from construct import Int16sb, Int32sb, Int32ub, Int64sb, Struct

from .layout import header_struct

producer_snapshot_header = Struct(
    "version" / Int16sb * "1; no other was ever written.",
    "crc" / Int32ub * "CRC-32C (Castagnoli) from `entries_count` to the end of the file.",
    "entries_count" / Int32sb * "Producers that follow. A claim: check it against the file.",
)

producer_snapshot_entry = Struct(
    "producer_id" / Int64sb * "Who it is.",
    "producer_epoch" / Int16sb * "The latest epoch seen of it.",
    "last_sequence" / Int32sb * "Sequence of its last record; -1: no batch is remembered.",
    "last_offset" / Int64sb * "Offset of its last data record; -1: no batch is remembered.",
    "offset_delta" / Int32sb * "Last offset of its last batch minus the first one.",
    "timestamp" / Int64sb * "Of its last batch or marker, in milliseconds; the producer is forgotten by it.",
    "coordinator_epoch" / Int32sb * "Of the coordinator that wrote its last marker; -1: no marker yet.",
    "current_txn_first_offset" / Int64sb * "First offset of its open transaction; -1: none is open.",
)

HEADER = header_struct(producer_snapshot_header)
HEADER_SIZE = HEADER.size
ENTRY = header_struct(producer_snapshot_entry)
ENTRY_SIZE = ENTRY.size
VERSION = 1
CRC_START = 6
"""The CRC covers the file from here on."""
