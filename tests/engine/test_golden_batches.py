"""Golden bytes through an engine: values, derived values, and the columns' layout."""

import pytest

from inspector.engine import ScanRequest
from inspector.location import Location
from inspector.source import BytesSource
from tests.golden_bytes import LEGACY, V2

CODEC_RECORDS = [(b"k", b"v"), (None, b"value-2")]


@pytest.mark.parametrize("codec, offset", [("gzip", 20), ("snappy", 22), ("lz4", 24), ("zstd", 26)])
def test_every_codec_gives_the_same_records(codec, offset, scan):
    scanned = scan(V2[codec])
    assert scanned.findings == []
    assert [(record.key, record.value) for _, record in scanned.records] == CODEC_RECORDS
    assert scanned.offsets == [offset, offset + 1]
    assert (scanned.batches[0].compression, scanned.batches[0].crc_ok) == (codec, True)


def test_sequences_wrap_to_zero_inside_a_batch(scan):
    scanned = scan(V2["txn-seqwrap"])
    assert [record.sequence for _, record in scanned.records] == [2147483646, 2147483647, 0]
    assert scanned.batches[0].last_sequence == 0
    assert scanned.batches[0].is_transactional


def test_log_append_time_is_the_time_of_every_record(scan):
    scanned = scan(V2["none-LAT"])
    assert scanned.batches[0].timestamp_type == "LogAppendTime"
    assert [record.timestamp for _, record in scanned.records] == [1700000009999]


@pytest.mark.parametrize("name, word", [("commit", "COMMIT"), ("abort", "ABORT"), ("leaderchange", "LEADER_CHANGE")])
def test_control_records_are_named(name, word, scan):
    (_, record), *_ = scan(V2[name]).records
    assert record.control_type == word


def test_a_husk_of_compaction_is_a_batch_without_records(scan):
    scanned = scan(V2["empty"])
    assert (scanned.batches[0].base_offset, scanned.batches[0].last_offset, scanned.records) == (34, 36, [])
    assert scanned.findings == []


@pytest.mark.parametrize("name", LEGACY)
def test_older_formats_are_named_once_and_never_misread(name, scan):
    scanned = scan(LEGACY[name] * 3)
    assert (scanned.slugs, scanned.batches, scanned.records) == (["format-not-read-yet"], [], [])
    assert scanned.findings[0].found == int(name[1])
    assert scanned.findings[0].incomplete


def test_batches_behind_older_entries_are_read(scan):
    scanned = scan(LEGACY["v1-none"] + V2["none"])
    assert scanned.offsets == [13, 14, 15, 16]


def chunk_of(data: bytes, engine):
    (chunk,) = engine.scan(BytesSource(data), ScanRequest(), Location("0.log"))
    return chunk


def test_columns_have_arrows_layout(engine):
    columns = chunk_of(V2["none"], engine).records.columns
    keys = columns["key"]
    assert bytes(keys.data) == b"ktombk"
    assert list(keys.offsets) == [0, 1, 1, 5, 6]
    assert keys.validity.bits == bytes((0b1101,))
    assert list(columns["offset"].values) == [13, 14, 15, 16]
    headers = columns["headers"]
    assert list(headers.offsets) == [0, 0, 0, 0, 3]
    assert headers.values.validity.bits == bytes((0b101,))


def test_a_header_sweep_reads_no_records_and_no_crc(engine):
    request = ScanRequest(records=False, check_crc=False)
    (chunk,) = engine.scan(BytesSource(V2["none"]), request, Location("0.log"))
    assert len(chunk.records) == 0
    assert chunk.batches.columns["crc_ok"][0] is None


def test_records_outside_the_bounds_are_left_out(scan):
    assert scan(V2["none"], start_offset=14, stop_offset=16).offsets == [14, 15]
