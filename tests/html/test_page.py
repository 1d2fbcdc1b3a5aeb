"""What the page is made of: its policy, its data, and the tables for paper."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from inspector.cli.render.html import pieces
from inspector.cli.render.html.words import in_words

from inspector.location import Span
from inspector.regions import Buffer, Explanation, Region
from tests.html.explanations import compressed, damaged, elided, explanation

EVERY = [explanation, compressed, damaged, elided]


class Parsed(HTMLParser):
    """The tags of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.now = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.now = tag

    def handle_endtag(self, _tag: str) -> None:
        self.now = ""

    def handle_data(self, data: str) -> None:
        if self.now in self.inside:
            self.inside[self.now].append(data)


def whole(shown: Explanation) -> str:
    return "".join(pieces(shown))


def data_of(shown: Explanation) -> dict[str, Any]:
    """The JSON in the page."""
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', whole(shown), re.DOTALL)
    assert found is not None
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


@pytest.mark.parametrize("make", EVERY)
def test_the_policy_allows_the_one_style_and_the_one_script_and_nothing_else(make: Any) -> None:
    parsed = Parsed(whole(make()))
    policy = next(
        attrs["content"] for tag, attrs in parsed.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    style, script = "".join(parsed.inside["style"]), parsed.inside["script"][-1]
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    allowed = f"style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
    assert policy == f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def test_nothing_in_the_page_names_another_place() -> None:
    text = whole(compressed())
    assert not re.search(r"https?:|//\w|url\(|@import|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket|localStorage", text)
    named = {name for _, attrs in Parsed(text).tags for name in attrs}
    assert not {"src", "href", "style", "srcset", "action"} & named
    assert not [name for name in named if name.startswith("on")]


def test_scripts_make_no_markup() -> None:
    text = whole(explanation())
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|DOMParser", text)


@pytest.mark.parametrize("make", EVERY)
def test_the_data_holds_every_region_and_every_byte(make: Any) -> None:
    shown = make()
    parsed = data_of(shown)
    for buffer, row in zip(shown.buffers, parsed["buffers"], strict=True):
        assert b64decode(row["bytes"]) == buffer.data
        leaves = [(row[3], row[4]) for row in row["regions"] if parsed["texts"][row[2]] != "group"]
        assert leaves == [(leaf.span.position, leaf.span.size) for leaf in buffer.region.leaves()]


def test_a_text_said_of_every_record_is_there_once() -> None:
    text = whole(explanation([(b"k", b"v")] * 50))
    assert text.count("How far the record's offset lies") == 1
    assert text.count("How far the record&#x27;s offset lies") == 1  # in the table for paper


def test_data_cannot_end_its_script() -> None:
    hostile = "</script><!--<script>&\u2028\u2029\x1b[31m\u202e"
    text = whole(explanation([(hostile.encode(), None)], file=hostile))
    assert text.isascii()
    data = re.findall(r'type="application/json">(.*?)</script>', text, re.DOTALL)[0]
    assert not set("<>&\x1b") & set(data)
    assert [tag for tag, _ in Parsed(text).tags].count("script") == 2


def test_a_tree_may_be_deep() -> None:
    region = Region("leaf", Span(0, 1), "int8", value=0)
    for depth in range(5000):
        region = Region(f"level {depth}", Span(0, 1), children=(region,))
    buffer = Buffer(0, "deep", 1, region, b"\0")
    assert len(data_of(Explanation("deep", "A file.", (buffer,)))["buffers"][0]["regions"]) == 5001


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (7, "7"), (-(2**63), "-9223372036854775808"), (True, "true"), ("plain", "plain"), ("", '""'),
        ("null", '"null"'), (b"", '""'), (b"text", "text"), (b"\xff\x00", "0xff00"), (b"\x00\x01", "0x0001"),
        ("a\x1b[31m", '"a\\u001b[31m"'),
        ("\u202egnp", '"\\u202egnp"'), (b"\xff" * 65, "0x" + "ff" * 64 + " … and 1 bytes more"),
    ],
)  # fmt: skip
def test_values_in_words(value: object, words: str) -> None:
    assert in_words(value) == words


def test_a_long_text_says_how_much_of_it_is_missing() -> None:
    assert in_words("x" * 5000) == "x" * 2000 + " … and 3,000 characters more"


def test_the_table_names_every_field_with_its_bytes_and_tells_a_sentence_once() -> None:
    text = whole(explanation())
    table = text[text.index('<section class="listing">') : text.index("</section>\n<script")]
    assert "<td>17</td><td><code>" in table
    assert "<td>partition_leader_epoch</td><td><b>0</b>" in table
    assert "offset = base_offset + offset_delta = 10 + 3 = 13" in table
    assert table.count("<td>offset_delta</td>") == 4
    assert table.count("How far the record") == 1
    assert "from <code>attributes</code> to the end" in table


def test_a_long_table_says_where_it_ends() -> None:
    text = whole(explanation([(b"k", b"v")] * 300))
    assert text.count("Only the first 2,000 are listed here.") == 1
