"""Entries of a `.txnindex` file: the aborted transactions whose marker lies in the segment.

Source: `AbortedTxn`, `TransactionIndex` (KIP-98, 0.11). Made when the first transaction is aborted, never preallocated.
"""

from __future__ import annotations

from construct import Int16sb, Int64sb, Struct

from .layout import header_struct

txn_index_entry = Struct(
    "version" / Int16sb * "0. Kafka itself reads the first of the two bytes only, so it would take 1 for 0.",
    "producer_id" / Int64sb * "Whose transaction it was.",
    "first_offset" / Int64sb * "First offset of the transaction; it may lie in an earlier segment.",
    "last_offset" / Int64sb * "Offset of the marker that aborted it, in this segment.",
    "last_stable_offset"
    / Int64sb
    * "When the marker was written: first offset of the earliest other open transaction, else one behind the marker.",
)

ENTRY = header_struct(txn_index_entry)
ENTRY_SIZE = ENTRY.size
VERSION = 0
