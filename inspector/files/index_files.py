"""The three indexes beside a segment, entry by entry: `.index`, `.timeindex`, `.txnindex`.

Sources: `OffsetIndex`, `TimeIndex`, `TransactionIndex`. Whether an entry agrees with the segment is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..findings import Finding
from ..location import Location
from ..source import Source
from ..spec import offset_index, time_index, txn_index
from .looks_like import another_kind
from .sweep import Layout, Problem, Values, disorder, impossible, sweep


class OffsetIndexEntry(NamedTuple):
    """The batch (or, from brokers up to 3.9, the append) that ends at `offset` starts at `position`, in bytes."""

    offset: int
    position: int


class TimeIndexEntry(NamedTuple):
    """All records later than `timestamp` (milliseconds) have `offset` or a greater one."""

    timestamp: int
    offset: int


class AbortedTransaction(NamedTuple):
    """A transaction that was aborted by the marker at `last_offset`; see `spec/txn_index.py`."""

    version: int
    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


def read_offset_index(
    source: Source, base_offset: int, at: Location, findings: list[Finding]
) -> Iterator[OffsetIndexEntry]:
    """The entries of an `.index`, up to the zeros of a preallocated one."""
    for _, (relative, position) in _read(source, OFFSET_INDEX, at, findings):
        yield OffsetIndexEntry(base_offset + relative, position)


def read_time_index(
    source: Source, base_offset: int, at: Location, findings: list[Finding]
) -> Iterator[TimeIndexEntry]:
    """The entries of a `.timeindex`, up to the zeros of a preallocated one."""
    for _, (timestamp, relative) in _read(source, TIME_INDEX, at, findings):
        yield TimeIndexEntry(timestamp, base_offset + relative)


def read_txn_index(source: Source, at: Location, findings: list[Finding]) -> Iterator[AbortedTransaction]:
    """The entries of a `.txnindex`. It ends at an entry of a version that is not known."""
    for position, values in _read(source, TXN_INDEX, at, findings):
        entry = AbortedTransaction._make(values)
        if entry.version != txn_index.VERSION:
            where = at.at(position, txn_index.ENTRY_SIZE).of("version")
            findings.append(Finding("unknown-version", where, txn_index.VERSION, entry.version))
            return
        yield entry


def _read(source: Source, layout: Layout, at: Location, findings: list[Finding]) -> Iterator[tuple[int, Values]]:
    other = another_kind(source, layout, [other for other in LAYOUTS if other is not layout])
    if other is None:
        yield from sweep(source, layout, at, findings)
    else:
        findings.append(Finding("not-what-it-is-called", at, layout.title, other))


def _check_offset_entry(values: Values, before: Values | None) -> Problem | None:
    relative, position = values
    if relative < 0:
        return impossible("relative_offset", "0 or more", relative)
    if position < 0:
        return impossible("position", "0 or more", position)
    if before and relative <= before[0]:
        return disorder("relative_offset", f"more than {before[0]}", relative)
    if before and position < before[1]:
        return disorder("position", f"{before[1]} or more", position)
    return None


def _check_time_entry(values: Values, before: Values | None) -> Problem | None:
    timestamp, relative = values
    if timestamp < 0:
        return impossible("timestamp", "0 or more", timestamp)
    if relative < 0:
        return impossible("relative_offset", "0 or more", relative)
    if before and timestamp <= before[0]:
        return disorder("timestamp", f"more than {before[0]}", timestamp)
    if before and relative < before[1]:
        return disorder("relative_offset", f"{before[1]} or more", relative)
    return None


def _check_txn_entry(values: Values, before: Values | None) -> Problem | None:
    version, producer_id, first, last, stable = values
    if version != txn_index.VERSION:
        return None  # nothing is known of it
    if producer_id < 0:
        return impossible("producer_id", "0 or more", producer_id)
    if first < 0:
        return impossible("first_offset", "0 or more", first)
    if last <= first:
        return impossible("last_offset", f"more than first_offset {first}", last)
    if stable < 0:  # how great it may be only the log tells: a follower counts what it fetched with the marker too
        return impossible("last_stable_offset", "0 or more", stable)
    if before and last <= before[3]:
        return disorder("last_offset", f"more than {before[3]}", last)
    return None


TIME_LEAP = 100 * 365 * 24 * 3600 * 1000
"""Milliseconds between two entries of a time index that are odd; offsets read as timestamps lie further apart."""


def _is_leap(before: Values, values: Values) -> bool:
    return values[0] - before[0] > TIME_LEAP


OFFSET_INDEX = Layout("an offset index", offset_index.ENTRY, _check_offset_entry, is_preallocated=True)
TIME_INDEX = Layout("a time index", time_index.ENTRY, _check_time_entry, True, _is_leap)
TXN_INDEX = Layout("an index of aborted transactions", txn_index.ENTRY, _check_txn_entry)

LAYOUTS = (OFFSET_INDEX, TIME_INDEX, TXN_INDEX)
