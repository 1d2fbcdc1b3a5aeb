"""The manual pages tell what the commands do today, and a manual reader takes them without a remark."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import man

PAGES = sorted(man.FOLDER.glob("*.1"))


def test_the_golden_manual_pages_are_what_the_commands_say() -> None:
    if os.environ.get("KINSPECT_WRITE_GOLDEN") == "1":
        man.main([])
    assert man.main(["--check"]) == 0


def test_every_option_of_a_command_is_on_its_page() -> None:
    page = man.pages()["kinspect-show.1"]
    assert all(f"\\fB{man.text(option)}" in page for option in ("-t, --topic PATTERN", "--tz ZONE", "-J", "--help"))
    assert "kinspect\\-labs\\-run" in man.pages()["kinspect-labs.1"]


def test_the_first_page_tells_exit_codes_and_variables() -> None:
    page = man.pages()["kinspect.1"]
    assert all(f"\\fB{man.text(term)}\\fR" in page for term in ("130", "KINSPECT_PAGER, PAGER", "NO_COLOR"))


@pytest.mark.parametrize(
    ("plain", "troff"),
    [
        (".TH of a page", "\\&.TH of a page"),
        ("'quoted'", "\\(aqquoted\\(aq"),
        ("\\d+ -x", "\\ed+ \\-x"),
    ],
)
def test_nothing_in_a_text_is_a_command_of_troff(plain: str, troff: str) -> None:
    assert man.text(plain) == troff


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_manual_reader_takes_the_page_without_a_remark(path: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("needs man")
    environment = {**os.environ, "MANROFFSEQ": "", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    command = ["man", "--warnings", "--encoding=UTF-8", "-l", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    if "unrecognized option" in done.stderr or "illegal option" in done.stderr:
        pytest.skip("needs the man of man-db")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(heading in done.stdout for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"))
