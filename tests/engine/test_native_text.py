"""The native writer against the renderer: every value, row and whole answer is written byte for byte alike."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from inspector.cli.main import kinspect
from inspector.cli.render.columns import choose
from inspector.cli.render.formats import FORMATS
from inspector.cli.render.page import Page
from inspector.cli.render.style import Style

from fixtures.make.damage import RECIPES, damaged, make_batch_of
from inspector.engine import ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import Chunk, records_in
from inspector.engine.text import OUTCOMES
from inspector.location import Location
from inspector.partition import State
from inspector.report import TextForm
from inspector.reports.columns import RECORD_COLUMNS, record_row
from inspector.source import BytesSource
from inspector.spec.attributes import CONTROL, TRANSACTIONAL
from inspector.spec.primitives import Varint, Varlong
from tests.conftest import FIXTURES
from tests.engine.conftest import make_native
from tests.engine.test_engines_agree import FILES, SMALL
from tests.engine.test_fuzz import quiet
from tests.golden_bytes import LEGACY, V2

MACHINE = [name for name, one in FORMATS.items() if not one.is_table]
SEGMENT: Any = SimpleNamespace(topic='a"b', partition=7, name="00000000000000000000.log")
SAME = {"topic": SEGMENT.topic, "partition": 7, "state": "live", "segment": SEGMENT.name}


def wanted_in(form: str, charset: str = "utf-8", columns: tuple[str, ...] | None = None) -> TextForm:
    """How the command line wants records in a format."""
    asked = []

    class Rows:
        def __iter__(self) -> Iterator[Any]:
            raise AssertionError("they can be had as text")

        def text(self, wanted: TextForm) -> Iterator[bytes]:
            asked.append(wanted)
            return iter(())

    style = Style(form, columns)
    page = Page(io.TextIOWrapper(io.BytesIO(), encoding=charset))
    FORMATS[form].rows()(choose(RECORD_COLUMNS, style), page, style).write(Rows())
    return asked[0]


def plan_of(wanted: TextForm) -> Any:
    """The native engine's plan for that."""
    columns = [(name, wanted.cell(SAME[name]) if name in SAME else None) for name in wanted.columns]
    return make_native().text_plan(wanted.format, wanted.ascii_only, columns)


def chunks_of(data: bytes, **request: Any) -> Iterator[Chunk]:
    return make_native().scan(BytesSource(data), ScanRequest(**request), Location("0.log"))


def chunk_of(data: bytes) -> Chunk:
    """The one chunk that holds all records."""
    (chunk,) = (chunk for chunk in chunks_of(data) if len(chunk.records))
    return chunk


def rows_of_data(chunk: Chunk) -> list[int]:
    """The rows that are not of control batches."""
    batches, attributes = chunk.records.columns["batch"], chunk.batches.columns["attributes"]
    return [row for row in range(len(chunk.records)) if not attributes[batches[row]] & CONTROL]  # type: ignore[operator, index]


def by_engine(plan: Any, chunk: Chunk, outcomes: bytes) -> list[bytes]:
    """The lines of those rows, as the engine writes them one at a time."""
    texts = (plan.write(chunk, range(row, row + 1), outcomes) for row in rows_of_data(chunk))
    return [b"".join(map(bytes, text)) for text in texts]


def by_renderer(wanted: TextForm, chunk: Chunk, outcomes: bytes) -> list[bytes]:
    """And as the renderer does."""
    lines = []
    batches = chunk.records.columns["batch"]
    for row in rows_of_data(chunk):
        ((batch, record),) = records_in(chunk, range(row, row + 1))
        outcome = OUTCOMES[outcomes[batches[row]]]  # type: ignore[index]
        lines.append(wanted.line(record_row(State.LIVE, SEGMENT, batch, record, outcome)))
    return lines


def assert_alike(data: bytes, form: str, charset: str = "utf-8") -> int:
    """Holds all lines of a segment to each other, and says how many there are."""
    wanted, count = wanted_in(form, charset), 0
    plan = plan_of(wanted)
    for chunk in chunks_of(data):
        outcomes = bytes(number % len(OUTCOMES) for number in range(len(chunk.batches)))
        lines = by_renderer(wanted, chunk, outcomes)
        assert by_engine(plan, chunk, outcomes) == lines
        count += len(lines)
    return count


@pytest.mark.parametrize("form", MACHINE)
def test_records_of_every_bundled_segment(form):
    assert sum(assert_alike(path.read_bytes()[: 40 * 1024], form) for path in FILES) > 2000


@pytest.mark.parametrize("form", MACHINE)
def test_records_of_damaged_segments(form):
    assert sum(assert_alike(damaged(recipe), form, "ascii") for recipe in RECIPES) > 500


@pytest.mark.parametrize("form", MACHINE)
def test_records_of_every_format_and_codec(form):
    assert assert_alike(b"".join((*V2.values(), *LEGACY.values())), form) == 29


# -- values

HOSTILE = [
    b"", b" ", b"a ", b"\ta", b'"', b'""', b"\\", b",", b"\r\n", b"\0", b"\x1b[2J", b"\x7f", b"=1+1", b"\\N", b"null",
    b'{"$base64"', b'{"$base64": "eA=="}', b'{"a": [1, "b"]}', b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x8e",
    b"\xc0\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xfe\xff", b"\x80",
]  # fmt: skip
ODD = '"\\,\t\r\n\0\x1f \x7f\x80\x85\x9f\xa0éß\u061c\u1680\u2003\u200b\u200f\u2028\u202e\u202f\u2060\u2066\u206f\u3000'
CHARS = (
    st.sampled_from(ODD + "世\ud7ff\ue000\ufeff\ufff8\ufff9\ufffb\ufffd\uffff\U00010000🎉\U0010ffff") | st.characters()
)
TEXTS = st.text(CHARS, max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
PAYLOADS = st.none() | st.sampled_from(HOSTILE) | st.binary(max_size=100) | TEXTS
LONG = st.tuples(st.integers(0, 80), PAYLOADS, st.integers(0, 80)).map(
    lambda made: b"x" * made[0] + (made[1] or b"") + b"y" * made[2]
)
HEADERS = st.lists(st.tuples(PAYLOADS.map(lambda key: key or b""), PAYLOADS), max_size=3)
RECORDS = st.lists(st.tuples(PAYLOADS | LONG, PAYLOADS | LONG, HEADERS), min_size=1, max_size=20)


def with_length(payload: bytes | None) -> bytes:
    return bytes(Varint.build(-1)) if payload is None else bytes(Varint.build(len(payload))) + payload


def made_record(delta: int, key: bytes | None, value: bytes | None, headers: list[tuple[bytes, bytes | None]]) -> bytes:
    body = b"\0" + Varlong.build(-delta) + Varint.build(delta) + with_length(key) + with_length(value)
    body += Varint.build(len(headers)) + b"".join(with_length(name) + with_length(content) for name, content in headers)
    return bytes(Varint.build(len(body)) + body)


def made_batch(records: list[Any], **fields: int) -> bytes:
    area = b"".join(made_record(delta, *record) for delta, record in enumerate(records))
    return make_batch_of(0, area, len(records), **fields)


INT64 = st.integers(-(2**63), 2**63 - 1)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "base_timestamp": INT64,
        "max_timestamp": INT64,
        "producer_id": INT64,
        "producer_epoch": st.integers(-(2**15), 2**15 - 1),
        "base_sequence": st.integers(-(2**31), 2**31 - 1),
        "partition_leader_epoch": st.integers(-(2**31), 2**31 - 1),
        "attributes": st.sampled_from((0, 8, TRANSACTIONAL, TRANSACTIONAL | 8, 64)),
    },
)


@quiet(600)
@given(RECORDS, FIELDS, st.sampled_from(MACHINE), st.sampled_from(("utf-8", "ascii")))
def test_records_of_any_kind(records, fields, form, charset):
    assert assert_alike(made_batch(records, **fields), form, charset) == len(records)


@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("charset", ["utf-8", "ascii"])
def test_each_hostile_payload(form, charset):
    records = [(payload, b"x" * 40 + payload + b"y" * 40, [(payload, payload)]) for payload in HOSTILE]
    assert_alike(made_batch(records), form, charset)


@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("charset", ["utf-8", "ascii"])
def test_every_character_of_unicode(form, charset):
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    texts = ["".join(every[start : start + 64]) for start in range(0, len(every), 64)]
    for start in range(0, len(texts), 4000):
        records = [(None, text.encode(), []) for text in texts[start : start + 4000]]
        assert assert_alike(made_batch(records), form, charset) == len(records)


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_each_character_of_the_basic_plane_by_itself_in_a_field(form):
    """A field with one character too many is base64 as a whole, so the characters are not tried together."""
    every = [chr(code).encode() for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF]
    wanted = wanted_in(form, columns=("value",))
    chunk = chunk_of(made_batch([(None, char, []) for char in every]))
    made = b"".join(map(bytes, plan_of(wanted).write(chunk, range(len(every)), b"\0")))
    assert made.decode() == "".join(wanted.cell(char) + "\n" for char in every)


# -- rows and columns


@quiet(150)
@given(
    st.lists(st.sampled_from([column.name for column in RECORD_COLUMNS]), min_size=1, unique=True),
    st.sampled_from(SMALL),
    st.sampled_from(MACHINE),
)
@example(["value", "control_value", "is_control", "offset"], V2["none"] + V2["commit"], "jsonl")
def test_columns_in_any_choice_and_order(names, segment, form):
    wanted = wanted_in(form, columns=tuple(names))
    plan = plan_of(wanted)
    for chunk in chunks_of(segment):
        outcomes = bytes(len(chunk.batches))
        assert by_engine(plan, chunk, outcomes) == by_renderer(wanted, chunk, outcomes)


def test_a_text_in_pieces_is_the_text_of_its_rows():
    data = made_batch([(b"k%d" % n, b'{"a": "b"}' * 300, []) for n in range(1500)])
    chunk, plan = chunk_of(data), plan_of(wanted_in("jsonl"))
    pieces = [bytes(piece) for piece in plan.write(chunk, range(1500), b"\0")]
    assert len(pieces) > 2
    assert all(piece.endswith(b"}\n") for piece in pieces)
    assert b"".join(pieces) == b"".join(by_engine(plan, chunk, b"\0"))


def test_control_records_and_rows_that_are_not_there_are_refused():
    chunk = chunk_of(V2["none"] + V2["commit"])
    plan = plan_of(wanted_in("jsonl"))
    rows = len(chunk.records)
    for refused in (range(rows), range(rows - 1, rows), range(rows + 1)):
        with pytest.raises(ValueError, match=r"control record|only \d+ rows"):
            list(plan.write(chunk, refused, b"\0\0"))
    with pytest.raises(ValueError, match="transaction is not filled"):
        list(plan.write(chunk, range(1), b""))


def test_what_a_plan_does_not_know_is_refused():
    for form, columns in (("table", []), ("csv", [("topic", None)])):
        with pytest.raises(ValueError, match=r"no (format|column)"):
            make_native().text_plan(form, False, columns)
    assert SpecEngine().text_plan("csv", False, [("offset", None)]) is None


# -- whole answers

DIRECTORIES = sorted(path for path in (FIXTURES / "real").glob("*/") if not path.name.endswith(".kafka-says"))


@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_whole_answers_are_alike_whichever_engine_reads(directory, form):
    make_native()
    answers = [
        CliRunner().invoke(kinspect, ["show", str(directory), "-t", "*", "-f", form, "--engine", engine])
        for engine in ("spec", "native")
    ]
    assert answers[0].stdout_bytes == answers[1].stdout_bytes
    assert answers[0].stdout_bytes.count(b"\n") > 10
    assert answers[0].stderr == answers[1].stderr
    assert answers[0].exit_code == answers[1].exit_code
