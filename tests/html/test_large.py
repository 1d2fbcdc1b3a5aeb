"""A batch of a megabyte: only what is in sight is made."""

from __future__ import annotations

from tests.html.conftest import Open
from tests.html.explanations import explanation
from tests.html.test_linking import fields_with
from tests.html.test_search import search

COUNT = 4000


def test_a_batch_of_a_megabyte_opens_and_is_walked_through(opened: Open) -> None:
    shown = explanation([(b"key-%d" % number, b"v" * 220) for number in range(COUNT)])
    assert shown.file_buffer.size > 900_000
    page = opened(shown)
    size = shown.file_buffer.size
    assert page.locator("#hex .row").count() < 100
    assert page.locator("#tree .row").count() < 100
    page.focus("#hex")
    page.keyboard.press("Control+End")
    assert page.inner_text(f"#p{size - 1}") == "00"
    assert fields_with(page, "on") == ["headers_count"]
    search(page, f"key-{COUNT - 5}")
    assert page.inner_text("#hits") == "1 of 1"
    assert fields_with(page, "on") == ["key"]
    assert f"record {COUNT - 5}" in page.inner_text("#details .path")
    assert page.evaluate("document.querySelectorAll('main *').length") < 6000
