"""The data form of schemas: Kafka's message JSON, understood or refused."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.schemas import Field, Schema, Versions, decode

FIELD: dict[str, Any] = {"name": "KRaftVersion", "type": "int16", "versions": "0+"}
SCHEMA: dict[str, Any] = {"name": "X", "validVersions": "0-1", "flexibleVersions": "none", "fields": [FIELD]}


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [("0+", (0, 32767), (-1,)), ("2+", (2, 9), (1,)), ("1-3", (1, 3), (0, 4)), ("2", (2,), (1, 3)), ("none", (), (0,))],
)
def test_a_version_range_holds_its_ends(text: str, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    versions = Versions.parse(text)
    assert all(version in versions for version in inside)
    assert not any(version in versions for version in outside)


def test_names_become_camel_case_as_in_kafkas_classes() -> None:
    assert Field.load(FIELD).name == "kRaftVersion"


def test_a_tagged_field_without_versions_exists_where_it_is_tagged() -> None:
    field = Field.load({"name": "Late", "type": "int8", "tag": 0, "taggedVersions": "2+"})
    assert 1 not in field.versions
    assert 2 in field.versions


def test_sentences_and_hints_of_the_original_are_passed_over() -> None:
    data = SCHEMA | {"type": "data", "apiKey": 3, "fields": [FIELD | {"about": "…", "ignorable": True}]}
    assert decode(Schema.load(data), 0, b"\0\7").value == {"kRaftVersion": 7}


@pytest.mark.parametrize(
    ("written", "text"), [("-1", "-1"), (-1, "-1"), (False, "false"), ("null", "null"), (None, ""), ("", "")]
)
def test_a_default_of_json_null_is_no_default_as_kafka_has_it(written: object, text: str) -> None:
    assert Field.load(FIELD | {"default": written}).default == text


@pytest.mark.parametrize("data", [SCHEMA | {"twist": 1}, SCHEMA | {"fields": [FIELD | {"twist": 1}]}])
def test_a_key_that_might_change_the_bytes_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unknown key twist"):
        Schema.load(data)


def test_a_type_without_a_definition_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown type Nowhere"):
        decode(Schema.load(SCHEMA | {"fields": [FIELD | {"type": "Nowhere"}]}), 0, b"")
