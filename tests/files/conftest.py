"""Small files beside the logs, made byte by byte from the definitions, and read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import google_crc32c
import pytest

from inspector.findings import Finding
from inspector.report import Report
from inspector.reports.contents import contents
from inspector.spec import offset_index, producer_snapshot, time_index, txn_index

UUID = "wJ47CHkuQy2B3GVQQORREg"


def offset_entries(*entries: tuple[int, int]) -> bytes:
    return b"".join(offset_index.ENTRY.pack(*entry) for entry in entries)


def time_entries(*entries: tuple[int, int]) -> bytes:
    return b"".join(time_index.ENTRY.pack(*entry) for entry in entries)


def txn_entries(*entries: tuple[int, ...]) -> bytes:
    return b"".join(txn_index.ENTRY.pack(*entry) for entry in entries)


def snapshot(*entries: tuple[int, ...], count: int | None = None, version: int = 1, surplus: bytes = b"") -> bytes:
    """A producer snapshot with a right checksum, whatever else is wrong with it."""
    claimed = len(entries) if count is None else count
    behind = claimed.to_bytes(4, "big", signed=True) + b"".join(
        producer_snapshot.ENTRY.pack(*entry) for entry in entries
    )
    crc = google_crc32c.value(behind + surplus)
    return version.to_bytes(2, "big") + crc.to_bytes(4, "big") + behind + surplus


class Read(NamedTuple):
    """What a report says about one file."""

    rows: list[tuple[object, ...]]
    findings: list[Finding]
    report: Report

    @property
    def said(self) -> list[str]:
        return [f"{finding.slug}: {finding}" for finding in self.findings]

    @property
    def slugs(self) -> list[str]:
        return [finding.slug for finding in self.findings]


def read_file(path: Path) -> Read:
    report = contents([path])
    rows = [tuple(row) for row in report.all_rows()]
    return Read(rows, report.findings, report)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, bytes], Read]:
    """Writes bytes under a name, and reads them back as `kinspect show` does."""

    def write_and_read(name: str, data: bytes) -> Read:
        path = tmp_path / name
        path.write_bytes(data)
        return read_file(path)

    return write_and_read
