"""Decoders: what Kafka's serializers wrote reads back, and everything else gets a reason instead of a value."""

from __future__ import annotations

import json
import struct
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector import decoders
from inspector.decoders import BUILT_IN, find, guarded
from inspector.report import Decoded

SERIALIZED = [  # by the serializers of org.apache.kafka.common.serialization
    ("int16", "ff85", -123),
    ("int32", "00000171", 369),
    ("int32", "80000000", -(2**31)),
    ("int64", "7fffffffffffffff", 2**63 - 1),
    ("float", "3dcccccd", 0.1),
    ("float", "7f7fffff", 3.4028235e38),
    ("float", "00000001", 1.4e-45),
    ("float", "7fc00000", "NaN"),
    ("double", "3fb999999999999a", 0.1),
    ("double", "fff0000000000000", "-Infinity"),
    ("uuid", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff"),
    ("uuid", b"00112233-4455-6677-8899-AABBCCDDEEFF".hex(), "00112233-4455-6677-8899-aabbccddeeff"),
    ("utf8", "4772c3bcc39f65", "Grüße"),
    ("utf8", "", ""),
    ("hex", "00ff", "00ff"),
    ("base64", "00ff", "AP8="),
    ("json", b'{"a": [1, 2.5, "x", null]}'.hex(), {"a": [1, 2.5, "x", None]}),
]


@pytest.mark.parametrize(("name", "stored", "value"), SERIALIZED)
def test_what_a_serializer_wrote_reads_back(name, stored, value):
    made = find(name)(bytes.fromhex(stored))
    assert made.problem is None
    assert made.value == value
    assert type(made.value) is type(value)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("int32", b"12345", "not an int32: 5 bytes instead of 4"),
        ("int16", b"1", "not an int16: 1 byte instead of 2"),
        ("double", b"", "not a double: 0 bytes instead of 8"),
        ("utf8", b"abc\xff", "not UTF-8: byte 0xff at 3"),
        ("uuid", b"12345", "not a UUID: 5 bytes, neither 16 nor the 36 characters of its text"),
        ("uuid", b"00112233-4455-6677-8899-aabbccddeef\n", "not a UUID: 36 bytes"),
        ("json", b"", "not JSON: Expecting value at character 0"),
        ("json", b"{", "not JSON"),
        ("json", b"\xff", "not JSON: byte 0xff at 0 is not UTF-8"),
        ("json", b"[NaN]", "not JSON: NaN is no number of it"),
        ("json", b"1e999", "not JSON: a number beyond the range of a double"),
        ("json", b"9" * 5000, "not read: a number too long"),
        ("json", b"[" * 100_000, "not read: nested deeper than 200 levels"),
        ("json", b"[" * 300 + b"]" * 300, "not read: nested deeper than 200 levels"),
        ("json", b'{"a":' * 201 + b"1" + b"}" * 201, "not read: nested deeper than 200 levels"),
    ],
)
def test_what_is_something_else_gets_a_reason(name, data, problem):
    made = find(name)(data)
    assert made.value is None
    assert (made.problem or "").startswith(problem)


def test_what_is_wide_is_not_deep():
    assert find("json")(b"[" + b",".join([b"[]"] * 500) + b"]").problem is None
    assert find("json")(b"[" * 200 + b"]" * 200).problem is None


def test_null_in_json_is_told_from_a_null_payload():
    assert find("json")(b"null") == Decoded(None, text="JSON null")


@pytest.mark.parametrize("name", BUILT_IN)
@given(data=st.binary(max_size=64))
def test_no_decoder_raises_and_json_takes_whatever_it_gives(name, data):
    made = BUILT_IN[name](data)
    assert (made.problem is None) or made.value is None
    json.dumps(made.value, allow_nan=False)


@given(number=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_decimal_number_of_a_float_is_that_float(number):
    value = find("float")(struct.pack(">f", number)).value
    assert struct.pack(">f", value) == struct.pack(">f", number)


def test_an_unknown_type_lists_those_there_are():
    with pytest.raises(ValueError, match=r"no type 'int23'; there are auto, utf8, .*\. Did you mean 'int32'\?"):
        find("int23")


def reversed_text(data: bytes) -> str:
    """A decoder as another package may have it."""
    return data.decode()[::-1]


def installed(monkeypatch: pytest.MonkeyPatch, value: str, name: str = "reversed") -> None:
    """Another package with one decoder."""
    point = EntryPoint(name, value, decoders.ENTRY_POINTS)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == point.group else [])


@pytest.fixture
def outside(monkeypatch):
    """A decoder of another package, which is loaded by its name."""
    monkeypatch.setattr(EntryPoint, "load", lambda _point: reversed_text)
    installed(monkeypatch, "elsewhere:reversed_text")


@pytest.mark.usefixtures("outside")
def test_another_package_brings_a_decoder():
    assert find("reversed")(b"abc") == Decoded("cba", text='"cba"')


@pytest.mark.usefixtures("outside")
def test_a_failure_of_somebody_elses_decoder_is_a_reason():
    problem = find("reversed")(b"\xff").problem
    assert problem is not None
    assert problem.startswith("reversed failed: UnicodeDecodeError: ")


def test_a_decoder_of_another_package_that_cannot_be_loaded_is_said(monkeypatch):
    installed(monkeypatch, "no_such_package_anywhere:decode")
    with pytest.raises(ValueError, match="the decoder 'reversed' cannot be loaded: ModuleNotFoundError"):
        find("reversed")


def test_a_value_that_json_does_not_know_is_a_reason(monkeypatch):
    monkeypatch.setattr(EntryPoint, "load", lambda _point: lambda data: {data})
    installed(monkeypatch, "elsewhere:as_set")
    problem = find("reversed")(b"x").problem
    assert problem is not None
    assert problem.startswith("not read: TypeError")


DEEP: list[object] = []
for _ in range(5000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Decoded("plain"), Decoded("plain")),
        (Decoded({"a": 1}, text="a one"), Decoded({"a": 1}, text="a one")),
        (Decoded(problem="no"), Decoded(problem="no")),
        (Decoded(1, text=5), Decoded(1, text="5")),
        (Decoded(DEEP), Decoded(problem="not read: nested deeper than 200 levels")),
        (Decoded(b"bytes"), Decoded(problem="not read: TypeError: Object of type bytes is not JSON serializable")),
    ],
    ids=["value", "text", "problem", "text-that-is-none", "deep", "bytes"],
)
def test_what_another_package_decodes_is_held_to_what_json_knows(made, expected):
    assert guarded("other", lambda _data: made)(b"x") == expected
