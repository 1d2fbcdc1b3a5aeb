"""Light and dark, on a phone, on paper, and where no script runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from inspector.cli.render.html import pieces

from tests.html.conftest import Open
from tests.html.explanations import compressed, damaged, elided, explanation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FAINT = """
() => {
  const light = (channel) => (channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) =>
    0.2126 * light(red / 255) + 0.7152 * light(green / 255) + 0.0722 * light(blue / 255);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const [red, green, blue, alpha = 1] = parts(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const contrast = (element) => {
    const both = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.disabled && hasText(one) && contrast(one) < 4.5)
    .map((one) => `${one.outerHTML.slice(0, 60)} ${contrast(one).toFixed(2)}`);
}
"""


@pytest.mark.parametrize("light", [True, False], ids=["light", "dark"])
@pytest.mark.parametrize("make", [damaged, compressed, explanation])
def test_all_text_stands_out_from_its_ground(opened: Open, light: bool, make: object) -> None:
    page = opened(make(), light=light)  # type: ignore[operator]
    assert page.evaluate(FAINT) == []
    page.click("#p17" if make is explanation else "#p9")  # a checksum with its reach; a field that broke
    assert page.evaluate(FAINT) == []


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('.pane')).backgroundColor"))


def test_dark_and_light_follow_the_system_until_the_reader_chooses(opened: Open) -> None:
    page = opened(explanation(), light=False)
    assert ground(page) == "rgb(23, 27, 32)"
    page.click("#theme")
    assert ground(page) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="light")
    page.keyboard.press("t")
    assert ground(page) == "rgb(23, 27, 32)"
    assert page.inner_text("#theme .label") == "Light"


@pytest.mark.parametrize("make", [compressed, damaged])
def test_the_page_never_scrolls_sideways(opened: Open, make: object) -> None:
    page = opened(make())  # type: ignore[operator]
    for width in (1440, 1100, 800, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for pane in ("#hex", "#tree"):
            assert page.eval_on_selector(pane, "one => one.scrollWidth - one.clientWidth") <= 0


def test_on_a_phone_the_panes_stand_below_each_other_with_half_as_many_bytes_in_a_row(opened: Open) -> None:
    page = opened(explanation(), width=360, height=740)
    assert page.locator("#hex .row").first.locator(".byte").count() == 8
    tops = [page.locator(f"#{name}").bounding_box() for name in ("hexpane", "treepane")]
    assert tops[0] and tops[1] and tops[0]["y"] + tops[0]["height"] <= tops[1]["y"]
    page.locator("#p19").click()
    assert "crc" in page.inner_text("#details")
    box = page.locator("#details").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 741


def test_paper_shows_the_tables_and_no_controls(opened: Open) -> None:
    page = opened(damaged(), media="print", light=False)
    assert not page.is_visible(".controls") and not page.is_visible("main")
    table = page.inner_text(".listing")
    for text in (
        "base_offset",
        "00 00 00 00 00 00 00 03",
        "A claim: check it against the file.",
        "the batch ends here",
    ):
        assert text in table
    assert "KI-2003" in page.inner_text("#findings")
    assert not page.locator("#findings button").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_page_can_be_printed(opened: Open) -> None:
    assert opened(explanation()).pdf().startswith(b"%PDF")


def test_help_names_the_keys(opened: Open) -> None:
    page = opened(elided())
    page.keyboard.press("?")
    assert page.is_visible("#help")
    assert "next and previous hit" in page.inner_text("#help")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")
    page.click("#keys")
    page.get_by_role("button", name="Close").click()
    assert not page.is_visible("#help")


def test_without_scripts_there_is_a_table(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("".join(pieces(explanation())), encoding="ascii")
    page = browser.new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    assert page.is_visible(".listing") and not page.is_visible(".controls")
    assert page.locator(".listing tr").filter(has_text="partition_leader_epoch").count() == 1
    page.close()
