"""Numbers on the disk → the field's words, in Kafka's own spelling, as docs/json.md promises them."""

from __future__ import annotations

COMPRESSION_NAMES = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}

CREATE_TIME = "CreateTime"
LOG_APPEND_TIME = "LogAppendTime"
NO_TIMESTAMP_TYPE = "NoTimestampType"

CONTROL_TYPE_NAMES = {
    0: "ABORT",
    1: "COMMIT",
    2: "LEADER_CHANGE",
    3: "SNAPSHOT_HEADER",
    4: "SNAPSHOT_FOOTER",
    5: "KRAFT_VERSION",
    6: "KRAFT_VOTERS",
}


def compression_name(codec: int) -> str:
    """The codec's name (`CompressionType`), or `unknown(5)`."""
    return COMPRESSION_NAMES.get(codec, f"unknown({codec})")


def control_type_name(type_id: int) -> str:
    """The control record's type (`ControlRecordType`), or `UNKNOWN(9)`."""
    return CONTROL_TYPE_NAMES.get(type_id, f"UNKNOWN({type_id})")
