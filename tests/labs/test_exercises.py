"""The exercises: what is right is right, by what Kafka itself says of the same bytes, and what is wrong gets a hint."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import google_crc32c
import pytest

from inspector.engine import choose
from inspector.errors import UnsupportedError
from inspector.labs.exercises import EXERCISES, Material, Question
from inspector.labs.exercises.answers import Moment, Number, Numbers, Word
from inspector.labs.exercises.raw import read_raw
from inspector.log_dir import open_log_dir
from inspector.model import RecordBatch
from inspector.reports.exercises import exercise_answer, exercise_list

DIRECTORIES = ("kafka-3.6.0-stopped", "kafka-3.6.0-rich", "kafka-4.3.0-stopped", "kafka-4.3.0-rich")
WITH_KEYS = ("kafka-3.6.0-stopped", "kafka-4.3.0-stopped")
NUMBERS = {exercise.name: number for number, exercise in EXERCISES.items()}


class Kafka:
    """What Kafka says of the place that a question is about."""

    def __init__(self, directory: Path, question: Question) -> None:
        self.says = directory.with_name(f"{directory.name}.kafka-says")
        self.place, self.text, self.command = question.place, question.text, question.command

    @property
    def folder(self) -> Path:
        return self.says / f"{self.place.topic}-{self.place.partition}"

    def lines(self, kind: str) -> list[dict[str, Any]]:
        stem = Path(self.place.file or "").stem
        text = (self.folder / f"{stem}.jsonl").read_text(encoding="utf-8")
        return [line for line in map(json.loads, text.splitlines()) if line["line"] == kind]

    @property
    def batch(self) -> dict[str, Any]:
        """The batch in which the place lies."""
        at = self.place.position or 0
        return next(one for one in self.lines("batch") if one["position"] <= at < one["position"] + one["sizeInBytes"])

    def record(self, number: int) -> dict[str, Any]:
        """A record of that batch."""
        return [one for one in self.lines("record") if one["position"] == self.batch["position"]][number]

    def dumped(self) -> list[list[int]]:
        """The numbers in each line of the dump of the file, but for its first line."""
        name = Path(self.place.file or "").name
        lines = (self.folder / f"{name}.dump.txt").read_text(encoding="utf-8").splitlines()[1:]
        return [[int(number) for number in re.findall(r"-?\d+", line)] for line in lines]

    def sought(self) -> int:
        """The offset or time that the question asks for."""
        return int(re.findall(r"offset (\d+)(?:\.|,)", self.text)[-1])

    def acknowledged(self, offset: int) -> str:
        acks = map(json.loads, (self.says / "acks.jsonl").read_text(encoding="utf-8").splitlines())
        place = (self.place.topic, self.place.partition, offset)
        return next(ack["transaction"] for ack in acks if (ack["topic"], ack["partition"], ack["offset"]) == place)

    def last_stable(self) -> int:
        broker = json.loads((self.says / "broker.json").read_text(encoding="utf-8"))
        partition = broker["topics"][self.place.topic]["partitions"][str(self.place.partition)]
        return int(partition["last_stable"])


def _first_of_the_next(kafka: Kafka) -> int:
    end = kafka.batch["position"] + kafka.batch["sizeInBytes"]
    return next(one["position"] for one in kafka.lines("batch") if one["position"] == end)


def _record_size(kafka: Kafka) -> int:
    """Seven fields of one byte each around a short key and value."""
    payloads = (kafka.record(1)[part] for part in ("key", "value"))
    return 7 + sum(len(payload) * 3 // 4 - payload.count("=") for payload in payloads)


def _fate(kafka: Kafka) -> str:
    return kafka.acknowledged(kafka.batch["baseOffset"])


def _null_or_empty(kafka: Kafka) -> str:
    part = "value" if "value_length" in kafka.text else "key"
    payload = next(one[part] for one in kafka.lines("record") if one["offset"] == int(kafka.command[-1]))
    return {None: "null", "": "empty"}[payload]


def _removed(kafka: Kafka) -> int:
    return kafka.batch["lastOffset"] - kafka.batch["baseOffset"] + 1 - kafka.batch["countOrNull"]


def _index_slot(kafka: Kafka) -> int:
    return max((offset, position) for offset, position in kafka.dumped() if offset <= kafka.sought())[1]


def _batch_of_offset(kafka: Kafka) -> int:
    sought = int(re.findall(r"offset (\d+),", kafka.text)[0])
    return next(one["position"] for one in kafka.lines("batch") if one["baseOffset"] <= sought <= one["lastOffset"])


def _time_index(kafka: Kafka) -> int:
    sought = int(re.findall(r"from (\d+) \(", kafka.text)[0])
    return max((timestamp, offset) for timestamp, offset in kafka.dumped() if timestamp <= sought)[1]


RIGHT: dict[str, Callable[[Kafka], object]] = {
    "next-batch": _first_of_the_next,
    "record-bytes": lambda kafka: kafka.batch["sizeInBytes"] - 61,
    "crc-reach": lambda kafka: f"{kafka.batch['position'] + 21} {kafka.batch['sizeInBytes'] - 21}",
    "record-size": _record_size,
    "record-offset": lambda kafka: kafka.record(1)["offset"],
    "zigzag": lambda _kafka: -1,  # AppendTime.java: the second record is a millisecond older than the first
    "null-or-empty": _null_or_empty,
    "timestamp": lambda kafka: kafka.record(1)["timestamp"],
    "control-record": lambda kafka: kafka.record(0)["controlType"],
    "fate": _fate,
    "last-stable-offset": lambda kafka: kafka.last_stable(),
    "compacted-away": _removed,
    "husk": lambda kafka: kafka.batch["lastOffset"] + 1,
    "delete-horizon": lambda kafka: kafka.batch["deleteHorizonMs"],
    "index-slot": _index_slot,
    "batch-of-offset": _batch_of_offset,
    "time-index": _time_index,
    "producers": lambda kafka: len(kafka.dumped()),
    "murmur2": lambda _kafka: (-739096614 & 0x7FFFFFFF) % 3,  # pong
    "partition-added": lambda _kafka: 597841616 % 4,  # foo
    "remainder": lambda _kafka: 369 % 3,
}
"""The answers, from what Kafka says of the same files, or by hand."""

KEYED = ("murmur2", "partition-added", "remainder")
CASES = [
    (directory, name) for directory in DIRECTORIES for name in NUMBERS if directory in WITH_KEYS or name not in KEYED
]


@cache
def questions(directory: Path, engine: str) -> dict[str, Question]:
    """The questions that a directory gives, each by the name of its exercise."""
    material = Material(str(directory), open_log_dir(directory).partitions, choose(engine))
    asked = {exercise.name: exercise.ask(material) for exercise in EXERCISES.values()}
    return {name: question for name, question in asked.items() if question is not None}


def asked_alone(directory: Path, name: str) -> Question | None:
    """The question of an exercise, as a learner meets it who has seen no other."""
    material = Material(str(directory), open_log_dir(directory).partitions, choose())
    return EXERCISES[NUMBERS[name]].ask(material)


def row_of(report: Any) -> dict[str, Any]:
    """The only row of a report, by the names of its columns."""
    (row,) = report.all_rows()
    return dict(zip((column.name for column in report.columns), row, strict=True))


def test_every_exercise_is_judged_by_something_else_than_itself() -> None:
    assert set(RIGHT) == set(NUMBERS)


@pytest.mark.parametrize(("directory", "name"), CASES)
def test_what_kafka_says_is_right(directory: str, name: str, each_engine: str, real_dirs: Mapping[str, Path]) -> None:
    question = questions(real_dirs[directory], each_engine)[name]
    given = str(RIGHT[name](Kafka(real_dirs[directory], question)))
    assert question.answer.accepts(given), f"{question.text} Kafka says {given}, not {question.answer.shown}"
    assert question.answer.accepts(question.answer.shown)
    assert question.why and question.hint and question.command_line.startswith("kinspect ")


@pytest.mark.parametrize(("directory", "name"), CASES)
def test_what_is_wrong_gets_a_hint_that_is_no_answer(directory: str, name: str, real_dirs: Mapping[str, Path]) -> None:
    question = questions(real_dirs[directory], "spec")[name]
    for given in ("987654321", "nonsense", "", "-"):
        assert not question.answer.accepts(given)
        assert question.hint_for(given) == question.hint
    shown = question.answer.shown.casefold()
    assert len(shown) < 3 or shown not in re.findall(r"[\w-]+", question.hint.casefold())
    for mistake in question.mistakes:
        assert not question.answer.accepts(mistake.answer.shown), mistake.hint
        assert question.hint_for(mistake.answer.shown) == mistake.hint


@pytest.mark.parametrize("name", NUMBERS)
def test_a_question_does_not_depend_on_those_asked_before(name: str, real_dirs: Mapping[str, Path]) -> None:
    for directory in ("kafka-3.6.0-stopped", "kafka-4.3.0-rich"):
        path = real_dirs[directory]
        assert asked_alone(path, name) == questions(path, "spec").get(name)


def test_the_right_answer_is_told_why(real_dirs: Mapping[str, Path]) -> None:
    report = exercise_answer(real_dirs["kafka-3.6.0-stopped"], NUMBERS["remainder"], "zero is 0")
    row = row_of(report)
    assert report.verdict().ok and row["right"] is True
    assert row["answer"] == "0" and "123 times 3 is 369" in row["why"] and row["hint"] is None
    assert row["given"] == "zero is 0" and row["command"].endswith("--topic hello-world-4")


def test_a_wrong_answer_is_not_told_the_right_one(real_dirs: Mapping[str, Path]) -> None:
    report = exercise_answer(real_dirs["kafka-3.6.0-stopped"], NUMBERS["remainder"], "123")
    row = row_of(report)
    assert not report.verdict().ok and row["right"] is False
    assert row["hint"] == "That is how many times it goes in, not what is left."
    assert row["answer"] is row["why"] is row["command"] is None


def test_answers_are_told_to_teachers_only(real_dirs: Mapping[str, Path]) -> None:
    learners = exercise_list(real_dirs["kafka-3.6.0-stopped"])
    assert not {"answer", "why", "command"} & {column.name for column in learners.columns}
    assert all({name for name, _ in section.facts} == {"question"} for section in learners.sections)


def test_an_exercise_without_data_says_what_it_needs(real_dirs: Mapping[str, Path]) -> None:
    with pytest.raises(UnsupportedError, match="exercise 21 needs a topic with numbers as keys"):
        exercise_answer(real_dirs["kafka-4.3.0-rich"], 21, "0")


ACCEPTED = [
    (Number(6275), ("6275", "6,275", "6_275", "6'275", "0x1883", "position 6275", " 6275. ")),
    (Number(-1), ("-1", "\u22121", "it is -1")),
    (Numbers((135, 6140), ((135, 6274),)), ("135 6140", "135, 6,140", "from 135, 6140 bytes", "135..6274")),
    (Numbers((135, 6140)), ("0x87 0x17fc",)),
    (Word("COMMIT", ("committed",)), ("commit", "Committed", "COMMIT.", "com mit")),
    (Word("LEADER_CHANGE"), ("leader change", "LeaderChange", "leader-change")),
    (Moment(1700000000004), ("1700000000004", "1,700,000,000,004", "2023-11-14 22:13:20.004")),
    (Moment(1700000000004), ("2023-11-14T22:13:20.004Z", "2023-11-14T23:13:20.004+01:00", "1700000000004 ms")),
]  # fmt: skip
REFUSED = [
    (Number(6275), ("6274", "62 75 1", "-6275", "", "9" * 5000, "6275 6275", "six")),
    (Number(0), ("", "-", "none")),
    (Numbers((135, 6140)), ("6140 135", "135", "135 6140 1")),
    (Word("null"), ("empty", "", "0")),
    (Moment(1700000000004), ("2023-11-14T22:13:20.005Z", "2023", "2023-99-99", "yesterday", "9" * 5000)),
]


@pytest.mark.parametrize(("answer", "given"), [(answer, text) for answer, texts in ACCEPTED for text in texts])
def test_an_answer_may_be_written_in_many_ways(answer: Any, given: str) -> None:
    assert answer.accepts(given)


@pytest.mark.parametrize(("answer", "given"), [(answer, text) for answer, texts in REFUSED for text in texts])
def test_another_answer_is_refused(answer: Any, given: str) -> None:
    assert not answer.accepts(given)


def hostile_directories(fixtures_dir: Path) -> list[Path]:
    """Damaged ones, crashed ones, and those with every odd thing that a builder can make."""
    folders = [path for path in (fixtures_dir / "damaged").iterdir() if path.is_dir()]
    built = [fixtures_dir / "built" / name for name in ("kafka-3.6.0", "kafka-3.6.0-broken", "kafka-4.3.0")]
    return [*folders, *built, fixtures_dir / "crashed" / "kafka-4.3.0"]


def test_damage_is_passed_over(fixtures_dir: Path) -> None:
    for directory in hostile_directories(fixtures_dir):
        for row in exercise_list(directory, solved=True).all_rows():
            assert row[0] in EXERCISES


HOSTILE_VARINTS = (b"\xff\xff\xff\xff\x0f", b"\xfe\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x80", b"\x01", b"\x00")


def test_a_batch_with_a_right_checksum_may_still_lie() -> None:
    """What the records claim is checked against the bytes there are, whatever the checksum says."""
    rolls = random.Random(8)
    plain = bytes.fromhex("026b0276001c00f60102010e76616c75652d32001400010408746f6d6201002a00900306026b0276")
    for _ in range(300):
        cut = rolls.randrange(len(plain))
        body = plain[:cut] + rolls.choice(HOSTILE_VARINTS) + plain[cut + rolls.randrange(3) :]
        count, codec = rolls.choice((0, 1, 4, 2**31 - 1, -1)), rolls.randrange(8)
        checked = struct.pack(">hiqqqhii", codec, 3, 0, 0, -1, -1, -1, count) + body
        head = struct.pack(">qiibI", 0, len(checked) + 9, 0, 2, google_crc32c.value(checked))
        raw = read_raw(a_batch(len(head + checked)), head + checked)
        assert raw is not None and all(0 < record.size <= len(body) for record in raw.records)


def a_batch(size: int) -> RecordBatch:
    """A batch of so many bytes, as it comes out of a sweep over headers."""
    return RecordBatch(
        0, size, 0, 3, 4, 2, "none", 0, None, 0, -1, -1, -1, -1, False, False, None, "CreateTime", 0, 0
    )  # fmt: skip
