"""What stands beside the segments: copied where it is whole, made anew where it must agree with what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..broker_files import (
    CLEANER_OFFSETS,
    LOG_START_OFFSETS,
    META_PROPERTIES,
    RECOVERY_POINTS,
    REPLICATION_OFFSETS,
    Shutdown,
)
from ..engine import Engine, ScanRequest
from ..errors import KinspectError
from ..findings import Finding, Severity
from ..location import Location
from ..log_dir import LogDir
from ..partition import CLUSTER_METADATA, PartitionLog
from ..reading import kraft_snapshots, read_segment
from ..segment import Role, Segment
from ..source import open_source
from ..text_files import (
    Parsed,
    parse_meta_properties,
    parse_partition_metadata,
    parse_quorum_state,
    read_text_file,
    why_unreadable,
)
from .copying import LogWriter
from .manifest import Manifest
from .writing import Output

BOOTSTRAP = "bootstrap.checkpoint"
COPY_STEP = 1024 * 1024

Parse = Callable[[bytes, Location], Parsed[Any]]
Written = tuple[PartitionLog, LogWriter]


class Beside:
    """Copies and makes these files in one output. findings: what was not copied, and why."""

    def __init__(self, output: Output, manifest: Manifest, engine: Engine, data: str) -> None:
        self._output, self._manifest, self._engine, self._data = output, manifest, engine, data
        self.findings: list[Finding] = []

    def of_partition(self, log: PartitionLog, writer: LogWriter) -> None:
        """The text files of a partition, and of the metadata log its snapshots."""
        folder = writer.folder
        epochs = "".join(f"{epoch} {offset}\n" for epoch, offset in writer.epochs)
        lines = f"0\n{len(writer.epochs)}\n{epochs}"
        self._output.write(f"{folder}/{Role.LEADER_EPOCHS}", lines.encode(), like=log.path / Role.LEADER_EPOCHS)
        self._text(log.path / Role.PARTITION_METADATA, log.shown_as, folder, parse_partition_metadata)
        if log.topic == CLUSTER_METADATA:
            self._text(log.path / Role.QUORUM_STATE, log.shown_as, folder, parse_quorum_state)
            for snapshot in kraft_snapshots(log):
                if not snapshot.pending:
                    self._snapshot(snapshot, folder)

    def of_broker(self, log_dir: LogDir, written: Iterable[Written]) -> None:
        """The identity of the directory, and checkpoints that agree with what was written."""
        self._text(log_dir.path / META_PROPERTIES, ".", self._data, parse_meta_properties)
        bootstrap = log_dir.path / BOOTSTRAP
        if bootstrap.is_file():
            size = bootstrap.stat().st_size
            self._snapshot(
                Segment(str(log_dir.path), BOOTSTRAP, BOOTSTRAP, None, size, role=Role.KRAFT_SNAPSHOT), self._data
            )
        for name, lines in _checkpoints(log_dir, list(written)).items():
            text = "".join(f"{line}\n" for line in ("0", str(len(lines)), *lines))
            self._output.write(f"{self._data}/{name}", text.encode("utf-8", "surrogateescape"), log_dir.path / name)

    def _text(self, path: Path, shown: str, folder: str, parse: Parse) -> None:
        """One small file, byte for byte, if it says what it should."""
        at = Location(path.name if shown == "." else f"{shown}/{path.name}")
        parsed = read_text_file(path, at, parse)
        if not parsed.found:
            return
        if parsed.findings:
            bad = parsed.findings[0]
            finding = Finding("file-not-copied", at, found=bad.message)
            self.findings += [bad, finding.because(f"{bad.slug} in {at.path}")]
            return
        self._copy(path, at, folder)

    def _snapshot(self, snapshot: Segment, folder: str) -> None:
        """A snapshot of KRaft, if all of it can be read."""
        found: list[Finding] = []
        for _ in read_segment(snapshot, self._engine, ScanRequest(), found, Shutdown.UNKNOWN):
            pass
        bad = next((one for one in found if one.severity is Severity.ERROR or one.incomplete), None)
        if bad is None:
            self._copy(snapshot.path, snapshot.location(), folder)
        else:
            finding = Finding("file-not-copied", snapshot.location(), found=bad.message)
            self.findings += [bad, finding.because(bad.as_cause)]

    def _copy(self, path: Path, at: Location, folder: str) -> None:
        name = f"{folder}/{path.name}"
        try:
            with open_source(path, at.path) as source, self._output.file(name, like=path) as file:
                for position in range(0, source.size, COPY_STEP):
                    file.write(source.read_at(position, COPY_STEP))
        except KinspectError as error:
            if not isinstance(error.__cause__, OSError) or error.location != at:
                raise
            self.findings.append(Finding("unreadable-file", at, found=why_unreadable(error)))
            return
        self._manifest.add("file", source=at.path, target=name, bytes=file.size)


def _checkpoints(log_dir: LogDir, written: list[Written]) -> Mapping[str, list[str]]:
    """The lines of each checkpoint, for partitions that hold something; the metadata log is in none."""
    lines: dict[str, list[str]] = {
        RECOVERY_POINTS: [], REPLICATION_OFFSETS: [], LOG_START_OFFSETS: [], CLEANER_OFFSETS: []
    }  # fmt: skip
    for log, writer in written:
        if log.topic == CLUSTER_METADATA or writer.first_base is None:
            continue
        topic, _, number = log.path.name.rpartition("-")
        for name, offset in _offsets(log_dir, log, writer).items():
            lines[name].append(f"{topic} {number} {offset}")
    return lines


def _offsets(log_dir: LogDir, log: PartitionLog, writer: LogWriter) -> Mapping[str, int]:
    """What the checkpoints are to say of one partition, none of it beyond the end of what was written."""
    end, first = max(writer.last + 1, writer.active_base), writer.first_base or 0
    offsets = {RECOVERY_POINTS: end}
    if log.high_watermark is not None:
        offsets[REPLICATION_OFFSETS] = max(first, min(log.high_watermark, end))
    start = log.checkpointed.log_start_offset
    if start is not None and min(start, end) > first:
        offsets[LOG_START_OFFSETS] = min(start, end)
    cleaned = (log_dir.broker.cleaner_offsets or {}).get((log.topic or "", log.partition or 0))
    if cleaned is not None:
        offsets[CLEANER_OFFSETS] = min(cleaned, writer.active_base)
    return offsets
