"""Which release of Kafka brought a field, and by which improvement proposal. Empty where nobody knows for sure."""

from __future__ import annotations

from collections.abc import Mapping

_BEFORE, _V08, _V2, _SEQUENCES = "the first release", "0.8", "0.11 (KIP-98)", "0.11 (KIP-98)"

BATCH: Mapping[str, str] = {
    "base_offset": _V2,
    "batch_length": _V2,
    "partition_leader_epoch": "0.11 (KIP-101)",
    "magic": _BEFORE,
    "crc": "0.11 (KIP-98); CRC-32 before",
    "attributes": "0.11 (KIP-98); one byte before",
    "last_offset_delta": _V2,
    "base_timestamp": "0.11 (KIP-98); as the delete horizon 3.1 (KIP-534)",
    "max_timestamp": _V2,
    "producer_id": _SEQUENCES,
    "producer_epoch": _SEQUENCES,
    "base_sequence": _SEQUENCES,
    "records_count": _V2,
}

RECORD: Mapping[str, str] = {
    "length": _V2,
    "attributes": _V2,
    "timestamp_delta": _V2,
    "offset_delta": _V2,
    "key_length": _V2,
    "key": _V2,
    "value_length": _V2,
    "value": _V2,
    "headers_count": "0.11 (KIP-82)",
}

RECORD_HEADER: Mapping[str, str] = dict.fromkeys(("key_length", "key", "value_length", "value"), "0.11 (KIP-82)")

MESSAGE: Mapping[str, str] = {
    "offset": "0.8; relative inside a v1 set since 0.10 (KIP-31)",
    "message_size": _V08,
    "crc": _BEFORE,
    "magic": _BEFORE,
    "attributes": _V08,
    "timestamp": "0.10 (KIP-32)",
    "key_length": _V08,
    "key": _V08,
    "value_length": _V08,
    "value": _V08,
}

OFFSET_INDEX: Mapping[str, str] = {"relative_offset": _V08, "position": _V08}
TIME_INDEX: Mapping[str, str] = dict.fromkeys(("timestamp", "relative_offset"), "0.10.1 (KIP-33)")
TXN_INDEX: Mapping[str, str] = dict.fromkeys(
    ("version", "producer_id", "first_offset", "last_offset", "last_stable_offset"), "0.11 (KIP-98)"
)
SNAPSHOT: Mapping[str, str] = dict.fromkeys(
    (
        "version", "crc", "entries_count", "producer_id", "producer_epoch", "last_sequence", "last_offset",
        "offset_delta", "timestamp", "coordinator_epoch", "current_txn_first_offset",
    ),
    "0.11 (KIP-98)",
)  # fmt: skip

CONTROL_TYPES: Mapping[str, str] = {
    "ABORT": "0.11 (KIP-98)",
    "COMMIT": "0.11 (KIP-98)",
    "LEADER_CHANGE": "2.7 (KIP-595)",
    "SNAPSHOT_HEADER": "3.0 (KIP-630)",
    "SNAPSHOT_FOOTER": "3.0 (KIP-630)",
    "KRAFT_VERSION": "3.9 (KIP-853)",
    "KRAFT_VOTERS": "3.9 (KIP-853)",
}
