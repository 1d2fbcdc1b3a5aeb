"""The bits of a batch's `attributes`, format v2 (Kafka 0.11 and later); v1 has the first two of them.

Source: `DefaultRecordBatch`, `AbstractRecordBatch`. Apart from the definitions, so that whoever asks for a bit only
need not wait for them.
"""

from __future__ import annotations

from typing import NamedTuple


class AttributeBits(NamedTuple):
    """One meaning within `attributes`: which bits, since which release, and a sentence."""

    name: str
    mask: int
    since: str
    sentence: str


ATTRIBUTE_BITS = (
    AttributeBits("compression", 0x07, "0.11", "0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd (2.1); 5 to 7 are undefined."),
    AttributeBits(
        "timestamp_type", 0x08, "0.11", "0 CreateTime (the producer's clock), 1 LogAppendTime (the broker's)."
    ),
    AttributeBits("is_transactional", 0x10, "0.11", "The batch belongs to a transaction; a marker decides its fate."),
    AttributeBits("is_control", 0x20, "0.11", "The records are markers of the broker, hidden from consumers."),
    AttributeBits("has_delete_horizon", 0x40, "3.1", "base_timestamp holds the time from which tombstones may go."),
)

COMPRESSION_MASK, LOG_APPEND_TIME, TRANSACTIONAL, CONTROL, DELETE_HORIZON = (bits.mask for bits in ATTRIBUTE_BITS)
KNOWN_ATTRIBUTES = COMPRESSION_MASK | LOG_APPEND_TIME | TRANSACTIONAL | CONTROL | DELETE_HORIZON
