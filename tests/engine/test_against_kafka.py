"""Every bundled segment, field by field, against what Kafka's own FileRecords read there."""

import base64
import json
from pathlib import Path

import pytest

from inspector.engine import ScanRequest
from inspector.engine.chunk import batches_of, records_of
from inspector.location import Location
from inspector.source import open_source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def directory_of(segment: Path) -> Path:
    """The log directory, of which there are several below `real` and `built`."""
    return FIXTURES.joinpath(*segment.relative_to(FIXTURES).parts[:2])


def saying(segment: Path) -> Path:
    """`NAME/TOPIC-P/000.log` is spoken of in `NAME.kafka-says/TOPIC-P/000.jsonl`, others under their full names."""
    directory = directory_of(segment)
    place = segment.relative_to(directory).with_name(f"{segment.name.removesuffix('.log')}.jsonl")
    return directory.with_name(f"{directory.name}.kafka-says") / place


SEGMENTS = [
    path
    for ending in (".log", ".log.deleted", ".checkpoint")
    for path in sorted(FIXTURES.rglob(f"*{ending}"))
    if path.is_relative_to(FIXTURES / "real") or path.is_relative_to(FIXTURES / "built")
    if saying(path).exists()
]


def base_offset(segment: Path) -> int | None:
    """By its name; the records of a snapshot are counted from 0, whatever its name says."""
    return None if segment.suffix == ".checkpoint" else int(segment.name.split(".")[0])


# What we say beside Kafka's reading, about what Kafka reads without a word: by case, and how often.
REMARKS = {
    "preallocated-0": ["zeroed-tail"],  # of a killed broker; Kafka's classes refuse to read on
    "control-markers-0": ["control-record-not-understood"],  # one marker of a newer version, read as far as we know it
    "control-unknown-0": ["control-record-not-understood"] * 3,
    "v2-unused-attributes-0": ["unknown-attributes"] * 5,
}


def kafka_says(segment: Path) -> list[dict]:
    return [json.loads(line) for line in saying(segment).read_text().splitlines()]


def as_kafka_says_batch(batch) -> dict:
    return {
        "line": "batch",
        "position": batch.position,
        "sizeInBytes": batch.batch_bytes,
        "baseOffset": batch.base_offset,
        "lastOffset": batch.last_offset,
        "countOrNull": batch.records_count if batch.magic == 2 else None,  # before, only we count what is inside
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
        "headers": [[header.key.decode(errors="replace"), base64_or_null(header.value)] for header in record.headers],
    }
    if batch.is_control:
        said["controlType"] = "UNKNOWN" if record.control_type.startswith("UNKNOWN") else record.control_type
    return said


def test_there_are_segments_of_both_brokers_in_both_states():
    assert {directory_of(path).name for path in SEGMENTS} >= {
        f"kafka-{version}{state}" for version in ("3.6.0", "4.3.0") for state in ("-stopped", "-killed", "")
    }
    assert len(SEGMENTS) > 200
    assert {path.suffix for path in SEGMENTS} == {".log", ".deleted", ".checkpoint"}


def test_every_built_case_is_compared():
    listed = (FIXTURES / "built" / "cases.jsonl").read_text().splitlines()
    compared = {path.relative_to(FIXTURES / "built").as_posix() for path in SEGMENTS if "built" in path.parts}
    cases = {json.loads(line)["path"] for line in listed if "-broken/" not in line}
    assert {name for name in cases if not any(path.startswith(name) for path in compared)} == set()


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_every_batch_and_record_is_what_kafka_reads(segment, engine):
    said = kafka_says(segment)
    batches, records, found = [], [], []
    with open_source(segment) as source:
        for chunk in engine.scan(source, ScanRequest(base_offset=base_offset(segment)), Location(segment.name)):
            found += [finding.slug for finding in chunk.findings]
            batches += batches_of(chunk)
            records += records_of(chunk)
    assert [as_kafka_says_batch(batch) for batch in batches] == [line for line in said if line["line"] == "batch"]
    assert [as_kafka_says_record(*pair) for pair in records] == [line for line in said if line["line"] == "record"]
    assert found == REMARKS.get(segment.parent.name, [])


def test_the_bundled_segments_hold_every_codec_and_every_oddity():
    lines = [line for segment in SEGMENTS for line in kafka_says(segment)]
    batches = [line for line in lines if line["line"] == "batch"]
    assert {line["compressionType"] for line in batches} == {"none", "gzip", "snappy", "lz4", "zstd"}
    assert {line["timestampType"] for line in batches} == {"NoTimestampType", "CreateTime", "LogAppendTime"}
    assert {line["magic"] for line in batches} == {0, 1, 2}
    assert any(line["deleteHorizonMs"] for line in batches)
    assert {line.get("controlType") for line in lines} >= {
        "COMMIT",
        "ABORT",
        "LEADER_CHANGE",
        "KRAFT_VERSION",
        "KRAFT_VOTERS",
        "UNKNOWN",
        None,
    }
    assert any(line["line"] == "record" and line["value"] is None for line in lines)
    assert any(
        ["null", None] in line["headers"] or any(v is None for _, v in line["headers"])
        for line in lines
        if line["line"] == "record"
    )
