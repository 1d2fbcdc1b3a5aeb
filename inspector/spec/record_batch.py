"""Record batch, message format v2 (Kafka 0.11 and later), byte by byte.

Source: `DefaultRecordBatch` and `DefaultRecord` of kafka-clients; KIP-98 (producer ids, transactions), KIP-101 (leader
epochs), KIP-534 (delete horizon). The definitions decide nothing: whether a length is believed is for the reader.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from construct import Array, Bytes, IfThenElse, Int8sb, Int16sb, Int32sb, Int32ub, Int64sb, Struct, this

from .layout import field_table, header_struct
from .primitives import Varint, Varlong, nullable_bytes

LOG_OVERHEAD = 12
"""Bytes before what `batch_length` counts: base_offset and batch_length themselves."""

MAGIC_POSITION = 16
"""In all three message formats the magic byte lies here, counted from the start of the entry."""

CRC_START = 21
"""The CRC covers the batch from `attributes` on; the broker may rewrite everything before it."""

MAGIC = 2

record_batch_header = Struct(
    "base_offset" / Int64sb * "Offset of the first record as produced; the leader sets it, compaction keeps it.",
    "batch_length" / Int32sb * "Bytes after this field. A claim: check it against the file.",
    "partition_leader_epoch" / Int32sb * "Set by the broker on append, so it stays outside the CRC; -1: unknown.",
    "magic" / Int8sb * "2 for this layout; read it before trusting anything that follows. Outside the CRC.",
    "crc" / Int32ub * "CRC-32C (Castagnoli) from `attributes` to the end of the batch, over the compressed bytes.",
    "attributes" / Int16sb * "Codec, timestamp type, transactional, control, delete horizon: one bit or three each.",
    "last_offset_delta" / Int32sb * "Last offset minus base_offset; kept by compaction, so it may exceed the count.",
    "base_timestamp" / Int64sb * "Timestamp of the first record as produced, not the least; or the delete horizon.",
    "max_timestamp" / Int64sb * "Greatest timestamp of the records; under LogAppendTime the time of all of them.",
    "producer_id" / Int64sb * "Who wrote it, if the producer is idempotent or transactional; -1 otherwise.",
    "producer_epoch" / Int16sb * "Counts the restarts of a transactional producer; -1 without a producer id.",
    "base_sequence"
    / Int32sb
    * "Sequence of the first record; the broker drops repeats by it; -1: none, wraps at 2^31.",
    "records_count" / Int32sb * "Records still present. 0 is legal: a husk that compaction keeps for its producer.",
)

record_header = Struct(
    "key_length" / Varint * "Bytes of the header's key; null is illegal, empty is not.",
    "key" / Bytes(this.key_length) * "UTF-8 by convention; keys may repeat and their order counts.",
    "value_length" / Varint * "Bytes of the header's value; -1 (any negative) is null.",
    "value" / nullable_bytes("value_length") * "Any bytes, or null.",
)

record = Struct(
    "length" / Varint * "Bytes of this record after this field. A claim, checked against what the fields take.",
    "attributes" / Int8sb * "Always 0 today, no bit has a meaning.",
    "timestamp_delta" / Varlong * "Timestamp minus base_timestamp; negative where a clock ran back.",
    "offset_delta" / Varint * "Offset minus base_offset.",
    "key_length" / Varint * "Bytes of the key; -1 (any negative) is null, 0 is empty.",
    "key" / nullable_bytes("key_length") * "The serialized key: what partitioners hash.",
    "value_length" / Varint * "Bytes of the value; -1 is null, which deletes the key in a compacted topic.",
    "value" / nullable_bytes("value_length") * "The serialized value.",
    "headers_count" / Varint * "Headers that follow; each takes two bytes at least.",
    "headers" / Array(this.headers_count, record_header) * "In the order the producer gave them.",
)

record_head = Struct(*record.subcons[:-1])
"""A record before its headers, of which a few bytes can claim millions."""

MIN_RECORD_SIZE = 7
"""Bytes of the smallest record: length, attributes, two deltas, null key, null value, no headers."""

record_batch = Struct(
    *record_batch_header.subcons,
    "records"
    / IfThenElse(
        (this.attributes & 0x07) == 0,
        Array(this.records_count, record),
        Bytes(this.batch_length - (record_batch_header.sizeof() - LOG_OVERHEAD)),
    )
    * "The records one after the other, or one compressed stream of the same.",
)
"""The whole batch, for explaining and for building; a reader that meets damage goes record by record instead."""

HEADER = header_struct(record_batch_header)
"""The same header as one struct.Struct, for sweeping."""

BatchHeader = namedtuple(  # type: ignore[misc]
    "BatchHeader", [row.name for row in field_table(record_batch_header)]
)
"""The values of one header, in the names of `record_batch_header`."""

HEADER_SIZE = HEADER.size
MIN_BATCH_LENGTH = HEADER_SIZE - LOG_OVERHEAD


def unpack_header(head: bytes) -> Any:
    """The `BatchHeader` in 61 bytes. Raises struct.error for any other number."""
    return BatchHeader._make(HEADER.unpack(head))
