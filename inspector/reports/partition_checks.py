"""One partition checked: its bytes, the rules over them, the KRaft snapshots beside it, and what was lost."""

from __future__ import annotations

from collections.abc import Iterator

from ..checking import Around, Rule
from ..checking.clusters import Clusters
from ..checking.diagnosis import Diagnoses
from ..checking.driver import Sweep
from ..engine import Engine, ScanRequest
from ..findings import Finding
from ..partition import PartitionLog
from ..reading import kraft_snapshots, read_segment
from ..report import Progress
from .inputs import Chosen, Inputs
from .losses import MOST_CAUSES, Losses, may_cost
from .scope import LeftOut, Scope
from .tally import Tally


class PartitionChecks:
    """Checks partitions one by one. tally: what was read so far. left_out: what was not. losses: what was lost."""

    def __init__(self, inputs: Inputs, engine: Engine, scope: Scope, progress: Progress) -> None:
        self.tally = Tally()
        self.left_out = LeftOut(scope)
        self.losses = Losses(inputs, engine)
        self._clusters = Clusters(inputs.log_dirs, engine)
        self._engine, self._scope, self._progress = engine, scope, progress

    def findings(self, chosen: Chosen) -> Iterator[Finding]:
        """All that is found of one partition, in the order of reading; last what it cost."""
        self.tally.partitions += 1
        yield from chosen.log.findings
        damage: list[Finding] = []
        for finding in self._sweep(self._around(chosen)):
            if may_cost(finding) and len(damage) < MOST_CAUSES:
                damage.append(finding)
            yield finding
        if self._scope.reads_records:
            yield from self._snapshots(chosen.log)
            yield from self.losses.of(chosen.log, damage)

    def _around(self, chosen: Chosen) -> Around:
        cluster, left_out = self._clusters.of(chosen.log_dir), self._scope.left_out(chosen.log)
        return Around(chosen.log, chosen.log_dir.broker, self._engine, cluster=cluster, left_out=left_out)

    def _sweep(self, around: Around) -> Iterator[Finding]:
        rules = list(self._rules(around))
        sweep = Sweep(around, rules, self._scope.request(rules), self._progress)
        yield from sweep.findings()
        self.tally.segments += len(around.log.segments) - len(around.left_out)
        self.tally.batches += sweep.batches
        self.tally.records += sweep.records

    def _rules(self, around: Around) -> Iterator[Rule]:
        """Those that can judge what is read of the partition; what the others are about is noted as not checked."""
        self.left_out.segments += len(around.left_out)
        for check in self._scope.checks.values():
            for rule in check.rules:
                if around.left_out and rule.needs_all:
                    self.left_out.titles[check.title] = None
                else:
                    yield rule(around)

    def _snapshots(self, log: PartitionLog) -> Iterator[Finding]:
        """What KRaft snapshots hold is not counted: it stood in the log."""
        found: list[Finding] = []
        diagnoses = Diagnoses(self._engine)
        for snapshot in kraft_snapshots(log):
            if not self._scope.holds(snapshot.path):
                self.left_out.snapshots += 1
                continue
            self.tally.snapshots += 1
            for _ in read_segment(snapshot, self._engine, ScanRequest(), found, log.shutdown):
                yield from (diagnoses.of(finding, snapshot) for finding in _drain(found))
            yield from (diagnoses.of(finding, snapshot) for finding in _drain(found))


def _drain(found: list[Finding]) -> Iterator[Finding]:
    yield from found
    found.clear()
