"""The labs: which there are, and whether the disk holds what they leave there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..engine import choose
from ..errors import UnknownTopicError
from ..findings import Finding
from ..labs import LABS, Lab
from ..labs.check import LabResult
from ..report import Column, Report, Row, Section, Verdict
from .columns import FINDING_COLUMNS, finding_row
from .inputs import Inputs, open_inputs
from .placement import check_lab
from .tally import counted

LAB_COLUMNS = (Column("lab"), Column("topic"), Column("title"), Column("rule"), Column("surprise", default=False))


def lab_list() -> Report:
    """One row a lab: number, topic, title, and the rule by which its records find their partition."""
    rows = ((lab.number, lab.topic, lab.title, lab.rule, lab.surprise) for lab in LABS.values())
    return Report(LAB_COLUMNS, [Section(rows=rows)], verdict=lambda: Verdict("run one: kinspect labs run 1"))


def lab_check(paths: list[Path], numbers: tuple[int, ...]) -> Report:
    """The labs' topics in the log directories at `paths` against the labs (`numbers`; all that are there if empty).

    Raises the errors of `open_log_dir`; UnknownTopicError when a lab's topic is not there.
    """
    return _LabCheck(open_inputs(paths), numbers).made


class _LabCheck:
    def __init__(self, inputs: Inputs, numbers: tuple[int, ...]) -> None:
        self.inputs = inputs
        self.labs = _labs_there(inputs, numbers)
        self.results: list[LabResult] = []
        self.made = Report(FINDING_COLUMNS, self._sections(), [], self._verdict, rows_are_findings=True)

    def _sections(self) -> Iterator[Section]:
        engine = choose()
        for lab in self.labs:
            result = check_lab(self.inputs, lab, engine)
            self.results.append(result)
            facts = (("rule", lab.rule),)
            yield Section(lab.topic, facts, self._rows(result.findings), lambda r=result: [*r.lines, r.text])  # type: ignore[misc]

    def _rows(self, findings: list[Finding]) -> Iterator[Row]:
        for finding in findings:
            self.made.findings.append(finding)
            yield finding_row(finding)

    def _verdict(self) -> Verdict:
        good = sum(result.ok for result in self.results)
        text = f"{good} of {counted(len(self.results), 'lab')} as expected"
        return Verdict(text, ok=good == len(self.results))


def _labs_there(inputs: Inputs, numbers: tuple[int, ...]) -> list[Lab]:
    wanted = [LABS[number] for number in numbers] or list(LABS.values())
    there = [lab for lab in wanted if inputs.live_partitions(lab.topic)]
    missing = [lab for lab in wanted if lab not in there]
    if missing and (numbers or not there):
        names = ", ".join(lab.topic for lab in missing)
        raise UnknownTopicError(f"no topic {names} here", hint="Run the lab first: kinspect labs run.")
    return there
