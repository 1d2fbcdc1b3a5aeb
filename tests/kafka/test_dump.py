"""Both versions of Kafka's dump tool on every bundled file: what they print, what they complain of, where they end.

The bundled dumps are of the version that wrote the files; here each tool reads everything, the damaged examples of
`docs/dump-log.md` as well. One JVM a version: `DumpEach` runs the tool on one file after the other.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from fixtures.make import kafka
from tests.conftest import CHECKOUT, FIXTURES
from tests.dump import habits
from tests.dump.complaints import REASONS, complaints, printed
from tests.dump.page import Shown, shown_of_the_tool
from tests.dump.prints import dump

DUMP_EACH = kafka.MAKE / "src" / "any" / "DumpEach.java"
KINDS = (".log", ".checkpoint", ".index", ".timeindex", ".txnindex", ".snapshot")
RECORDS = (".log", ".checkpoint")


class Bundled(NamedTuple):
    """A file of a log directory below `fixtures/real` or `fixtures/built`."""

    directory: Path
    place: str

    @property
    def path(self) -> Path:
        return self.directory / self.place

    @property
    def below(self) -> str:
        """The file as the tool was told."""
        return self.path.relative_to(CHECKOUT).as_posix()

    @property
    def arguments(self) -> list[str]:
        return [
            "--files",
            self.below,
            *(["--deep-iteration", "--print-data-log"] if self.path.suffix in RECORDS else []),
        ]


class Run(NamedTuple):
    """What came of one run of the tool."""

    out: str
    err: str
    exception: str


def bundled() -> Iterator[Bundled]:
    for kind in ("real", "built"):
        for directory in sorted((FIXTURES / kind).iterdir()):
            if directory.is_dir() and not directory.name.endswith((".kafka-says", "-broken")):
                files = (path for path in sorted(directory.rglob("*")) if path.suffix in KINDS)
                yield from (Bundled(directory, path.relative_to(directory).as_posix()) for path in files)


FILES = list(bundled())
DAMAGED = [Bundled(path.parents[1], f"indexed-0/{path.name}") for path in sorted(FIXTURES.glob("damaged/*/*/*.log"))]
SHOWN = list(shown_of_the_tool())


LONELY_FOLDER = "lonely-0"
LONELY_FILES = ("00000000000000000000.log", "00000000000000000000.timeindex")
LONELY = ("--files", f"{LONELY_FOLDER}/{LONELY_FILES[1]}")
"""A time index without its offset index."""


@pytest.fixture(scope="module")
def copy(require, tmp_path_factory) -> Path:
    """All fixtures again, because the tool creates files; and a time index without its offset index."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)
    folder: Path = tmp_path_factory.mktemp("dumped")
    shutil.copytree(FIXTURES, folder / "fixtures", ignore=shutil.ignore_patterns("*.kafka-says", "make"))
    (folder / LONELY_FOLDER).mkdir()
    for name in LONELY_FILES:
        shutil.copy(FIXTURES / "built" / "kafka-3.6.0" / "indexed-0" / name, folder / LONELY_FOLDER)
    return folder


@pytest.fixture(scope="module")
def runs(copy, version) -> Mapping[tuple[str, ...], Run]:
    """Every run of this version's tool, by its arguments."""
    wanted = [tuple(file.arguments) for file in FILES + DAMAGED] + [shown.arguments for shown in SHOWN] + [LONELY]
    return dict(zip(wanted, run_each(version, copy, wanted), strict=True))


def run_each(version: str, folder: Path, runs: Sequence[Sequence[str]]) -> Iterator[Run]:
    told = folder / f"runs-{version}"
    told.write_text("".join("\t".join(arguments) + "\n" for arguments in runs))
    said = kafka.run_java(version, str(DUMP_EACH), kafka.TOOLS[version]["dump"], str(told), cwd=folder)
    for line in said.splitlines():
        out, err, exception = (base64.b64decode(word).decode() for word in line.split("\t"))
        # Kafka logs to stderr as well, and says files there by their full names.
        err = re.sub(r"^\[.*\n", "", err.replace(f"{folder.resolve()}/", ""), flags=re.MULTILINE)
        yield Run(out, err, exception)


def told(file: Bundled, version: str) -> str:
    """What it should print: it repeats the names it was given."""
    ours = dump(file.directory, file.place, version)
    return re.sub(
        rf"^(Dumping )?(?={re.escape(file.place)})", rf"\g<0>{file.below.removesuffix(file.place)}", ours, flags=re.M
    )


def test_each_prints_our_answers_or_ends_for_a_known_reason(runs, version):
    wrong = []
    for file in FILES:
        run, ours, exception = runs[tuple(file.arguments)], told(file, version), habits.exception(file.path, version)
        as_told = run.out == ours or (bool(exception) and ours.startswith(run.out))
        if not (as_told and run.exception.startswith(exception) and bool(run.exception) == bool(exception)):
            wrong.append((file.below, run.exception))
    assert wrong == []
    assert len(runs) > 1000


def test_each_complaint_is_foretold_and_has_its_reason(runs, version):
    reasons = set()
    for file in FILES:
        run = runs[tuple(file.arguments)]
        if not run.exception:
            found = complaints(file.path, version)
            assert printed(found, file.below, version) == run.err.splitlines()
            reasons |= {complaint.reason for complaint in found}
    assert reasons == set(REASONS) - ({"begins-behind-0"} if version == "3.6.0" else set())


@pytest.mark.parametrize("file", DAMAGED, ids=lambda file: file.directory.name)
def test_what_it_prints_of_a_damaged_log_is_ours_as_well(runs, version, file: Bundled):
    """Until it ends, within a line perhaps; of what lies behind, it says nothing."""
    ours = told(file, version).splitlines()
    others = [
        line for line in runs[tuple(file.arguments)].out.splitlines() if not any(ours_is(line, one) for one in ours)
    ]
    if file.directory.name in habits.READ_ALL_THE_SAME:
        assert others[0].startswith(habits.READ_ALL_THE_SAME[file.directory.name])
    else:
        assert [line for line in others if not habits.INVALID_BYTES.fullmatch(line)] == []


def ours_is(line: str, ours: str) -> bool:
    """Whole, or as far as the tool came: a codec that is none ends it behind the delete horizon."""
    return line == ours or (line.endswith("OptionalLong.empty") and ours.startswith(line))


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.command)
def test_the_page_shows_what_the_tool_prints(runs, version, shown: Shown):
    run = runs[shown.arguments]
    said = "\n".join((run.out, run.err, run.exception))
    if version in shown.versions:
        assert [line for line in shown.lines if line not in said] == []
    else:
        assert not all(line in said for line in shown.lines)


def test_it_creates_an_index_that_is_missing_and_changes_nothing_else(copy, runs):
    assert runs[LONELY]
    created = {path.relative_to(copy).as_posix() for path in (copy / LONELY_FOLDER).iterdir()}
    assert created == {f"{LONELY_FOLDER}/{name}" for name in (*LONELY_FILES, "00000000000000000000.index")}
    changed = [file.below for file in FILES if (copy / file.below).read_bytes() != file.path.read_bytes()]
    assert changed == []
