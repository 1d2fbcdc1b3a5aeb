"""Is it whole? CRC, framing, decompression, records and the order of offsets, finding by finding.

Every record is decoded and thrown away, unless somebody wants less. What is not checked is said in the verdict.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from ..checking import Around, Rule
from ..checking.clusters import Clusters
from ..checking.diagnosis import Diagnoses
from ..checking.driver import Sweep
from ..engine import Engine, ScanRequest, choose
from ..findings import Finding, Severity
from ..found import Findings
from ..partition import PartitionLog
from ..reading import kraft_snapshots, read_segment
from ..report import Report, Row, Section, Verdict
from ..throttle import Throttle
from ..words import counted
from .columns import FINDING_COLUMNS, finding_row
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .losses import MOST_CAUSES, Losses, may_cost
from .scope import EVERYTHING, LeftOut, Scope
from .selection import Selection
from .tally import Tally, findings_in_words, is_incomplete


def integrity(paths: list[Path], selection: Selection, scope: Scope = EVERYTHING) -> Report:
    """Findings on the selected partitions, in the order of partition, segment and position. Raises as `show`."""
    return _Integrity(open_inputs(paths), selection, scope).made


class _Integrity:
    def __init__(self, inputs: Inputs, selection: Selection, scope: Scope) -> None:
        self.inputs = inputs
        self.scope = scope
        self.engine: Engine = choose(selection.engine)
        self.clusters = Clusters(inputs.log_dirs, self.engine)
        self.chosen = inputs.choose(selection)
        self.not_read = [*inputs.of_paths, *inputs.missing(selection, self.chosen)]
        self.tally = Tally()
        self.losses = Losses(inputs, self.engine)
        self.left_out = LeftOut(scope)
        columns = inputs.columns(FINDING_COLUMNS)
        self.made = Report(columns, self._sections(), Findings(), self._verdict, rows_are_findings=True)
        self.made.progress.measure = partial(bytes_of, self.chosen, scope.left_out)
        self.made.progress.meter = self.engine.meter
        self.engine.meter.spares_cache = True
        if scope.max_rate is not None:
            self.engine.meter.throttle = Throttle(scope.max_rate, sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        self.made.progress.tick()
        time.sleep(seconds)

    def _sections(self) -> Iterator[Section]:
        if self.not_read:
            yield Section("not read", rows=self._told("", iter(self.not_read)))
        for log_dir in self.inputs.log_dirs:
            if log_dir.findings:
                yield Section(log_dir.shown_as, rows=self._told(log_dir.shown_as, iter(log_dir.findings)))
        for chosen in self.chosen:
            self.tally.partitions += 1
            rows = self._told(chosen.log_dir.shown_as, self._check(chosen))
            first = next(rows, None)
            if first is not None:  # a partition without findings has nothing to say
                yield Section(chosen.title, rows=chain((first,), rows), closing=self.losses.statement)

    def _told(self, shown_as: str, findings: Iterator[Finding]) -> Iterator[Row]:
        for finding in findings:
            self.made.findings.append(finding)
            yield self.inputs.row(shown_as, finding_row(finding))

    def _check(self, chosen: Chosen) -> Iterator[Finding]:
        log = replace(chosen.log)  # a copy whose listing goes with it: there may be a hundred thousand
        yield from log.findings
        cluster = self.clusters.of(chosen.log_dir)
        around = Around(log, chosen.log_dir.broker, self.engine, cluster=cluster, left_out=self.scope.left_out(log))
        damage: list[Finding] = []
        for finding in self._sweep(around):
            if may_cost(finding) and len(damage) < MOST_CAUSES:
                damage.append(finding)
            yield finding
        if self.scope.reads_records:
            yield from self._check_snapshots(log)
            yield from self.losses.of(chosen, damage)

    def _sweep(self, around: Around) -> Iterator[Finding]:
        rules = list(self._rules(around))
        sweep = Sweep(around, rules, self.scope.request(rules), self.made.progress)
        yield from sweep.findings()
        self.tally.segments += len(around.log.segments) - len(around.left_out)
        self.tally.batches += sweep.batches
        self.tally.records += sweep.records

    def _rules(self, around: Around) -> Iterator[Rule]:
        """Those that can judge what is read of the partition; what the others are about is noted as not checked."""
        self.left_out.segments += len(around.left_out)
        for check in self.scope.checks.values():
            for rule in check.rules:
                if around.left_out and rule.needs_all:
                    self.left_out.titles[check.title] = None
                else:
                    yield rule(around)

    def _check_snapshots(self, log: PartitionLog) -> Iterator[Finding]:
        """What KRaft snapshots hold is not counted: it stood in the log."""
        found: list[Finding] = []
        diagnoses = Diagnoses(self.engine)
        for snapshot in kraft_snapshots(log):
            if not self.scope.holds(snapshot.path):
                self.left_out.snapshots += 1
                continue
            self.tally.snapshots += 1
            for _ in read_segment(snapshot, self.engine, ScanRequest(), found, log.shutdown):
                yield from (diagnoses.of(finding, snapshot) for finding in _drain(found))
            yield from (diagnoses.of(finding, snapshot) for finding in _drain(found))

    def _verdict(self) -> Verdict:
        damaged = any(one.severity is Severity.ERROR and not one.incomplete for one in self.made.findings)
        found = findings_in_words(self.made.findings)
        outcome = f"damaged: {found}" if damaged else self._no_damage(found)
        parts = (outcome, self.losses.in_words(), ", ".join(self._read()), self.left_out.in_words())
        return Verdict("; ".join(filter(None, parts)), incomplete=is_incomplete(self.made.findings))

    def _read(self) -> Iterator[str]:
        tally = self.tally
        yield counted(tally.partitions, "partition")
        yield counted(tally.segments, "segment")
        if tally.snapshots:
            yield counted(tally.snapshots, "KRaft snapshot")
        yield counted(tally.batches, "batch") + ("" if self.scope.reads_records else " read")
        if self.scope.reads_records:
            yield f"{counted(tally.records, 'record')} read"

    def _no_damage(self, found: str) -> str:
        where = " in what was read" if is_incomplete(self.made.findings) else ""
        return f"no damage{where}{f' ({found})' if found else ''}"


def _drain(found: list[Finding]) -> Iterator[Finding]:
    yield from found
    found.clear()
