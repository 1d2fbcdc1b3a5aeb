"""Rows that write themselves: their blocks of lines stand where their lines would, and only where that is the same."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from inspector.cli.render.formats import FORMATS
from inspector.cli.render.page import PIPE_BYTES, Page

from inspector.errors import InputError
from inspector.report import Report, Row, Section, TextForm, Verdict, WritesText
from tests.cli.stubs import COLUMNS, record

MACHINE = [name for name, one in FORMATS.items() if not one.is_table]
ROWS = [
    record(1, b"k", b'{"a": "b,c"}', ((b"h", None),)),
    record(2, None, b"", ((b"\xff", "é".encode()),)),
    record(3, "é世\u202e".encode(), b"\xff\n"),
]


class Writing:
    """Rows that write themselves, as they are asked, in blocks of two."""

    def __init__(self, *rows: Row, can: bool = True) -> None:
        self.rows = rows
        self.can = can
        self.asked: list[TextForm] = []
        self.iterated = False

    def __iter__(self) -> Iterator[Row]:
        self.iterated = True
        return iter(self.rows)

    def text(self, form: TextForm) -> Iterator[bytes | memoryview] | None:
        self.asked.append(form)
        return self._blocks(form) if self.can else None

    def _blocks(self, form: TextForm) -> Iterator[memoryview]:
        for start in range(0, len(self.rows), 2):
            yield memoryview(b"".join(map(form.line, self.rows[start : start + 2])))


def report(*sections: Any) -> Report:
    """A report with these rows, a section each."""
    return Report(COLUMNS, [Section(rows=rows) for rows in sections], [], lambda: Verdict("as expected"))


def test_rows_are_asked_by_what_they_can_and_not_by_their_class():
    assert isinstance(Writing(), WritesText)
    assert not any(isinstance(rows, WritesText) for rows in ([], (), iter([]), (row for row in ROWS)))


@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("charset", ["utf-8", "ascii"])
def test_what_rows_write_is_what_is_made_of_them(library, run, form, charset):
    library.report = report(list(ROWS), [], list(ROWS[:1]))
    row_by_row = run("./x", "-f", form, charset=charset)
    rows = Writing(*ROWS), Writing(), Writing(*ROWS[:1])
    library.report = report(*rows)
    by_itself = run("./x", "-f", form, charset=charset)
    assert by_itself.stdout_bytes == row_by_row.stdout_bytes
    assert by_itself.exit_code == row_by_row.exit_code == 0
    assert [len(one.asked) for one in rows] == [1, 1, 1]
    assert not any(one.iterated for one in rows)


@pytest.mark.parametrize("form", MACHINE)
def test_some_rows_write_themselves_and_others_do_not(library, run, form):
    library.report = report(ROWS[:1], ROWS[1:], ROWS)
    row_by_row = run("./x", "-f", form)
    library.report = report(Writing(*ROWS[:1], can=False), Writing(*ROWS[1:]), ROWS)
    assert run("./x", "-f", form).stdout_bytes == row_by_row.stdout_bytes


def test_rows_are_told_the_form(library, run):
    rows = Writing(*ROWS)
    library.report = report(rows)
    run("./x", "-J", "--columns", "value,offset")
    (form,) = rows.asked
    assert (form.format, form.columns, form.ascii_only) == ("jsonl", ("value", "offset"), False)
    assert form.line(ROWS[2]) == b'{"value": {"$base64": "/wo="}, "offset": 3}\n'
    assert form.cell('a"é\udcff') == '{"$base64": "YSLDqf8="}'
    assert [form.cell(value) for value in ('a"é', 7, None, True)] == ['"a\\"é"', "7", "null", "true"]


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("json", ['"a,\\u00e9"', "null", "7", "true"]),
        ("csv", ['"{""$base64"": ""YSzDqQ==""}"', "", "7", "true"]),
        ("tsv", ['{"$base64": "YSzDqQ=="}', "\\N", "7", "true"]),
    ],
)
def test_cells_are_those_of_the_format_and_the_encoding(library, run, form, cells):
    rows = Writing(*ROWS)
    library.report = report(rows)
    run("./x", "-f", form, charset="ascii")
    assert rows.asked[0].format == form
    assert rows.asked[0].ascii_only
    assert [rows.asked[0].cell(value) for value in ("a,é", None, 7, True)] == cells


@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("charset", ["cp1252", "latin-1", "utf-16", "utf-8-sig"])
def test_in_other_encodings_rows_are_written_one_by_one(library, run, form, charset):
    library.report = report(ROWS)
    row_by_row = run("./x", "-f", form, charset=charset)
    rows = Writing(*ROWS)
    library.report = report(rows)
    assert run("./x", "-f", form, charset=charset).stdout_bytes == row_by_row.stdout_bytes
    assert not rows.asked


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_tables_are_made_of_rows(library, run, form):
    rows = Writing(*ROWS)
    library.report = report(rows)
    assert "é世" in run("./x", "-f", form).stdout
    assert not rows.asked


def test_an_array_is_closed_also_where_a_block_cannot_be_made(library, run):
    class Broken(Writing):
        def _blocks(self, form: TextForm) -> Iterator[memoryview]:
            yield from super()._blocks(form)
            raise InputError("the disk is gone")

    library.report = report(Broken(*ROWS))
    result = run("./x", "-f", "json")
    assert result.exit_code == 3
    assert len(json.loads(result.stdout)) == 3


# -- the page


class Raw(io.RawIOBase):
    """A descriptor that notes each write, and takes so many bytes at most."""

    def __init__(self, most: int | None = None) -> None:
        self.writes: list[bytes] = []
        self.most = most

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(data[: self.most])
        self.writes.append(taken)
        return len(taken)


def page_over(raw: io.RawIOBase, **options: Any) -> Page:
    return Page(io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", **options))


def test_a_large_block_is_one_write_behind_the_text_before_it():
    raw = Raw()
    page = page_over(raw)
    blocks = [b"a" * 99_999 + b"\n", b"b" * 65_535 + b"\n"]
    page.line("[")
    page.block(blocks[0])
    page.block(memoryview(blocks[1]))
    page.line("]")
    page.flush()
    assert raw.writes == [b"[\n", *blocks, b"]\n"]
    assert page.lines == 4


def test_a_block_stands_behind_the_gap_that_is_due():
    raw = Raw()
    page = page_over(raw)
    page.gap()
    page.block(b"a\n")
    page.gap()
    page.block(b"b\n")
    page.block(b"")
    page.flush()
    assert b"".join(raw.writes) == b"a\n\nb\n"


def test_an_unbuffered_stream_gets_all_of_a_block_bit_by_bit():
    raw = Raw(most=3)
    page = Page(io.TextIOWrapper(raw, encoding="utf-8", write_through=True))  # type: ignore[arg-type]
    page.block(b"abcdefgh\n")
    assert b"".join(raw.writes) == b"abcdefgh\n"


def test_a_stream_that_is_full_and_does_not_block_is_an_error():
    raw = Raw()
    raw.write = lambda _data: None  # type: ignore[assignment, return-value, method-assign]
    page = Page(io.TextIOWrapper(raw, encoding="utf-8", write_through=True))  # type: ignore[arg-type]
    with pytest.raises(BlockingIOError):
        page.block(b"abc\n")


def test_a_page_takes_blocks_only_as_the_stream_would_encode_them(monkeypatch):
    assert page_over(Raw()).takes_blocks
    assert not Page(io.StringIO()).takes_blocks
    assert not Page(None).takes_blocks
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    assert not Page(terminal).takes_blocks
    monkeypatch.setattr("os.linesep", "\r\n")
    assert not page_over(Raw()).takes_blocks


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one widen a pipe")
def test_a_pipe_is_widened_for_blocks_and_not_for_lines():
    import fcntl

    reader, writer = os.pipe()
    with os.fdopen(reader, "rb"), os.fdopen(writer, "w", encoding="utf-8") as stream:
        before = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
        page = Page(stream)
        page.line("a line")
        assert fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) == before
        page.block(b"a block\n")
        assert fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) >= before
        assert fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) in (before, PIPE_BYTES)


# -- a process

PROGRAM = """
import sys
from inspector.cli import exits
from inspector.cli.render.style import Style
from inspector.cli.render.writing import write
from inspector.report import Column, Report, Section, Verdict

LINE = b'{"n": "' + b"x" * 90 + b'"}\\n'

class Rows:
    def __iter__(self):
        raise AssertionError("row by row")

    def text(self, form):
        for _ in range(int(sys.argv[1])):
            yield LINE * 1000

report = Report((Column("n"),), [Section(rows=Rows())], [], lambda: Verdict("the end"))
sys.exit(exits.guarded(lambda: write(report, Style("jsonl")) and 0, lambda: True))
"""


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the program above with so many blocks to write."""
    started = []

    def begin(blocks: int, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, *options, "-c", PROGRAM, str(blocks)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_who_reads_no_further_hears_no_complaint(start):
    process = start(100_000)
    assert process.stdout.read(10) == b'{"n": "xxx'
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(20) == 0


@pytest.mark.parametrize("options", [(), ("-u",)], ids=["buffered", "unbuffered"])
def test_a_pipe_gets_every_byte(start, options):
    out, err = start(50, *options).communicate(timeout=60)
    assert out == (b'{"n": "' + b"x" * 90 + b'"}\n') * 50_000
    assert err == b"the end\n"
