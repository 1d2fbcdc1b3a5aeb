"""`-s key=TYPE` and `-s value=TYPE`: decoded in tables, beside the stored bytes for machines."""

from __future__ import annotations

import json
import re

import pytest

from inspector.decoders import AUTO, BUILT_IN
from inspector.report import Column, Hint
from tests.cli.stubs import record, records, typed

WITH_CONTROL = (
    Column("offset", Hint.NUMBER),
    Column("key", Hint.BYTES),
    Column("is_control", default=False),
    Column("value", Hint.BYTES),
)


def rows_of(result) -> list[dict]:
    """Each line of stdout, parsed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_table_shows_what_was_decoded_in_place_of_the_bytes(library, run):
    library.report = records(record(1, b"\0\0\1\x71", b'{"a":1}'), record(2, None, b"["), record(3, b"12345", b"null"))
    result = run("./x", "-t", "t", "-s", "key=int32", "-s", "value=json", "--columns", "offset,key,value")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:6] == [
        "offset  key                                              value",
        '     1  369                                              {"a": 1}',
        f"     2  null{' ' * 45}unreadable (not JSON: Expecting value at character 1)",
        "     3  unreadable (not an int32: 5 bytes instead of 4)  JSON null",
        "keys that could not be decoded: 1 of 2 (why: --columns key_error)",
        "values that could not be decoded: 1 of 3 (why: --columns value_error)",
    ]


def test_machines_get_it_beside_the_stored_bytes(library, run):
    library.report = records(record(1, None, b'{"a":1}'), record(2, b"k", b"{"), record(3, b"k", b"null"))
    result = run("./x", "-t", "t", "-J", "-s", "value=json", "--columns", "key,value,value_decoded,value_error")
    first, second, third = rows_of(result)
    assert first == {"key": None, "value": '{"a":1}', "value_decoded": {"a": 1}, "value_error": None}
    assert (second["value"], second["value_decoded"]) == ("{", None)
    assert second["value_error"].startswith("not JSON")
    assert (third["value"], third["value_decoded"], third["value_error"]) == ("null", None, None)
    assert "values that could not be decoded: 1 of 3" in result.stderr


def test_without_s_there_are_no_such_fields(library, run):
    library.report = records(record(1, b"k", b"v"))
    assert set(rows_of(run("./x", "-t", "t", "-J"))[0]) == {"topic", "offset", "timestamp", "key", "value", "headers"}


def test_the_fields_stand_behind_the_bytes(library, run):
    library.report = records(record(1, b"k", b"v"))
    names = list(rows_of(run("./x", "-t", "t", "-J", "-s", "key=hex"))[0])
    assert names == ["topic", "offset", "timestamp", "key", "key_decoded", "key_error", "value", "headers"]


def test_control_records_are_left_alone(library, run):
    library.report = records((1, b"\0\0\0\1", True, b""), (2, b"\0\0\0\1", False, b""), columns=WITH_CONTROL)
    rows = rows_of(run("./x", "-t", "t", "-J", "-s", "key=int32"))
    assert [(row["key_decoded"], row["key_error"]) for row in rows] == [(None, None), (1, None)]


def test_decoded_text_cannot_forge_anything(library, run):
    payloads = [b"unreadable (no)", b"null", b"a\nb", b'"\\u001b[2J"', b'{"a": "x  y", "b": "\\u202e\\ud800"}']
    library.report = records(*(record(n, payload, payload) for n, payload in enumerate(payloads)))
    result = run("./x", "-t", "t", "--columns", "key,value", "-s", "key=utf8", "-s", "value=json")
    lines = result.stdout.splitlines()
    assert lines[1].startswith('"unreadable (no)" ')
    assert lines[2].split()[0] == '"null"'
    assert '"a\\nb"' in lines[3]
    assert r'"\u001b[2J"' in lines[4]
    assert lines[5].endswith(r'{"a": "x \u0020y", "b": "\u202e\ud800"}')


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "markdown", "table"])
def test_every_format_writes_every_kind_of_value(library, run, form):
    texts = [
        b'{"a": {"b": [1, "\\ud800", null, true]}}',
        b"1e-7",
        b"[" * 200 + b"]" * 200,
        b"\xff",
        b"123456789012345678901",
    ]
    library.report = records(*(record(n, None, text) for n, text in enumerate(texts)))
    result = run("./x", "-t", "t", "-f", form, "-s", "value=json")
    assert result.exit_code == 0, result.stderr
    assert "123456789012345678901" in result.stdout


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-t", "t", "-s", "value=int23"], "no type 'int23'; there are auto, utf8"),
        (["-t", "t", "-s", "value=int23"], "Did you mean 'int32'?"),
        (["-t", "t", "-s", "json"], "'json' is not key=TYPE or value=TYPE"),
        (["-t", "t", "-s", "header=json"], "'header=json' is not key=TYPE or value=TYPE"),
        (["-t", "t", "-s", "key=json", "-s", "key=hex"], "key was given two types: json and hex"),
        (["-t", "t", "-J", "-s", "key=auto"], "-s key=auto is for tables only"),
    ],
    ids=typed,
)
def test_a_mistyped_type_is_a_usage_error(run, words, said):
    result = run("./x", *words)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.stderr.split())


def test_an_answer_without_payloads_has_nothing_to_decode(library, run):
    library.report = records((1,), columns=(Column("a"),))
    result = run("./x", "-s", "value=json")
    assert result.exit_code == 2
    assert "-s is about records" in result.stderr


@pytest.mark.parametrize("name", [AUTO, *BUILT_IN])
def test_every_type_is_in_the_help_and_in_the_documentation(run, checkout, name):
    assert re.search(rf"\b{name}\b", run("show", "--help").stdout)
    documented = (checkout / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`{name}`" in documented.partition("### Keys and values")[2].partition("\n### ")[0]


def test_auto_is_what_tables_do_anyway(library, run):
    library.report = records(record(1, b"k", b"\xff"))
    assert "0xff" in run("./x", "-t", "t", "-s", "value=auto").stdout
