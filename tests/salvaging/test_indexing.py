"""Indexes made anew are those that brokers wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from inspector.report import Report
from inspector.reports.salvage import salvage
from inspector.reports.selection import Selection

# Where the broker was told another interval than Kafka's own, its offset indexes have more entries than ours.
OTHER_INTERVAL = ("many", "replicated", "groups")


def done(report: Report) -> Report:
    """Reads a report to its end."""
    for _ in report.all_rows():
        pass
    return report


@pytest.fixture(params=["kafka-3.6.0-stopped", "kafka-4.3.0-stopped", "kafka-4.3.0-rich", "kafka-3.6.0-rich"])
def both(request, each_engine: str, real_dirs: Mapping[str, Path], tmp_path: Path) -> tuple[Path, Path]:
    original = real_dirs[request.param]
    done(salvage(original, Selection(engine=each_engine), tmp_path / "out", carve=False))
    return original, tmp_path / "out" / "data"


def live(original: Path, pattern: str) -> list[Path]:
    """Files of partitions in use, relative to the directory; what lies beside a segment in force."""
    found = (path.relative_to(original) for path in original.glob(f"*-[0-9]*/{pattern}"))
    in_use = (path for path in found if not path.parent.name.endswith("-delete"))
    return [path for path in in_use if (original / path.with_suffix(".log")).exists()]


def test_segments_are_byte_for_byte_the_same(both: tuple[Path, Path]) -> None:
    original, data = both
    logs = live(original, "*.log")
    assert logs
    for path in logs:
        assert (data / path).read_bytes() == (original / path).read_bytes(), path


def test_indexes_of_aborted_transactions_are_kafkas(both: tuple[Path, Path]) -> None:
    original, data = both
    indexes = live(original, "*.txnindex")
    assert any((original / path).stat().st_size for path in indexes)
    for path in indexes:
        made = (data / path).read_bytes() if (data / path).exists() else b""
        assert made == (original / path).read_bytes(), path
    assert {path.relative_to(data) for path in data.glob("*/*.txnindex")} <= set(indexes)


def test_offset_indexes_are_kafkas(both: tuple[Path, Path]) -> None:
    original, data = both
    for path in live(original, "*.index"):
        if path.parent.name.startswith(OTHER_INTERVAL):
            continue
        made, kafkas = (data / path).read_bytes(), (original / path).read_bytes()
        assert kafkas.startswith(made), path
        assert not kafkas[len(made) :].strip(b"\0"), path


def test_time_indexes_end_with_kafkas_last_entry(both: tuple[Path, Path]) -> None:
    original, data = both
    for path in live(original, "*.timeindex"):
        made, kafkas = (data / path).read_bytes(), (original / path).read_bytes()
        assert made[-12:-4] == kafkas[-12:-4], path  # the timestamp; the offset is the record's or the batch's
