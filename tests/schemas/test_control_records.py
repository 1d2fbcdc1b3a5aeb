"""Control records: golden bytes of Kafka 3.6, laid out by hand where marked so, and whatever else may stand there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.schemas import CONTROL_TYPES, ControlRecord, decode_control_record

DIRECTORY = "00000000000000010000000000000002"
SAMPLES = {  # type name: key, value
    "COMMIT": ("0000 0001", "0000 0000000c"),
    "ABORT": ("0000 0000", "0000 0000000c"),
    "LEADER_CHANGE": ("0000 0002", "0000 00000001 03 00000001 00 00000002 00 02 00000001 00 00"),
    # the rest by hand
    "SNAPSHOT_HEADER": ("0000 0003", "0000 0000018bcfe56800 00"),
    "SNAPSHOT_FOOTER": ("0000 0004", "0000 00"),
    "KRAFT_VERSION": ("0000 0005", "0000 0001 00"),
    "KRAFT_VOTERS": (
        "0000 0006",
        f"0000 02 00000001 {DIRECTORY} 02 0b 434f4e54524f4c4c4552 0a 6c6f63616c686f7374 2385 00 0000 0001 00 00 00",
    ),
}
sample = pytest.mark.parametrize(("name", "key", "value"), [(name, *pair) for name, pair in SAMPLES.items()])


def read(key: str, value: str | None) -> ControlRecord:
    return decode_control_record(bytes.fromhex(key), None if value is None else bytes.fromhex(value))


def covered(record: ControlRecord, side: str) -> list[int]:
    spans = [item.span for item in record.spans if item.path.startswith(side)]
    return [position for span in spans for position in range(span.position, span.end)]


@sample
def test_a_control_record_is_understood_whole(name: str, key: str, value: str) -> None:
    record = read(key, value)
    assert (record.type_name, record.key_version, record.problem) == (name, 0, None)
    assert record.type_id in CONTROL_TYPES
    assert not [item for item in record.spans if item.path.endswith("#rest")]


def test_a_marker_tells_its_coordinator_epoch() -> None:
    assert read(*SAMPLES["COMMIT"]).value == {"version": 0, "coordinatorEpoch": 12}


def test_a_leader_change_tells_leader_and_voters() -> None:
    assert read(*SAMPLES["LEADER_CHANGE"]).value == {
        "version": 0,
        "leaderId": 1,
        "voters": [{"voterId": 1}, {"voterId": 2}],
        "grantingVoters": [{"voterId": 1}],
    }


def test_the_values_own_version_selects_the_layout() -> None:
    record = read("0000 0002", f"0001 00000001 02 00000001 {DIRECTORY} 00 01 00")
    assert record.problem is None
    assert record.value == {
        "version": 1,
        "leaderId": 1,
        "voters": [{"voterId": 1, "voterDirectoryId": "AAAAAAAAAAEAAAAAAAAAAg"}],
        "grantingVoters": [],
    }


def test_voters_have_endpoints_and_a_range_of_kraft_versions() -> None:
    record = read(*SAMPLES["KRAFT_VOTERS"])
    assert record.value == {
        "version": 0,
        "voters": [
            {
                "voterId": 1,
                "voterDirectoryId": "AAAAAAAAAAEAAAAAAAAAAg",
                "endpoints": [{"name": "CONTROLLER", "host": "localhost", "port": 9093}],
                "kRaftVersionFeature": {"minSupportedVersion": 0, "maxSupportedVersion": 1},
            }
        ],
    }


def test_spans_lie_where_key_and_value_lie() -> None:
    key, value = (bytes.fromhex(part) for part in SAMPLES["COMMIT"])
    record = decode_control_record(key, value, key_position=66, value_position=71, buffer=0)
    assert [(item.path, item.span.position, item.span.size) for item in record.spans] == [
        ("key.version", 66, 2),
        ("key.type", 68, 2),
        ("value.version", 71, 2),
        ("value.coordinatorEpoch", 73, 4),
    ]


ODD = {  # name: key, value, then type name, value read, problem
    "later key": ("0003 0001 ffff", "0000 0000000c", "COMMIT", {"version": 0, "coordinatorEpoch": 12}, None),
    "negative key": ("ffff 0001", "0000 0000000c", "UNKNOWN(1)", None, "key.version: expected 0 or more, found -1"),
    "short key": ("0000 00", "0000 0000000c", "UNKNOWN", None, "key.type: expected 2 bytes, found 1 byte"),
    "empty key": ("", None, "UNKNOWN", None, "key.version: expected 2 bytes, found 0 bytes"),
    "unknown type": ("0000 0009", "0000", "UNKNOWN(9)", None, "key.type: expected 0 to 6, found 9"),
    "negative type": ("0000 ffff", None, "UNKNOWN(-1)", None, "key.type: expected 0 to 6, found -1"),
    "later marker": (
        "0000 0001",
        "0002 0000000c cafe",
        "COMMIT",
        {"version": 2, "coordinatorEpoch": 12},
        "value.version: expected EndTxnMarker version 0, found 2; read as version 0",
    ),
    "negative marker": (
        "0000 0001",
        "ffff 0000000c",
        "COMMIT",
        {"version": -1},
        "value.version: expected EndTxnMarker version 0, found -1; only the version was read",
    ),
    "later leader change": (
        "0000 0002",
        "0002 00000001",
        "LEADER_CHANGE",
        {"version": 2},
        "value.version: expected LeaderChangeMessage version 0 to 1, found 2; only the version was read",
    ),
    "short marker": (
        "0000 0000",
        "0000 0000",
        "ABORT",
        None,
        "value.coordinatorEpoch: expected 4 bytes, found 2 bytes",
    ),
    "surplus": (
        "0000 0000",
        "0000 0000000c 00",
        "ABORT",
        {"version": 0, "coordinatorEpoch": 12},
        "value: expected the end of EndTxnMarker, found 1 more byte",
    ),
    "no value": ("0000 0000", None, "ABORT", None, "value: expected EndTxnMarker, found null"),
}


@pytest.mark.parametrize(("key", "value", "name", "found", "problem"), ODD.values(), ids=ODD)
def test_what_is_odd_is_said(key: str, value: str | None, name: str, found: object, problem: str | None) -> None:
    record = read(key, value)
    assert (record.type_name, record.value, record.problem) == (name, found, problem)


def test_a_null_key_is_a_problem() -> None:
    assert decode_control_record(None, b"").problem == "key.version: expected 2 bytes, found 0 bytes"


@sample
def test_every_truncated_value_is_a_problem_and_keeps_its_name(name: str, key: str, value: str) -> None:
    raw = bytes.fromhex(value)
    for size in range(len(raw)):
        record = decode_control_record(bytes.fromhex(key), raw[:size])
        assert record.type_name == name
        assert record.problem is not None
        assert record.value is None
        assert covered(record, "value") == list(range(size))


@settings(max_examples=500)
@given(
    key=st.binary(max_size=6) | st.sampled_from([bytes((0, 0, 0, kind)) for kind in range(7)]),
    value=st.none() | st.binary(max_size=80) | st.binary(max_size=80).map(lambda rest: b"\0\0" + rest),
)
def test_spans_cover_whatever_stands_in_key_and_value(key: bytes, value: bytes | None) -> None:
    record = decode_control_record(key, value)
    assert covered(record, "key") == list(range(len(key)))
    assert covered(record, "value") == list(range(len(value or b"")))
