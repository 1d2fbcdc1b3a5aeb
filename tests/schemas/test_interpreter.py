"""The schema interpreter against bytes that Kafka wrote, against itself, and against hostile bytes.

The samples were made by Kafka 4.3's own classes, or are laid out by hand where marked so. The schemas here are local to
the tests: they show that a new message is data only.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.schemas import UNKNOWN_TAGS, Field, RawTaggedField, Schema, SchemaError, decode, encode
from inspector.schemas.control_records import CONTROL_RECORD_KEY, CONTROL_TYPES

ZERO_UUID = "AAAAAAAAAAAAAAAAAAAAAA"


def field(name: str, type_: str, versions: str = "0+", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, "versions": versions, **more}


def schema(name: str, versions: str, flexible: str, *fields: dict[str, Any], **more: Any) -> Schema:
    return Schema.load(
        {"name": name, "validVersions": versions, "flexibleVersions": flexible, "fields": list(fields), **more}
    )


def tagged(tag: int, versions: str = "1+", **more: Any) -> dict[str, Any]:
    return {"tag": tag, "taggedVersions": versions, **more}


TRANSACTION_LOG = schema(
    "TransactionLogValue",
    "0-1",
    "1+",
    field("ProducerId", "int64"),
    field("PreviousProducerId", "int64", "1+", **tagged(0, default=-1)),
    field("NextProducerId", "int64", "1+", **tagged(1, default="-1")),
    field("ProducerEpoch", "int16"),
    field("NextProducerEpoch", "int16", "1+", **tagged(3, default=-1)),
    field("TransactionTimeoutMs", "int32"),
    field("TransactionStatus", "int8"),
    field(
        "TransactionPartitions",
        "[]PartitionsSchema",
        nullableVersions="0+",
        fields=[field("Topic", "string"), field("PartitionIds", "[]int32")],
    ),
    field("TransactionLastUpdateTimestampMs", "int64"),
    field("TransactionStartTimestampMs", "int64"),
    field("ClientTransactionVersion", "int16", "1+", **tagged(2, default=0)),
)
OFFSET_COMMIT = schema(
    "OffsetCommitValue",
    "0-4",
    "4+",
    field("offset", "int64"),
    field("leaderEpoch", "int32", "3+", default=-1),
    field("metadata", "string"),
    field("commitTimestamp", "int64"),
    field("expireTimestamp", "int64", "1", default=-1),
    field("topicId", "uuid", "4+", **tagged(0, "4+")),
)
PRODUCER_SNAPSHOT = schema(
    "ProducerSnapshot",
    "1",
    "none",
    field("Crc", "uint32", "1"),
    field(
        "ProducerEntries",
        "[]ProducerEntry",
        "1",
        fields=[
            field("ProducerId", "int64", "1"),
            field("ProducerEpoch", "int16", "1"),
            field("LastSequence", "int32", "1"),
            field("LastOffset", "int64", "1"),
            field("OffsetDelta", "int32", "1"),
            field("Timestamp", "int64", "1"),
            field("CoordinatorEpoch", "int32", "1"),
            field("CurrentTxnFirstOffset", "int64", "1"),
        ],
    ),
)
ENDPOINT = [field("host", "string"), field("port", "uint16")]
NULLABLE_STRUCTS = schema(
    "NullableStructs",
    "0-1",
    "1+",
    field("userEndpoint", "Endpoint", nullableVersions="0+", default="null", fields=ENDPOINT),
    field("spare", "Spare", "1+", **tagged(0, nullableVersions="1+", default="null", fields=ENDPOINT)),
    field("usual", "Usual", "1+", **tagged(1, nullableVersions="1+", fields=ENDPOINT)),
    field("plain", "Plain", "1+", **tagged(2, fields=ENDPOINT)),
)
EVERYTHING = schema(
    "Everything",
    "0-3",
    "2+",
    *(field(f"a{name}", name) for name in ("bool", "int8", "int16", "int32", "int64", "uint16", "uint32")),
    *(field(f"b{name}", name) for name in ("float64", "uuid", "string", "bytes", "records")),
    *(field(f"c{name}", name, nullableVersions="1+") for name in ("string", "bytes", "records")),
    *(field(f"list{name}", f"[]{name}", nullableVersions="1+") for name in ("int32", "uuid", "string", "bytes")),
    field("old", "string", flexibleVersions="none", nullableVersions="2+"),
    field("struct", "Common"),
    field("structs", "[]Common", nullableVersions="3+"),
    field("maybe", "Common", "1+", nullableVersions="1+"),
    field("tString", "string", "2+", **tagged(0, "2+", nullableVersions="2+", default="x")),
    field("tNull", "bytes", "2+", **tagged(1, "2+", nullableVersions="2+", default="null")),
    field("tNumber", "int16", "1+", **tagged(5, "3+", default="0x7f")),
    field("tBool", "bool", "2+", **tagged(300, "2+", default="true")),
    field("tUuid", "uuid", "2+", **tagged(301, "2+")),
    field("tList", "[]Common", "2+", **tagged(302, "2+", nullableVersions="2+")),
    field("tStruct", "Common", "2+", **tagged(303, "2+")),
    field("tMaybe", "Common", "3+", **tagged(304, "3+", nullableVersions="3+", default="null")),
    commonStructs=[{"name": "Common", "versions": "0+", "fields": [*ENDPOINT, field("late", "[]int8", "3+")]}],
)

SAMPLES = {  # name: schema, version, bytes without the int16 version in front
    "transaction-v0": (
        TRANSACTION_LOG,
        0,
        "0000000000000009 0001 0000ea60 00 ffffffff 0000000000000001 ffffffffffffffff",
    ),
    "transaction-v1": (
        TRANSACTION_LOG,
        1,
        "0000000000000009 0001 0000ea60 01 02 0274 03 00000000 00000001 00 0000000000000001 0000000000000002"
        "02 00 08 0000000000000008 02 02 0002",
    ),
    "offset-commit-v3": (OFFSET_COMMIT, 3, "0000000000000005 ffffffff 0000 0000018bcfe56800"),
    "offset-commit-v4": (
        OFFSET_COMMIT,
        4,
        "0000000000000005 00000003 026d 0000018bcfe56800 01 00 10 00000000000000010000000000000002",
    ),
    "producer-snapshot (by hand)": (
        PRODUCER_SNAPSHOT,
        1,
        "deadbeef 00000001 0000000000000fa0 0007 0000000a 0000000000000022 00000002 0000018bcfe573b8 ffffffff"
        "ffffffffffffffff",
    ),
    "struct null (by hand)": (NULLABLE_STRUCTS, 0, "ff"),
    "struct present (by hand)": (NULLABLE_STRUCTS, 0, "01 0001 68 2384"),
    "structs tagged (by hand)": (
        NULLABLE_STRUCTS,
        1,
        "01 0268 2384 00  03  00 06 01 0268 2384 00  01 01 00  02 05 0268 2384 00",
    ),
    "unknown tags (by hand)": (OFFSET_COMMIT, 4, "0000000000000005 00000003 01 0000018bcfe56800 02 07 02 cafe 8101 00"),
}
sample = pytest.mark.parametrize(("schema", "version", "data"), SAMPLES.values(), ids=SAMPLES)


def read(name: str) -> dict[str, object]:
    of, version, data = SAMPLES[name]
    return decode(of, version, bytes.fromhex(data)).value


def covered(spans: Any) -> list[int]:
    return [position for item in spans for position in range(item.span.position, item.span.end)]


def test_a_classic_version_reads_as_kafka_wrote_it() -> None:
    assert read("transaction-v0") == {
        "producerId": 9,
        "producerEpoch": 1,
        "transactionTimeoutMs": 60000,
        "transactionStatus": 0,
        "transactionPartitions": None,
        "transactionLastUpdateTimestampMs": 1,
        "transactionStartTimestampMs": -1,
    }


def test_a_flexible_version_has_its_tagged_fields_or_their_defaults() -> None:
    value = read("transaction-v1")
    assert value["transactionPartitions"] == [{"topic": "t", "partitionIds": [0, 1]}]
    assert (value["previousProducerId"], value["clientTransactionVersion"]) == (8, 2)
    assert (value["nextProducerId"], value["nextProducerEpoch"]) == (-1, -1)


def test_uuids_are_text_as_kafka_shows_them() -> None:
    assert read("offset-commit-v4")["topicId"] == "AAAAAAAAAAEAAAAAAAAAAg"
    assert read("unknown tags (by hand)")["topicId"] == ZERO_UUID


def test_unknown_tagged_fields_are_kept() -> None:
    assert read("unknown tags (by hand)")[UNKNOWN_TAGS] == [RawTaggedField(7, b"\xca\xfe"), RawTaggedField(129, b"")]


def test_nullable_structs_read_in_both_conventions() -> None:
    endpoint = {"host": "h", "port": 9092}
    assert read("struct null (by hand)") == {"userEndpoint": None}
    assert read("struct present (by hand)") == {"userEndpoint": endpoint}
    assert read("structs tagged (by hand)") == {
        "userEndpoint": endpoint,
        "spare": endpoint,
        "usual": None,
        "plain": endpoint,
    }


@sample
def test_a_sample_is_written_as_it_was_read(schema: Schema, version: int, data: str) -> None:
    raw = bytes.fromhex(data)
    decoded = decode(schema, version, raw)
    assert decoded.end == len(raw)
    assert encode(schema, version, decoded.value) == raw


@sample
def test_spans_cover_every_byte_once(schema: Schema, version: int, data: str) -> None:
    raw = bytes.fromhex(data)
    assert covered(decode(schema, version, raw).spans) == list(range(len(raw)))


@sample
def test_every_truncation_is_a_schema_error_with_the_spans_before_it(schema: Schema, version: int, data: str) -> None:
    raw = bytes.fromhex(data)
    for size in range(len(raw)):
        with pytest.raises(SchemaError) as caught:
            decode(schema, version, raw[:size])
        spans = covered(caught.value.spans)
        assert spans == list(range(len(spans)))
        assert len(spans) <= size


def test_spans_name_fields_and_their_framing() -> None:
    of, version, data = SAMPLES["transaction-v1"]
    spans = {
        item.path: (item.span.position, item.span.size, item.value)
        for item in decode(of, version, bytes.fromhex(data)).spans
    }
    assert spans["transactionPartitions#count"] == (15, 1, 1)
    assert spans["transactionPartitions[0].topic#length"] == (16, 1, 1)
    assert spans["transactionPartitions[0].topic"] == (17, 1, "t")
    assert spans["transactionPartitions[0].partitionIds[1]"] == (23, 4, 1)
    assert spans["transactionPartitions[0]#tags"] == (27, 1, 0)
    assert spans["#tags"] == (44, 1, 2)
    assert spans["clientTransactionVersion#tag"] == (55, 1, 2)
    assert spans["clientTransactionVersion"] == (57, 2, 2)


def test_position_is_a_cursor_and_origin_moves_the_spans() -> None:
    of, version, data = SAMPLES["struct present (by hand)"]
    decoded = decode(of, version, b"\0\0" + bytes.fromhex(data) + b"more", 2, 3, origin=1000, path="value")
    assert decoded.end == 8
    assert [(item.path, item.span.position, item.span.buffer) for item in decoded.spans] == [
        ("value.userEndpoint#present", 1002, 3),
        ("value.userEndpoint.host#length", 1003, 3),
        ("value.userEndpoint.host", 1005, 3),
        ("value.userEndpoint.port", 1006, 3),
    ]


def test_an_error_names_field_place_expected_and_found() -> None:
    of, version, data = SAMPLES["transaction-v1"]
    with pytest.raises(SchemaError) as caught:
        decode(of, version, bytes.fromhex(data)[:25], origin=100)
    assert str(caught.value) == (
        "transactionPartitions[0].partitionIds[1], position 123: expected 4 bytes, found 2 bytes"
    )


def test_an_unknown_version_is_a_schema_error() -> None:
    with pytest.raises(SchemaError, match="expected OffsetCommitValue version 0 to 4, found 5"):
        decode(OFFSET_COMMIT, 5, bytes(100))
    with pytest.raises(ValueError, match="has no version -1"):
        encode(OFFSET_COMMIT, -1, {})


def test_a_string_that_is_no_utf8_stays_bytes() -> None:
    raw = bytes.fromhex("0000000000000005 ffffffff 0002 fffe 0000018bcfe56800")
    decoded = decode(OFFSET_COMMIT, 3, raw)
    assert decoded.value["metadata"] == b"\xff\xfe"
    assert encode(OFFSET_COMMIT, 3, decoded.value) == raw


LOG_HEAD = "0000000000000009 0001 0000ea60 00"  # up to transactionPartitions
COMMIT_HEAD = "0000000000000005 00000003"  # up to metadata
NO_METADATA = f"{COMMIT_HEAD} 01 0000018bcfe56800"  # up to the tags
HOSTILE = {  # name: schema, version, bytes, what is blamed
    "null where none may be": (OFFSET_COMMIT, 3, f"{COMMIT_HEAD} ffff 0000018bcfe56800", "metadata"),
    "huge classic count": (TRANSACTION_LOG, 0, f"{LOG_HEAD} 7fffffff 00", "transactionPartitions#count"),
    "huge compact count": (TRANSACTION_LOG, 1, f"{LOG_HEAD} ffffffff0f", "transactionPartitions#count"),
    "endless varint": (TRANSACTION_LOG, 1, f"{LOG_HEAD} 8080808080 00", "transactionPartitions#count"),
    "huge string": (OFFSET_COMMIT, 4, f"{COMMIT_HEAD} ffffffff07 00", "metadata#length"),
    "string beyond Kafka's limit": (OFFSET_COMMIT, 4, f"{COMMIT_HEAD} 818002 {'61' * 40000}", "metadata"),
    "huge number of tags": (OFFSET_COMMIT, 4, f"{NO_METADATA} ffffffff0f 00", "#tags"),
    "huge tagged field": (OFFSET_COMMIT, 4, f"{NO_METADATA} 01 07 ffffff7f 00", f"{UNKNOWN_TAGS}[0]#size"),
    "tagged field too short": (OFFSET_COMMIT, 4, f"{NO_METADATA} 01 00 0f {'00' * 16}", "topicId"),
    "tagged field too long": (OFFSET_COMMIT, 4, f"{NO_METADATA} 01 00 11 {'00' * 17}", "topicId"),
}


@pytest.mark.parametrize(("schema", "version", "data", "path"), HOSTILE.values(), ids=HOSTILE)
def test_a_claim_that_cannot_be_true_is_refused(schema: Schema, version: int, data: str, path: str) -> None:
    with pytest.raises(SchemaError) as caught:
        decode(schema, version, bytes.fromhex(data))
    assert caught.value.path == path


def test_empty_structs_cannot_make_a_loop_longer_than_the_bytes() -> None:
    inner = field("inner", "[]Empty", fields=[field("later", "int8", "9+")])
    bomb = schema("Bomb", "0", "none", field("outer", "[]Outer", fields=[inner]))
    count = 50_000
    raw = count.to_bytes(4, "big") + b"".join((4 * (count - i) - 4).to_bytes(4, "big") for i in range(count))
    with pytest.raises(SchemaError, match="more array elements"):  # at once, or the test runs into its time limit
        decode(bomb, 0, raw)


def values(of: Schema, version: int) -> st.SearchStrategy[dict[str, Any]]:
    """Any value of a message, by a walk over its schema that shares nothing with the interpreter's."""
    return struct_values(of, of.fields, version)


def struct_values(of: Schema, fields: tuple[Field, ...], version: int) -> st.SearchStrategy[dict[str, Any]]:
    here = [item for item in fields if version in item.versions]
    known = st.fixed_dictionaries({item.name: field_values(of, item, version) for item in here})
    if version not in of.flexible:
        return known
    numbers = {item.tag for item in here if item.is_tagged(version)}
    tag = st.integers(0, 2**31 - 2).filter(lambda number: number not in numbers)
    tags = st.lists(st.builds(RawTaggedField, tag, st.binary(max_size=9)), max_size=2, unique_by=lambda raw: raw.tag)
    return st.builds(lambda value, raw: value | ({UNKNOWN_TAGS: sorted(raw)} if raw else {}), known, tags)


def field_values(of: Schema, item: Field, version: int) -> st.SearchStrategy[Any]:
    name = item.type.removeprefix("[]")
    plain = PLAIN.get(name)
    if plain is None:
        plain = struct_values(of, item.fields or of.structs[name], version)
    if item.type.startswith("[]"):
        plain = st.lists(plain, max_size=3)
    return st.none() | plain if version in item.nullable else plain


def whole(bits: int, signed: bool = True) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


PLAIN: dict[str, st.SearchStrategy[Any]] = {
    **{f"int{bits}": whole(bits) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": whole(bits, signed=False) for bits in (16, 32)},
    "bool": st.booleans(),
    "float64": st.floats(allow_nan=False),
    "uuid": st.sampled_from([ZERO_UUID, "wJ47CHkuQy2B3GVQQORREg", "__________________-__w"]),
    "string": st.text(max_size=9) | st.just("long" * 99),
    "bytes": st.binary(max_size=9) | st.just(b"long" * 99),
    "records": st.binary(max_size=9),
}
ALL = {
    *(kind.schema for kind in CONTROL_TYPES.values()),
    *(CONTROL_RECORD_KEY, TRANSACTION_LOG, OFFSET_COMMIT, PRODUCER_SNAPSHOT, NULLABLE_STRUCTS, EVERYTHING),
}
every_version = pytest.mark.parametrize(
    ("schema", "version"),
    [
        pytest.param(item, version, id=f"{item.name}-v{version}")
        for item in sorted(ALL, key=lambda item: item.name)
        for version in range(item.versions.lowest, item.versions.highest + 1)
    ],
)


@every_version
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_survives_the_round_trip_byte_for_byte(schema: Schema, version: int, data: st.DataObject) -> None:
    value = data.draw(values(schema, version))
    raw = encode(schema, version, value)
    decoded = decode(schema, version, raw)
    assert decoded.value == value
    assert decoded.end == len(raw)
    assert covered(decoded.spans) == list(range(len(raw)))
    assert encode(schema, version, decoded.value) == raw


@every_version
@settings(max_examples=60)
@given(data=st.data())
def test_any_truncation_of_any_value_is_a_schema_error(schema: Schema, version: int, data: st.DataObject) -> None:
    raw = encode(schema, version, data.draw(values(schema, version)))
    size = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(SchemaError):
        decode(schema, version, raw[:size])


@every_version
@settings(max_examples=60)
@given(raw=st.binary(max_size=200))
def test_random_bytes_give_a_value_or_a_schema_error(schema: Schema, version: int, raw: bytes) -> None:
    try:
        decoded = decode(schema, version, raw)
    except SchemaError as error:
        assert covered(error.spans) == list(range(len(covered(error.spans))))
    else:
        assert covered(decoded.spans) == list(range(decoded.end))
        again = encode(schema, version, decoded.value)
        assert encode(schema, version, decode(schema, version, again).value) == again


@pytest.mark.parametrize(
    "value",
    [{"offset": 2**63}, {"offset": "x"}, {"metadata": None}, {"metadata": 5}, {"topicId": "short"}, {"nonsense": 1},
     {"metadata": "x" * 40000}],
)  # fmt: skip
def test_what_the_schema_cannot_hold_is_not_encoded(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"offset|metadata|topicId|nonsense"):
        encode(OFFSET_COMMIT, 4, value)


def test_fields_left_out_are_written_as_their_defaults() -> None:
    assert encode(OFFSET_COMMIT, 3, {}) == bytes.fromhex("0000000000000000 ffffffff 0000 0000000000000000")
