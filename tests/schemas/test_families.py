"""The schemas taken from Kafka's jars: they are what the jars hold, and every one of them can be read and written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make import kafka
from inspector.schemas import (
    FAMILIES,
    UNKNOWN_TAGS,
    RawTaggedField,
    Schema,
    decode,
    encode,
    load_family,
    snake_case,
    with_snake_case,
)
from tools import schemas as tool

SCHEMAS = [(family, schema) for family in FAMILIES for schema in load_family(family).values()]
every_schema = pytest.mark.parametrize(
    "schema", [schema for _, schema in SCHEMAS], ids=[f"{family}-{schema.name}" for family, schema in SCHEMAS]
)


@pytest.mark.kafka
@pytest.mark.parametrize("release", kafka.VERSIONS)
def test_the_data_is_what_the_jars_hold(require, release: str) -> None:
    """The newest release word by word; of the older one, that no message and no version of it is gone."""
    if reason := kafka.available():
        require("kafka", reason)
    if release == tool.RELEASE:
        assert tool.differing(tool.extract(kafka.libs(release))) == []
        return
    for name in ("control_records", "consumer_protocol", "remote_log_metadata", "cluster_metadata"):
        older = json.loads(tool.as_text(tool.messages(kafka.libs(release), release, tool.FAMILIES[name]), release))
        for message in older["schemas"]:
            then, now = Schema.load(message).versions, load_family(name)[message["name"]].versions
            assert now.lowest <= then.lowest <= then.highest <= now.highest, message["name"]


def test_every_family_has_its_file_and_every_file_its_family(checkout) -> None:
    files = {path.stem for path in (checkout / "inspector" / "schemas" / "data").glob("*.json")}
    assert files == set(FAMILIES) == set(tool.FAMILIES)


def test_no_sentence_was_taken() -> None:
    for path in tool.DATA.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert '"about"' not in text
        assert '" ' not in text, "facts have no spaces between their words"


def test_comments_are_cut_and_strings_are_kept() -> None:
    text = '// a comment\n{"name": "a//b", // another\n "c": "\\"//"}'
    assert json.loads(tool.without_comments(text)) == {"name": "a//b", "c": '"//'}


def test_messages_in_topics_are_known_by_their_numbers() -> None:
    keys = {schema.api_key: schema.name for _, schema in SCHEMAS if schema.type == "coordinator-key"}
    assert keys[3] == "ConsumerGroupMetadataKey"
    offsets = {(s.type, s.api_key): s for s in load_family("consumer_offsets").values()}
    assert offsets["coordinator-value", 1].name == "OffsetCommitValue"
    assert str(offsets["coordinator-value", 1].versions) == "0 to 4"
    assert len(offsets) == len(load_family("consumer_offsets"))


SAMPLES = {  # as Kafka 4.3.0 encodes them, without the int16 version in front
    ("transaction_state", "TransactionLogValue", 0): (
        "0000000000000009 0001 0000ea60 00 ffffffff 0000000000000001 ffffffffffffffff",
        {"producerId": 9, "producerEpoch": 1, "transactionTimeoutMs": 60000, "transactionStatus": 0,
         "transactionPartitions": None, "transactionLastUpdateTimestampMs": 1, "transactionStartTimestampMs": -1},
    ),
    ("transaction_state", "TransactionLogValue", 1): (
        "0000000000000009 0001 0000ea60 01 02 02 74 03 00000000 00000001 00 0000000000000001 0000000000000002"
        "02 00 08 0000000000000008 02 02 0002",
        {"producerId": 9, "producerEpoch": 1, "transactionTimeoutMs": 60000, "transactionStatus": 1,
         "transactionPartitions": [{"topic": "t", "partitionIds": [0, 1]}], "transactionLastUpdateTimestampMs": 1,
         "transactionStartTimestampMs": 2, "previousProducerId": 8, "nextProducerId": -1, "nextProducerEpoch": -1,
         "clientTransactionVersion": 2},
    ),
    ("consumer_offsets", "OffsetCommitValue", 3): (
        "0000000000000005 ffffffff 0000 0000018bcfe56800",
        {"offset": 5, "leaderEpoch": -1, "metadata": "", "commitTimestamp": 1700000000000},
    ),
    ("consumer_offsets", "OffsetCommitValue", 4): (
        "0000000000000005 00000003 02 6d 0000018bcfe56800 01 00 10 00000000000000010000000000000002",
        {"offset": 5, "leaderEpoch": 3, "metadata": "m", "commitTimestamp": 1700000000000,
         "topicId": "AAAAAAAAAAEAAAAAAAAAAg"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("which", "sample"), SAMPLES.items(), ids=[f"{name}-{v}" for _, name, v in SAMPLES])
def test_kafkas_own_bytes_are_read_and_written_alike(which, sample) -> None:
    (family, name, version), (text, value) = which, sample
    data = bytes.fromhex(text.replace(" ", ""))
    read = decode(load_family(family)[name], version, data)
    assert (read.value, read.end) == (value, len(data))
    assert encode(load_family(family)[name], version, value) == data


@every_schema
def test_the_defaults_of_every_version_come_back(schema: Schema) -> None:
    for version in range(schema.versions.lowest, schema.versions.highest + 1):
        data = encode(schema, version, {})
        read = decode(schema, version, data)
        assert read.end == len(data)
        assert encode(schema, version, read.value) == data


@settings(max_examples=60)
@given(data=st.data(), which=st.sampled_from([schema for _, schema in SCHEMAS]))
def test_what_can_be_read_comes_back(data: st.DataObject, which: Schema) -> None:
    """Random bytes that happen to be a message are written as bytes that mean the same."""
    version = data.draw(st.integers(which.versions.lowest, which.versions.highest))
    raw = data.draw(st.binary(max_size=64)) + bytes(64)
    try:
        value = decode(which, version, raw).value
    except ValueError:
        return
    again = decode(which, version, encode(which, version, value)).value
    assert repr(with_tags_in_order(again)) == repr(with_tags_in_order(value))


def with_tags_in_order(value: object) -> object:
    """Kafka reads unknown tags in any order, and writes them in theirs."""
    if isinstance(value, dict):
        return {name: with_tags_in_order(inner) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], RawTaggedField):
        return sorted(value, key=lambda field: field.tag)
    return [with_tags_in_order(inner) for inner in value]


def test_unknown_tags_in_any_order_are_read_and_written_in_theirs() -> None:
    schema = load_family("control_records")["KRaftVersionRecord"]
    value = decode(schema, 0, bytes.fromhex("0000 0001 02 05 01 61 03 00")).value
    assert value[UNKNOWN_TAGS] == [RawTaggedField(5, b"a"), RawTaggedField(3, b"")]
    assert encode(schema, 0, value) == bytes.fromhex("0000 0001 02 03 00 05 01 61")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leaderId", "leader_id"),
        ("kRaftVersion", "kraft_version"),
        ("kRaftVersionFeature", "kraft_version_feature"),
        ("transactionTimeoutMs", "transaction_timeout_ms"),
        ("version", "version"),
        ("unknownTaggedFields", "unknown_tagged_fields"),
    ],
)
def test_names_in_snake_case_are_those_of_kafkas_own_tables(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_snake_case_goes_to_every_depth_and_tells_unknown_tags_apart() -> None:
    schema = load_family("transaction_state")["TransactionLogKey"]
    assert with_snake_case(decode(schema, 0, b"\0\1t").value) == {"transactional_id": "t"}
    footer = load_family("control_records")["SnapshotFooterRecord"]
    assert with_snake_case(decode(footer, 0, b"\0\0\1\7\2ab").value) == {
        "version": 0,
        "unknown_tagged_fields": [{"tag": 7, "data": b"ab"}],
    }
