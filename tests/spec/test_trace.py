"""A traced parse: the values of the plain one, and where each field lay."""

import io

import pytest

from inspector.spec.record_batch import record, record_batch, record_batch_header
from inspector.spec.trace import trace
from tests.golden_bytes import V2


def traced(definition, data: bytes):
    return trace(definition, io.BytesIO(data))


@pytest.mark.parametrize("name", V2)
def test_values_are_those_of_the_plain_parse(name):
    seen = traced(record_batch, V2[name])
    assert seen.is_whole
    assert seen.values() == {key: value for key, value in record_batch.parse(V2[name]).items() if key != "_io"}


def test_fields_lie_one_behind_the_other():
    seen = traced(record_batch_header, V2["none"])
    assert [(field.name, field.start, field.end) for field in seen.fields][:5] == [
        ("base_offset", 0, 8),
        ("batch_length", 8, 12),
        ("partition_leader_epoch", 12, 16),
        ("magic", 16, 17),
        ("crc", 17, 21),
    ]
    assert seen.fields[-1].end == seen.end == 61


def test_a_field_knows_its_kind_and_its_sentence():
    kinds = {field.name: field.kind for field in traced(record, V2["none"][61:]).fields}
    assert kinds == {
        "length": "varint", "attributes": "int8", "timestamp_delta": "varlong", "offset_delta": "varint",
        "key_length": "varint", "key": "bytes", "value_length": "varint", "value": "bytes",
        "headers_count": "varint", "headers": "",
    }  # fmt: skip
    assert traced(record_batch_header, V2["none"]).fields[4].sentence.startswith("CRC-32C")


def test_fields_of_fields_have_the_path_to_them():
    paths = [field.path for field in traced(record_batch, V2["none"]).fields]
    assert ("records", "[0]", "key") in paths
    assert ("records", "[3]", "headers", "[1]", "value") in paths


def test_the_field_that_broke_is_the_last_one():
    seen = traced(record_batch, V2["none"][:70])
    assert not seen.is_whole
    assert seen.fields[-1].path == ("records", "[1]", "length")
    assert (seen.fields[-1].start, seen.fields[-1].value) == (70, None)
    assert seen.fields[-1].problem == "the bytes end inside a varint"


def test_two_traces_do_not_mix():
    first, second = traced(record_batch_header, V2["none"]), traced(record_batch_header, V2["gzip"])
    assert (len(first.fields), len(second.fields)) == (13, 13)
    assert first.values() != second.values()
