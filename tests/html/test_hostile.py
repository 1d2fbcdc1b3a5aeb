"""Whoever chose the bytes of a file, or its name, chooses nothing in the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector.findings import Finding
from inspector.location import Location, Span
from inspector.regions import Buffer, Explanation, Region
from tests.html.conftest import Open
from tests.html.explanations import explanation

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img id=evil src=x onerror=alert(1)>",
    "\"'><b id=evil>",
    "--></style></title><svg onload=alert(1)>",
    "\x1b[31mred\x1b[0m \u202egnp.exe\u2066 {{data}} ${alert(1)} &lt;b&gt;",
)


def every_text(text: str) -> Explanation:
    """An explanation that says nothing but this text, wherever something can be said."""
    told = dict.fromkeys(("kind", "value", "shown", "sentence", "formula", "since", "problem"), text)
    leaf = Region(text, Span(0, 4), steps=(text, f"bit 0 {text}"), opens=1, covers=Span(0, 4), **told)  # type: ignore[arg-type]
    file = Buffer(0, text, 4, Region(text, Span(0, 4), children=(leaf,)), b"<b>\x1b")
    inner = Region(text, Span(0, 4, 1), children=(replace(leaf, span=Span(0, 4, 1), opens=None),))
    finding = Finding("truncated-batch", Location(text, 0), expected=text, found=text)
    return Explanation(text, text, (file, Buffer(1, text, 4, inner, b"<i>&")), (finding,), (text,))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_the_bytes_is_shown_and_starts_nothing(opened: Open, text: str) -> None:
    for shown in (explanation([(text.encode(), text.encode())], file=text), every_text(text)):
        page = opened(shown)
        page.focus("#tree")
        for _ in range(14):
            page.keyboard.press("ArrowDown")
        if len(shown.buffers) > 1:
            page.get_by_role("tab").nth(1).click()
        page.keyboard.press("/")
        page.keyboard.type("b")
        page.keyboard.press("Enter")
        assert page.locator("#evil, img, svg, iframe, object, b[id]").count() == 0
        assert page.locator("script").count() == 2
        seen = page.evaluate("document.body.innerText + document.title + document.documentElement.outerHTML")
        assert not {"\x1b", "\u202e", "\u2066"} & set(seen)
        assert text.split("\x1b")[0][:12] in page.inner_text("h1")
