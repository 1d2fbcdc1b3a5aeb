"""The page out of real logs, by the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from tests.html.test_linking import bytes_with, details, field, fields_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.html.conftest import Heard

LOG = "00000000000000000000.log"
Kinspect = Callable[..., CompletedProcess[str]]
Shown = Callable[..., "Page"]


@pytest.fixture
def shown(tab: tuple[Page, Heard], kinspect: Kinspect, tmp_path: Path) -> Shown:
    """Has the command write a page, and opens it."""

    def see(log: Path, *words: str, code: int = 0) -> Page:
        page, heard = tab
        heard.complaints.clear()
        target = tmp_path / "page.html"
        done = kinspect("explain", log, "--format", "html", "--output", target, *words)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(target.as_uri())
        assert heard.complaints == []
        return page

    return see


def test_a_real_log_is_shown(shown: Shown, real_dirs: Mapping[str, Path]) -> None:
    page = shown(real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / LOG)
    page.hover("#p17")
    assert fields_with(page, "on") == ["crc"]
    assert bytes_with(page, "covered") == list(range(21, 86))
    assert "CRC-32C" in details(page)


def test_offsets_in_real_compressed_batches_lead_to_their_base(shown: Shown, real_dirs: Mapping[str, Path]) -> None:
    page = shown(real_dirs["kafka-3.6.0-stopped"] / "codecs-2" / LOG)
    page.get_by_role("tab").nth(2).click()
    field(page, "offset_delta", 1).click()
    page.locator("#details .formula").get_by_role("button", name="base_offset").click()
    assert page.inner_text("#details .value") == "5"
    assert page.locator("#details .path").inner_text().split("\n")[1] == "batch 1"


def test_real_varints_and_attributes_have_steps_that_are_drawn(shown: Shown, real_dirs: Mapping[str, Path]) -> None:
    page = shown(real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / LOG)
    field(page, "length").click()
    page.keyboard.press("s")
    assert page.locator("#details .eight.told").text_content() == "00110000"
    assert page.inner_text("#details li.now").startswith("0x30 = 0 0110000")
    page.keyboard.press("s")
    assert page.locator("#details .bits.joined").count() == 1
    field(page, "attributes").click()
    page.keyboard.press("s")
    assert "compression" in page.inner_text("#details li.now")
    assert page.locator("#details i.told").count() == 3


def test_real_damage_is_shown_where_it_is(shown: Shown, fixtures_dir: Path) -> None:
    page = shown(fixtures_dir / "damaged" / "record-length-lies" / "indexed-0" / LOG, code=1)
    page.locator("#findings").get_by_role("button", name="Show").first.click()
    assert "Damaged: " in details(page)
    assert bytes_with(page, "on") == bytes_with(page, "broken.on") != []


def test_a_batch_in_the_middle_stands_at_its_positions(shown: Shown, real_dirs: Mapping[str, Path]) -> None:
    page = shown(real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / LOG, "--batch", "1")
    assert page.locator("#hex .position").first.inner_text().strip() == "80"
    assert page.locator("#hex .row").first.locator(".byte.none").count() == 6
    page.focus("#hex")
    page.keyboard.press("Control+Home")
    assert bytes_with(page, "cursor") == [86]


@pytest.mark.parametrize("name", ["00000000000000000000.index", "leader-epoch-checkpoint", "partition.metadata"])
def test_other_files_are_shown_too(shown: Shown, real_dirs: Mapping[str, Path], name: str) -> None:
    page = shown(real_dirs["kafka-3.6.0-stopped"] / "indexed-0" / name)
    assert page.inner_text("h1").endswith(name)
    page.hover("#p0")
    assert bytes_with(page, "on")


def test_the_page_also_goes_to_stdout(kinspect: Kinspect, real_dirs: Mapping[str, Path], tmp_path: Path) -> None:
    log, target = real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / LOG, tmp_path / "page.html"
    done = kinspect("explain", log, "--format", "html")
    assert done.returncode == 0 and done.stdout.isascii()
    kinspect("explain", log, "--format", "html", "--output", target)
    assert target.read_text(encoding="utf-8") == done.stdout


def test_a_page_that_is_there_stays(kinspect: Kinspect, real_dirs: Mapping[str, Path], tmp_path: Path) -> None:
    log, target = real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / LOG, tmp_path / "page.html"
    target.write_text("mine")
    done = kinspect("explain", log, "--format", "html", "--output", target)
    assert done.returncode == 2 and "--force" in done.stderr
    assert target.read_text() == "mine"
    assert kinspect("explain", log, "--format", "html", "--output", target, "--force").returncode == 0
    assert target.read_text().startswith("<!DOCTYPE html>")
