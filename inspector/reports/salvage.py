"""What its CRC proves, written as a new log directory; a row for each partition, and a verdict on what was saved.

The work is done while the rows are taken. Until the last one was, the output has another name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..broker_files import is_broker_directory
from ..checking import BYTES
from ..engine import choose
from ..findings import Finding, Severity
from ..found import Findings
from ..log_dir import DirKind
from ..names import printable, shown_path
from ..partition import parse_partition_dir_name
from ..report import Column, Hint, Progress, Report, Row, Section, Verdict
from ..salvaging.beside import Beside
from ..salvaging.manifest import MANIFEST, Manifest
from ..salvaging.rescue import DATA, Rescuer, Saved, folder_of
from ..salvaging.writing import Output
from ..segment import Role, Segment, parse_file_name
from ..words import counted
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .losses import LOST
from .partition_checks import PartitionChecks
from .scope import Scope
from .selection import Selection
from .tally import findings_in_words, is_incomplete

LOSSES = Scope(frozenset((BYTES, "gaps", "checkpoints")))
"""What finds all that can have cost records."""

TOLD_OF_LOSSES = (LOST, "unexplained-gap", "log-ends-early")
"""What is told of that here; damage to bytes is found while they are salvaged."""

SALVAGE_COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("state", optional=True, usual="live"),
    Column("segments", Hint.NUMBER),
    Column("batches", Hint.NUMBER),
    Column("records", Hint.NUMBER),
    Column("bytes", Hint.SIZE),
    Column("bytes_left_out", Hint.SIZE),
    Column("batches_apart", Hint.NUMBER),
    Column("first_offset", Hint.NUMBER),
    Column("end_offset", Hint.NUMBER),
)


CARVING_COLUMNS = (
    Column("file", Hint.FILE),
    Column("batches", Hint.NUMBER),
    Column("records", Hint.NUMBER),
    Column("bytes", Hint.SIZE),
)


def salvage(path: Path, selection: Selection, output: Path, *, carve: bool) -> Report:
    """Writes the selected partitions below `output`. carve: look for batches everywhere, in a file of any kind too.

    Raises OutputRefusedError before anything is written, and as `show`; OutputError while rows are taken.
    """
    if carve and path.is_file():
        return _Carving(path, selection, output).made
    return _Salvage(open_inputs([path]), selection, output, carve).made


def _never_below(path: Path) -> list[Path]:
    """The directories in which nothing is written: the one given, and a partition's and a broker's around it."""
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    around = [one for one in (folder, folder.parent) if is_broker_directory(one)]
    is_partition = parse_partition_dir_name(folder.resolve().name) is not None
    return [path, *around, *([folder] if is_partition else [])]


class _Salvage:
    def __init__(self, inputs: Inputs, selection: Selection, output: Path, carve: bool) -> None:
        self.inputs = inputs
        self.carve = carve
        self.engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.totals = Saved()
        self.checks = PartitionChecks(inputs, self.engine, LOSSES, Progress())
        self.lost: list[str] = []
        self.output = Output(output, _never_below(inputs.log_dirs[0].path))
        findings = Findings([*inputs.findings(), *inputs.missing(selection, self.chosen)])
        self.made = Report(SALVAGE_COLUMNS, self._sections(), findings, self._verdict)
        self.made.progress.measure = lambda: 2 * bytes_of(self.chosen)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        yield Section(rows=self._rows())

    def _rows(self) -> Iterator[Row]:
        log_dir = self.inputs.log_dirs[0]
        self.output.begin()
        with self.output.file(MANIFEST) as file:
            manifest = Manifest(file)
            rescuer = Rescuer(self.output, manifest, self.engine, self.made.progress)
            beside = Beside(self.output, manifest, self.engine, DATA)
            written = []
            for chosen in self.chosen:
                saved = rescuer.save(chosen.log, log_dir.broker)
                if saved.writer is not None:
                    beside.of_partition(chosen.log, saved.writer)
                    written.append((chosen.log, saved.writer))
                if self.carve:
                    self._carve_others(chosen, rescuer, saved)
                self.made.findings += [*chosen.log.findings, *saved.findings]
                self._tell_losses(chosen)
                self.totals.add(saved)
                yield _row(chosen, saved)
            if log_dir.kind is DirKind.BROKER:
                beside.of_broker(log_dir, written)
            known = set(self.made.findings)
            self.made.findings += [one for one in beside.findings if one not in known]
        self.output.finish()

    def _tell_losses(self, chosen: Chosen) -> None:
        """What of a partition is not in the output because it is gone, as `verify` has it."""
        self.made.findings += [one for one in self.checks.findings(chosen) if one.slug in TOLD_OF_LOSSES]
        lines = self.checks.losses.statement()
        self.lost += [line if line.startswith(" ") else f"{chosen.title}: {line}" for line in lines]

    def _carve_others(self, chosen: Chosen, rescuer: Rescuer, saved: Saved) -> None:
        """Files of other names in a partition's directory."""
        for segment in _foreign_files(chosen):
            carved = rescuer.carve(segment, f"{folder_of(chosen.log)}/{segment.file_name}")
            saved.apart += carved.apart
            saved.findings += carved.findings

    def _verdict(self) -> Verdict:
        verdict = _verdict(self.totals, self.made.findings, self.output.path, self.checks.losses.in_words())
        return replace(verdict, lines=tuple(self.lost))


def _row(chosen: Chosen, saved: Saved) -> Row:
    return (
        chosen.log.topic, chosen.log.partition, str(chosen.log.state), saved.segments, saved.batches, saved.records,
        saved.size, saved.lost, saved.apart, saved.first, saved.end,
    )  # fmt: skip


def _foreign_files(chosen: Chosen) -> Iterator[Segment]:
    log = chosen.log
    try:
        with os.scandir(log.path) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError:  # said when it was listed
        return
    for name in names:
        if parse_file_name(name).role is Role.FOREIGN:
            shown = printable(name) if log.shown_as == "." else f"{log.shown_as}/{printable(name)}"
            yield Segment(str(log.path), name, shown, None, (log.path / name).stat().st_size, log.topic, log.partition)


class _Carving:
    """One file of any kind, from its first byte to its last."""

    def __init__(self, path: Path, selection: Selection, output: Path) -> None:
        self.engine = choose(selection.engine)
        size = path.stat().st_size
        self.segment = Segment(str(path.parent), path.name, shown_path(path), None, size)
        self.saved = Saved()
        self.output = Output(output, _never_below(path))
        self.made = Report(CARVING_COLUMNS, self._sections(), Findings(), self._verdict)
        self.made.progress.measure = lambda: size

    def _sections(self) -> Iterator[Section]:
        yield Section(rows=self._rows())

    def _rows(self) -> Iterator[Row]:
        self.output.begin()
        with self.output.file(MANIFEST) as file:
            rescuer = Rescuer(self.output, Manifest(file), self.engine, self.made.progress)
            self.saved = rescuer.carve(self.segment, self.segment.file_name)
        self.made.findings += self.saved.findings
        self.output.finish()
        yield self.segment.shown_as, self.saved.batches, self.saved.records, self.saved.size

    def _verdict(self) -> Verdict:
        saved = self.saved
        text = f"{counted(saved.batches, 'batch')} with {counted(saved.records, 'record')} found by their CRCs"
        incomplete = is_incomplete(self.made.findings)
        return Verdict(f"{text}, all apart; written to {shown_path(self.output.path)}", incomplete=incomplete)


def _verdict(saved: Saved, findings: list[Finding], path: Path, lost: str) -> Verdict:
    left_out = f"{saved.lost:,} bytes left out" if saved.lost else "nothing left out"
    parts = [
        f"{counted(saved.batches, 'batch')} with {counted(saved.records, 'record')} salvaged, {saved.size:,} bytes",
        left_out,
        lost,
        f"{counted(saved.apart, 'batch')} apart" if saved.apart else "",
        f"{saved.harmless:,} bytes of torn or unused ends not copied" if saved.harmless else "",
        findings_in_words(findings),
        f"written to {shown_path(path)}",
    ]
    is_told = any(one.severity is Severity.ERROR for one in findings)  # then --fail-on decides
    text = "; ".join(filter(None, parts))
    return Verdict(text, ok=is_told or not saved.lost, incomplete=is_incomplete(findings))
