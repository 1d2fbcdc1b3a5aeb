"""Every index and snapshot under fixtures/real, held against what DumpLogSegments printed for it, field by field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import FIXTURES
from tests.files.conftest import read_file

NONE_YET = {"index": ("position", 0), "timeindex": ("timestamp", 0)}
"""A preallocated index without entries: Kafka prints its zeros as if they were an entry, and then stops."""


def dumps(kind: str) -> list[Path]:
    return sorted(FIXTURES.glob(f"real/*.kafka-says/*/*.{kind}.dump.txt"))


def dumped_file(dump: Path) -> Path:
    says = dump.parents[1]
    folder = says.with_name(says.name.removesuffix(".kafka-says"))
    return folder / dump.parent.name / dump.name.removesuffix(".dump.txt")


def snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def number(text: str) -> int | None:
    """-1 and `OptionalLong.empty` are Kafka's words for none."""
    found = re.fullmatch(r"(?:OptionalLong\[)?(-?\d+)\]?", text)
    return int(found[1]) if found and int(found[1]) >= 0 else None


def printed(dump: Path, kind: str) -> list[dict[str, int | None]]:
    lines = dump.read_text(encoding="utf-8").splitlines()
    entries = [
        {snake(name): number(value) for name, value in re.findall(r"(\w+): (\S+)", line)}
        for line in lines
        if not line.startswith("Dumping ") and not line.endswith(" is empty.")
    ]
    for entry in entries:  # printed twice where a batch is remembered, under this name only where none is
        if "last_timestamp" in entry:
            entry["timestamp"] = entry.pop("last_timestamp")
    if kind in NONE_YET and dumped_file(dump).stat().st_size > 12:
        field, zero = NONE_YET[kind]
        base_offset = int(dump.name[:20])
        if entries and entries[0] == {"offset": base_offset, field: zero}:
            return []
    return entries


@pytest.mark.parametrize("kind", ["index", "timeindex", "txnindex", "snapshot"])
def test_every_field_is_what_kafka_prints(kind: str) -> None:
    compared = 0
    for dump in dumps(kind):
        file = dumped_file(dump)
        read = read_file(file)
        names = [column.name for column in read.report.columns]
        ours = [dict(zip(names, row, strict=True)) for row in read.rows]
        kafkas = printed(dump, kind)
        assert ours == [dict.fromkeys(names) | entry for entry in kafkas], file
        assert set(read.slugs) <= {"preallocated-tail"}, (file, read.said)
        compared += len(kafkas)
    assert compared > 0


@pytest.mark.parametrize("kind", ["index", "timeindex", "txnindex", "snapshot"])
def test_no_file_of_a_real_broker_is_damaged(kind: str) -> None:
    for pattern in (f"real/*/*/*.{kind}", f"real/*/*/*.{kind}.deleted"):
        for file in FIXTURES.glob(pattern):
            assert set(read_file(file).slugs) <= {"preallocated-tail"}, file
