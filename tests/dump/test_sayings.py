"""Every dump that lies beside a bundled file, letter by letter, against kinspect's answers in the tool's words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from fixtures.make.scenes import SCENES
from tests.conftest import FIXTURES
from tests.dump.prints import CONTROLS, LINES, dump

SAYING = re.compile(r"\.dump(?:-(?P<version>\d+\.\d+\.\d+))?\.txt$")
VERSION = re.compile(r"\d+\.\d+\.\d+")


READERS = {scene.name: scene.version for scene in SCENES}


class Saying(NamedTuple):
    """What the tool of a version said of a file: `place` below `directory`."""

    path: Path
    directory: Path
    place: str
    version: str


def saying(path: Path) -> Saying | None:
    """`NAME.kafka-says/T-0/000.dump.txt` speaks of `000.log`; every other of the file whose whole name it begins with.

    The version stands in the name of the saying, or else in that of the directory; an upgraded one is in the recipe.
    """
    found = SAYING.search(path.name)
    if not found:
        return None
    says = next(parent for parent in path.parents if parent.suffix == ".kafka-says")
    place = path.relative_to(says).with_name(path.name[: found.start()])
    place = place if place.suffix else place.with_suffix(".log")
    named = VERSION.search(says.name)
    version = found["version"] or (named[0] if named else READERS[says.stem])
    return Saying(path, says.with_suffix(""), place.as_posix(), version)


SAYINGS = [said for path in sorted(FIXTURES.glob("*/*.kafka-says/**/*.txt")) if (said := saying(path))]


@pytest.mark.parametrize("said", SAYINGS, ids=lambda said: said.path.relative_to(FIXTURES).as_posix())
def test_every_field_the_dump_tool_prints_is_ours(said):
    printed = said.path.read_bytes().decode()
    assert dump(said.directory, said.place, said.version).split("\n") == printed.split("\n")


def test_every_kind_of_file_and_line_was_compared():
    printed = [said.path.read_bytes().decode() for said in SAYINGS]
    assert {Path(said.place).suffix for said in SAYINGS} == {
        ".log", ".checkpoint", ".index", ".timeindex", ".txnindex", ".snapshot",
    }  # fmt: skip
    assert {said.version for said in SAYINGS} >= {"3.6.0", "4.3.0"}
    for kind, fields in LINES.items():
        start = f"{fields[0].theirs}: "
        assert any(start in text for text in printed), kind
    for name, form in CONTROLS.items():
        assert any(f" {form.split('{')[0]}" in text for text in printed), name
