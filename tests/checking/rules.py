"""Rules led over a folder of segments that a test made from bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inspector.checking import CHECKS, Around
from inspector.checking.clusters import Clusters
from inspector.checking.driver import Sweep
from inspector.engine import ScanRequest, choose
from inspector.findings import Finding
from inspector.log_dir import LogDir, open_log_dir
from inspector.partition import PartitionLog
from inspector.report import Progress


def found_by(
    check: str, directory: Path, partition: str = "", when_listed: Callable[[], object] = bool
) -> list[Finding]:
    """What one check finds in a partition's directory, findings about bytes included.

    directory: the partition's, or a broker's; then `partition` is the name of the folder in it, or the first is taken.
    when_listed: what happens after the directory was listed.
    """
    log_dir = open_log_dir(directory)
    log = next(one for one in log_dir.partitions if partition in ("", one.path.name))
    assert log.segments is not None
    when_listed()
    return _found(check, log_dir, log)


def found_in(check: str, directory: Path, topic: str = "t") -> list[Finding]:
    """Likewise in the first partition of a topic in a broker's directory."""
    log_dir = open_log_dir(directory)
    return _found(check, log_dir, next(log for log in log_dir.partitions if log.topic == topic))


def _found(check: str, log_dir: LogDir, log: PartitionLog) -> list[Finding]:
    engine = choose()
    around = Around(log, log_dir.broker, engine, cluster=Clusters([log_dir], engine).of(log_dir))
    rules = [rule(around) for rule in CHECKS[check].rules]
    return list(Sweep(around, rules, ScanRequest(columns=()), Progress()).findings())


def written(folder: Path, **segments: bytes) -> Path:
    """A partition's directory with segments of these bytes, `_17=…` for the base offset 17."""
    folder.mkdir(parents=True)
    for name, data in segments.items():
        (folder / f"{int(name[1:]):020}.log").write_bytes(data)
    return folder


def checkpoint(file: Path, *rows: str) -> None:
    """A checkpoint with these rows."""
    file.write_text("".join(f"{line}\n" for line in ("0", len(rows), *rows)))
