"""What DumpLogSegments prints that is not in the file, or not so, version by version; `docs/dump-log.md` tells it."""

from __future__ import annotations

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
