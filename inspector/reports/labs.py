"""The labs: which there are, and whether the disk holds what they leave there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..engine import AUTO, Engine, choose
from ..errors import UnknownTopicError, UnsupportedError
from ..findings import Finding
from ..labs import LABS, Lab
from ..labs.check import LabResult
from ..report import Column, Report, Row, Section, Verdict
from ..words import counted
from .columns import FINDING_COLUMNS, finding_row
from .inputs import Inputs, open_inputs
from .judging import check_lab
from .tally import is_incomplete

LAB_COLUMNS = (Column("lab"), Column("topic"), Column("title"), Column("rule"), Column("surprise", default=False))


def lab_list() -> Report:
    """One row a lab: number, topic, title, and the rule by which its records find their partition."""
    rows = ((lab.number, lab.topic, lab.title, lab.rule, lab.surprise) for lab in LABS.values())
    return Report(LAB_COLUMNS, [Section(rows=rows)], verdict=lambda: Verdict("run one: kinspect labs run 1"))


def lab_check(paths: list[Path], numbers: tuple[int, ...], engine: str = AUTO) -> Report:
    """The labs' topics in the log directories at `paths` against the labs (`numbers`; all that are there if empty).

    engine: the one that reads, see `choose`.

    Raises the errors of `open_log_dir`; UnknownTopicError when a lab's topic is not there; UnsupportedError when only
    a part of it is.
    """
    return _LabCheck(open_inputs(paths), numbers, choose(engine)).made


class _LabCheck:
    def __init__(self, inputs: Inputs, numbers: tuple[int, ...], engine: Engine) -> None:
        self.inputs = inputs
        self.engine = engine
        self.labs = _labs_there(inputs, numbers)
        self.results: list[LabResult] = []
        self.made = Report(FINDING_COLUMNS, self._sections(), [], self._verdict, rows_are_findings=True)
        self.made.progress.meter = engine.meter

    def _sections(self) -> Iterator[Section]:
        for lab in self.labs:
            found: list[Finding] = []
            result = check_lab(self.inputs, lab, self.engine, found)
            self.results.append(result)
            if is_incomplete(found):
                yield Section(lab.topic, rows=self._rows(found), closing=lambda: ["cannot be judged: not all was read"])
                continue
            closing: Callable[[], list[str]] = partial(list, (*result.lines, result.text))
            yield Section(lab.topic, (("rule", lab.rule),), self._rows(found + result.findings), closing)

    def _rows(self, findings: list[Finding]) -> Iterator[Row]:
        for finding in findings:
            self.made.findings.append(finding)
            yield finding_row(finding)

    def _verdict(self) -> Verdict:
        good = sum(result.ok for result in self.results)
        text = f"{good} of {counted(len(self.results), 'lab')} as expected"
        incomplete = is_incomplete([*self.made.findings, *self.inputs.failed])
        return Verdict(text, ok=good == len(self.results), incomplete=incomplete)


def _labs_there(inputs: Inputs, numbers: tuple[int, ...]) -> list[Lab]:
    wanted = [LABS[number] for number in numbers] or list(LABS.values())
    there = [lab for lab in wanted if inputs.live_partitions(lab.topic)]
    missing = [lab for lab in wanted if lab not in there]
    if missing and (numbers or not there):
        names = ", ".join(lab.topic for lab in missing)
        raise UnknownTopicError(
            f"no topic {names} here", hint=f"Run the lab first: kinspect labs run {missing[0].number}"
        )
    for lab in there:
        why_not = inputs.why_not_whole(lab.topic)
        if why_not:
            raise UnsupportedError(
                f"{lab.topic} cannot be judged: {why_not}", hint="Give every log directory it lies in."
            )
    return there
