"""JSON lines and CSV: the stored bytes, every column, and nothing else on stdout."""

from __future__ import annotations

import base64
import csv
import io
import json

import pytest

from inspector.report import Column, Hint, NotApplicable, Unreadable, Verdict
from tests.cli.stubs import finding, record, records


def json_lines(result) -> list[dict]:
    """Each line of stdout, parsed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_record_is_one_object_with_every_column(library, run):
    library.report = records(record(2**62, b"k", b"\xff\x00", ((b"h", None), (b"\xfe", b""))))
    result = run("./x", "-t", "t", "-J")
    assert result.exit_code == 0
    assert json_lines(result) == [
        {
            "topic": "t",
            "offset": 2**62,
            "timestamp": 1_700_000_000_123 + 2**62,
            "key": "k",
            "value": {"$base64": "/wA="},
            "headers": [["h", None], [{"$base64": "/g=="}, ""]],
        }
    ]


def test_null_is_null_and_empty_is_empty(library, run):
    library.report = records(record(1, None, b""))
    row = json_lines(run("./x", "-t", "t", "--format", "jsonl"))[0]
    assert (row["key"], row["value"], row["headers"]) == (None, "", [])


def test_what_is_not_there_or_not_readable_is_null(library, run):
    columns = (Column("a"), Column("b", Hint.BYTES), Column("c", optional=True))
    library.report = records((NotApplicable("file"), Unreadable("denied"), None), columns=columns)
    assert json_lines(run("./x", "-J")) == [{"a": None, "b": None, "c": None}]


def test_columns_choose_and_order_the_fields(library, run):
    library.report = records(record(1, b"k"))
    assert run("./x", "-J", "--columns", "key,offset").stdout == '{"key": "k", "offset": 1}\n'


def test_text_in_json_cannot_steer_a_terminal_and_reads_back(library, run):
    text = "\x1b[2J\u009b2J\x7f\u202e\u2028\n é世🎉"
    library.report = records(record(1, text.encode()))
    result = run("./x", "-J")
    assert json_lines(result)[0]["key"] == text
    assert "é世🎉" in result.stdout
    assert not set(result.stdout) & set("\x1b\u009b\x7f\u202e\u2028")
    assert result.stdout.count("\n") == 1


def test_json_is_ascii_where_stdout_is_not_utf_8(library, run):
    library.report = records(record(1, "é世".encode()))
    result = run("./x", "-J", charset="cp1252")
    assert result.stdout.isascii()
    assert json_lines(result)[0]["key"] == "é世"


def test_a_name_that_is_no_text_is_bytes_in_json(library, run):
    library.report = records(("topic\udcff", 1, 0, None, None, ()))
    assert json_lines(run("./x", "-J"))[0]["topic"] == {"$base64": base64.b64encode(b"topic\xff").decode()}


def test_verdict_summaries_and_findings_go_to_stderr(library, run):
    library.report = records(
        record(1),
        title="t-0",
        closing=lambda: ["first 1 of 2 records"],
        findings=[finding("torn-tail")],
        verdict=Verdict("2 records", lines=("evidence",)),
    )
    result = run("./x", "-J")
    assert len(json_lines(result)) == 1
    assert result.stderr == (
        "t-0: first 1 of 2 records\n"
        "info KI-2004 torn-tail: 0.log, position 4161: the last batch is only partly written: expected 100 bytes, "
        "found 7\n"
        "evidence\n"
        "2 records\n"
    )


def test_severities_and_tuples_are_plain_json(library, run):
    from inspector.findings import Severity

    library.report = records((Severity.ERROR, ("a", "b"), True), columns=(Column("s"), Column("t"), Column("u")))
    assert run("./x", "-J").stdout == '{"s": "error", "t": ["a", "b"], "u": true}\n'


def test_csv_has_a_header_line_and_tells_null_from_empty(library, run):
    library.report = records(record(1, None, b""), record(2, b'a"b,c', b"two\nlines", ((b"h", None),)))
    result = run("./x", "-f", "csv")
    assert result.stdout == (
        "topic,offset,timestamp,key,value,headers\n"
        't,1,1700000000124,,"",[]\n'
        't,2,1700000000125,"a""b,c","two\nlines","[[""h"", null]]"\n'
    )


def test_csv_header_stands_there_without_rows(library, run):
    library.report = records()
    assert run("./x", "-f", "csv", "--columns", "offset,key").stdout == "offset,key\n"


@pytest.mark.parametrize("payload", [b"plain", b" x ", b"a\r\nb", "é世".encode(), b'"', b",", b"0", b"true"])
def test_csv_reads_back_with_any_reader(library, run, payload):
    library.report = records(record(1, payload))
    rows = list(csv.DictReader(io.StringIO(run("./x", "-f", "csv").stdout_bytes.decode(), newline="")))
    assert rows[0]["key"].encode() == payload


@pytest.mark.parametrize("payload", [b"\xff", b"\x1b[2J", b"a\x00b", "\u202e".encode(), b'{"$base64": "eA=="}'])
def test_csv_writes_as_base64_what_it_cannot_write_harmlessly(library, run, payload):
    library.report = records(record(1, payload))
    rows = list(csv.DictReader(io.StringIO(run("./x", "-f", "csv").stdout)))
    assert base64.b64decode(json.loads(rows[0]["key"])["$base64"]) == payload


def test_csv_in_another_encoding_loses_nothing(library, run):
    library.report = records(record(1, "é".encode(), "世".encode()))
    result = run("./x", "-f", "csv", "--columns", "key,value", charset="cp1252")
    assert result.stdout == 'key,value\né,"{""$base64"": ""5LiW""}"\n'


def test_booleans_in_csv_are_words(library, run):
    library.report = records((True, False), columns=(Column("a"), Column("b")))
    assert run("./x", "-f", "csv").stdout == "a,b\ntrue,false\n"


def test_rows_appear_while_later_ones_are_still_made(library, run, monkeypatch):
    from inspector.cli.render.page import Page

    events = []
    monkeypatch.setattr(Page, "flush", lambda _page: events.append("flush"))

    def rows():
        for offset in range(3):
            events.append(offset)
            yield record(offset)

    library.report = records(*())
    library.report.sections[0].rows = rows()
    run("./x", "-J")
    assert events[:5] == [0, "flush", 1, "flush", 2]
