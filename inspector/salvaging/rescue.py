"""One partition after the other: proven, put in order, copied. What of it is no part of the log goes apart.

The output has a log directory, `data`, and beside it `orphans`: a broker refuses a log directory in which a folder lies
that is no partition.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from ..broker_files import BrokerFiles
from ..engine import Engine
from ..engine.window import ShrunkError, Window
from ..errors import AccessDeniedError, InputError, KinspectError, NotALogError, PathNotFoundError
from ..findings import Finding
from ..found import Findings
from ..listing import OtherFile
from ..partition import PartitionLog, State, parse_partition_dir_name
from ..report import Progress
from ..segment import MAX_OFFSET, Role, Segment
from ..text_files import why_unreadable
from ..words import counted
from .carving import Carver
from .choosing import MAX_EPOCH, OFFSETS, Known
from .copying import LogWriter, Run, write_apart
from .inside import read_carved
from .manifest import Manifest
from .overlaps import settle
from .proving import HARMLESS, Apart, Proof, prove
from .writing import Output

DATA, ORPHANS = "data", "orphans"

NOT_READ = (InputError, PathNotFoundError, AccessDeniedError, NotALogError, ShrunkError)
"""What can happen to an original while it is copied. What happens to the output is another thing, and ends all."""

CARVED = "found by its CRC"


@dataclass(slots=True)
class Saved:
    """What became of one partition. lost: bytes of the log that are in no segment written, those apart included.

    harmless: bytes left out that were never written whole. apart: batches in files of their own.
    end: the next offset of what was written. writer: None where nothing was written into a log.
    """

    segments: int = 0
    batches: int = 0
    records: int = 0
    size: int = 0
    lost: int = 0
    harmless: int = 0
    apart: int = 0
    first: int | None = None
    end: int | None = None
    findings: Findings = field(default_factory=Findings)
    writer: LogWriter | None = None

    def add(self, other: Saved) -> None:
        """Adds the numbers of another one."""
        for name in ("segments", "batches", "records", "size", "lost", "harmless", "apart"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Rescuer:
    """Writes partitions into one output."""

    def __init__(self, output: Output, manifest: Manifest, engine: Engine, progress: Progress) -> None:
        self._output, self._manifest, self._engine, self._progress = output, manifest, engine, progress

    def save(self, log: PartitionLog, broker: BrokerFiles) -> Saved:
        """A partition: into the log directory where it is a live one, else apart."""
        saved = Saved()
        known = self._known(log, broker)
        proofs = [prove(segment, self._engine, log.shutdown, self._progress, known) for segment in log.segments]
        kept = settle(proofs, self._engine)
        if log.state is State.LIVE and log.topic is not None:
            self._write_log(log, kept, saved)
        else:
            for proof in kept:
                self._write_orphan(log, proof, saved)
        for proof in proofs:
            self._write_apart(log, proof, saved)
            self._tell(log, proof, saved)
        for segment in _pending(log):
            proof = prove(segment, self._engine, log.shutdown, Progress(), known)
            self._write_orphan(log, proof, saved)
            self._write_apart(log, proof, saved)
            saved.findings += proof.findings
        return saved

    def _known(self, log: PartitionLog, broker: BrokerFiles) -> Known:
        newest = max((entry.epoch for entry in log.leader_epochs), default=MAX_EPOCH)
        cleaned = broker.cleaner_offsets
        if cleaned is None or log.topic is None or log.partition is None:
            return Known(newest, MAX_OFFSET)
        return Known(newest, cleaned.get((log.topic, log.partition), 0))

    # -- into the log

    def _write_log(self, log: PartitionLog, kept: list[Proof], saved: Saved) -> None:
        folder = f"{DATA}/{folder_of(log)}"
        self._output.folder(folder, like=log.path)
        writer = saved.writer = LogWriter(self._output, folder, self._manifest, _named(log))
        for proof in kept:
            writer.begin(_base_offset(proof, writer.last), proof.segment)
            self._copy(writer, proof, saved)
        active = log.segments[-1] if log.segments else None
        if active is not None and active.base_offset is not None and active.base_offset > writer.last:
            writer.begin(active.base_offset, active)
        writer.end()
        saved.segments = writer.segments
        saved.end = max(writer.last + 1, writer.active_base)

    def _copy(self, writer: LogWriter, proof: Proof, saved: Saved) -> None:
        segment = proof.segment
        try:
            with segment.open(self._engine.meter) as source:
                window = Window(source)
                for one in proof.ranges:
                    writer.copy(window, one, segment, self._progress.step)
                    saved.first = one.first if saved.first is None else saved.first
                    saved.batches += one.batches
                    saved.records += one.records
                    saved.size += one.end - one.start
        except NOT_READ as error:
            saved.findings.append(_not_read(segment, error))

    # -- apart

    def _write_orphan(self, log: PartitionLog, proof: Proof, saved: Saved) -> None:
        """All that is proven of a segment that belongs to no log in use, as one file, as far as offsets go on."""
        if not proof.ranges:
            return
        folder = f"{ORPHANS}/{folder_of(log)}/{proof.segment.file_name}"
        writer = LogWriter(self._output, folder, self._manifest, _named(log), indexes=False)
        aside = Saved()
        writer.begin(proof.ranges[0].first, proof.segment)
        self._copy(writer, proof, aside)
        writer.end()
        saved.apart += aside.batches
        saved.findings += aside.findings

    def _write_apart(self, log: PartitionLog, proof: Proof, saved: Saved) -> None:
        if not proof.apart:
            return
        folder = f"{ORPHANS}/{folder_of(log)}/{proof.segment.file_name}"
        causes = sorted(((one.location.position or 0, one) for one in proof.findings), key=itemgetter(0))
        for run in self.written_apart(folder, proof.segment, proof.apart, saved, _named(log)):
            saved.findings.append(_set_apart(proof.segment, causes, run))

    def written_apart(
        self, folder: str, segment: Segment, apart: Iterable[Apart], saved: Saved, named: dict[str, Any]
    ) -> Iterator[Run]:
        """Batches of one file, written apart run by run."""
        try:
            with segment.open(self._engine.meter) as source:
                window = Window(source)
                for run in write_apart(self._output, folder, self._manifest, window, segment, apart, named):
                    saved.apart += run.batches
                    yield run
        except NOT_READ as error:
            saved.findings.append(_not_read(segment, error))

    def carve(self, segment: Segment, folder: str) -> Saved:
        """Every batch that lies anywhere in a file, as files of their own."""
        saved = Saved()
        for _ in self.written_apart(f"{ORPHANS}/{folder}", segment, self._carved(segment, saved), saved, {}):
            pass
        return saved

    def _carved(self, segment: Segment, saved: Saved) -> Iterator[Apart]:
        with segment.open(self._engine.meter) as source:
            for one in Carver(source, self._progress.step).found():
                judged = read_carved(source, one, self._engine, segment.location())
                saved.records += judged.batch.records
                saved.batches += 1
                saved.size += one.size
                yield Apart(judged.batch, judged.why or CARVED)

    # -- what is said of it

    def _tell(self, log: PartitionLog, proof: Proof, saved: Saved) -> None:
        saved.findings += proof.findings
        for piece in proof.left_out:
            size = piece.end - piece.start
            if piece.why in HARMLESS:
                saved.harmless += size
            else:
                saved.lost += size
            self._manifest.add(
                "left_out", **_named(log), source=proof.segment.shown_as, position_from=piece.start,
                position_to=piece.end, first_offset=piece.first, last_offset=piece.last, why=piece.why,
            )  # fmt: skip


def folder_of(log: PartitionLog) -> str:
    """What its directory is called; where it was given by another name, what it should be called."""
    name = log.path.name
    if parse_partition_dir_name(name) is None and log.topic is not None:
        return f"{log.topic}-{log.partition}"
    return name or log.path.resolve().name or "unnamed"


def _named(log: PartitionLog) -> dict[str, Any]:
    return {"topic": log.topic, "partition": log.partition}


def _base_offset(proof: Proof, written: int) -> int:
    """The one in the file's name where it can stay, else that of the first batch."""
    base, first, last = proof.segment.base_offset, proof.ranges[0].first, proof.ranges[-1].last
    return base if base is not None and written < base <= first and last - base < OFFSETS else first


def _pending(log: PartitionLog) -> Iterator[Segment]:
    """Segments that were being removed or written when the broker stopped."""
    for file in log.other_files:
        if file.name.role is Role.LOG and file.name.pending:
            yield segment_of(file, log)


def segment_of(file: OtherFile, log: PartitionLog) -> Segment:
    """A file of a partition's directory, to be read like a segment."""
    try:
        size = file.path.stat().st_size
    except OSError:  # whoever opens it says so
        size = 0
    return Segment(
        file.directory, file.file_name, file.shown_as, file.name.number, size, log.topic, log.partition,
        role=file.name.role, pending=file.name.pending,
    )  # fmt: skip


def _set_apart(segment: Segment, causes: list[tuple[int, Finding]], run: Run) -> Finding:
    """The finding on a run; the first that was found within it is its cause. causes: by position."""
    at = segment.location().at(run.start, run.end - run.start)
    finding = Finding("batch-set-apart", at, counted(run.batches, "batch"), run.why, run.first, run.last)
    place = bisect_left(causes, run.start, key=itemgetter(0))
    is_caused = place < len(causes) and causes[place][0] <= run.end
    return finding.because(causes[place][1].as_cause) if is_caused else finding


def _not_read(segment: Segment, error: KinspectError | ShrunkError) -> Finding:
    found = f"only {error.size} bytes are left" if isinstance(error, ShrunkError) else why_unreadable(error)
    return Finding("unreadable-file", segment.location(), found=found)
