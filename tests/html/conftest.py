"""A real browser, without a network, and pages in it that may neither complain nor ask for anything."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from inspector.cli.render.html import pieces

from inspector.regions import Explanation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)

Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser(require: Callable[[str, str], None]) -> Iterator[Browser]:
    """Chromium, headless."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        require("browser", "there is no Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        require("browser", "playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@dataclass
class Heard:
    """What pages complained of, and what they asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hears all that this page says from now on."""
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dismiss)
        page.on("request", lambda request: self.requests.append(request.url))

    def _dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture(scope="session")
def tab(browser: Browser) -> tuple[Page, Heard]:
    """One tab for all tests: a new one costs more than a test."""
    page, heard = browser.new_page(), Heard()
    page.set_default_timeout(20_000)
    heard.listen(page)
    return page, heard


@pytest.fixture
def opened(tab: tuple[Page, Heard], tmp_path: Path) -> Iterator[Open]:
    """Opens an explanation. What the page complains of, or asks for, fails the test.

    light, moving: what the reader prefers; media: `print` for paper.
    """
    page, heard = tab
    heard.complaints.clear()
    heard.requests.clear()
    files: list[Path] = []

    def see(
        shown: Explanation,
        width: int = 1440,
        height: int = 900,
        light: bool = True,
        moving: bool = True,
        media: Any = "screen",
    ) -> Page:
        files.append(tmp_path / f"page-{len(files)}.html")
        files[-1].write_text("".join(pieces(shown)), encoding="ascii")
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            media=media,
            color_scheme="light" if light else "dark",
            reduced_motion="no-preference" if moving else "reduce",
        )
        page.mouse.move(0, 0)
        page.goto(files[-1].as_uri())
        return page

    yield see
    assert heard.complaints == []
    assert heard.requests == [file.as_uri() for file in files]  # each page, and nothing besides
