"""Scenes: what producers were told and what the broker said of itself, beside the directories that were left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pytest

from inspector.log_dir import LogDir, open_log_dir
from inspector.report import Report
from inspector.reports.batches import batches
from inspector.reports.inventory import inventory
from inspector.reports.selection import Selection
from inspector.reports.show import show

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "real"

Line = dict[str, Any]

EVERY_TOPIC = Selection(topics=("*",))


def lines_of(report: Report) -> Iterator[Line]:
    """The rows of a report, by column."""
    names = [column.name for column in report.columns]
    for section in report.sections:
        for row in section.rows:
            yield dict(zip(names, row, strict=True))


@dataclass(frozen=True)
class Scene:
    """One life of one or more brokers: `NAME.kafka-says/` with acks.jsonl and broker.json, and `NAME` or `NAME-*`."""

    name: str

    @property
    def directories(self) -> list[Path]:
        alone = REAL / self.name
        return [alone] if alone.is_dir() else sorted(p for p in REAL.glob(f"{self.name}-*") if "says" not in p.suffix)

    @cached_property
    def acks(self) -> list[Line]:
        lines = (REAL / f"{self.name}.kafka-says" / "acks.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @cached_property
    def broker(self) -> Line:
        said: Line = json.loads((REAL / f"{self.name}.kafka-says" / "broker.json").read_text(encoding="utf-8"))
        return said

    @cached_property
    def log_dirs(self) -> list[LogDir]:
        return [open_log_dir(path) for path in self.directories]

    @cached_property
    def records(self) -> list[Line]:
        """Every record that kinspect shows in any of the directories, with the directory's name."""
        return [
            line | {"log_dir": path.name} for path in self.directories for line in lines_of(show([path], EVERY_TOPIC))
        ]

    @cached_property
    def batches(self) -> list[Line]:
        """Every batch, empty ones included."""
        return [line for path in self.directories for line in lines_of(batches([path], EVERY_TOPIC))]

    @cached_property
    def partitions(self) -> list[Line]:
        """What `kinspect ls` says of every live partition, with the directory's name."""
        return [
            line | {"log_dir": path.name}
            for path in self.directories
            for line in lines_of(inventory([path], EVERY_TOPIC, segments=False))
            if line["state"] == "live"
        ]


@lru_cache
def scene_named(name: str) -> Scene:
    return Scene(name)


NAMES = sorted(path.parent.name.removesuffix(".kafka-says") for path in REAL.glob("*.kafka-says/acks.jsonl"))


@pytest.fixture(params=NAMES)
def scene(request: pytest.FixtureRequest) -> Scene:
    return scene_named(request.param)


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""
