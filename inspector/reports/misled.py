"""Findings about an index that led a lookup astray, in the words of `verify`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..findings import Finding
from ..location import Location
from ..lookups.by_offset import OffsetLookup
from ..lookups.by_time import TimeLookup
from ..lookups.searching import IndexSearch
from ..lookups.time_story import blamed_index
from ..segment import Role, Segment
from ..spec import time_index


def misled_by_offset(lookup: OffsetLookup) -> Iterator[Finding]:
    """What is wrong with the index that was asked for an offset."""
    for visit in lookup.visits:
        yield from _missing(visit.segment, visit.search)
    if not lookup.is_right and lookup.visits and lookup.truth is not None:
        visit = lookup.visits[0]
        if visit.search.found is not None:
            yield _entry(visit.segment, visit.search)


def misled_by_time(lookup: TimeLookup) -> Iterator[Finding]:
    """What is wrong with the indexes that were asked for a time."""
    visit = lookup.visit
    if visit is not None and visit.times is not None:
        yield from _missing(visit.segment, visit.times)
        yield from _missing(visit.segment, visit.search)
    yield from _passed_over(lookup)
    blamed = blamed_index(lookup)
    if visit is None or visit.times is None or lookup.truth is None:
        return
    if blamed is Role.OFFSET_INDEX:
        yield _entry(visit.segment, visit.search)
    elif blamed is Role.TIME_INDEX and lookup.truth.record is not None:
        at = _place(visit.segment, visit.times)
        expected = f"an entry that does not lead past offset {lookup.truth.record.offset}"
        yield Finding(
            "time-index-misleads", at, expected, f"offset {visit.times.found.value if visit.times.found else ''}"
        )


def _passed_over(lookup: TimeLookup) -> Iterator[Finding]:
    """A segment whose last entry tells too small a timestamp is passed over."""
    for one in lookup.passed:
        if lookup.truth is None or one.segment is not lookup.truth.segment or one.slot is None:
            continue
        at = _file(one.segment, Role.TIME_INDEX).at(one.slot * time_index.ENTRY_SIZE, time_index.ENTRY_SIZE)
        slug = "time-index-ends-wrong" if one.timestamp else "zero-padded-time-index"
        yield Finding(slug, at, lookup.true_largest, one.timestamp)


def _missing(segment: Segment, search: IndexSearch) -> Iterator[Finding]:
    if not search.missing:
        return
    at = _file(segment, search.role)
    if segment.sibling(search.role) is not None:
        yield Finding("unreadable-file", at, found="it cannot be opened")
    else:
        slug = "index-missing" if search.role is Role.OFFSET_INDEX else "time-index-missing"
        yield Finding(slug, at, found=segment.name)


def _entry(segment: Segment, search: IndexSearch) -> Finding:
    assert search.found is not None
    return Finding("index-entry-misleads", _place(segment, search), search.found.key, f"position {search.found.value}")


def _place(segment: Segment, search: IndexSearch) -> Location:
    at = _file(segment, search.role)
    return at if search.found is None else at.at(search.found.slot * search.entry_size, search.entry_size)


def _file(segment: Segment, role: Role) -> Location:
    return replace(segment.location(), path=f"{segment.shown_as.rpartition('.')[0]}.{role}")
