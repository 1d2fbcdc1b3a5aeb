"""`control_value` of every control record under fixtures/real, held against what DumpLogSegments printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from inspector.reports.selection import Selection
from inspector.reports.show import show
from inspector.schemas import with_snake_case
from tests.conftest import FIXTURES

# An end marker is told in words, `endTxnMarker: COMMIT coordinatorEpoch: 0`; the others as JSON, some with a colon.
CONTROL = re.compile(
    r"^\| offset: (?P<offset>\d+) .*(?:endTxnMarker: (?P<marker>COMMIT|ABORT) coordinatorEpoch: (?P<epoch>-?\d+)"
    r"|(?P<name>LeaderChange|SnapshotHeader|SnapshotFooter|KRaftVersion|KRaftVoters):? (?P<json>\{.*\}))$",
    re.MULTILINE,
)
TYPES = {
    "LeaderChange": "LEADER_CHANGE",
    "SnapshotHeader": "SNAPSHOT_HEADER",
    "SnapshotFooter": "SNAPSHOT_FOOTER",
    "KRaftVersion": "KRAFT_VERSION",
    "KRaftVoters": "KRAFT_VOTERS",
}

Told = tuple[int, str, object]


def printed(dump: str) -> list[Told]:
    return [
        (int(found["offset"]), found["marker"], {"version": 0, "coordinator_epoch": int(found["epoch"])})
        if found["marker"]
        else (int(found["offset"]), TYPES[found["name"]], with_snake_case(json.loads(found["json"])))
        for found in CONTROL.finditer(dump)
    ]


def shown(file: Path) -> list[Told]:
    report = show([file], Selection(("*",)))
    names = [column.name for column in report.columns]
    rows = (dict(zip(names, row, strict=True)) for row in report.all_rows())
    return [(row["offset"], row["control_type"], row["control_value"]) for row in rows if row["is_control"]]


def dumped_files() -> list[tuple[Path, Path]]:
    """Each file with control records, beside its dump."""
    pairs = []
    for dump in sorted(FIXTURES.glob("real/*.kafka-says/**/*.dump.txt")):
        says = next(parent for parent in dump.parents if parent.name.endswith(".kafka-says"))
        name = dump.relative_to(says).as_posix().removesuffix(".dump.txt")
        file = says.with_name(says.name.removesuffix(".kafka-says")) / (name if Path(name).suffix else f"{name}.log")
        if file.exists() and file.suffix in (".log", ".checkpoint"):
            pairs.append((file, dump))
    return pairs


def test_every_control_value_is_what_kafka_prints() -> None:
    kinds = set()
    for file, dump in dumped_files():
        kafkas = printed(dump.read_text(encoding="utf-8"))
        if kafkas:
            assert shown(file) == kafkas, file
        kinds.update(kind for _, kind, _ in kafkas)
    assert kinds == {"ABORT", "COMMIT", *TYPES.values()}


def test_a_record_of_data_has_none() -> None:
    report = show([FIXTURES / "real" / "kafka-4.3.0-stopped"], Selection(("hello-world-4",)))
    place = [column.name for column in report.columns].index("control_value")
    assert {row[place] for row in report.all_rows()} == {None}
