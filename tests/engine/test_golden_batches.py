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


KV, NO_KEY = (b"k", b"v"), (None, b"value-2")
START = 1700000000000
CREATE, APPEND, NONE = "CreateTime", "LogAppendTime", "NoTimestampType"

# name: (compression, timestamp type, offsets, timestamps, keys and values), as kafka-clients 3.6.0 wrote them
MESSAGES = {
    "v0-none": ("none", NONE, [0, 1], [-1, -1], [KV, (None, b"v")]),
    "v1-none": ("none", CREATE, [2, 3], [START, START + 123], [KV, NO_KEY]),
    "v0-gzip": ("gzip", NONE, [4, 5], [-1, -1], [KV, (None, b"v")]),
    "v0-lz4": ("lz4", NONE, [6], [-1], [KV]),
    "v1-lz4": ("lz4", CREATE, [7, 8], [START, START + 123], [KV, NO_KEY]),
    "v1-snappy": ("snappy", CREATE, [9, 10], [START, START + 123], [KV, NO_KEY]),
    "v1-gzip-LAT": ("gzip", APPEND, [11, 12], [START + 9999] * 2, [KV, NO_KEY]),
}


def test_every_golden_message_is_expected():
    assert MESSAGES.keys() == LEGACY.keys()


@pytest.mark.parametrize("name", MESSAGES)
def test_older_formats_are_read(name, scan):
    compression, timestamp_type, offsets, timestamps, payloads = MESSAGES[name]
    scanned = scan(LEGACY[name])
    assert scanned.findings == []
    assert {batch.magic for batch in scanned.batches} == {int(name[1])}
    assert {batch.compression for batch in scanned.batches} == {compression}
    assert {batch.timestamp_type for batch in scanned.batches} == {timestamp_type}
    assert all(batch.crc_ok for batch in scanned.batches)
    assert scanned.offsets == offsets
    assert [record.timestamp for _, record in scanned.records] == timestamps
    assert [(record.key, record.value) for _, record in scanned.records] == payloads


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_or_a_set_of_them_covers_its_offsets(name, scan):
    compression, _, offsets, _, _ = MESSAGES[name]
    batches = scan(LEGACY[name], records=False, check_crc=False).batches
    if compression == "none":
        assert [(batch.base_offset, batch.last_offset, batch.records_count) for batch in batches] == [
            (offset, offset, 1) for offset in offsets
        ]
    else:
        (batch,) = batches
        assert (batch.base_offset, batch.last_offset, batch.records_count) == (offsets[0], offsets[-1], len(offsets))


def test_offsets_bound_what_is_taken_from_a_compressed_set(scan):
    assert scan(LEGACY["v1-lz4"] + LEGACY["v1-snappy"], start_offset=8, stop_offset=10).offsets == [8, 9]
    assert scan(LEGACY["v1-lz4"] + LEGACY["v1-snappy"], start_offset=7, stop_offset=8).offsets == [7]
    assert len(scan(LEGACY["v1-lz4"] + LEGACY["v1-snappy"], stop_offset=9).batches) == 1


def test_batches_behind_older_entries_are_read(scan):
    scanned = scan(LEGACY["v1-none"] + V2["none"])
    assert scanned.offsets == [2, 3, 13, 14, 15, 16]
    assert scanned.findings == []


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
