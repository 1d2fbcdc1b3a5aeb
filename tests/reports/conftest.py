"""Copies of real log directories to change at will, and reports taken apart."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from inspector.engine import choose
from inspector.engine.chunk import Chunk
from inspector.findings import Finding
from inspector.report import Report, Verdict
from inspector.reports.selection import Selection
from inspector.reports.show import show
from inspector.source import FileSource
from tests.conftest import SCRIPT

Copied = Callable[..., Path]


class Taken(NamedTuple):
    """All that a report says, after it was read to its end."""

    rows: list[dict[str, Any]]
    findings: list[Finding]
    verdict: Verdict
    closing: list[str]

    @property
    def offsets(self) -> list[int]:
        return [row["offset"] for row in self.rows]

    @property
    def slugs(self) -> list[str]:
        return [finding.slug for finding in self.findings]


def rows_of(report: Report) -> list[dict[str, Any]]:
    """The rows alone; the verdict, which may read more, is not asked for."""
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.all_rows()]


def taken(report: Report) -> Taken:
    """Reads a report to its end as a renderer does."""
    names = [column.name for column in report.columns]
    rows: list[dict[str, Any]] = []
    closing: list[str] = []
    for section in report.sections:
        rows += [dict(zip(names, row, strict=True)) for row in section.rows]
        closing += section.closing()
    verdict = report.verdict()
    return Taken(rows, report.findings, verdict, closing)


def shown(paths: Path | Iterable[Path], *topics: str, **selection: Any) -> Taken:
    """`show` on one or several directories."""
    directories = [paths] if isinstance(paths, Path) else list(paths)
    return taken(show(directories, Selection(topics, **selection)))


@pytest.fixture
def copied(tmp_path: Path, real_dirs: Mapping[str, Path]) -> Copied:
    """Copies partition directories of a real log directory, `copied("kafka-3.6.0-stopped", "a-0", "b-0=c-0")`.

    `b-0=c-0` gives b-0 another name. With them come the files of the broker, unless `broker=False`.
    """

    def copy(real: str, *partitions: str, broker: bool = True, to: str = "data") -> Path:
        target = tmp_path / to
        target.mkdir(exist_ok=True)
        for entry in real_dirs[real].iterdir():
            if broker and entry.is_file():
                shutil.copy(entry, target)
        for name in partitions:
            old, _, new = name.partition("=")
            shutil.copytree(real_dirs[real] / old, target / (new or old))
        return target

    return copy


class Reads:
    """Which bytes of which segments were asked for."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.ranges: list[tuple[str, int, int]] = []

    def logs(self) -> set[str]:
        """The segments that were opened, by file name."""
        return {Path(path).name for path in self.opened if path.endswith(".log")}

    def lowest(self, segment: str) -> int:
        """The lowest position that was read in a segment."""
        return min(position for path, position, _ in self.ranges if path.endswith(segment))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Notes every opened file and every read from here on."""
    noted = Reads()
    init, read_at = FileSource.__init__, FileSource.read_at

    def noting_init(self: FileSource, file: Path, path: str, *more: Any) -> None:
        noted.opened.append(path)
        init(self, file, path, *more)

    def noting_read(self: FileSource, position: int, size: int) -> bytes:
        noted.ranges.append((self.path, position, size))
        return read_at(self, position, size)

    monkeypatch.setattr(FileSource, "__init__", noting_init)
    monkeypatch.setattr(FileSource, "read_at", noting_read)
    monkeypatch.setattr(FileSource, "lend", lambda _self: None)  # so that each read is asked for
    return noted


@pytest.fixture
def decoded(each_engine: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Notes the base_offset of each batch whose records are decoded from here on."""
    noted: list[int] = []
    engine = type(choose(each_engine))
    scan = engine.scan

    def noting(self: Any, *asked: Any) -> Iterator[Chunk]:
        for chunk in scan(self, *asked):
            rows = chunk.records.columns["batch"].values if len(chunk.records) else ()
            noted.extend(chunk.batches.columns["base_offset"].values[row] for row in dict.fromkeys(rows))
            yield chunk

    monkeypatch.setattr(engine, "scan", noting)
    return noted


@pytest.fixture
def without_privileges(
    require: Callable[[str, str], None],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed command, as root without the right to read what its mode forbids."""
    drop: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            require("setpriv", "setpriv (util-linux) is needed to drop privileges")
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"]

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*drop, str(SCRIPT), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)

    return run


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""
