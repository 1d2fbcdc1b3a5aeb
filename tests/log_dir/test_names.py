"""Names that are safe to print, and topics found by patterns."""

from __future__ import annotations

import os

import pytest

from inspector.errors import UnknownTopicError
from inspector.names import excerpt, match_topics, nearest, printable

TOPICS = ["hello-world-1", "hello-world-2", "orders", "orders.dlq", "__consumer_offsets"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello-world.1_x", "hello-world.1_x"),
        ("grüße 日本 ½", "grüße 日本 ½"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("line\nfeed\r\t\0\x7f", r"line\x0afeed\x0d\x09\x00\x7f"),
        ("c1 \x85\x9b", r"c1 \u0085\u009b"),
        ("bidi \u202egpj.exe", r"bidi \u202egpj.exe"),
        ("isolate \u2066x\u2069", r"isolate \u2066x\u2069"),
        ("lines \u2028\u2029", r"lines \u2028\u2029"),
        ("hidden \u200b\ufeff\u00ad", r"hidden \u200b\ufeff\u00ad"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("lone \ud800", r"lone \ud800"),
    ],
)
def test_what_could_forge_output_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown
    assert shown.isprintable()


def test_bytes_that_are_no_utf8_are_shown_as_bytes() -> None:
    assert printable(os.fsdecode(b"caf\xe9-0")) == r"caf\xe9-0"


def test_an_excerpt_is_short_whatever_the_text() -> None:
    assert excerpt("ok") == "ok"
    assert excerpt("\x1b" * 1000, limit=3) == r"\x1b\x1b\x1b…"


def test_nearest_ignores_case_and_gives_real_names() -> None:
    assert nearest("Orders", TOPICS)[0] == "orders"
    assert nearest("helo-world-1", TOPICS)[0] == "hello-world-1"
    assert nearest("zzz", TOPICS) == []


@pytest.mark.parametrize(
    ("patterns", "topics"),
    [
        ((), sorted(TOPICS)),
        (("orders",), ["orders"]),
        (("orders*",), ["orders", "orders.dlq"]),
        (("hello-world-?", "orders"), ["hello-world-1", "hello-world-2", "orders"]),
        (("hello-world-[2-9]",), ["hello-world-2"]),
        (("!__*",), ["hello-world-1", "hello-world-2", "orders", "orders.dlq"]),
        (("orders*", "!*.dlq"), ["orders"]),
        (("!*.dlq", "orders*"), ["orders"]),
        (("orders", "!orders"), []),
    ],
)
def test_patterns_select_and_exclude(patterns: tuple[str, ...], topics: list[str]) -> None:
    assert match_topics(TOPICS, patterns) == topics


def test_a_literal_name_wins_over_its_reading_as_a_pattern() -> None:
    names = ["a*", "ab", "!ab"]
    assert match_topics(names, ["a*"]) == ["a*"]
    assert match_topics(names, ["!ab"]) == ["!ab"]


def test_a_hostile_topic_is_found_by_its_raw_and_by_its_shown_name() -> None:
    names = [printable("evil\x1b[2J")]
    assert match_topics(names, ["evil\x1b[2J"]) == match_topics(names, [r"evil\x1b?2J"]) == [r"evil\x1b[2J"]


@pytest.mark.parametrize("pattern", ["helo-world-1", "!helo-world-1"])
def test_a_pattern_that_matches_nothing_names_the_nearest(pattern: str) -> None:
    with pytest.raises(UnknownTopicError) as raised:
        match_topics(TOPICS, [pattern])
    assert raised.value.message == "no topic matches 'helo-world-1'"
    assert raised.value.hint.startswith("Did you mean hello-world-1")
    assert not raised.value.incomplete


def test_with_nothing_near_some_topics_are_named() -> None:
    with pytest.raises(UnknownTopicError) as raised:
        match_topics(["a", "b", "c", "d", "e", "f"], ["zzzzzz"])
    assert raised.value.hint == "Known here: a, b, c, d, e, …"


def test_case_matters() -> None:
    with pytest.raises(UnknownTopicError):
        match_topics(TOPICS, ["ORDERS"])
