"""Searching names, values and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.html.conftest import Open
from tests.html.explanations import compressed, explanation
from tests.html.test_linking import bytes_with, fields_with

if TYPE_CHECKING:
    from playwright.sync_api import Page


def search(page: Page, text: str) -> None:
    """Types it as a reader would."""
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("text", "hits", "name", "position"),
    [
        ("producer", "1 of 2", "producer_id", 43),
        ("ALICE", "1 of 1", "key", 66),
        ("2023-11-14", "1 of 2", "base_timestamp", 27),
        ("ff fe", "1 of 1", "key", 107),
        ("0x616c69", "1 of 1", "key", 66),
        ("6c6c 6f", "1 of 1", "value", 74),
        ("nowhere", "none", "00000000000000000000.log", 0),
    ],
)
def test_names_values_and_bytes_are_found(opened: Open, text: str, hits: str, name: str, position: int) -> None:
    page = opened(explanation())
    search(page, text)
    assert page.inner_text("#hits") == hits
    assert fields_with(page, "on") == [name]
    assert bytes_with(page, "cursor") == [position]


def test_n_goes_to_the_next_hit_and_round(opened: Open) -> None:
    page = opened(explanation())
    search(page, "offset_delta")
    assert page.inner_text("#hits") == "1 of 5"
    page.focus("#tree")
    for key, place in (("n", 2), ("n", 3), ("N", 2), ("N", 1), ("N", 5), ("n", 1)):
        page.keyboard.press(key)
        assert page.inner_text("#hits") == f"{place} of 5"
    assert fields_with(page, "on") == ["last_offset_delta"]
    page.click("#next")
    assert page.inner_text("#live") == "2 of 5: offset_delta 0"


def test_a_search_goes_on_in_other_bytes(opened: Open) -> None:
    page = opened(compressed())
    search(page, "alice")
    assert page.get_by_role("tab").nth(1).get_attribute("aria-selected") == "true"
    assert bytes_with(page, "on") == [5, 6, 7, 8, 9]


def test_escape_ends_a_search(opened: Open) -> None:
    page = opened(explanation())
    search(page, "crc")
    page.keyboard.press("Escape")
    assert page.input_value("#search") == ""
    assert page.inner_text("#hits") == ""
    assert page.is_disabled("#next")
    assert page.evaluate("document.activeElement.id") == "tree"


def test_letters_typed_into_the_search_are_no_keys(opened: Open) -> None:
    page = opened(explanation())
    search(page, "tnp?s/")
    assert page.input_value("#search") == "tnp?s/"
    assert page.get_attribute("html", "data-theme") is None
    assert not page.is_visible("#help")
