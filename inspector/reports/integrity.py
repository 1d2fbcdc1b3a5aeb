"""Is it whole? What is found about bytes, order, siblings and checkpoints, finding by finding, and what was lost.

Every record is decoded and thrown away, unless somebody wants less. What is not checked is said in the verdict. How one
partition is checked is told in `partition_checks.py`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from ..engine import Engine, choose
from ..findings import Finding, Severity
from ..found import Findings
from ..identities import Directory, Replica, contradictions
from ..log_dir import LogDir
from ..report import Progress, Report, Row, Section, Verdict
from ..throttle import Throttle
from ..words import counted
from .columns import FINDING_COLUMNS, finding_row
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .partition_checks import PartitionChecks
from .scope import EVERYTHING, Scope
from .selection import Selection
from .tally import findings_in_words, is_incomplete


def integrity(paths: list[Path], selection: Selection, scope: Scope = EVERYTHING) -> Report:
    """Findings on the selected partitions, in the order of partition, segment and position. Raises as `show`."""
    return _Integrity(open_inputs(paths), selection, scope).made


class _Integrity:
    def __init__(self, inputs: Inputs, selection: Selection, scope: Scope) -> None:
        self.inputs = inputs
        self.reads_records = scope.reads_records
        self.replicas: defaultdict[LogDir, list[Replica]] = defaultdict(list)
        self.chosen = inputs.choose(selection)
        self.not_read = [*inputs.of_paths, *inputs.missing(selection, self.chosen)]
        engine = choose(selection.engine)
        progress = self._progress(engine, scope)
        self.checks = PartitionChecks(inputs, engine, scope, progress)
        columns = inputs.columns(FINDING_COLUMNS)
        self.made = Report(
            columns, self._sections(), Findings(), self._verdict, rows_are_findings=True, progress=progress
        )

    def _progress(self, engine: Engine, scope: Scope) -> Progress:
        """How far it is; the meter that it shares with the engine keeps to a rate, and clears up behind itself."""
        progress = Progress(measure=partial(bytes_of, self.chosen, scope.left_out), meter=engine.meter)
        engine.meter.spares_cache = True

        def wait(seconds: float) -> None:
            progress.tick()
            time.sleep(seconds)

        if scope.max_rate is not None:
            engine.meter.throttle = Throttle(scope.max_rate, sleep=wait)
        return progress

    def _sections(self) -> Iterator[Section]:
        yield from self._section("not read", "", self.not_read)
        for log_dir in self.inputs.log_dirs:
            yield from self._section(log_dir.shown_as, log_dir.shown_as, log_dir.findings)
        for chosen in map(Chosen.passing, self.chosen):
            yield from self._section(chosen.title, chosen.log_dir.shown_as, self.checks.findings(chosen))
            self.replicas[chosen.log_dir].append(Replica.of(chosen.log))
        directories = [Directory(one, tuple(self.replicas[one])) for one in self.inputs.log_dirs]
        yield from self._section("between directories", "", contradictions(directories))

    def _section(self, title: str, shown_as: str, findings: Iterable[Finding]) -> Iterator[Section]:
        """One section, or none where there is nothing to say."""
        rows = self._told(shown_as, findings)
        first = next(rows, None)
        if first is not None:
            yield Section(title, rows=chain((first,), rows), closing=self.checks.losses.statement)

    def _told(self, shown_as: str, findings: Iterable[Finding]) -> Iterator[Row]:
        for finding in findings:
            self.made.findings.append(finding)
            yield self.inputs.row(shown_as, finding_row(finding))

    def _verdict(self) -> Verdict:
        damaged = any(one.severity is Severity.ERROR and not one.incomplete for one in self.made.findings)
        found = findings_in_words(self.made.findings)
        outcome = f"damaged: {found}" if damaged else self._no_damage(found)
        parts = (outcome, self.checks.losses.in_words(), ", ".join(self._read()), self.checks.left_out.in_words())
        return Verdict("; ".join(filter(None, parts)), incomplete=is_incomplete(self.made.findings))

    def _read(self) -> Iterator[str]:
        tally = self.checks.tally
        yield counted(tally.partitions, "partition")
        yield counted(tally.segments, "segment")
        if tally.snapshots:
            yield counted(tally.snapshots, "KRaft snapshot")
        yield counted(tally.batches, "batch") + ("" if self.reads_records else " read")
        if self.reads_records:
            yield f"{counted(tally.records, 'record')} read"

    def _no_damage(self, found: str) -> str:
        where = " in what was read" if is_incomplete(self.made.findings) else ""
        return f"no damage{where}{f' ({found})' if found else ''}"
