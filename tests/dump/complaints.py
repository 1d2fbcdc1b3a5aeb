"""What DumpLogSegments complains about on stderr, foretold from kinspect's answers: so each complaint is explained.

The tool compares indexes with the log by rules that no index was ever bound to, so it has something to say about most
healthy directories. `REASONS` names why, one reason a complaint; `docs/dump-log.md` tells them to its readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from inspector.reports.batches import batches
from inspector.reports.contents import contents
from inspector.reports.selection import Selection
from inspector.reports.show import show
from tests.dump.prints import rows

EVERYTHING = Selection(("*",))
Row = Mapping[str, Any]


class Complaint(NamedTuple):
    """A line of the tool, and the reason (of `REASONS`) why it is there."""

    line: str
    reason: str


# Each with its explanation; "unexplained" is none of them.
REASONS: Mapping[str, str] = {
    "zeros-for-an-entry": "The file is preallocated and has no entry yet: the zeros are no entry.",
    "an-entry-an-append": "Up to Kafka 3.9 an entry holds the last offset of an append, at its first batch.",
    "offset-of-the-record": "A time index may hold the offset of the very record with the greatest timestamp.",
    "emptied-by-compaction": "The batch lost its records to compaction, and with them the timestamp of the entry.",
    "offsets-missing": "Compaction takes records out: offsets increase, and need not be consecutive.",
    "begins-behind-0": "The tool of 4.3.0 expects every file to begin with offset 0.",
}


class Segment:
    """A log as the tool's checks look at it."""

    def __init__(self, log: Path) -> None:
        self.base_offset = 0 if log.suffix == ".checkpoint" else int(log.stem)
        self.batches = list(rows(batches([log], EVERYTHING)))
        self.records = list(rows(show([log], EVERYTHING)))

    def batch_at(self, position: int) -> Row | None:
        return next((batch for batch in self.batches if batch["position"] >= position), None)

    def batch_with(self, offset: int) -> Row | None:
        """The first batch that reaches the offset."""
        return next((batch for batch in self.batches if batch["last_offset"] >= offset), None)

    def greatest_timestamp(self, batch: Row) -> int:
        return max((each["timestamp"] for each in self.records if each["position"] == batch["position"]), default=-1)


@lru_cache(maxsize=1)
def segment_of(file: Path) -> Segment:
    """The log itself, or the one beside an index: they are asked for one after the other."""
    return Segment(file if file.suffix == ".checkpoint" else file.with_suffix(".log"))


def entries(index: Path, zero: Row) -> list[Row]:
    """The entries as the tool sees them: zeros in front of everything are one."""
    return list(rows(contents([index]))) or ([zero] if index.stat().st_size else [])


# ---- Offset indexes


def of_offset_index(file: Path) -> Iterator[Complaint]:
    """The entry's offset must be the last of the batch at its position."""
    segment = segment_of(file)
    for entry in entries(file, {"offset": segment.base_offset, "position": 0}):
        batch = segment.batch_at(entry["position"])
        if batch is not None and batch["last_offset"] != entry["offset"]:
            yield Complaint(
                f"  Index offset: {entry['offset']}, log offset: {batch['last_offset']}",
                _why_another_offset(entry, batch, segment),
            )


def _why_another_offset(entry: Row, batch: Row, segment: Segment) -> str:
    if not entry["position"]:
        return "zeros-for-an-entry"
    ends = {each["last_offset"] for each in segment.batches if each["position"] > batch["position"]}
    return "an-entry-an-append" if entry["offset"] in ends else "unexplained"


# ---- Time indexes


def of_time_index(file: Path) -> Iterator[Complaint]:
    """The entry's offset must be the last of a batch, and the timestamp the greatest of the records in it."""
    segment = segment_of(file)
    for entry in entries(file, {"timestamp": 0, "offset": segment.base_offset}):
        yield from _of_time_entry(entry, segment)


def _of_time_entry(entry: Row, segment: Segment) -> Iterator[Complaint]:
    batch = segment.batch_with(entry["offset"])
    last = -1 if batch is None else batch["last_offset"]
    if batch is None or last != entry["offset"]:
        yield Complaint(
            f"Indexed offset: {entry['offset']}, found log offset: {last}", _why_not_found(entry, batch, segment)
        )
    elif segment.greatest_timestamp(batch) != entry["timestamp"]:
        yield Complaint(
            f"  Index timestamp: {entry['timestamp']}, log timestamp: {segment.greatest_timestamp(batch)}",
            _why_another_time(entry, batch),
        )


def _why_not_found(entry: Row, batch: Row | None, segment: Segment) -> str:
    if not entry["timestamp"]:
        return "zeros-for-an-entry"
    of_record = [each["timestamp"] for each in segment.records if each["offset"] == entry["offset"]]
    return "offset-of-the-record" if batch is not None and of_record == [entry["timestamp"]] else "unexplained"


def _why_another_time(entry: Row, batch: Row) -> str:
    if not entry["timestamp"]:
        return "zeros-for-an-entry"
    emptied = not batch["records_count"] and batch["max_timestamp"] == entry["timestamp"]
    return "emptied-by-compaction" if emptied else "unexplained"


# ---- Logs


def of_log(file: Path, version: str) -> Iterator[Complaint]:
    """Each record's offset must be one more than that of the record before."""
    offsets = [each["offset"] for each in segment_of(file).records]
    if version != "3.6.0" and offsets and offsets[0]:
        yield Complaint(f"  -1 is followed by {offsets[0]}", "begins-behind-0")
    for before, after in pairwise(offsets):
        if after != before + 1:
            reason = "offsets-missing" if after > before else "unexplained"
            yield Complaint(f"  {before} is followed by {after}", reason)


# ---- As it prints them

HEADINGS: Mapping[str, str] = {
    "  Index offset": "Mismatches in :{}",
    "  Index timestamp": "Found timestamp mismatch in :{}",
    "Indexed offset": "The following indexed offsets are not found in :{}",
    "": "Non-consecutive offsets in {}",
}
HEADINGS_BEFORE: Mapping[str, str] = {
    **HEADINGS,
    "Indexed offset": "The following indexed offsets are not found in the log.",
}

# Which complaints come last first; nothing bundled has two about timestamps.
LAST_FIRST: Mapping[str, tuple[str, ...]] = {"3.6.0": ("  Index offset", ""), "4.3.0": ("  Index offset",)}

CHECKS: Mapping[str, Callable[[Path, str], Iterator[Complaint]]] = {
    ".index": lambda file, _version: of_offset_index(file),
    ".timeindex": lambda file, _version: of_time_index(file),
    ".log": of_log,
    ".checkpoint": of_log,
}


def complaints(file: Path, version: str) -> list[Complaint]:
    check = CHECKS.get(file.suffix)
    return [] if check is None else list(check(file, version))


def printed(found: Sequence[Complaint], place: str, version: str) -> list[str]:
    """The lines below their headings, in the tool's order."""
    headings = HEADINGS_BEFORE if version == "3.6.0" else HEADINGS
    groups: dict[str, list[str]] = {start: [] for start in headings}
    for complaint in found:
        groups[next(start for start in headings if complaint.line.startswith(start))].append(complaint.line)
    return [
        line
        for start, lines in groups.items()
        if lines
        for line in (headings[start].format(place), *lines[:: -1 if start in LAST_FIRST[version] else 1])
    ]
