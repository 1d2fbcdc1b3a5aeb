"""Payloads as text that cannot do harm to a terminal."""

from __future__ import annotations

import pytest

from inspector.labs.text import shown, shown_record
from inspector.words import counted


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (None, "(null)"),
        (b"", "(empty)"),
        (b"ping", "ping"),
        ("clé 鍵".encode(), "clé 鍵"),
        (b"\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
        (b"one\ntwo\r\x00", "one\\ntwo\\r\\x00"),
        ("\u202eright to left".encode(), "\\u202eright to left"),
        (b"\xff\xfe", "0xfffe"),
        (b"cut \xe2\x82", "0x63757420e282"),
    ],
)
def test_a_payload_is_shown_without_anything_unprintable(payload: bytes | None, text: str) -> None:
    assert shown(payload) == text


def test_a_long_payload_is_cut_visibly() -> None:
    assert shown(b"x" * 10_000) == "x" * 60 + "…"
    assert shown(b"\xff" * 10_000) == f"0x{'ff' * 29}…"
    assert shown(b"x" * 60) == "x" * 60


def test_key_and_value_are_told_apart() -> None:
    assert shown_record(b"3", b"Hello") == "key 3, value Hello"
    assert shown_record(None, b"Hello") == "value Hello"
    assert shown_record(b"", None) == "key (empty), value (null)"


def test_things_are_counted_in_words() -> None:
    told = [counted(1, "record"), counted(2, "record"), counted(12_000, "stretch", "stretches")]
    assert told == ["1 record", "2 records", "12,000 stretches"]
