"""The course on the format answers what learners ask, names every exercise, and leads nowhere that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inspector.labs.exercises import EXERCISES
from inspector.reports.exercises import EXERCISE_COLUMNS, JUDGED_COLUMNS, SOLUTION_COLUMNS

DOCS = Path(__file__).resolve().parents[2] / "docs"
COURSE = ("format", "format-indexes", "format-snapshots", "format-questions", "format-reference", "exercises")
LINK = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")

ANSWERS = {
    "Why 61 bytes?": ("8 + 4 + 4 + 1 + 4 + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4 = 61",),
    "Why is this record 22 bytes long?": ("22 bytes = 1 length + 21 that it counts", "15 value"),
    "Where does offset 4 come from?": ("offset = base_offset + offset_delta = 0 + 4 = 4",),
    "Which bytes does the CRC leave out, and why?": (
        "The 21 bytes in front of `attributes` are left out",
        "the broker sets base_offset and partition_leader_epoch when it appends the batch",
        "positions 21 to 73",
    ),
    "What does zigzag do to -1?": ("1 is odd, so it stands for -(1 + 1) / 2 = -1",),
    "Null or empty?": ("value_length = 0", "value = empty", "value_length = -1, null", "value = null"),
    "How does the broker find an offset?": (
        "the greatest base offset that is not above 32",
        "slot 0 is the last one up to 32: read on from position 5,076",
        "record offset 32",
    ),
    "How does it find a time?": ("slot 0 is the last one up to 2023-11-14T22:23:24.004Z", "record offset 24"),
    "What is a control batch?": ("markers of the broker's own", "hidden from consumers", "COMMIT"),
    "What does compaction leave?": ("61 bytes batch 2", "records_count = 0", "a husk that compaction keeps"),
    "What is a delete horizon?": ("from then on compaction may drop the tombstones in it",),
    "Why did the same key move?": ("partitions were added: from 3 to 4",),
    "What is 369 % 3?": ("369 % 3 = 0",),
}
"""What stands in the output of the one command for each question. That it is printed is held by `test_docs.py`."""


def text_of(name: str) -> str:
    """A page of the course."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def sections(name: str) -> dict[str, str]:
    """The text below each heading of the second order."""
    heads_and_texts = re.split(r"^## (.*)\n", text_of(name), flags=re.MULTILINE)[1:]
    return dict(zip(heads_and_texts[::2], heads_and_texts[1::2], strict=True))


def anchors(name: str) -> set[str]:
    """Where links may lead on a page, as GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", text_of(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_question_has_its_answer() -> None:
    assert list(sections("format-questions")) == list(ANSWERS)


@pytest.mark.parametrize("question", ANSWERS)
def test_one_command_answers_a_question(question: str) -> None:
    block = re.findall(r"^```console\n(.*?)^```$", sections("format-questions")[question], re.MULTILINE | re.DOTALL)
    (example,) = block
    command, _, output = example.partition("\n")
    assert command.startswith("$ kinspect ") and "|" not in command
    squeezed = " ".join(output.split())
    assert [words for words in ANSWERS[question] if words not in squeezed] == []


def test_every_exercise_has_its_paragraph() -> None:
    headings = re.findall(r"^### (\d+) `(.*)`$", text_of("exercises"), re.MULTILINE)
    assert headings == [(str(number), exercise.name) for number, exercise in EXERCISES.items()]
    rows = re.findall(r"^\| (\d+) \| \[`(.*?)`\]\(#\d+-(.*?)\)", text_of("exercises"), re.MULTILINE)
    assert rows == [(number, name, name) for number, name in headings]


def test_every_exercise_is_named_where_its_idea_is_taught() -> None:
    lines = re.findall(r"^→ exercises? (.*)$", "".join(map(text_of, COURSE)), re.MULTILINE)
    assert sorted(int(number) for line in lines for number in re.findall(r"\d+", line)) == list(EXERCISES)


def test_every_field_of_an_exercise_is_documented() -> None:
    (documented,) = re.findall(r"^## Exercises\n(.*?)^## ", text_of("json"), re.MULTILINE | re.DOTALL)
    names = [column.name for column in (*EXERCISE_COLUMNS, *SOLUTION_COLUMNS, *JUDGED_COLUMNS)]
    assert re.findall(r"^\| `(.*?)` \|", documented, re.MULTILINE) == names


def test_thoughts_are_folded_away() -> None:
    text = text_of("exercises")
    assert text.count("<details>") == text.count("</details>") == len(EXERCISES)


@pytest.mark.parametrize("name", COURSE)
def test_links_lead_to_headings(name: str) -> None:
    dead = [
        f"{page}#{anchor}"
        for page, anchor in LINK.findall(text_of(name))
        if page.endswith(".md") or not page
        if anchor not in anchors(page.removesuffix(".md") or name)
    ]
    assert dead == []
