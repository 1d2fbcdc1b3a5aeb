"""The steps as users see them: in lines that a terminal holds, alike on both engines, on any bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.report import Decoded, Report
from inspector.reports.lookup import LOOKUP_COLUMNS, Question, lookup
from inspector.reports.selection import Selection
from tests.checking.mutations import MUTATIONS, whole
from tests.conftest import FIXTURES

QUESTIONS = (Question(offset=7), Question(time=1_700_000_570_000), Question(key=b"foo"))
NAMES = [column.name for column in LOOKUP_COLUMNS]
ROOM = 80 - len("step  timeindex  ")
DIRECTORIES = (
    "real/kafka-3.6.0-stopped",
    "real/kafka-4.3.0-killed",
    "real/kafka-3.6.0-old-formats",
    "crashed/kafka-4.3.0",
)


def answered(path: Path, question: Question, engine: str, *, as_objects: bool = True) -> Report:
    return lookup([path], Selection(engine=engine), question, as_objects=as_objects)


def objects(path: Path, question: Question, engine: str) -> tuple[list[dict[str, object]], list[str], str]:
    """All that is answered: the steps, the findings, and the verdict."""
    report = answered(path, question, engine)
    steps = [dict(zip(NAMES, row, strict=True)) for row in report.all_rows()]
    return steps, [str(finding) for finding in report.findings], report.verdict().text


@pytest.mark.parametrize("directory", DIRECTORIES)
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_both_engines_tell_the_same(directory: str, question: Question) -> None:
    path = FIXTURES / directory
    assert objects(path, question, "native") == objects(path, question, "spec")


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_each_line_fits_a_terminal(question: Question) -> None:
    for directory in DIRECTORIES:
        report = answered(FIXTURES / directory, question, "auto", as_objects=False)
        for row in report.all_rows():
            what = row[NAMES.index("what")]
            assert isinstance(what, Decoded) and what.text is not None
            assert len(what.text) <= ROOM, what.text


def test_steps_are_counted_and_end_with_an_answer() -> None:
    steps, _, _ = objects(FIXTURES / "real" / "kafka-4.3.0-rich" / "many-0", Question(offset=700), "auto")
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    (answer,) = (step for step in steps if step["where"] == "answer")
    assert (answer["answer"], answer["offset"], answer["position"]) == ("found", 700, 9857)
    assert [step["slot"] for step in steps if step["order"]] == [0, 8, 12, 10, 9]
    (cost,) = (step for step in steps if step["where"] == "cost")
    assert cost["bytes_read"] == 5 * 8 + 213


def slugs(directory: str, question: Question) -> list[str]:
    report = answered(FIXTURES / "damaged" / directory / "indexed-0", question, "auto")
    list(report.all_rows())
    return [finding.slug for finding in report.findings]


def test_an_index_that_misleads_is_a_finding() -> None:
    by_offset = {
        "index-into-a-batch": ["index-entry-misleads"],
        "index-past-the-end": ["index-entry-misleads"],
        "index-missing": ["index-missing"],
        "index-padded": [],
        "index-of-12-bytes": [],
    }
    assert {name: slugs(name, Question(offset=23)) for name in by_offset} == by_offset


def test_a_time_index_that_misleads_is_a_finding() -> None:
    asked = Question(time=1_700_000_570_000)
    assert slugs("time-index-padded", asked) == ["zero-padded-time-index"]
    assert slugs("time-index-missing", asked) == ["time-index-missing"]


def test_a_verdict_counts_partitions() -> None:
    report = answered(FIXTURES / "real" / "kafka-3.6.0-stopped", Question(offset=5), "auto")
    list(report.all_rows())
    assert report.verdict().text.startswith("offset 5 found in ")


def broken(folder: Path) -> Iterator[Path]:
    """Segments whose log and indexes were all broken by chance."""
    one = whole("4.3.0")
    for number in range(40):
        chance = random.Random(number)
        log, index, times = (
            chance.choice(MUTATIONS)(chance, data, size)
            for data, size in ((one.log, 61), (one.index, 8), (one.times, 12))
        )
        made = one.written(folder / f"{number}" / "t-0", index, times)
        (made / f"{one.base_offset:020}.log").write_bytes(log)
        yield made


def test_any_bytes_are_answered_alike(tmp_path: Path) -> None:
    for directory in broken(tmp_path):
        for question in (Question(offset=30), Question(time=1_700_000_570_000)):
            assert objects(directory, question, "native") == objects(directory, question, "spec"), directory


def test_what_a_user_types_cannot_forge_lines() -> None:
    report = answered(
        FIXTURES / "real" / "kafka-3.6.0-stopped" / "hello-world-2-0", Question(key=b"\x1b[2J\nfoo"), "auto"
    )
    told = "".join(str(row) for row in report.all_rows()) + report.verdict().text
    assert "\x1b" not in told and "\nfoo" not in told
