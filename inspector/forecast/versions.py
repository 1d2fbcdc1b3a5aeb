"""What differs between brokers in how they start, by version: 3.6 to 4.3. Older and newer ones are not forecast.

Dated by the sources of the releases; judged against 3.6.0 and 4.3.0 themselves.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

OLDEST, NEWEST = (3, 6), (4, 3)


class Rules(NamedTuple):
    """The habits of one version.

    catches_io_errors: an I/O error while a segment is scanned empties it (4.0; before, the directory goes offline).
    searches_by_base_offset: how a position is looked for by offset (4.1, `FileRecords.searchForOffsetFromPosition`).
    reads_newer_metadata: `partition.metadata` of a version above 0 is read as well (3.7).
    knows_strays: directories called `-stray` are understood (3.6.1), others stop the broker.
    makes_strays: what becomes of partitions that the metadata does not name for this broker, KRaft only: renamed to
    `-stray` (3.7), or removed (before).
    forgives_unstable: an open transaction that begins outside the log does not stop the broker (3.8).
    zookeeper: may still run without KRaft (up to 3.9).
    """

    version: str
    zookeeper: bool
    catches_io_errors: bool
    searches_by_base_offset: bool
    reads_newer_metadata: bool
    knows_strays: bool
    makes_strays: bool
    forgives_unstable: bool


class UnknownVersionError(ValueError):
    """No version that a forecast can be made for; the message says which there are."""


Number = tuple[int, int, int]

_SINCE: tuple[Number, ...] = ((4, 0, 0), (4, 1, 0), (3, 7, 0), (3, 6, 1), (3, 7, 0), (3, 8, 0))
"""From which version on each habit holds, in the order of `Rules`, behind `zookeeper`."""

UNTIL_ZOOKEEPER: Number = (4, 0, 0)


class Range(NamedTuple):
    """Versions that start alike: from `since` on, and before `until`."""

    since: Number
    until: Number
    rules: Rules


def in_words(since: Number, until: Number) -> str:
    """Versions from one on and before another."""
    before = f"the broker is older than {_text(until)}"
    return before if since <= (*OLDEST, 0) else f"{before}, and at least {_text(since)}"


def _text(number: Number) -> str:
    return ".".join(map(str, number if number[2] else number[:2]))


def older_ranges() -> tuple[Range, ...]:
    """The known versions that may start otherwise than the newest does, oldest first."""
    bounds = sorted({(*OLDEST, 0), *_SINCE, UNTIL_ZOOKEEPER})
    return tuple(
        Range(since, until, rules_of(".".join(map(str, since)))) for since, until in itertools.pairwise(bounds)
    )


def rules_of(text: str | None = None) -> Rules:
    """The rules of a version such as `3.9` or `4.0.1`; None: of the newest. Raises UnknownVersionError."""
    number = (*NEWEST, 0) if text is None else _number(text)
    if not OLDEST <= number[:2] <= NEWEST:
        known = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
        raise UnknownVersionError(f"no forecast for Kafka {text}: the versions known are {known}")
    shown = text or f"{'.'.join(map(str, NEWEST))}, the newest known,"
    return Rules(shown, number < UNTIL_ZOOKEEPER, *(number >= since for since in _SINCE))


def _number(text: str) -> Number:
    parts = text.split(".")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise UnknownVersionError(f"not a version of Kafka, such as 3.9 or 4.0.1: {text!r}")
    major, minor, patch = (*map(int, parts), 0)[:3]
    return major, minor, patch
