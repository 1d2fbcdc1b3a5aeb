"""docs/files.md names every kind of file and folder that the library knows, and says of each what kinspect does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from inspector.broker_files import BROKER_FILES, REMOTE_LOG_INDEX_CACHE
from inspector.files.kinds import Kind, kind_of
from inspector.partition import State, parse_partition_dir_name
from inspector.reports.contents import CONTENTS, FILE
from inspector.segment import PENDING_SUFFIXES, Role, parse_file_name

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
LOGS = (Role.LOG, Role.KRAFT_SNAPSHOT)


class Line(NamedTuple):
    """A line of a table: the name in its first column, and its last column."""

    table: str
    name: str
    told: str


def lines() -> Iterator[Line]:
    table = ""
    for text in PAGE.splitlines():
        cells = [cell.strip() for cell in text.strip("|").split(" | ")]
        if re.fullmatch("`[^`]+`", cells[0]):
            yield Line(table, cells[0].strip("`"), cells[-1])
        elif text.startswith("|") and not text.startswith("|-"):
            table = cells[0]


LINES = list(lines())
FILES = [line for line in LINES if line.table == "file"]


def test_every_kind_of_file_is_on_the_page() -> None:
    names = {line.name for line in FILES}
    assert {parse_file_name(name).role for name in names} == set(Role)  # foreign: by their names the broker's own
    assert {named.kind for name in names if (named := kind_of(name))} == set(Kind)
    assert names >= BROKER_FILES


def test_the_page_names_no_file_that_nobody_knows() -> None:
    for line in FILES:
        is_known = parse_file_name(line.name).role is not Role.FOREIGN or line.name in BROKER_FILES
        assert is_known or kind_of(line.name), line.name


@pytest.mark.parametrize("line", FILES, ids=lambda line: line.name)
def test_the_page_says_how_to_see_inside(line: Line) -> None:
    holds_records = parse_file_name(line.name).role in LOGS or line.name == "bootstrap.checkpoint"
    assert ("`kinspect show FILE -t '*'`" in line.told) == holds_records
    assert ("`kinspect show FILE`" in line.told) == (kind_of(line.name) is not None)


def test_every_suffix_is_on_the_page() -> None:
    suffixes = {line.name.removeprefix(".") for line in LINES if line.table == "suffix"}
    assert suffixes == set(PENDING_SUFFIXES)


def test_every_state_of_a_folder_is_on_the_page() -> None:
    folders = {line.name: parse_partition_dir_name(line.name) for line in LINES if line.table == "folder"}
    assert {name.state for name in folders.values() if name} == set(State)
    assert [folder for folder, name in folders.items() if name is None] == [REMOTE_LOG_INDEX_CACHE]


@pytest.mark.parametrize("line", FILES, ids=lambda line: line.name)
def test_what_the_page_says_works(kinspect, tmp_path: Path, line: Line) -> None:
    """Each file, empty, given to the commands that the page names for it."""
    (tmp_path / line.name).touch()
    for command in re.findall("`kinspect ([^`]*) FILE( -t '\\*')?`", line.told):
        done = kinspect(command[0], tmp_path / line.name, *command[1].replace("'", "").split())
        assert done.returncode in (0, 1), done.stdout + done.stderr


def test_every_field_of_every_kind_is_documented() -> None:
    machine = Path(__file__).resolve().parents[2] / "docs" / "json.md"
    documented = set(re.findall("`([^`\n]+)`", machine.read_text(encoding="utf-8")))
    fields = {column.name for content in CONTENTS.values() for column in content.columns} | {FILE.name}
    assert fields <= documented
