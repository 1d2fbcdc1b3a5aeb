"""Every bundled segment, field by field, against what Kafka's own FileRecords read there."""

import base64
import json
from pathlib import Path

import pytest

from inspector.engine import ScanRequest
from inspector.engine.chunk import batches_of, records_of
from inspector.location import Location
from inspector.source import open_source

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "real"

SEGMENTS = sorted(
    path
    for path in REAL.glob("*/*/*.log")
    if not path.parts[-3].endswith(".kafka-says") and "old-formats" not in str(path)
)


def kafka_says(segment: Path) -> list[dict]:
    said = REAL / f"{segment.parts[-3]}.kafka-says" / segment.parts[-2] / f"{segment.stem}.jsonl"
    return [json.loads(line) for line in said.read_text().splitlines()]


def as_kafka_says_batch(batch) -> dict:
    return {
        "line": "batch",
        "position": batch.position,
        "sizeInBytes": batch.batch_bytes,
        "baseOffset": batch.base_offset,
        "lastOffset": batch.last_offset,
        "countOrNull": batch.records_count,
        "magic": batch.magic,
        "compressionType": batch.compression,
        "checksum": batch.crc,
        "isValid": batch.crc_ok,
        "partitionLeaderEpoch": batch.partition_leader_epoch,
        "producerId": batch.producer_id,
        "producerEpoch": batch.producer_epoch,
        "baseSequence": batch.base_sequence,
        "lastSequence": batch.last_sequence,
        "isTransactional": batch.is_transactional,
        "isControlBatch": batch.is_control,
        "deleteHorizonMs": batch.delete_horizon_ms,
        "timestampType": batch.timestamp_type,
        "maxTimestamp": batch.max_timestamp,
    }


def base64_or_null(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def as_kafka_says_record(batch, record) -> dict:
    said = {
        "line": "record",
        "position": batch.position,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "sequence": record.sequence,
        "key": base64_or_null(record.key),
        "value": base64_or_null(record.value),
        "headers": [[header.key.decode(), base64_or_null(header.value)] for header in record.headers],
    }
    return said | ({"controlType": record.control_type} if batch.is_control else {})


def test_there_are_segments_of_both_brokers_in_both_states():
    assert {path.parts[-3] for path in SEGMENTS} == {
        f"kafka-{version}-{state}" for version in ("3.6.0", "4.3.0") for state in ("stopped", "killed")
    }
    assert len(SEGMENTS) > 100


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_batch_and_record_is_what_kafka_reads(segment, engine):
    said = kafka_says(segment)
    batches, records = [], []
    with open_source(segment) as source:
        for chunk in engine.scan(source, ScanRequest(base_offset=int(segment.stem)), Location(segment.name)):
            assert chunk.findings == []
            batches += batches_of(chunk)
            records += records_of(chunk)
    assert [as_kafka_says_batch(batch) for batch in batches] == [line for line in said if line["line"] == "batch"]
    assert [as_kafka_says_record(*found) for found in records] == [line for line in said if line["line"] == "record"]


def test_the_bundled_segments_hold_every_codec_and_every_oddity():
    lines = [line for segment in SEGMENTS for line in kafka_says(segment)]
    batches = [line for line in lines if line["line"] == "batch"]
    assert {line["compressionType"] for line in batches} == {"none", "gzip", "snappy", "lz4", "zstd"}
    assert {line["timestampType"] for line in batches} == {"CreateTime", "LogAppendTime"}
    assert any(line["deleteHorizonMs"] for line in batches)
    assert {line.get("controlType") for line in lines} >= {"COMMIT", "ABORT", None}
    assert any(line["line"] == "record" and line["value"] is None for line in lines)
    assert any(
        ["null", None] in line["headers"] or any(v is None for _, v in line["headers"])
        for line in lines
        if line["line"] == "record"
    )
