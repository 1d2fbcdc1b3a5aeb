"""JSON arrays, TSV and Markdown: the rows of the other formats in another dress."""

from __future__ import annotations

import json
import re

import pytest
from inspector.cli.render.formats import FORMATS
from inspector.cli.render.markdown import inline

from inspector.errors import InputError
from inspector.report import Column, Hint, Report, Section, Verdict
from tests.cli.stubs import finding, record, records


def test_every_format_has_its_writer():
    assert {name: one.rows().__name__ for name, one in FORMATS.items()} == {
        "table": "TableRows",
        "markdown": "MarkdownRows",
        "jsonl": "JsonRows",
        "json": "JsonArray",
        "csv": "CsvRows",
        "tsv": "TsvRows",
    }


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array_of_the_objects_of_jsonl(library, run, count):
    made = [record(n, b"\xff\n", None, ((b"h", b""),)) for n in range(count)]
    library.report = records(*made)
    array = run("./x", "-t", "t", "-f", "json")
    library.report = records(*made)
    lines = run("./x", "-t", "t", "-J")
    assert json.loads(array.stdout) == [json.loads(line) for line in lines.stdout.splitlines()]
    assert array.stderr == lines.stderr == "as expected\n"


def test_json_is_closed_also_where_reading_breaks_off(library, run):
    def rows():
        yield record(1)
        raise InputError("the disk is gone")

    library.report = records()
    library.report.sections[0].rows = rows()
    result = run("./x", "-f", "json")
    assert result.exit_code == 3
    assert len(json.loads(result.stdout)) == 1


def test_tsv_has_no_raw_tab_or_line_end_and_tells_null_from_empty(library, run):
    library.report = records(
        record(1, None, b""), record(2, b"a\tb\nc\r\\N", b"\\N"), record(3, b"\xff", b"\x1b[2J", ((b"h", None),))
    )
    assert run("./x", "-f", "tsv").stdout.split("\n") == [
        "topic\toffset\ttimestamp\tkey\tvalue\theaders",
        "t\t1\t1700000000124\t\\N\t\t[]",
        "t\t2\t1700000000125\ta\\tb\\nc\\r\\\\N\t\\\\N\t[]",
        't\t3\t1700000000126\t{"$base64": "/w=="}\t{"$base64": "G1sySg=="}\t[["h", null]]',
        "",
    ]


def untabbed(field: str) -> str | None:
    """A field as the documentation says to read it."""
    escapes = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
    return None if field == "\\N" else re.sub(r"\\[tnr\\]", lambda found: escapes[found[0]], field)


@pytest.mark.parametrize("payload", ["\\", "\\t", "\\N", "\t\\\n\\\\n", "", " x ", "=1+1"])
def test_tsv_reads_back(library, run, payload):
    library.report = records(record(1, payload.encode()))
    assert untabbed(run("./x", "-f", "tsv", "--columns", "key").stdout.split("\n")[1]) == payload


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_does_not_change_a_value_for_the_sake_of_a_spreadsheet(library, run, formula):
    library.report = records(record(1, formula.encode()))
    assert run("./x", "-f", "csv", "--columns", "key").stdout == f"key\n{formula}\n"


def test_markdown_is_a_document_with_the_columns_of_a_table(library, run):
    library.report = records(
        record(1, None, b"a|b"),
        record(2, b"", b"two\nlines"),
        title="t_1, partition 0",
        facts=(("log", "1 segment"),),
        closing=lambda: ["first 2 of 3 records"],
        findings=[finding("torn-tail")],
        verdict=Verdict("2 records; as *expected*"),
    )
    result = run("./x", "-t", "t", "-f", "markdown")
    assert library.selection.limit == 50
    assert result.stderr == ""
    assert result.stdout == (
        "## `t_1, partition 0`\n"
        "\n"
        "    log: 1 segment\n"
        "\n"
        "| offset | timestamp | key | value |\n"
        "| ---: | --- | --- | --- |\n"
        "| 1 | 2023-11-14 22:13:20.124Z | null | `a\\|b` |\n"
        '| 2 | 2023-11-14 22:13:20.125Z | `""` | `"two\\nlines"` |\n'
        "\n"
        "    first 2 of 3 records\n"
        "    info KI-2004 torn-tail: 0.log, position 4161: the last batch is only partly written: expected 100 bytes, "
        "found 7\n"
        "\n"
        "    2 records; as *expected*\n"
    )


def test_markdown_without_rows_is_a_heading_and_what_is_said(library, run):
    library.report = records(title="t", closing=lambda: ["no records"])
    assert run("./x", "-f", "markdown").stdout == "## t\n\n    no records\n\n    as expected\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 3", "plain words, 3"),
        ("@somebody", "`@somebody`"),
        ("<img src=x>", "`<img src=x>`"),
        ("a|b", "`a\\|b`"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a\\|b", "<code>a&#92;&#124;b</code>"),
        ("www.example.com", "`www.example.com`"),
        ("", ""),
    ],
)
def test_markdown_makes_nothing_of_foreign_text(text, shown):
    assert inline(text) == shown


def test_a_markdown_row_is_one_line_with_as_many_cells_as_columns(library, run):
    nasty = [b"|", b"\\|", b"`|`", b"\n|\n", b"a\x1b[2J", "\u2028|".encode(), b"\xff|", b"| --- |", b"```"]
    library.report = records(*(record(n, text, text) for n, text in enumerate(nasty)), columns=COLUMNS)
    lines = [line for line in run("./x", "-f", "markdown").stdout.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(nasty)
    assert {len(re.split(r"(?<!\\)\|", line)) for line in lines} == {6}


COLUMNS = (
    Column("topic", default=False),
    Column("offset", Hint.NUMBER),
    Column("timestamp", Hint.TIMESTAMP),
    Column("key", Hint.BYTES),
    Column("value", Hint.BYTES),
)


@pytest.mark.parametrize("form", FORMATS)
def test_objects_and_lists_are_shown_in_every_format(library, run, form):
    row = ({"version": 0, "leader": None, "voters": [{"id": 1}], "name": "a\x1b"}, [1, "b"])
    library.report = Report((Column("control_value"), Column("list")), [Section(rows=[row])], [], lambda: Verdict(""))
    shown = run("./x", "-f", form).stdout
    assert '"version"' in shown.replace('""', '"')
    assert "\x1b" not in shown
    if form in ("json", "jsonl"):
        values = json.loads(shown)[0] if form == "json" else json.loads(shown)
        assert values == {"control_value": row[0], "list": row[1]}
