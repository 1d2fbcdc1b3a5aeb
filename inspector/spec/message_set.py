"""Messages of formats v0 (Kafka 0.8 and 0.9) and v1 (0.10), byte by byte.

Each entry of such a log is one message. A compressed set of messages travels as the value of another one, the wrapper:
its offset is that of the last message inside. Inside a v0 wrapper offsets are absolute, inside a v1 wrapper they count
from the first message (KIP-31). Source: `LegacyRecord`, `AbstractLegacyRecordBatch` of kafka-clients; KIP-32
(timestamps). The definitions decide nothing: whether a length is believed is for the reader.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from construct import Int8sb, Int32sb, Int32ub, Int64sb, Struct

from .layout import field_table, header_struct
from .primitives import nullable_bytes
from .record_batch import LOG_OVERHEAD

_OFFSET = "offset" / Int64sb * "Of this message; of the last one inside where this is a wrapper. Outside the CRC."
_SIZE = "message_size" / Int32sb * "Bytes after this field. A claim: check it against the file."
_CRC = "crc" / Int32ub * "CRC-32 (as in zip files) from `magic` to the end of the message."
_KEY_LENGTH = "key_length" / Int32sb * "Bytes of the key; -1 (any negative) is null, 0 is empty."

_TAIL = (
    "key" / nullable_bytes("key_length") * "The serialized key: what partitioners hash. Null in a wrapper.",
    "value_length" / Int32sb * "Bytes of the value; -1 (any negative) is null.",
    "value" / nullable_bytes("value_length") * "The serialized value; in a wrapper the compressed messages.",
)

_HEAD_V0 = (
    _OFFSET,
    _SIZE,
    _CRC,
    "magic" / Int8sb * "0 for this layout.",
    "attributes" / Int8sb * "Bits 0 to 2: the codec of a wrapper; 0 for an ordinary message.",
    _KEY_LENGTH,
)

_HEAD_V1 = (
    _OFFSET,
    _SIZE,
    _CRC,
    "magic" / Int8sb * "1 for this layout.",
    "attributes" / Int8sb * "Bits 0 to 2: the codec of a wrapper. Bit 3: 0 CreateTime, 1 LogAppendTime.",
    "timestamp" / Int64sb * "Epoch milliseconds, -1: none. In a wrapper the greatest inside, or the append time.",
    _KEY_LENGTH,
)

message_v0 = Struct(*_HEAD_V0, *_TAIL)
message_v1 = Struct(*_HEAD_V1, *_TAIL)

MESSAGES = {0: message_v0, 1: message_v1}
"""The layouts by magic."""

CRC_START = 16
"""The CRC covers the message from `magic` on; offset and size may be rewritten by the broker."""

COMPRESSION_MASK = 0x07
LOG_APPEND_TIME = 0x08
"""A bit of `attributes` in v1 only."""

HEAD_DEFINITIONS = {0: Struct(*_HEAD_V0), 1: Struct(*_HEAD_V1)}
"""Everything before the key, by magic."""

HEADS = {magic: header_struct(head) for magic, head in HEAD_DEFINITIONS.items()}
"""Everything before the key as one struct.Struct, by magic, for sweeping."""

LENGTH_SIZE = 4
"""Bytes of `key_length` and of `value_length`."""

MIN_MESSAGE_SIZE = {magic: head.size + LENGTH_SIZE - LOG_OVERHEAD for magic, head in HEADS.items()}
"""The least that `message_size` can say: 14 and 22 (`LegacyRecord.RECORD_OVERHEAD_V0`, `_V1`)."""

MessageHead = namedtuple("MessageHead", [row.name for row in field_table(HEAD_DEFINITIONS[1])])  # type: ignore[misc]
"""The values before the key, in the names of `message_v1`; `timestamp` is -1 in v0."""

_FIELDS_BEFORE_TIMESTAMP = 5


def unpack_head(magic: int, data: bytes | memoryview, position: int = 0) -> Any:
    """The `MessageHead` at `position`. Raises struct.error where too few bytes are left."""
    values = HEADS[magic].unpack_from(data, position)
    if magic == 0:
        values = (*values[:_FIELDS_BEFORE_TIMESTAMP], -1, *values[_FIELDS_BEFORE_TIMESTAMP:])
    return MessageHead._make(values)
