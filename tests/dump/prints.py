"""What DumpLogSegments prints about a file, made of kinspect's answers: the tool's words and order, our values.

`LINES` says for each kind of line which of our fields each of its fields is. What the two versions of the tool do
differently, and what they print that is not so, stands in `habits.py`.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from inspector.report import Report
from inspector.reports.batches import batches
from inspector.reports.contents import contents
from inspector.reports.selection import Selection
from inspector.reports.show import show
from tests.dump import habits

Row = Mapping[str, Any]


# ---- Its fields


def as_it_is(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def optional_long(value: int | None) -> str:
    return "OptionalLong.empty" if value is None else f"OptionalLong[{value}]"


def or_none(value: int | None) -> str:
    return "-1" if value is None else str(value)


def size(value: bytes | None) -> str:
    return or_none(None if value is None else len(value))


SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")


def text(value: bytes) -> str:
    """The tool decodes as UTF-8, with U+FFFD for what is none: Java makes one of half a surrogate pair."""
    return SURROGATE.sub("\ufffd".encode(), value).decode(errors="replace")


def names(headers: list[tuple[bytes, bytes | None]]) -> str:
    return f"[{','.join(text(name) for name, _ in headers)}]"


class Field(NamedTuple):
    """`theirs: …` is our field `ours`, written so. A name in angle brackets is itself one of our values."""

    theirs: str
    ours: str
    how: Callable[[Any], str] = as_it_is

    def printed(self, row: Row) -> str:
        name = row[self.theirs.strip("<>")] if self.theirs.startswith("<") else self.theirs
        return f"{name}: {self.how(row[self.ours])}"


TIME_OF_BATCH = Field("<timestamp_type>", "max_timestamp")
TIME_OF_RECORD = Field("<timestamp_type>", "timestamp")
OF_EVERY_BATCH = (
    Field("position", "position"),
    TIME_OF_BATCH,
    Field("size", "batch_bytes"),
    Field("magic", "magic"),
    Field("compresscodec", "compression"),
    Field("crc", "crc"),
    Field("isvalid", "crc_ok"),
)
OF_EVERY_RECORD = (
    Field("offset", "offset"),
    TIME_OF_RECORD,
    Field("keySize", "key", size),
    Field("valueSize", "value", size),
)

LINES: Mapping[str, tuple[Field, ...]] = {
    "batch of format 2": (
        Field("baseOffset", "base_offset"),
        Field("lastOffset", "last_offset"),
        Field("count", "records_count"),
        Field("baseSequence", "base_sequence"),
        Field("lastSequence", "last_sequence"),
        Field("producerId", "producer_id"),
        Field("producerEpoch", "producer_epoch"),
        Field("partitionLeaderEpoch", "partition_leader_epoch"),
        Field("isTransactional", "is_transactional"),
        Field("isControl", "is_control"),
        Field("deleteHorizonMs", "delete_horizon_ms", optional_long),
        *OF_EVERY_BATCH,
    ),
    "batch of format 0 or 1": (Field("offset", "last_offset"), *OF_EVERY_BATCH),
    "record of format 2": (*OF_EVERY_RECORD, Field("sequence", "sequence"), Field("headerKeys", "headers", names)),
    "record of format 0 or 1": (*OF_EVERY_RECORD, Field("isValid", "crc_ok"), Field("crc", "message_crc")),
    ".index": (Field("offset", "offset"), Field("position", "position")),
    ".timeindex": (Field("timestamp", "timestamp"), Field("offset", "offset")),
    ".txnindex": (
        Field("version", "version"),
        Field("producerId", "producer_id"),
        Field("firstOffset", "first_offset"),
        Field("lastOffset", "last_offset"),
        Field("lastStableOffset", "last_stable_offset"),
    ),
    ".snapshot": (
        Field("producerId", "producer_id"),
        Field("producerEpoch", "producer_epoch"),
        Field("coordinatorEpoch", "coordinator_epoch", or_none),
        Field("currentTxnFirstOffset", "current_txn_first_offset", optional_long),
        Field("lastTimestamp", "timestamp"),
    ),
    ".snapshot, last batch": (
        Field("firstSequence", "first_sequence"),
        Field("lastSequence", "last_sequence"),
        Field("lastOffset", "last_offset"),
        Field("offsetDelta", "offset_delta"),
        Field("timestamp", "timestamp"),
    ),
}


def line(kind: str, row: Row) -> str:
    return " ".join(field.printed(row) for field in LINES[kind])


# ---- Control records

CONTROLS: Mapping[str, str] = {
    "ABORT": "endTxnMarker: ABORT coordinatorEpoch: {coordinator_epoch}",
    "COMMIT": "endTxnMarker: COMMIT coordinatorEpoch: {coordinator_epoch}",
    "LEADER_CHANGE": "LeaderChange: {json}",
    "SNAPSHOT_HEADER": "SnapshotHeader {json}",
    "SNAPSHOT_FOOTER": "SnapshotFooter {json}",
    "KRAFT_VERSION": "KRaftVersion {json}",
    "KRAFT_VOTERS": "KRaftVoters {json}",
}


def control(row: Row, version: str) -> str:
    name: str = row["control_type"]
    number = habits.CONTROLS_BY_NUMBER[version].get(name)
    if number or name not in CONTROLS:
        return f"controlType: {number or name}"
    value = row["control_value"]
    return CONTROLS[name].format(json=as_kafka_writes(value), **value)


def as_kafka_writes(value: Any) -> str:
    """Kafka's names begin with small letters, `kRaftVersion` as well; ids are base64 without padding."""
    return json.dumps(_renamed(value), separators=(",", ":"))


def _renamed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(name): _renamed(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_renamed(inner) for inner in value]
    if isinstance(value, uuid.UUID):
        return base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")
    return value


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name.replace("kraft", "k_raft", 1))


# ---- Its files


def dump(directory: Path, place: str, version: str) -> str:
    """All that the tool of that version prints about a file, with `--deep-iteration --print-data-log` for logs.

    place: the file below the directory, as the tool was told.
    """
    file = directory / place
    return "".join(f"{one}\n" for one in (f"Dumping {place}", *_lines_of(file, place, version)))


def _lines_of(file: Path, place: str, version: str) -> Iterator[str]:
    if file.suffix in (".log", ".checkpoint"):
        return _log(file, version)
    entries = rows(contents([file]))
    if file.suffix == ".index":
        return iter(habits.offset_index(file, place, [line(".index", row) for row in entries]))
    if file.suffix == ".timeindex":
        return iter(habits.time_index(file, [line(".timeindex", row) for row in entries]))
    if file.suffix == ".snapshot":
        return (producer(row, version) for row in entries)
    return (line(file.suffix, row) for row in entries)


def producer(row: Row, version: str) -> str:
    """A producer of which no batch is remembered has the first half of the fields only."""
    first = line(".snapshot", row)
    if row["last_offset"] is None:
        return first + habits.BEHIND_PRODUCER_WITHOUT_BATCH[version]
    return f"{first} {line('.snapshot, last batch', row)}"


def _log(file: Path, version: str) -> Iterator[str]:
    yield heading(file)
    everything = Selection(("*",))
    of_batch = groupby(rows(show([file], everything)), key=lambda row: row["position"])
    records = {position: list(group) for position, group in of_batch}
    for row in rows(batches([file], everything)):
        yield line("batch of format 2" if row["magic"] == 2 else "batch of format 0 or 1", row)
        yield from (record(each, version) for each in records.get(row["position"], []))


def heading(file: Path) -> str:
    """The tool takes what it says here from the file's name."""
    if file.suffix == ".log":
        return f"Log starting offset: {int(file.stem)}"
    end = re.fullmatch(r"(\d+)-(\d+)\.checkpoint", file.name)
    return f"Snapshot end offset: {int(end[1])}, epoch: {int(end[2])}" if end else "KRaft bootstrap snapshot"


def record(row: Row, version: str) -> str:
    if row["magic"] < 2:
        start = line("record of format 0 or 1", row) + habits.BEHIND_OLD_RECORD[version]
    else:
        start = line("record of format 2", row)
    if row["is_control"]:
        return f"| {start} {control(row, version)}"
    key = "" if row["key"] is None else f" key: {text(row['key'])}"
    value = "" if row["value"] is None else f" payload: {text(row['value'])}"
    return f"| {start}{key}{value}"


def rows(report: Report) -> Iterator[dict[str, Any]]:
    columns = [column.name for column in report.columns]
    return (dict(zip(columns, row, strict=True)) for row in report.all_rows())
