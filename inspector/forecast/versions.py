"""What differs between brokers in how they start, by version: 3.6 to 4.3. Older and newer ones are not forecast.

Dated by the sources of the releases; judged against 3.6.0 and 4.3.0 themselves.
"""

from __future__ import annotations

from typing import NamedTuple

OLDEST, NEWEST = (3, 6), (4, 3)


class Rules(NamedTuple):
    """The habits of one version.

    catches_io_errors: an I/O error while a segment is scanned empties it (4.0; before, the directory goes offline).
    searches_by_base_offset: how a position is looked for by offset (4.1, `FileRecords.searchForOffsetFromPosition`).
    strays: partitions that the metadata does not name for this broker are renamed to `-stray` (3.7, KRaft).
    zookeeper: may still run without KRaft (up to 3.9).
    """

    version: str
    catches_io_errors: bool
    searches_by_base_offset: bool
    strays: bool
    zookeeper: bool


class UnknownVersionError(ValueError):
    """No version that a forecast can be made for; the message says which there are."""


def rules_of(text: str | None = None) -> Rules:
    """The rules of a version such as `3.9` or `4.0.1`; None: of the newest. Raises UnknownVersionError."""
    number = NEWEST if text is None else _number(text)
    if not OLDEST <= number <= NEWEST:
        known = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
        raise UnknownVersionError(f"no forecast for Kafka {text}: the versions known are {known}")
    return Rules(".".join(map(str, number)), number >= (4, 0), number >= (4, 1), number >= (3, 7), number < (4, 0))


def _number(text: str) -> tuple[int, int]:
    parts = text.split(".")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise UnknownVersionError(f"not a version of Kafka, such as 3.9 or 4.0.1: {text!r}")
    return int(parts[0]), int(parts[1])
