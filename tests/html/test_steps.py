"""Computations, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.html.conftest import Open
from tests.html.explanations import explanation
from tests.html.test_linking import field

if TYPE_CHECKING:
    from playwright.sync_api import Page


def now(page: Page) -> str:
    """The step that is told now."""
    return page.inner_text("#details .steps li.now")


def bits(page: Page, mark: str) -> str:
    """The bits that are marked so."""
    return "".join(page.locator(f"#details .bits {mark}").all_text_contents())


def test_a_varint_is_read_step_by_step(opened: Open) -> None:
    page = opened(explanation())
    field(page, "timestamp_delta", 1).click()  # type: ignore[attr-defined]
    assert page.locator("#details .steps li").all_inner_texts()[-1] == "zigzag: 500 is 250"
    assert now(page) == "zigzag: 500 is 250"
    assert page.locator("#details .bits").get_attribute("aria-label") == "11110100 00000011"
    page.keyboard.press("s")
    assert now(page) == "bytes f4 03"
    assert bits(page, ".eight.told") == "11110100"
    assert page.locator("#details li.later").count() == 3
    page.keyboard.press("s")
    assert bits(page, ".eight.told") == "00000011"
    page.get_by_role("button", name="Step").click()
    assert now(page).startswith("seven bits of each")
    assert page.locator("#details .bits.joined").count() == 1
    page.get_by_role("button", name="Back").click()
    assert page.locator("#details .bits.joined").count() == 0
    assert page.inner_text("#live") == "the first bit of each byte says whether another one follows"


def test_attributes_are_told_bit_by_bit(opened: Open) -> None:
    page = opened(explanation())
    field(page, "attributes").click()  # type: ignore[attr-defined]
    page.keyboard.press("s")
    assert now(page).startswith("bits 0-2")
    told = "all => all.map(one => Number(one.dataset.bit) + 8 * (1 - one.dataset.byte))"
    assert page.eval_on_selector_all("#details i.told", told) == [2, 1, 0]
    page.keyboard.press("s")
    assert page.eval_on_selector_all("#details i.told", told) == [3]


def test_play_goes_through_all_steps_and_stops(opened: Open) -> None:
    page = opened(explanation())
    page.clock.install()
    field(page, "timestamp_delta", 1).click()  # type: ignore[attr-defined]
    page.keyboard.press("p")
    assert now(page) == "bytes f4 03"
    assert page.get_by_role("button", name="Pause").count() == 1
    for step in range(1, 4):
        page.clock.run_for(1400)
        assert page.locator("#details li.later").count() == 3 - step
    assert now(page) == "zigzag: 500 is 250"
    assert page.get_by_role("button", name="Play").count() == 1


def test_who_wants_no_motion_gets_none(opened: Open) -> None:
    page = opened(explanation(), moving=False)
    field(page, "timestamp_delta", 1).click()  # type: ignore[attr-defined]
    assert page.get_by_role("button", name="Play").count() == 0
    page.keyboard.press("p")
    assert now(page) == "zigzag: 500 is 250"
    page.keyboard.press("s")
    assert now(page) == "bytes f4 03"
    assert page.evaluate("document.getAnimations().length") == 0
