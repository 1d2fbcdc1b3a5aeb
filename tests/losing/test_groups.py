"""Committed offsets of groups, held against what the broker answered when the directory was bundled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from inspector.engine import choose
from inspector.log_dir import open_log_dir
from inspector.losing import committed_offsets

REAL = Path(__file__).resolve().parents[2] / "fixtures" / "real"
WITH_GROUPS = sorted(
    path.parent.name.removesuffix(".kafka-says")
    for path in REAL.glob("*.kafka-says/broker.json")
    if json.loads(path.read_text(encoding="utf-8")).get("groups")
)


def by_broker(groups: Mapping[str, Any]) -> dict[tuple[str, int], dict[str, int]]:
    """What the broker said, in our shape."""
    told: dict[tuple[str, int], dict[str, int]] = {}
    for name, group in groups.items():
        for one in group.get("offsets", ()):  # a share group has none
            told.setdefault((one["topic"], one["partition"]), {})[name] = one["offset"]
    return told


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("name", WITH_GROUPS)
def test_committed_offsets_are_what_the_broker_answered(name: str) -> None:
    log_dir = open_log_dir(REAL / name)
    said = json.loads((REAL / f"{name}.kafka-says" / "broker.json").read_text(encoding="utf-8"))
    committed = committed_offsets(log_dir.partitions, choose())
    assert committed.partitions == sum(log.topic == "__consumer_offsets" for log in log_dir.partitions) > 0
    assert {place: groups for place, groups in committed.offsets.items() if groups} == by_broker(said["groups"])
