"""The table in `docs/post-mortem.md` of what Kafka's dump tool says of a wrong, and kinspect: both are let speak.

In a cell, each piece of code must come out of the program in that order of words; `exit N` must be its exit code.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from fixtures.make import kafka
from fixtures.make.wrongs import WRONGS, Wrong
from tests.conftest import CHECKOUT, SCRIPT

from .test_dump import run_each

PAGE = CHECKOUT / "docs" / "post-mortem.md"
ROW = re.compile(r"^\| (?P<name>L\d+[^|]*?) \| (?P<done>[^|]*) \| (?P<tool>[^|]*) \| (?P<ours>[^|]*) \|$", re.M)


class Said(NamedTuple):
    """What a program printed, and its exit code."""

    text: str
    code: int


def rows() -> dict[str, re.Match[str]]:
    return {found["name"]: found for found in ROW.finditer(PAGE.read_text(encoding="utf-8").replace("\\|", "¦"))}


@pytest.fixture(scope="module")
def made(require, tmp_path_factory) -> dict[str, Path]:
    """Each wrong in a folder of its own."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    root = tmp_path_factory.mktemp("wrongs")
    folders = {name: root / str(number) for number, name in enumerate(WRONGS)}
    for name, folder in folders.items():
        folder.mkdir()
        WRONGS[name].make(folder)
    return folders


def of_the_tool(wrong: Wrong, folder: Path) -> Said:
    (run,) = run_each("4.3.0", folder, [wrong.tool])
    return Said(f"{run.out}\n{run.err}\n{run.exception}", 1 if run.exception else 0)


def of_ours(wrong: Wrong, folder: Path) -> Said:
    fed = next(folder.rglob("*.log")).open("rb") if "/dev/stdin" in wrong.ours else subprocess.DEVNULL
    done = subprocess.run(
        [SCRIPT, *wrong.ours], cwd=folder, stdin=fed, capture_output=True, text=True, timeout=60, check=False
    )
    return Said(done.stdout + done.stderr, done.returncode)


def missing(cell: str, said: Said) -> list[str]:
    """The pieces of a cell that are not true of what was said."""
    pieces = [piece.replace("¦", "|") for piece in re.findall(r"`([^`]+)`", cell)]
    wrong = [piece for piece in pieces if piece not in said.text]
    return wrong + [f"exit {code}" for code in re.findall(r"exit (\d)", cell) if int(code) != said.code]


def test_every_wrong_has_its_row():
    assert list(rows()) == list(WRONGS)


@pytest.mark.kafka
@pytest.mark.parametrize("name", WRONGS)
def test_both_say_what_the_table_says(made, name):
    row, wrong = rows()[name], WRONGS[name]
    ours = of_ours(wrong, made[name])  # first: the tool creates files
    before = sorted(path.name for path in made[name].rglob("*"))
    tool = of_the_tool(wrong, made[name])
    assert missing(row["tool"], tool) == [], tool.text[-2000:]
    assert missing(row["ours"], ours) == [], ours.text
    assert "exit" in row["tool"]
    assert "exit" in row["ours"]
    created = {path.name for path in made[name].rglob("*")} - set(before) - {"runs-4.3.0"}
    assert bool(created) == ("creates" in row["tool"])
