"""The columns of records, batches, partitions and findings: names that are a contract (docs/json.md)."""

from __future__ import annotations

from ..findings import Finding
from ..model import Record, RecordBatch
from ..partition import State
from ..report import BrokerPayload, Column, Hint, Row
from ..segment import Segment

LOG_DIR = Column("log_dir", default=True)


def _machine(*names: str) -> tuple[Column, ...]:
    """Columns that a table shows only when asked."""
    return tuple(Column(name, default=False) for name in names)


RECORD_COLUMNS = (
    *_machine("topic", "partition"),
    Column("offset", Hint.NUMBER),
    Column("timestamp", Hint.TIMESTAMP),
    *_machine("timestamp_type"),
    Column("key", Hint.BYTES),
    Column("value", Hint.BYTES),
    Column("headers", Hint.HEADERS, optional=True),
    *_machine(
        "state", "segment", "base_offset", "position", "batch_bytes", "magic", "compression", "partition_leader_epoch",
        "producer_id", "producer_epoch", "sequence", "is_transactional", "is_control",
    ),
    Column("control_type", optional=True, before="key"),
    *_machine("control_value"),
    Column("transaction", optional=True, before="key"),
    *_machine("crc_ok", "message_crc"),
    Column("damaged", optional=True, before="key"),
)  # fmt: skip

BATCH_COLUMNS = (
    *_machine("topic", "partition", "state", "segment"),
    Column("position", Hint.NUMBER),
    *_machine("batch_bytes"),
    Column("base_offset", Hint.NUMBER),
    Column("last_offset", Hint.NUMBER),
    Column("records_count", Hint.NUMBER),
    Column("magic", optional=True, usual=2),
    Column("compression"),
    *_machine("crc"),
    Column("crc_ok"),
    *_machine(
        "partition_leader_epoch", "producer_id", "producer_epoch", "base_sequence", "last_sequence",
    ),
    *_machine("is_transactional"),
    Column("is_control", optional=True),
    *_machine("delete_horizon_ms", "timestamp_type", "base_timestamp"),
    Column("max_timestamp", Hint.TIMESTAMP),
)  # fmt: skip

PARTITION_COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("topic_id", default=False),
    Column("state"),
    Column("log_start_offset", Hint.NUMBER),
    Column("log_end_offset", Hint.NUMBER),
    Column("high_watermark", Hint.NUMBER),
    Column("high_watermark_source", default=False),
    Column("segments", Hint.NUMBER),
    Column("bytes", Hint.NUMBER),
    Column("records", Hint.NUMBER, default=False),
    Column("first_timestamp", Hint.TIMESTAMP, default=False),
    Column("last_timestamp", Hint.TIMESTAMP, default=False),
    Column("not_read", default=False),
)

SEGMENT_COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("state", default=False),
    Column("segment", Hint.FILE),
    Column("base_offset", Hint.NUMBER, default=False),
    Column("bytes", Hint.NUMBER),
    Column("first_offset", Hint.NUMBER),
    Column("last_offset", Hint.NUMBER),
    Column("first_timestamp", Hint.TIMESTAMP, default=False),
    Column("last_timestamp", Hint.TIMESTAMP),
)

FINDING_COLUMNS = (
    Column("code"),
    Column("slug"),
    Column("severity"),
    *_machine("topic", "partition"),
    Column("file"),
    Column("position", Hint.NUMBER),
    *_machine("size", "first_offset", "last_offset", "expected", "found"),
    Column("message"),
    *_machine("next_step", "caused_by", "damage"),
)


def record_row(state: State, segment: Segment, batch: RecordBatch, record: Record, transaction: str | None) -> Row:
    """One record in the order of RECORD_COLUMNS.

    state: of the directory it lies in. transaction: what became of it, see `transactions.py`.
    """
    control_value = _control_value(batch, record)
    key, value = _payloads(record, control_value)
    return (
        segment.topic, segment.partition, record.offset, record.timestamp, batch.timestamp_type, key, value,
        [(header.key, header.value) for header in record.headers], str(state), segment.name, batch.base_offset,
        batch.position, batch.batch_bytes, batch.magic, batch.compression, batch.partition_leader_epoch,
        batch.producer_id, batch.producer_epoch, record.sequence, batch.is_transactional, batch.is_control,
        record.control_type, control_value, transaction, batch.crc_ok, record.message_crc, record.damaged,
    )  # fmt: skip


def _payloads(record: Record, control_value: object) -> tuple[bytes | None, bytes | None]:
    """Key and value; of a control record that was understood, with what they mean (`control_type` tells of the key)."""
    if control_value is None or record.key is None or record.value is None:
        return record.key, record.value
    return BrokerPayload(record.key), BrokerPayload(record.value, control_value)


def _control_value(batch: RecordBatch, record: Record) -> object:
    """The fields of a control record, null where it is none, or was not understood."""
    if not batch.is_control:
        return None
    from ..schemas.control_records import decode_control_record  # schemas are loaded where there is something to decode
    from ..schemas.snake_case import with_snake_case

    return with_snake_case(decode_control_record(record.key, record.value).value)


def batch_row(state: State, segment: Segment, batch: RecordBatch) -> Row:
    """One batch in the order of BATCH_COLUMNS; `state` as of `record_row`."""
    return (
        segment.topic, segment.partition, str(state), segment.name, batch.position, batch.batch_bytes,
        batch.base_offset, batch.last_offset, batch.records_count, batch.magic, batch.compression, batch.crc,
        batch.crc_ok, batch.partition_leader_epoch, batch.producer_id, batch.producer_epoch, batch.base_sequence,
        batch.last_sequence, batch.is_transactional, batch.is_control, batch.delete_horizon_ms, batch.timestamp_type,
        batch.base_timestamp, batch.max_timestamp,
    )  # fmt: skip


def finding_row(finding: Finding) -> Row:
    """One finding in the order of FINDING_COLUMNS."""
    at = finding.location
    return (
        finding.code, finding.slug, str(finding.severity), at.topic, at.partition, at.path, at.position, at.size,
        finding.first_offset, finding.last_offset, _plain(finding.expected), _plain(finding.found), finding.message,
        finding.next_step, finding.caused_by, finding.damage,
    )  # fmt: skip


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | str) else str(value)
