"""Kafka's search in an index: which entries it looks at, and where it ends, whatever the entries say."""

from __future__ import annotations

import struct
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.lookups.searching import Index, Purpose, first_warm
from inspector.segment import Role
from inspector.source import BytesSource
from tests.checking.lookups import OFFSET_ENTRY, TIME_ENTRY, entry_below

BASE = 1000
FIELD = st.integers(-(2**31), 2**31 - 1)
ENTRIES = st.lists(st.tuples(FIELD, FIELD), max_size=40)
RISING = st.lists(st.integers(0, 2**31 - 1), max_size=3000, unique=True).map(sorted)


def index(data: bytes, role: Role = Role.OFFSET_INDEX, *, is_growing: bool = False) -> Index:
    return Index(BytesSource(data), role, BASE, is_growing=is_growing)


def offsets(*entries: tuple[int, int]) -> bytes:
    return b"".join(OFFSET_ENTRY.pack(*entry) for entry in entries)


@given(ENTRIES, FIELD)
def test_any_entries_are_searched_as_kafka_does(entries: list[tuple[int, int]], target: int) -> None:
    data = offsets(*entries)
    search = index(data).search(BASE + target)
    found = search.found and (search.found.key - BASE, search.found.value)
    assert found == entry_below(OFFSET_ENTRY, data, target)


@given(st.lists(st.tuples(st.integers(0, 2**62), FIELD), max_size=40), st.integers(0, 2**62))
def test_so_are_those_of_a_time_index(entries: list[tuple[int, int]], time: int) -> None:
    data = b"".join(TIME_ENTRY.pack(*entry) for entry in entries)
    search = index(data, Role.TIME_INDEX).search(time)
    found = search.found and (search.found.key, search.found.value - BASE)
    assert found == entry_below(TIME_ENTRY, data, time)


@settings(max_examples=40)
@given(RISING, st.integers(0, 2**31 - 1))
def test_in_order_the_greatest_entry_up_to_the_target_is_found(keys: list[int], target: int) -> None:
    search = index(offsets(*((key, 0) for key in keys))).search(BASE + target)
    right = max((key for key in keys if key <= target), default=None)
    assert (search.found.key - BASE if search.found else None) == right
    assert len(search.probes) <= 2 + ceil(log2(len(keys) + 1)) + 1


@pytest.mark.parametrize(("entries", "slot"), [(0, 0), (1, 0), (1025, 0), (1026, 1), (5000, 3975)])
def test_the_warm_section_is_the_last_8192_bytes_and_one_entry(entries: int, slot: int) -> None:
    assert first_warm(entries, 8) == slot


def test_new_offsets_are_sought_in_the_warm_section_only() -> None:
    search = index(offsets(*((n, 10 * n) for n in range(5000)))).search(BASE + 4321)
    assert [probe.entry.slot for probe in search.probes][:3] == [3975, 4487, 4231]
    assert search.probes[0].purpose is Purpose.WARM
    assert search.pages <= 3
    assert search.found and search.found.value == 43210


def test_old_offsets_are_sought_before_it() -> None:
    search = index(offsets(*((n, 10 * n) for n in range(5000)))).search(BASE + 7)
    assert [probe.entry.slot for probe in search.probes][:3] == [3975, 0, 1988]
    assert [probe.purpose for probe in search.probes[:2]] == [Purpose.WARM, Purpose.FIRST]
    assert search.found and search.found.slot == 7


def test_what_is_left_is_told_with_each_look() -> None:
    probes = index(offsets((10, 0), (20, 0), (30, 0))).search(BASE + 25).probes
    assert [(probe.order, probe.low, probe.high) for probe in probes] == [(-1, 0, 2), (-1, 1, 2), (1, 1, 1)]


def test_nothing_is_found_before_the_first_entry() -> None:
    search = index(offsets((10, 0))).search(BASE + 9)
    assert search.found is None
    assert (search.probes[-1].purpose, search.probes[-1].low) == (Purpose.FIRST, None)


def test_zeros_at_the_end_are_entries_but_where_the_segment_grows() -> None:
    data = offsets((10, 4096)) + bytes(80)
    closed, growing = index(data), index(data, is_growing=True)
    assert (closed.entries, closed.zeros) == (11, 0)
    assert (growing.entries, growing.zeros) == (1, 80)


def test_zeros_that_end_an_entry_belong_to_it() -> None:
    data = offsets((10, 0x01000000)) + bytes(8)
    assert index(data, is_growing=True).entries == 1
    assert index(offsets((10, 0x01000000)), is_growing=True).entries == 1


def test_an_index_of_nothing_but_zeros_is_empty_while_it_grows() -> None:
    assert index(bytes(4096), is_growing=True).entries == 0
    assert index(bytes(4096)).entries == 512


def test_bytes_that_make_no_whole_entry_are_not_counted() -> None:
    odd = index(offsets((10, 4096)) + b"\1\2\3")
    assert (odd.entries, odd.spare) == (1, 3)


def test_an_index_that_shrinks_gives_zeros() -> None:
    class Shrunk(BytesSource):
        def read_at(self, position: int, size: int) -> bytes:
            return super().read_at(position, size)[:4]

    shrunk = Index(Shrunk(struct.pack(">ii", 7, 9)), Role.OFFSET_INDEX, BASE, is_growing=False)
    assert shrunk.entry(0)[1:] == (BASE + 7, 0)


def test_a_missing_index_has_no_entries() -> None:
    search = Index(None, Role.OFFSET_INDEX, BASE, is_growing=False).search(BASE)
    assert (search.missing, search.entries, search.probes, search.found) == (True, 0, (), None)
