"""Tables: what is shown, what is left out, and how they fit a terminal."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pytest
from inspector.cli.render.blocks import BLOCK_ROWS, FIRST_ROWS
from inspector.cli.render.columns import choose
from inspector.cli.render.page import Page
from inspector.cli.render.style import Style
from inspector.cli.render.table import TableRows
from inspector.cli.render.widths import fit

from inspector.report import BrokerPayload, Column, Hint
from tests.cli.stubs import COLUMNS, record, records


class Screen(io.StringIO):
    """A stream that is, or is not, a terminal."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = False) -> None:
        super().__init__()
        self.charset = encoding
        self.terminal = terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.charset

    def isatty(self) -> bool:
        return self.terminal


def table(*rows, columns=COLUMNS, style=Style(), screen=None, color="never") -> list[str]:  # noqa: B008
    """The lines of a table."""
    screen = screen or Screen()
    TableRows(choose(columns, style), Page(screen, color)).write(iter(rows))
    return screen.getvalue().splitlines()


def test_a_table_is_aligned_and_has_no_box_characters(library, run):
    library.report = records(
        record(9, None, b"Hello"),
        record(10, b"", "Grüße".encode(), ((b"k", b"v"), (b"k2", None))),
        title="t-0",
        facts=(("state", "live"), ("high watermark", "checkpointed 11 (may lag)")),
        closing=lambda: ["first 2 of 812 records; all: -n 0"],
    )
    result = run("./x", "-t", "t")
    assert result.exit_code == 0
    assert result.stdout == (
        "t-0\n"
        "  state: live\n"
        "  high watermark: checkpointed 11 (may lag)\n"
        "offset  timestamp                 key   value  headers\n"
        "     9  2023-11-14 22:13:20.132Z  null  Hello\n"
        '    10  2023-11-14 22:13:20.133Z  ""    Grüße  k=v, k2=null\n'
        "first 2 of 812 records; all: -n 0\n"
        "\n"
        "as expected\n"
    )
    assert result.stderr == ""


def test_an_optional_column_is_left_out_where_it_is_empty():
    assert table(record(1, b"k", b"v"))[0].split() == ["offset", "timestamp", "key", "value"]
    assert table(record(1, headers=((b"a", b"b"),)))[0].split()[-1] == "headers"


def test_a_flag_that_is_never_set_counts_as_empty():
    columns = (Column("offset", Hint.NUMBER), Column("damaged", optional=True))
    assert table((1, False), (2, False), columns=columns)[0] == "offset"
    assert table((1, False), (2, True), columns=columns)[1:] == ["     1  no", "     2  yes"]


def test_an_optional_column_is_left_out_where_all_is_as_usual():
    columns = (Column("position"), Column("magic", optional=True, usual=2))
    assert table((0, 2), (61, 2), columns=columns)[0] == "position"
    assert table((0, 2), (61, 1), columns=columns) == ["position  magic", "       0      2", "      61      1"]


def test_a_column_that_belongs_before_another_stands_there_unless_an_order_is_asked_for():
    columns = (Column("offset"), Column("value"), Column("transaction", before="value"))
    assert table((1, "v", "open"), columns=columns)[0].split() == ["offset", "transaction", "value"]
    asked = Style(columns=("value", "transaction"))
    assert table((1, "v", "open"), columns=columns, style=asked)[0].split() == ["value", "transaction"]


def test_a_payload_of_the_broker_is_shown_as_what_it_means():
    row = (BrokerPayload(b"\0\1"), BrokerPayload(b"\0\0", {"version": 0}))
    assert table(row, columns=(Column("key", Hint.BYTES), Column("value", Hint.BYTES)))[1] == 'n/a  {"version": 0}'


def test_columns_asked_for_are_shown_even_when_empty_and_in_the_order_asked_for():
    lines = table(record(1, b"k"), style=Style(columns=("headers", "topic", "offset")))
    assert lines[0].split() == ["headers", "topic", "offset"]
    assert lines[1].split() == ["t", "1"]


def test_the_header_line_comes_again_only_when_the_shown_columns_change():
    plain = [record(offset) for offset in range(BLOCK_ROWS + 1)]
    assert sum("offset" in line for line in table(*plain)) == 1
    lines = table(*plain, record(BLOCK_ROWS + 1, headers=((b"a", b"b"),)))
    assert [line.split()[-1] for line in lines if "offset" in line] == ["value", "headers"]


def test_widths_are_carried_on_from_block_to_block():
    lines = table(record(0, b"a long key"), *(record(n, b"k", b"v") for n in range(1, BLOCK_ROWS + 2)))
    assert lines[0].index("value") == lines[1].index("null") == lines[-1].rindex("v")


def test_rows_are_printed_block_by_block_and_not_all_kept():
    screen = Screen()
    seen = []

    def rows() -> Iterator[tuple[object, ...]]:
        for offset in range(3 * BLOCK_ROWS):
            seen.append(len(screen.getvalue().splitlines()))
            yield record(offset)

    TableRows(choose(COLUMNS, Style()), Page(screen)).write(rows())
    assert max(seen) >= 2 * BLOCK_ROWS
    assert seen[FIRST_ROWS] >= FIRST_ROWS
    assert seen[FIRST_ROWS + BLOCK_ROWS] >= BLOCK_ROWS


def test_big_payloads_make_small_blocks():
    screen = Screen()
    rows = (record(offset, value=b"x" * 600_000) for offset in range(3))
    writer = TableRows(choose(COLUMNS, Style()), Page(screen))
    writer.write(itertools.chain(rows, (row for row in [record(3)] if len(screen.getvalue()) > 1_000_000)))
    assert screen.getvalue().splitlines()[-1].split()[0] == "3"


def test_rows_made_before_something_breaks_are_shown():
    def rows() -> Iterator[tuple[object, ...]]:
        yield record(1)
        raise RuntimeError

    screen = Screen()
    with pytest.raises(RuntimeError):
        TableRows(choose(COLUMNS, Style()), Page(screen)).write(rows())
    assert len(screen.getvalue().splitlines()) == 2


@pytest.mark.parametrize("width", [40, 41, 60, 80, 132, 200])
def test_on_a_terminal_no_line_is_wider_than_it(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [record(n, b"key" * n, "世界".encode() * 3 * n, ((b"h" * n, b"v" * n),)) for n in range(1, 60)]
    lines = table(*rows, screen=Screen(terminal=True))
    assert max(map(columns_taken, lines)) <= width
    assert any("…" in line for line in lines)


def columns_taken(line: str) -> int:
    """How many columns of a terminal a line takes."""
    from wcwidth import wcswidth

    return wcswidth(line)


def test_more_columns_than_a_terminal_can_hold_are_left_out_with_a_mark(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    columns = tuple(Column(f"column-{n}") for n in range(30))
    lines = table(tuple("abcdef" for _ in columns), columns=columns, screen=Screen(terminal=True))
    assert lines == ["column…  column-1  column-2  column-3  …", "abcdef   abcdef    abcdef    abcdef    …"]


def test_a_narrow_inventory_keeps_its_numbers_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    names = ("topic", "partition", "state", "log_start_offset", "log_end_offset", "high_watermark", "segments", "bytes")
    columns = tuple(Column(name, Hint.PLAIN if name in ("topic", "state") else Hint.NUMBER) for name in names)
    lines = table(("hello-world-1", 12, "live", 0, 144, 144, 3, 464521), columns=columns, screen=Screen(terminal=True))
    assert lines == ["topic        pa…  sta…  lo…  lo…  hi…  …", "hello-worl…   12  live    0  144  144  …"]


def test_on_a_narrow_terminal_names_take_several_lines_before_they_are_cut(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    columns = (Column("topic"), Column("log_start_offset", Hint.NUMBER), Column("crc_ok"))
    lines = table(("hello-world-again-1", 0, True), columns=columns, screen=Screen(terminal=True))
    assert lines == [
        "                      log_start_",
        "topic                     offset  crc_ok",
        "hello-world-again-1            0  yes",
    ]


def test_numbers_and_times_are_cut_last(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = table(record(123456, b"k" * 99, b"v" * 99), screen=Screen(terminal=True))
    assert lines[1].startswith("123456  2023-11-14 22:15:23.579Z  kkkkkkkkkkk…  vvvvvvvvvvv…")
    assert len(lines[1]) == 60


def test_in_a_pipe_cells_are_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert table(record(1, b"k" * 300, b"v" * 300))[1].endswith(f"{'k' * 300}  {'v' * 300}")


def test_in_a_pipe_one_very_long_cell_moves_no_other_row():
    lines = table(record(1, b"k" * 300, b"v"), record(2, b"key", b"v"))
    assert lines[1].endswith(f"  {'k' * 300}  v")
    assert lines[2].endswith("  key  v")


def test_what_was_cut_has_a_mark_and_an_encoding_without_it_another(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert table(record(1, None, b"v" * 300), screen=Screen("utf-8", True))[1].endswith("v…")
    assert table(record(1, None, b"v" * 300), screen=Screen("latin-1", True))[1].endswith("v~")


def test_of_the_name_of_a_file_the_end_is_kept(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    columns = (Column("file", Hint.FILE), Column("kind"))
    lines = table((f"{42:020}.timeindex.deleted", "timeindex"), columns=columns, screen=Screen(terminal=True))
    assert lines[1] == "…0000000042.timeindex.deleted  timeindex"


def test_wide_characters_are_aligned_by_the_columns_they_take():
    first, second = table(record(1, "世界".encode(), b"a"), record(2, b"four", b"a"))[1:]
    assert columns_taken(first) == columns_taken(second)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "koi8-r", "no-such-encoding"])
def test_characters_that_the_encoding_lacks_are_escaped(encoding):
    lines = table(record(1, "é世".encode(), "🎉".encode()), screen=Screen(encoding))
    assert '\\u4e16"' in lines[1]
    assert '"\\ud83c\\udf89"' in lines[1]


def test_null_is_dim_where_there_are_colours_and_the_word_null_is_not():
    lines = table(record(1, None, b"null"), color="always")
    assert "\x1b[2mnull\x1b[0m" in lines[1]
    assert lines[1].endswith('"null"')
    assert "\x1b[1moffset\x1b[0m" in lines[0]


def test_a_column_of_plain_whole_numbers_is_aligned_to_the_right():
    lines = table((7,), (123,), columns=(Column("position"),))
    assert lines == ["position", "       7", "     123"]


def test_fit_narrows_the_widest_first_and_text_before_numbers():
    hints = [Hint.NUMBER, Hint.BYTES, Hint.BYTES]
    assert fit([10, 30, 50], hints, None) == [10, 30, 50]
    assert fit([10, 30, 50], hints, 64) == [10, 25, 25]
    assert fit([10, 30, 50], hints, 20) == [5, 5, 6]
