"""What users see, as golden text beside its command: `golden/*.txt`, each a comment, a command, and all it leaves.

The commands run in the root of the checkout, through the installed `kinspect` and no shell. `make golden` writes the
texts anew; read the diff as a reviewer would. To add one, write its comment and its command, and run `make golden`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

GOLDEN = Path(__file__).resolve().parent / "golden"
WRITE = os.environ.get("KINSPECT_WRITE_GOLDEN") == "1"
RULE = "----\n"
UNWANTED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "PYTHONIOENCODING", "KINSPECT_CONFIG")
MASKS = (
    (re.compile(r"\(engine: (native|spec)\)"), "(engine: ENGINE)"),
    (re.compile(r"^read: [0-9,]+ bytes", re.MULTILINE), "read: SIZE bytes"),  # engines read in pieces of their own
)
"""What is not the same everywhere, and what stands for it in the texts."""

MACHINE = re.compile(r"/work/|/home/|/root/|/tmp/")


class Golden(NamedTuple):
    """A golden text taken apart; `expected` is all that stands below its command."""

    comment: str
    command: str
    expected: str


def parse(text: str) -> Golden:
    """`# comment` lines, one line with the command, and the rest."""
    lines = text.splitlines(keepends=True)
    comments = next(i for i, line in enumerate(lines) if not line.startswith("# "))
    return Golden("".join(lines[:comments]), lines[comments], "".join(lines[comments + 1 :]))


def printed_by(done: subprocess.CompletedProcess[str]) -> str:
    """The exit code, stdout and stderr of a command, in the form of the golden texts."""
    text = f"exit {done.returncode}\n{RULE}{_whole_lines(done.stdout)}{RULE}{_whole_lines(done.stderr)}"
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n\\ no newline at the end\n"


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("*.txt")))
def test_golden_text_is_what_its_command_prints(name, kinspect, monkeypatch):
    path = GOLDEN / name
    golden = parse(path.read_text(encoding="utf-8"))
    for variable in UNWANTED:
        monkeypatch.delenv(variable, raising=False)
    program, *arguments = shlex.split(golden.command)
    assert program == "kinspect"
    printed = printed_by(kinspect(*arguments))
    if WRITE:
        path.write_text(f"{golden.comment}{golden.command}{printed}", encoding="utf-8", newline="\n")
    else:
        assert printed == golden.expected


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.name)
def test_golden_text_has_a_comment_and_nothing_of_this_machine(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "\x1b" not in text
    assert not MACHINE.search(text)


def test_every_damaged_fixture_has_a_golden_text(fixtures_dir):
    told = "".join(parse(path.read_text(encoding="utf-8")).command for path in GOLDEN.glob("verify-*.txt"))
    silent = [path.name for path in (fixtures_dir / "damaged").iterdir() if f"damaged/{path.name}/" not in told]
    assert silent == []
