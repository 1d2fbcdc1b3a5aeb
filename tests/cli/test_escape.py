"""How foreign text is shown: harmless, and never ambiguous."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from inspector.cli.render.cells import Cells
from inspector.cli.render.escape import is_plain, line, quoted

from inspector.report import Hint, NotApplicable, Unreadable


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (None, "null"),
        (b"", '""'),
        (b"null", '"null"'),
        (b"nullable", "nullable"),
        (b"n/a", '"n/a"'),
        (b"unreadable", '"unreadable"'),
        (b"foo bar", "foo bar"),
        (b'{"number": 1}', '{"number": 1}'),
        (b'"quoted"', '"\\"quoted\\""'),
        (b"0xff", '"0xff"'),
        (b"\xff\x00", "0xff00"),
        (b" leading", '" leading"'),
        (b"trailing ", '"trailing "'),
        (b"two  blanks", '"two  blanks"'),
        (b"back\\slash", "back\\slash"),
        (b"back\\slash\n", '"back\\\\slash\\n"'),
        (b"a\nb\tc\rd", '"a\\nb\\tc\\rd"'),
        (b"\x1b[2J", '"\\u001b[2J"'),
        (b"\x00\x7f", '"\\u0000\\u007f"'),
        ("\u009b31m".encode(), '"\\u009b31m"'),
        ("abc\u202edef".encode(), '"abc\\u202edef"'),
        ("a\u2028b".encode(), '"a\\u2028b"'),
        ("a\u200bb".encode(), '"a\\u200bb"'),
        ("a\u00a0b".encode(), '"a\\u00a0b"'),
        ("\u3164".encode(), '"\\u3164"'),
        ("\u0301a".encode(), '"\\u0301a"'),
        ("\U000e0001".encode(), '"\\udb40\\udc01"'),
        ("\u0378".encode(), '"\\u0378"'),
        ("Grüße, 世界 🎉".encode(), "Grüße, 世界 🎉"),
        ("cut…".encode(), '"cut…"'),
        (b"cut~", '"cut~"'),
    ],
)
def test_payloads_are_shown_so_that_nothing_is_forged(payload, shown):
    assert Cells().show(payload, Hint.BYTES) == shown


def read_back(shown: str) -> bytes | None:
    """What a reader takes a cell for; the proof that the forms are unambiguous."""
    if shown == "null":
        return None
    if shown.startswith("0x"):
        return bytes.fromhex(shown[2:])
    return (json.loads(shown) if shown.startswith('"') else shown).encode()


@given(st.one_of(st.none(), st.binary(), st.text().map(str.encode)))
@example(b"null")
@example(b"0x")
def test_every_payload_can_be_read_back_from_what_is_shown(payload):
    shown = Cells().show(payload, Hint.BYTES)
    assert shown.isprintable()
    assert "  " not in shown or shown.startswith('"')
    assert read_back(shown) == payload


@given(st.text())
def test_what_an_encoding_lacks_is_escaped_and_can_be_read_back(text):
    shown = Cells(can_write=str.isascii).show(text.encode(), Hint.BYTES)
    assert shown.isascii()
    assert read_back(shown) == text.encode()


@given(st.text(alphabet=st.characters()))
def test_a_sentence_stays_on_one_printable_line(text):
    assert line(text).isprintable()


def test_a_sentence_of_ours_is_not_quoted():
    assert line('topic "a"  b\x1b\n') == 'topic "a"  b\\u001b\\n'


def test_half_a_surrogate_in_a_file_name_is_escaped():
    assert not is_plain("a\udcff")
    assert quoted("a\udcff") == '"a\\udcff"'
    assert line("a\udcff") == "a\\udcff"


@pytest.mark.parametrize(
    ("value", "hint", "shown"),
    [
        (1_700_000_000_123, Hint.TIMESTAMP, "2023-11-14 22:13:20.123Z"),
        (0, Hint.TIMESTAMP, "1970-01-01 00:00:00.000Z"),
        (-1, Hint.TIMESTAMP, "-"),
        (-2, Hint.TIMESTAMP, "1969-12-31 23:59:59.998Z"),
        (2**63 - 1, Hint.TIMESTAMP, "9223372036854775807"),
        (-(2**63), Hint.TIMESTAMP, "-9223372036854775808"),
        (None, Hint.TIMESTAMP, "-"),
        (7, Hint.NUMBER, "7"),
        (2**63 - 1, Hint.SIZE, "9223372036854775807"),
        (None, Hint.PLAIN, "-"),
        (True, Hint.PLAIN, "yes"),
        (False, Hint.PLAIN, "no"),
        ("evil\ntopic", Hint.PLAIN, '"evil\\ntopic"'),
        (("records", "bytes"), Hint.PLAIN, "records, bytes"),
        (NotApplicable("a file"), Hint.BYTES, "n/a"),
        (Unreadable("no permission"), Hint.NUMBER, "unreadable"),
        ((), Hint.HEADERS, ""),
        (((b"k", b"v"), (b"k2", None), (b"", b"")), Hint.HEADERS, 'k=v, k2=null, ""=""'),
        (((b"a=b, c", b"1, d=2"),), Hint.HEADERS, '"a=b, c"="1, d=2"'),
        (((b"k", b"\xff"),), Hint.HEADERS, "k=0xff"),
    ],
)
def test_every_kind_of_value_has_its_form(value, hint, shown):
    assert Cells().show(value, hint) == shown


def test_headers_may_come_as_objects_with_key_and_value():
    from inspector.model import RecordHeader

    assert Cells().show((RecordHeader(b"k", None),), Hint.HEADERS) == "k=null"


@pytest.mark.parametrize("payload", [b"x" * 100, b"\x1b" * 100, b"\xff" * 100, "\u0301".encode() * 100])
def test_beyond_the_limit_a_cell_ends_in_a_mark_and_no_quote(payload):
    shown = Cells(limit=10).show(payload, Hint.BYTES)
    assert shown.endswith("…")
    assert len(shown) < 80
