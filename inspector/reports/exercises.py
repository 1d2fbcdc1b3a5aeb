"""Exercises: the questions that a log directory gives, and whether an answer is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engine import AUTO, choose
from ..errors import UnsupportedError
from ..labs.exercises import EXERCISES, Exercise, Material, Question
from ..log_dir import open_log_dir
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted

EXERCISE_COLUMNS = tuple(
    Column(name, hint, default=False)
    for name, hint in (
        ("exercise", Hint.PLAIN),
        ("name", Hint.PLAIN),
        ("title", Hint.PLAIN),
        ("topic", Hint.PLAIN),
        ("partition", Hint.PLAIN),
        ("file", Hint.FILE),
        ("position", Hint.NUMBER),
        ("question", Hint.PLAIN),
        ("needs", Hint.PLAIN),
    )
)
SOLUTION_COLUMNS = tuple(Column(name, default=False) for name in ("answer", "why", "command"))
JUDGED_COLUMNS = tuple(Column(name, default=False) for name in ("given", "right", "hint"))


def exercise_list(path: Path, numbers: Sequence[int] = (), *, solved: bool = False, engine: str = AUTO) -> Report:
    """The questions on the log directory at `path`, all of them or those of `numbers`.

    solved: with their answers. Those for which there is no data are listed without a question, and say what they need.

    Raises the errors of `open_log_dir`; KeyError for a number that no exercise has.
    """
    return _List(path, numbers or tuple(EXERCISES), solved, engine).made


def exercise_answer(path: Path, number: int, given: str, engine: str = AUTO) -> Report:
    """Whether `given` answers the question; `verdict.ok` tells. With the reasons where it does, a hint where not.

    Raises as `exercise_list`, and UnsupportedError where there is no data for the exercise.
    """
    material = _material(path, engine)
    exercise = EXERCISES[number]
    question = exercise.ask(material)
    if question is None:
        raise UnsupportedError(
            f"exercise {number} needs {exercise.needs}, and none was found here",
            hint="Ask it of another directory; kinspect labs exercises LOGDIR lists those that this one is fit for.",
        )
    return _judged(number, exercise, question, given)


class _List:
    def __init__(self, path: Path, numbers: Sequence[int], solved: bool, engine: str) -> None:
        self.material = _material(path, engine)
        self.exercises = {number: EXERCISES[number] for number in numbers}
        self.solved = solved
        self.missing: list[int] = []
        columns = (*EXERCISE_COLUMNS, *(SOLUTION_COLUMNS if solved else ()))
        self.made = Report(columns, self._sections(), self.material.findings, self._verdict)
        self.made.progress.meter = self.material.engine.meter

    def _sections(self) -> Iterator[Section]:
        for number, exercise in self.exercises.items():
            question = exercise.ask(self.material)
            if question is None:
                self.missing.append(number)
            facts = _facts(exercise, question, self.solved)
            yield Section(f"{number}. {exercise.title}", facts, [self._row(number, exercise, question)])

    def _row(self, number: int, exercise: Exercise, question: Question | None) -> Row:
        return (*_asked(number, exercise, question), *(_solution(question) if self.solved else ()))

    def _verdict(self) -> Verdict:
        asked = len(self.exercises) - len(self.missing)
        lacking = f"; no data here for {', '.join(map(str, self.missing))}" if self.missing else ""
        text = f"{counted(asked, 'exercise')}{lacking}; answer one: kinspect labs answer LOGDIR NUMBER ANSWER"
        return Verdict(text, matched=asked > 0)


def _material(path: Path, engine: str) -> Material:
    return Material(str(path), open_log_dir(path).partitions, choose(engine))


def _facts(exercise: Exercise, question: Question | None, solved: bool) -> tuple[tuple[str, str], ...]:
    if question is None:
        return (("no data", f"this takes {exercise.needs}, and none was found here"),)
    asked = (("question", question.text),)
    if not solved:
        return asked
    return (*asked, ("answer", question.answer.shown), ("why", question.why), ("see", question.command_line))


def _asked(number: int, exercise: Exercise, question: Question | None) -> Row:
    if question is None:
        return (number, exercise.name, exercise.title, None, None, None, None, None, exercise.needs)
    at = question.place
    return (
        number, exercise.name, exercise.title, at.topic, at.partition, at.file, at.position, question.text,
        exercise.needs,
    )  # fmt: skip


def _solution(question: Question | None) -> Row:
    return (None, None, None) if question is None else (question.answer.shown, question.why, question.command_line)


def _judged(number: int, exercise: Exercise, question: Question, given: str) -> Report:
    right = question.answer.accepts(given)
    hint = None if right else question.hint_for(given)
    solution = _solution(question if right else None)
    row = (*_asked(number, exercise, question), *solution, given, right, hint)
    told = (("why", question.why), ("see", question.command_line)) if right else (("hint", hint or ""),)
    facts = (("question", question.text), ("your answer", given), *told)
    verdict = Verdict(f"exercise {number}: right" if right else f"exercise {number}: not right yet", ok=right)
    section = Section(f"{number}. {exercise.title}", facts, [row])
    columns = (*EXERCISE_COLUMNS, *SOLUTION_COLUMNS, *JUDGED_COLUMNS)
    return Report(columns, [section], verdict=lambda: verdict)
