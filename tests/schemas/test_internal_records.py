"""Records of internal topics: what Kafka's own decoders print of them is what is read, field by field."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.schemas import (
    INTERNAL_TOPICS,
    FieldSpan,
    InternalRecord,
    Places,
    decode_internal_record,
    encode,
    load_family,
)
from tests.conftest import FIXTURES

DECODED = sorted((FIXTURES / "real").glob("*.kafka-says/__*/*.decoded.txt"))
LINE = re.compile(r"\| offset: (\d+) .*?(?: key: (\{.*?\}))? payload: (\{\"(?:version|type)\".*\}|<DELETE>)$")
HERE = Places()


def said_by_kafka(path: Path) -> Iterator[tuple[int, dict | None, dict | None]]:
    """Offset, key and payload of the lines that are JSON; older decoders have forms of their own."""
    for text in path.read_text().splitlines():
        if found := LINE.match(text):
            key = json.loads(found[2]) if found[2] else None
            yield int(found[1]), key, None if found[3] == "<DELETE>" else json.loads(found[3])


def as_stored(path: Path) -> dict[int, tuple[bytes | None, bytes | None]]:
    """Key and value of each record by its offset."""
    stored = path.with_name(path.name.replace(".decoded.txt", ".jsonl")).read_text().splitlines()
    records = [one for one in map(json.loads, stored) if one["line"] == "record"]
    return {one["offset"]: (from_base64(one["key"]), from_base64(one["value"])) for one in records}


def from_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def flat(path: str, value: object) -> dict[str, object]:
    """What Kafka says by the paths of the fields."""
    if isinstance(value, dict):
        return {at: one for name, inner in value.items() for at, one in flat(f"{path}.{name}", inner).items()}
    if isinstance(value, list):
        return {at: one for n, inner in enumerate(value) for at, one in flat(f"{path}[{n}]", inner).items()}
    return {path: value}


def by_path(spans: tuple[FieldSpan, ...], kafka: dict[str, object]) -> dict[str, object]:
    """What was read at the paths that Kafka names; what is null may take no bytes, and then has no span."""
    read = {one.path: one.value for one in spans}
    return {path: as_printed(read.get(path)) for path in kafka}


def as_printed(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("path", DECODED, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_field_is_what_kafka_says(path: Path) -> None:
    topic, stored = path.parent.name.rpartition("-")[0], as_stored(path)
    for offset, key, payload in said_by_kafka(path):
        record = decode_internal_record(topic, *stored[offset], HERE)
        assert record is not None
        assert (record.key_problem, record.value_problem) == (None, None)
        if key is not None:
            kafka = {"key#type": int(key["type"]), **flat("key", key["data"])}
            assert by_path(record.key_spans, kafka) == kafka
        if payload is not None:
            kafka = {"value#version": int(payload["version"]), **flat("value", payload["data"])}
            assert by_path(record.value_spans, kafka) == kafka
            assert key is not None or record.type_name == in_camel_case(payload["type"])
        else:
            assert record.value_spans == ()


def in_camel_case(name: str) -> str:
    """`TOPIC_RECORD` is the message `TopicRecord`."""
    return "".join(word.capitalize() for word in name.split("_"))


def test_kafka_was_asked_about_each_of_the_topics_that_brokers_made() -> None:
    asked = {path.parent.name.rpartition("-")[0] for path in DECODED if list(said_by_kafka(path))}
    assert asked == set(INTERNAL_TOPICS) - {"__remote_log_metadata"}


def test_other_topics_are_left_alone() -> None:
    assert decode_internal_record("orders", b"\0\1", b"\0\1", HERE) is None


COMMIT_KEY = bytes.fromhex("0001 0001 67 0001 74 00000003")
COMMIT = bytes.fromhex("0003 0000000000000005 ffffffff 0000 0000018bcfe56800")


def read(key: bytes | None, value: bytes | None, topic: str = "__consumer_offsets") -> InternalRecord:
    record = decode_internal_record(topic, key, value, HERE)
    assert record is not None
    for spans, data in ((record.key_spans, key), (record.value_spans, value)):
        assert sum(one.span.size for one in spans) == len(data or b"")
        assert all(one.span.end == after.span.position for one, after in pairwise(spans))
    return record


def test_a_commit_is_read_whole() -> None:
    record = read(COMMIT_KEY, COMMIT)
    assert record.type_name == "OffsetCommit"
    assert record.key == {"group": "g", "topic": "t", "partition": 3}
    assert record.value == {"offset": 5, "leaderEpoch": -1, "metadata": "", "commitTimestamp": 1700000000000}


def test_a_tombstone_has_a_key_and_nothing_else() -> None:
    record = read(COMMIT_KEY, None)
    assert (record.key is not None, record.value, record.value_spans) == (True, None, ())
    assert record.value_problem is None


@pytest.mark.parametrize(
    ("key", "value", "problems"),
    [
        (b"", COMMIT, ("key#type: expected 2 bytes, found 0 bytes", None)),
        (None, COMMIT, (None, "key: expected the type of the record, found null")),
        (b"\0\x63abc", COMMIT, ("key.type: no record of type 99 is known, and Kafka skips it", None)),
        (COMMIT_KEY + b"!", COMMIT, ("key: expected the end of OffsetCommitKey, found 1 more byte", None)),
        (COMMIT_KEY[:-1], COMMIT, ("key.partition: expected 4 bytes, found 3 bytes", None)),
        (COMMIT_KEY, b"\0", (None, "value#version: expected 2 bytes, found 1 byte")),
        (COMMIT_KEY, b"\0\x09ab", (None, "value: expected OffsetCommitValue version 0 to 4, found 9")),
        (COMMIT_KEY, COMMIT[:-1], (None, "value.commitTimestamp: expected 8 bytes, found 7 bytes")),
        (COMMIT_KEY, COMMIT + b"!!", (None, "value: expected the end of OffsetCommitValue, found 2 more bytes")),
    ],
)
def test_what_does_not_fit_is_told(key, value, problems) -> None:
    record = read(key, value)
    assert (record.key_problem, record.value_problem) == problems


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("02 02 00", "value.frame_version: expected 1, found 2"),
        ("01 63 00", "value.api_key: no message of the number 99 is known"),
        ("01 02 07 00", "value: expected TopicRecord version 0, found 7"),
        ("01", "value#api_key: expected an unsigned varint, found its first 0 bytes"),
        ("01 14 00 00 00", "value: expected the end of NoOpRecord, found 1 more byte"),
    ],
)
def test_metadata_that_do_not_fit_are_told(value: str, problem: str) -> None:
    assert read(None, bytes.fromhex(value), "__cluster_metadata").value_problem == problem


def a_group(subscription: bytes, protocol: str = "consumer") -> bytes:
    member = {"memberId": "m", "clientId": "c", "clientHost": "h", "subscription": subscription, "assignment": b""}
    value = {"protocolType": protocol, "members": [member]}
    return b"\0\3" + encode(load_family("consumer_offsets")["GroupMetadataValue"], 3, value)


GROUP_KEY = bytes.fromhex("0002 0001 67")
SUBSCRIPTION = bytes.fromhex("0001 00000001 0001 74 ffffffff 00000000")


@pytest.mark.parametrize(
    ("subscription", "protocol", "topic", "problem"),
    [
        (SUBSCRIPTION, "consumer", "t", None),
        (b"\0\x09" + SUBSCRIPTION[2:] + b"\0\0\0\1\xff\xffmore", "consumer", "t", None),
        (SUBSCRIPTION, "connect", None, None),
        (
            SUBSCRIPTION[:-1], "consumer", "t",
            "value.members[0].subscription.ownedPartitions#count: expected 4 bytes, found 3 bytes",
        ),
        (b"\0", "consumer", None, "value.members[0].subscription#version: expected 2 bytes, found 1 byte"),
    ],
)  # fmt: skip
def test_what_members_sent_is_opened_where_it_is_the_consumers_protocol(subscription, protocol, topic, problem) -> None:
    record = read(GROUP_KEY, a_group(subscription, protocol))
    read_there = {one.path: one.value for one in record.value_spans}
    assert read_there.get("value.members[0].subscription.topics[0]") == topic
    assert record.value_problem == problem


def behind(heads: st.SearchStrategy[bytes], size: int) -> st.SearchStrategy[bytes | None]:
    """Null, any bytes, or any behind a head that is one."""
    return st.none() | st.binary(max_size=size) | st.builds(bytes.__add__, heads, st.binary(max_size=size))


KEYS = behind(st.builds(lambda kind: bytes((0, kind)), st.integers(0, 24)), 40)
VALUES = behind(st.builds(lambda *head: bytes(head), st.integers(0, 1), st.integers(0, 28), st.integers(0, 3)), 80)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(INTERNAL_TOPICS)), KEYS, VALUES)
def test_any_bytes_have_a_span_each(topic, key, value) -> None:
    read(key, value, topic)
