"""Message format v2: golden bytes decode and build back, and the derived header is the definition's own."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.spec.attributes import ATTRIBUTE_BITS, KNOWN_ATTRIBUTES
from inspector.spec.layout import field_table
from inspector.spec.offset_index import ENTRY, offset_index_entry
from inspector.spec.primitives import SpecError, Varint, VarintTooLongError, Varlong
from inspector.spec.record_batch import (
    HEADER,
    MIN_RECORD_SIZE,
    record,
    record_batch,
    record_batch_header,
    record_header,
    unpack_header,
)
from tests.golden_bytes import V2


@pytest.mark.parametrize("name", V2)
def test_golden_bytes_build_back_byte_for_byte(name):
    assert record_batch.build(record_batch.parse(V2[name])) == V2[name]


def test_every_field_of_a_golden_batch_has_its_value():
    batch = record_batch.parse(V2["txn-seqwrap"])
    assert batch.base_offset == 28
    assert batch.batch_length == 107 - 12
    assert batch.partition_leader_epoch == 5
    assert batch.magic == 2
    assert batch.crc == 0xA875EE21
    assert batch.attributes == 0x10
    assert (batch.last_offset_delta, batch.records_count) == (2, 3)
    assert (batch.base_timestamp, batch.max_timestamp) == (1700000000000, 1700000000200)
    assert (batch.producer_id, batch.producer_epoch, batch.base_sequence) == (4000, 7, 2147483646)
    assert [(r.key, r.value) for r in batch.records] == [(b"k", b"v"), (None, b"value-2"), (b"k", b"v")]
    headers = [(header.key, header.value) for header in batch.records[2].headers]
    assert headers == [(b"h1", b"v1"), (b"h2", None), (b"", b"")]


def test_null_and_empty_are_different_and_a_delta_can_be_negative():
    tombstone = record_batch.parse(V2["none"]).records[2]
    assert (tombstone.key, tombstone.value, tombstone.timestamp_delta) == (b"tomb", None, -1)


def test_the_header_for_sweeping_is_the_definition():
    data = V2["commit"][: HEADER.size]
    parsed = record_batch_header.parse(data)
    assert record_batch_header.sizeof() == HEADER.size == 61
    assert unpack_header(data)._asdict() == {name: parsed[name] for name in unpack_header(data)._fields}
    assert ENTRY.size == offset_index_entry.sizeof() == 8


@pytest.mark.parametrize("definition", [record_batch_header, record_header, record, record_batch, offset_index_entry])
def test_every_field_has_a_sentence(definition):
    for row in field_table(definition):
        assert row.sentence.endswith("."), row.name


def test_fields_lie_where_the_format_has_them():
    places = {row.name: (row.position, row.size, row.format) for row in field_table(record_batch_header)}
    assert places["magic"] == (16, 1, "b")
    assert places["crc"] == (17, 4, "L")
    assert places["attributes"] == (21, 2, "h")
    assert places["records_count"] == (57, 4, "l")


def test_attribute_bits_do_not_overlap():
    masks = [bits.mask for bits in ATTRIBUTE_BITS]
    assert sum(masks) == KNOWN_ATTRIBUTES == 0x7F


def test_the_smallest_record_has_the_size_that_plausibility_counts_with():
    fields = {"length": 6, "attributes": 0, "timestamp_delta": 0, "offset_delta": 0, "key_length": -1, "key": None}
    smallest = record.build({**fields, "value_length": -1, "value": None, "headers_count": 0, "headers": []})
    assert len(smallest) == MIN_RECORD_SIZE


VARINTS = {0: "00", -1: "01", 1: "02", 63: "7e", -64: "7f", 64: "8001", 2**31 - 1: "feffffff0f", -(2**31): "ffffffff0f"}


@pytest.mark.parametrize("value, spelled", VARINTS.items())
def test_varints_are_zigzag_with_the_low_bits_first(value, spelled):
    assert Varint.build(value).hex() == spelled
    assert Varint.parse(bytes.fromhex(spelled)) == value


def test_an_over_long_spelling_is_read_as_kafka_reads_it():
    assert Varint.parse(b"\x80\x00") == 0
    assert Varint.parse(b"\x80\x80\x80\x80\x00") == 0


def test_bits_of_the_fifth_byte_that_do_not_fit_are_dropped():
    assert Varint.parse(bytes.fromhex("feffffff7f")) == Varint.parse(bytes.fromhex("feffffff0f")) == 2**31 - 1


@pytest.mark.parametrize("kind, size", [(Varint, 5), (Varlong, 10)])
def test_a_varint_that_does_not_end_is_refused(kind, size):
    with pytest.raises(VarintTooLongError):
        kind.parse(b"\x80" * (size + 1))
    with pytest.raises(SpecError):
        kind.parse(b"\x80" * (size - 1))


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1))
def test_every_integer_comes_back(small, large):
    assert Varint.parse(Varint.build(small)) == small
    assert Varlong.parse(Varlong.build(large)) == large


def test_a_count_of_headers_beyond_the_bytes_is_an_error_and_no_allocation():
    body = bytes.fromhex("00 00 00 01 01") + Varint.build(2**31 - 1)
    with pytest.raises(SpecError):
        record.parse(Varint.build(len(body)) + body)


def test_a_header_is_61_bytes_or_nothing():
    with pytest.raises(struct.error):
        unpack_header(V2["commit"][:60])
