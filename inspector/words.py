"""Numbers → words: those on the disk in Kafka's own spelling, as docs/json.md promises them; counts; times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 batch`, `1,204 batches`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {plural or noun + ('es' if noun.endswith(('s', 'x', 'ch')) else 's')}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(timestamp: int) -> str:
    """Epoch milliseconds as a time, or the number where the calendar ends."""
    try:
        moment = _EPOCH + timedelta(milliseconds=timestamp)
    except OverflowError:
        return str(timestamp)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
