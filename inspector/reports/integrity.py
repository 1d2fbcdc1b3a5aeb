"""Is it whole? CRC, framing, decompression, records and the order of offsets, finding by finding.

Every record is decoded and thrown away. What this release does not check is said in the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.chunk import Chunk
from ..findings import Finding, Severity
from ..found import Findings
from ..reading import kraft_snapshots, read_partition, read_segment
from ..report import Report, Row, Section, Verdict
from ..words import counted
from .columns import FINDING_COLUMNS, finding_row
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .selection import Selection
from .tally import Tally, findings_in_words, is_incomplete

NOT_CHECKED = "not checked: indexes, producer snapshots, transactions, leader epochs"


def integrity(paths: list[Path], selection: Selection) -> Report:
    """Findings on the selected partitions, in the order of partition, segment and position. Raises as `show`."""
    return _Integrity(open_inputs(paths), selection).made


_COUNTED = ScanRequest(columns=())
"""Every record is decoded, and none is kept."""


class _Integrity:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.not_read = [*inputs.of_paths, *inputs.missing(selection, self.chosen)]
        self.tally = Tally()
        columns = inputs.columns(FINDING_COLUMNS)
        self.made = Report(columns, self._sections(), Findings(), self._verdict, rows_are_findings=True)
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter

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
                yield Section(chosen.title, rows=chain((first,), rows))

    def _told(self, shown_as: str, findings: Iterator[Finding]) -> Iterator[Row]:
        for finding in findings:
            self.made.findings.append(finding)
            yield self.inputs.row(shown_as, finding_row(finding))

    def _check(self, chosen: Chosen) -> Iterator[Finding]:
        yield from chosen.log.findings
        found: list[Finding] = []
        for _, chunk in read_partition(chosen.log, self.engine, _COUNTED, found, self.made.progress):
            self._count(chunk)
            yield from _drain(found)
        self.tally.segments += len(chosen.log.segments)
        yield from _drain(found)
        yield from self._check_snapshots(chosen)

    def _check_snapshots(self, chosen: Chosen) -> Iterator[Finding]:
        """What KRaft snapshots hold is not counted: it stood in the log."""
        found: list[Finding] = []
        for snapshot in kraft_snapshots(chosen.log):
            self.tally.snapshots += 1
            for _ in read_segment(snapshot, self.engine, ScanRequest(), found, chosen.log.shutdown):
                yield from _drain(found)
            yield from _drain(found)

    def _count(self, chunk: Chunk) -> None:
        self.tally.batches += len(chunk.batches)
        self.tally.records += len(chunk.records)

    def _verdict(self) -> Verdict:
        tally = self.tally
        snapshots = [counted(tally.snapshots, "KRaft snapshot")] if tally.snapshots else []
        read = ", ".join(
            (
                counted(tally.partitions, "partition"),
                counted(tally.segments, "segment"),
                *snapshots,
                counted(tally.batches, "batch"),
                f"{counted(tally.records, 'record')} read",
            )
        )
        damaged = any(one.severity is Severity.ERROR and not one.incomplete for one in self.made.findings)
        found = findings_in_words(self.made.findings)
        outcome = f"damaged: {found}" if damaged else self._no_damage(found)
        return Verdict(f"{outcome}; {read}; {NOT_CHECKED}", incomplete=is_incomplete(self.made.findings))

    def _no_damage(self, found: str) -> str:
        where = " in what was read" if is_incomplete(self.made.findings) else ""
        return f"no damage{where}{f' ({found})' if found else ''}"


def _drain(found: list[Finding]) -> Iterator[Finding]:
    yield from found
    found.clear()
