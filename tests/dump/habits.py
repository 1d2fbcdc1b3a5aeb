"""What DumpLogSegments prints that is not in the file, or not so, version by version; `docs/dump-log.md` tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

# 3.6.0 leaves a stray brace behind the CRC of a message of format 0 or 1.
BEHIND_OLD_RECORD: Mapping[str, str] = {"3.6.0": "}", "4.3.0": ""}

# 3.6.0 prints the blank in front of a batch that does not follow.
BEHIND_PRODUCER_WITHOUT_BATCH: Mapping[str, str] = {"3.6.0": " ", "4.3.0": ""}

# 3.6.0 does not decode a leader change, and knows nothing of the types that came after it.
CONTROLS_BY_NUMBER: Mapping[str, Mapping[str, str]] = {
    "3.6.0": {"LEADER_CHANGE": "LEADER_CHANGE(2)", "KRAFT_VERSION": "UNKNOWN(5)", "KRAFT_VOTERS": "UNKNOWN(6)"},
    "4.3.0": {},
}


def offset_index(file: Path, place: str, lines: list[str]) -> list[str]:
    """Zeros at the beginning are taken for an entry: no index has such a one."""
    if lines:
        return lines
    return [f"{place} is empty."] if not file.stat().st_size else [f"offset: {int(file.stem)} position: 0"]


def time_index(file: Path, lines: list[str]) -> list[str]:
    """As above; an index without any bytes is passed over without a word."""
    if lines or not file.stat().st_size:
        return lines
    return [f"timestamp: 0 offset: {int(file.stem)}"]


# ---- Where it ends with an exception, and leaves the rest of the files unread

NOTHING_THERE = "java.util.NoSuchElementException"
RECORD_OF_NOTHING = "org.apache.kafka.common.errors.CorruptRecordException: Found record size 0 smaller than minimum"
FIELD_TAKEN_FOR_NULL = "java.lang.RuntimeException: non-nullable field grantingVoters was serialized as null"

LEAST_ENTRY = 18  # bytes behind the last batch: fewer are counted as invalid bytes, whatever they are


def exception(file: Path, version: str) -> str:
    """How the exception begins that the tool ends with; empty where it does not."""
    log = file if file.suffix == ".checkpoint" else file.with_suffix(".log")
    if file.suffix == ".index":
        return NOTHING_THERE if file.stat().st_size and not log.stat().st_size else ""
    if file.suffix == ".log" and version == "4.3.0" and "not-dumped" in str(file):
        return FIELD_TAKEN_FOR_NULL
    reads_on = file.suffix == ".log" or (file.suffix == ".timeindex" and version == "4.3.0")
    return RECORD_OF_NOTHING if reads_on and _ends_in_zeros(log) else ""


def _ends_in_zeros(log: Path) -> bool:
    return log.exists() and log.read_bytes()[-LEAST_ENTRY:] == bytes(LEAST_ENTRY)


# ---- What it prints of damaged logs that is no field of a batch or record

INVALID_BYTES = re.compile(r"Found \d+ invalid bytes at the end of \S+")

# It reads these batches as if nothing were wrong with them, and their records too; we name the fault instead.
READ_ALL_THE_SAME: Mapping[str, str] = {
    "length-swallows-the-next": "baseOffset: 4 lastOffset: 7 count: 4",
    "magic-of-an-older-format": "offset: 4",
    "unknown-magic": "baseOffset: 4 lastOffset: 7 count: 4",
}
