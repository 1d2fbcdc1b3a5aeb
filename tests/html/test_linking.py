"""Bytes and fields show each other: by pointer, by key, and for the reach of a checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.html.conftest import Open
from tests.html.explanations import compressed, damaged, elided, explanation

if TYPE_CHECKING:
    from playwright.sync_api import Page


def field(page: Page, name: str, number: int = 0) -> object:
    """The row of a field."""
    return page.locator("#tree [role=treeitem]").filter(has=page.locator(f".name:text-is('{name}')")).nth(number)


def bytes_with(page: Page, mark: str) -> list[int]:
    """The positions of the bytes that are marked so."""
    return [
        int(text) for text in page.eval_on_selector_all(f"#hex .byte.{mark}", "all => all.map(one => one.dataset.p)")
    ]


def fields_with(page: Page, mark: str) -> list[str]:
    """The names of the rows that are marked so."""
    return page.locator(f"#tree .row.{mark} .name").all_inner_texts()


def details(page: Page) -> str:
    return page.locator("#details").inner_text()


def test_a_byte_under_the_pointer_shows_its_field_and_what_that_lies_in(opened: Open) -> None:
    page = opened(explanation())
    page.hover("#p19")
    assert bytes_with(page, "on") == [17, 18, 19, 20]
    assert fields_with(page, "on") == ["crc"]
    assert fields_with(page, "around") == ["00000000000000000000.log", "batch 0", "header"]
    assert "CRC-32C (Castagnoli)" in details(page)
    assert "17 to 20 (4 bytes)" in details(page)


def test_a_field_under_the_pointer_shows_its_bytes(opened: Open) -> None:
    page = opened(explanation())
    field(page, "batch_length").hover()
    assert bytes_with(page, "on") == [8, 9, 10, 11]
    assert "A claim: check it against the file." in details(page)


def test_a_look_ends_where_it_began(opened: Open) -> None:
    page = opened(explanation())
    page.click("#p16")
    page.hover("#p0")
    assert fields_with(page, "on") == ["base_offset"]
    page.hover("h1")
    assert fields_with(page, "on") == ["magic"]


def test_details_name_all_that_is_known(opened: Open) -> None:
    page = opened(explanation())
    field(page, "base_timestamp").click()
    shown = details(page)
    for text in (
        "base_timestamp",
        "1700000000000",
        "2023-11-14T22:13:20.000Z",
        "27 to 34",
        "00 00 01 8b cf e5 68 00",
        "int64",
    ):
        assert text in shown
    field(page, "base_offset").click()
    assert "Kafka 0.11 (KIP-98)" in details(page)


def test_a_checksum_shows_what_it_covers(opened: Open) -> None:
    page = opened(explanation())
    assert bytes_with(page, "covered") == []
    page.click("#p17")
    assert bytes_with(page, "covered") == list(range(21, 312))
    covered = fields_with(page, "covered")
    assert "attributes" in covered and "record 0" in covered
    assert not {"crc", "base_offset", "partition_leader_epoch", "header"} & set(covered)
    assert "Covers 291 bytes: positions 21 to 311" in details(page)


def test_a_formula_shows_and_links_the_fields_that_it_adds(opened: Open) -> None:
    page = opened(explanation())
    field(page, "offset_delta", 1).click()
    assert "offset = base_offset + offset_delta = 10 + 1 = 11" in details(page)
    assert bytes_with(page, "source") == list(range(8))
    page.locator("#details .formula").get_by_role("button", name="base_offset").click()
    assert fields_with(page, "on") == ["base_offset"]


def test_arrows_move_by_byte_and_row(opened: Open) -> None:
    page = opened(explanation())
    page.focus("#hex")
    for key, position in (
        *(("ArrowRight", 1), ("ArrowDown", 17), ("ArrowLeft", 16), ("ArrowUp", 0), ("ArrowUp", 0), ("ArrowLeft", 0)),
        *(("End", 15), ("Home", 0), ("Control+End", 311), ("Control+Home", 0)),
    ):
        page.keyboard.press(key)
        assert page.get_attribute("#hex", "aria-activedescendant") == f"p{position}", key
        assert bytes_with(page, "cursor") == [position]


def test_enter_goes_from_a_byte_to_its_field(opened: Open) -> None:
    page = opened(explanation())
    page.click("#p18")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tree"
    page.keyboard.press("ArrowDown")
    assert fields_with(page, "on") == ["attributes"]


def test_a_group_marks_its_bytes_faintly_and_the_whole_marks_none(opened: Open) -> None:
    page = opened(explanation())
    assert bytes_with(page, "on") == bytes_with(page, "around") == []
    field(page, "header").click()
    assert bytes_with(page, "on") == []
    assert bytes_with(page, "around") == list(range(61))


def test_what_is_moved_to_is_read_out(opened: Open) -> None:
    page = opened(explanation())
    page.focus("#hex")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#live") == "base_offset 10, byte 2 of 8"


def test_arrows_move_in_the_tree_and_open_and_close(opened: Open) -> None:
    page = opened(explanation())
    page.focus("#tree")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert fields_with(page, "on") == ["header"]
    page.keyboard.press("ArrowLeft")
    assert field(page, "header").get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    assert fields_with(page, "on") == ["records"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert field(page, "header").get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowRight")
    assert fields_with(page, "on") == ["base_offset"]
    page.keyboard.press("ArrowLeft")
    assert fields_with(page, "on") == ["header"]
    page.keyboard.press("End")
    assert fields_with(page, "on") == ["headers_count"]
    page.keyboard.press("Home")
    assert fields_with(page, "on") == ["00000000000000000000.log"]


def test_a_branch_that_is_closed_over_what_is_chosen_is_chosen_itself(opened: Open) -> None:
    page = opened(explanation())
    page.click("#p17")
    field(page, "batch 0").locator(".twisty").click()
    assert fields_with(page, "on") == ["batch 0"]
    assert page.locator("#tree [role=treeitem]").count() == 2
    field(page, "batch 0").locator(".twisty").click()
    assert page.locator("#tree [role=treeitem]").count() > 2


def test_a_byte_opens_the_branches_that_hold_its_field(opened: Open) -> None:
    page = opened(explanation())
    page.focus("#tree")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#tree [role=treeitem]").count() == 1
    page.click("#p64")
    assert fields_with(page, "on") == ["offset_delta"]


def test_compressed_bytes_lead_to_what_is_in_them_and_back(opened: Open) -> None:
    page = opened(compressed())
    tabs = page.get_by_role("tab")
    assert tabs.all_inner_texts()[1].startswith("decompressed records of batch 0")
    field(page, "records").click()
    page.locator("#details").get_by_role("button", name="Open decompressed records").click()
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    assert page.inner_text("#p5") == "61"
    page.locator("#details").get_by_role("button", name="Decompressed from 90 bytes at position 8").click()
    assert tabs.nth(0).get_attribute("aria-selected") == "true"
    assert fields_with(page, "on") == ["records"]
    page.focus("#tree")
    page.keyboard.press("Enter")
    assert tabs.nth(1).get_attribute("aria-selected") == "true"


def test_a_formula_in_decompressed_bytes_leads_to_the_file(opened: Open) -> None:
    page = opened(compressed())
    page.get_by_role("tab").nth(1).click()
    field(page, "offset_delta", 2).click()
    page.locator("#details .formula").get_by_role("button", name="base_offset").click()
    assert page.get_by_role("tab").nth(0).get_attribute("aria-selected") == "true"
    assert fields_with(page, "on") == ["base_offset"]


def test_damage_is_marked_in_words_and_led_to(opened: Open) -> None:
    page = opened(damaged())
    assert bytes_with(page, "broken") == list(range(8, 17))
    assert field(page, "batch_length").locator(".badge").inner_text().endswith("damaged")
    assert page.locator("#findings li").inner_text().startswith("error KI-2003")
    page.locator("#findings").get_by_role("button", name="Show").click()
    assert fields_with(page, "on") == ["batch_length"]
    assert "Damaged: 1,000 bytes are claimed, and 5 follow" in details(page)
    page.focus("#tree")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert field(page, "batch 0").locator(".badge").inner_text().endswith("damage inside")


def test_what_was_left_out_is_told_in_both_panes(opened: Open) -> None:
    page = opened(elided())
    page.focus("#hex")
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#hex .leftout") == "1,000,000 bytes from position 312 on are left out"
    assert fields_with(page, "on") == ["the other batches"]
    assert "1,000,000 bytes, not taken apart" in details(page)


@pytest.mark.parametrize("make", [explanation, compressed, damaged, elided])
def test_everything_in_the_panes_has_a_name_and_a_role(opened: Open, make: object) -> None:
    page = opened(make())  # type: ignore[operator]
    items = page.locator("#tree [role=treeitem]").all()
    assert items
    for item in items:
        assert item.get_attribute("aria-label")
        assert int(item.get_attribute("aria-posinset") or 0) <= int(item.get_attribute("aria-setsize") or 0)
    for role, name in (("grid", "Bytes"), ("tree", "Fields"), ("searchbox", "Search fields by name, value or bytes")):
        assert page.get_by_role(role, name=name).count() == 1  # type: ignore[arg-type]
    assert page.locator("button:not([aria-label])").evaluate_all("all => all.every(one => one.textContent.trim())")


def test_the_focus_is_seen(opened: Open) -> None:
    page = opened(explanation())
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
