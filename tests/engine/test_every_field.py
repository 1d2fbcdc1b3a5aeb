"""Every bit of every field flipped, every cut, bytes put in, sectors zeroed: what must be told, computed by the recipe.

Whatever is done to one entry, the others are read as they were, and the damage is told once, where that entry begins.
`WITHOUT_A_CRC` says of the fields outside the CRCs what tells of them, and of what nothing in a file can tell.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest

from fixtures.make.damage import sealed
from fixtures.make.damage_kinds import SECTOR, SEGMENTS, entries_of, flipped, patched, segment, starts
from inspector.spec.layout import field_table
from inspector.spec.message_set import HEAD_DEFINITIONS
from inspector.spec.record_batch import HEADER_SIZE, record, record_batch_header

Field = tuple[str, int, int]
"""Its name, and from where to where it reaches in the entry."""

ENTRIES = 5
MIDDLE = 2
SMALL = [b"some value", b"", b"another one"]
KINDS = [("v0", "none"), ("v0", "gzip"), ("v1", "none"), ("v1", "gzip"), ("v2", "none"), ("v2", "zstd")]
IDS = ["-".join(kind) for kind in KINDS]

# fields outside the CRC: the slugs by which a flipped bit is told, and whether one may go unnoticed
WITHOUT_A_CRC: dict[str, tuple[set[str], bool]] = {
    "batch_length": ({"crc-mismatch", "truncated-batch", "batch-length-too-small"}, False),
    "message_size": ({"crc-mismatch", "truncated-batch", "unreadable-bytes"}, False),
    "magic": ({"unknown-magic"}, False),
    "base_offset": ({"offset-not-increasing", "segment-name-mismatch"}, False),
    "offset": (
        {"offset-not-increasing", "segment-name-mismatch", "unreadable-bytes", "record-offset-mismatch"},
        False,
    ),
    # within the file only a sign is told; `verify` holds epochs against each other (leader-epoch-goes-back)
    "partition_leader_epoch": ({"implausible-header"}, True),
}  # fmt: skip
OFFSETS = ("base_offset", "offset")
"""An offset that is greater than it was leaves a gap, as compaction does; in the last entry nothing contradicts it. One
of 0 in a wrapper is what clients send."""

UNSEEN_WITH_A_RIGHT_CRC = {
    "attributes",
    "timestamp_delta",
    "offset_delta",
    "key",
    "value",
    "key_length",
    "value_length",
}
"""Fields of a record in which a bit may be flipped with nobody noticing, if the CRC was made over it."""


def small(version: str, codec: str) -> list[bytes]:
    """Five entries whose offsets go on without a gap."""
    entries: list[bytes] = []
    offset = 0
    while len(entries) < ENTRIES:
        values = SMALL if codec != "none" or version == "v2" else SMALL[:1]
        entries += entries_of(version, codec, offset, values)
        offset += len(values)
    return entries


def fields_of(entry: bytes) -> list[Field]:
    """The fields of an entry's header, and what is behind it as one more."""
    head = record_batch_header if entry[16] == 2 else HEAD_DEFINITIONS[entry[16]]
    rows = [(row.name, row.position, row.position + row.size) for row in field_table(head)]
    return [*rows, ("behind the header", rows[-1][2], len(entry))]


def covered(entry: bytes, field: str) -> bool:
    """Whether the entry's CRC tells of a bit flipped there."""
    names = [name for name, *_ in fields_of(entry)]
    return field not in WITHOUT_A_CRC or (field == "magic" and entry[16] != 2 and "crc" in names)


def bits(first: int, end: int, only_outer: bool = False) -> Iterator[tuple[int, int]]:
    for position in range(first, end):
        for bit in (0, 7) if only_outer else range(8):
            yield position, bit


def roots(scanned) -> list[tuple[str, int]]:
    return [(one.slug, one.location.position) for one in scanned.findings if not one.caused_by]


def read(scanned) -> set[tuple[int, int]]:
    """Where intact batches were read, and up to which offset each goes."""
    return {(batch.position, batch.last_offset) for batch in scanned.batches if batch.crc_ok}


def assert_others_are_read(scanned, entries: list[bytes], touched: set[int], shift: int = 0) -> None:
    """All but the entries touched; those behind `touched` lie `shift` bytes further on."""
    positions = [start + (shift if i > max(touched, default=ENTRIES) else 0) for i, start in enumerate(starts(entries))]
    wanted = {positions[i] for i in range(len(entries)) if i not in touched}
    assert wanted <= {position for position, _ in read(scanned)}


@pytest.mark.parametrize("index", [0, MIDDLE, ENTRIES - 1], ids=["first", "middle", "last"])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_a_bit_flipped_in_a_field_is_told_once_where_the_entry_begins(kind, index, scan):
    entries = small(*kind)
    data, begin = b"".join(entries), starts(entries)[index]
    for name, first, end in fields_of(entries[index]):
        if not covered(entries[index], name):
            continue
        for position, bit in bits(begin + first, begin + end, only_outer=index != MIDDLE):
            scanned = scan(flipped(data, position, bit), base_offset=0)
            assert [where for _, where in roots(scanned)] == [begin], (name, position, bit, roots(scanned))
            assert_others_are_read(scanned, entries, {index})
            assert begin not in {where for where, _ in read(scanned)}


@pytest.mark.parametrize("index", [0, MIDDLE, ENTRIES - 1], ids=["first", "middle", "last"])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_a_bit_flipped_outside_the_crc_is_told_by_what_is_around(kind, index, scan):
    entries = small(*kind)
    data, places = b"".join(entries), starts(entries)
    for name, first, end in fields_of(entries[index]):
        if covered(entries[index], name):
            continue
        slugs, may_be_unseen = WITHOUT_A_CRC[name]
        for position, bit in bits(places[index] + first, places[index] + end):
            changed = flipped(data, position, bit)
            scanned = scan(changed, base_offset=0)
            found = roots(scanned)
            assert_others_are_read(scanned, entries, {index})
            if not found:
                rises, is_zero = changed[position] > data[position], not any(changed[places[index] :][:8])
                is_last = rises and index == ENTRIES - 1
                assert may_be_unseen or (name in OFFSETS and (is_last or is_zero)), (name, position, bit)
                continue
            assert found[0][0] in slugs, (name, position, bit, found)
            told_at = [where for _, where in found]
            assert told_at[0] in {places[index], *([places[index + 1]] if name in OFFSETS else ())}, (
                name,
                position,
                bit,
            )
            # a wrong length leaves a rest, a wrapper's wrong offset contradicts the next one: `verify` takes both
            # for consequences, see `tests/checking/test_diagnosis.py`
            end_of_all = places[index + 1] + (1 if kind == ("v0", "gzip") and name in OFFSETS else 0)
            assert all(places[index] < where < end_of_all for where in told_at[1:]), (name, position, bit, found)


def record_fields(body: bytes) -> Iterator[Field]:
    """The fields of the records one after the other, headers left out, by what building them anew takes."""
    stream, at = io.BytesIO(body), 0
    while at < len(body):
        parsed = record.parse_stream(stream)
        for subcon in record.subcons[:-1]:
            size = len(subcon.build(parsed[subcon.name], **{k: v for k, v in parsed.items() if not k.startswith("_")}))
            yield subcon.name, at, at + size
            at += size
        yield "headers", at, stream.tell()
        at = stream.tell()


def test_a_bit_flipped_in_a_field_of_a_record_is_the_batch_s_damage_only(scan):
    entries = small("v2", "none")
    data, begin = b"".join(entries), starts(entries)[MIDDLE]
    names = set()
    for name, first, end in record_fields(entries[MIDDLE][HEADER_SIZE:]):
        names.add(name)
        for position, bit in bits(begin + HEADER_SIZE + first, begin + HEADER_SIZE + end):
            scanned = scan(flipped(data, position, bit), base_offset=0)
            assert roots(scanned) == [("crc-mismatch", begin)], (name, position, bit)
            assert_others_are_read(scanned, entries, {MIDDLE})
            assert all(one.damaged for batch, one in scanned.records if batch.position == begin)
    assert names == {subcon.name for subcon in record.subcons}


def test_where_the_crc_was_made_over_it_lengths_counts_and_deltas_still_tell(scan):
    entries = small("v2", "none")
    begin, unseen = starts(entries)[MIDDLE], set()
    for name, first, end in record_fields(entries[MIDDLE][HEADER_SIZE:]):
        for position, bit in bits(HEADER_SIZE + first, HEADER_SIZE + end):
            changed = sealed(flipped(entries[MIDDLE], position, bit))
            scanned = scan(b"".join((*entries[:MIDDLE], changed, *entries[MIDDLE + 1 :])), base_offset=0)
            if not roots(scanned):
                unseen.add(name)
                continue
            ((slug, where),) = roots(scanned)
            assert slug in {
                "malformed-record",
                "surplus-record-bytes",
                "record-offset-mismatch",
                "max-timestamp-mismatch",
            }
            assert begin <= where < begin + len(changed)
            assert_others_are_read(scanned, entries, {MIDDLE})
    assert unseen <= UNSEEN_WITH_A_RIGHT_CRC


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_a_cut_anywhere_costs_the_entry_that_is_cut_and_no_other(kind, scan):
    entries = small(*kind)
    data, places = b"".join(entries), starts(entries)
    for end in range(len(data)):
        scanned = scan(data[:end], base_offset=0)
        whole = [place for place in places[1:] if place <= end]
        begin = whole[-1] if whole else 0
        assert {position for position, _ in read(scanned)} == set(places[: len(whole)])
        assert [where for _, where in roots(scanned)] == ([] if end == begin else [begin]), end


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_bytes_put_between_entries_are_told_and_all_entries_are_read(kind, size, scan):
    entries = small(*kind)
    data = b"".join(entries)
    for index, begin in enumerate(starts(entries)[:-1]):
        noise = random.Random(f"{kind}-{size}-{index}").randbytes(size)
        scanned = scan(data[:begin] + noise + data[begin:], base_offset=0)
        assert [where for _, where in roots(scanned)] == [begin]
        wanted = {place + (size if place >= begin else 0) for place in starts(entries)[:-1]}
        assert {position for position, _ in read(scanned)} == wanted


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_bytes_put_into_an_entry_cost_that_entry_only(kind, size, scan):
    entries = small(*kind)
    data, begin = b"".join(entries), starts(entries)[MIDDLE]
    for inside in range(1, len(entries[MIDDLE])):
        noise = random.Random(f"{kind}-{size}-{inside}").randbytes(size)
        changed = data[: begin + inside] + noise + data[begin + inside :]
        scanned = scan(changed, base_offset=0)
        assert_others_are_read(scanned, entries, {MIDDLE}, size)
        assert roots(scanned)[0][1] == begin, (inside, roots(scanned))


@pytest.mark.parametrize("kind", SEGMENTS, ids=["-".join(kind) for kind in SEGMENTS])
def test_a_zeroed_sector_costs_the_entries_it_lies_in_and_no_other(kind, scan):
    entries = segment(*kind)
    data, places = b"".join(entries), starts(entries)
    for first in range(0, len(data) - SECTOR, SECTOR):
        changed = patched(data, first, bytes(SECTOR))
        touched = {i for i in range(len(entries)) if changed[places[i] : places[i + 1]] != entries[i]}
        scanned = scan(changed, base_offset=0)
        assert {position for position, _ in read(scanned)} == {
            places[i] for i in range(len(entries)) if i not in touched
        }
        found = [where for _, where in roots(scanned)]
        assert found[0] == places[min(touched)]
        assert len(found) <= len(touched)
