"""Of each kind of damage: what stays in the log, what goes apart, and why."""

from __future__ import annotations

import struct

import pytest

from fixtures.make.damage import BASE, damaged, make_batch, split, with_bit_flipped, with_fields
from inspector.engine import choose
from inspector.log_dir import open_log_dir
from inspector.report import Progress
from inspector.salvaging.choosing import OUTSIDE, OVERLAPS, Known
from inspector.salvaging.inside import INSIDE
from inspector.salvaging.proving import prove
from tests.salvaging.conftest import Proven

BATCHES = split(BASE.read_bytes())
ALL = list(range(0, 48, 4))
"""The base offsets of the twelve batches."""

NEXT = "its offset is not the next one"
UNCLEANED = Known(uncleaned=0)

# recipe: (base offsets that are missing, what is apart as first offset and reason)
EXPECTED: dict[str, tuple[list[int], list[tuple[int, str]]]] = {
    "bit-flipped-in-a-value": ([4], []),
    "length-beyond-the-file": ([4], []),
    "length-too-small": ([4], []),
    "length-swallows-the-next": ([4], []),
    "zero-tail": ([], []),
    "cut-in-last-batch": ([44], []),
    "cut-in-last-header": ([44], []),
    "zeroed-page": ([12, 16, 20, 24], []),
    "foreign-bytes-between": ([], []),
    "unknown-magic": ([4], []),
    "magic-of-an-older-format": ([4], []),
    "wrong-codec": ([4], [(4, "undecompressable")]),
    "undefined-codec": ([4], [(4, "unknown-codec")]),
    "count-too-large": ([4], [(4, "malformed-record")]),
    "count-too-small": ([4], [(4, "surplus-record-bytes")]),
    "record-length-lies": ([4], [(4, "malformed-record")]),
    "offset-goes-back": ([12], [(2, OVERLAPS)]),
    "batch-twice": ([], [(8, OVERLAPS)]),
    "look-alike-headers": (ALL, []),
    "batch-in-a-value": ([], []),
    "batch-in-a-value-bit-flipped": ([12], [(400, INSIDE)]),
    "batch-in-a-value-length-lies": ([12], [(400, INSIDE)]),
    "batch-in-a-value-torn": (ALL[3:], [(400, INSIDE)]),
    "decompression-bomb": ([0, *ALL[2:]], [(0, "decompression-limit")]),
}


def in_ranges(data: bytes, proof) -> list[int]:
    return [
        struct.unpack_from(">q", one)[0] for each in proof.ranges for one in split(data[each.start : each.end])
    ]  # fmt: skip


@pytest.mark.parametrize("recipe", EXPECTED)
def test_a_damaged_segment_keeps_what_is_whole(proven: Proven, recipe: str) -> None:
    data = damaged(recipe)
    proof = proven(data)
    missing, beside = EXPECTED[recipe]
    assert in_ranges(data, proof) == [offset for offset in ALL if offset not in missing]
    assert [(batch.first, why) for batch, why in proof.apart] == beside


def test_every_recipe_has_its_expectation() -> None:
    from fixtures.make.damage import RECIPES

    assert EXPECTED.keys() == RECIPES.keys()


def test_ranges_and_what_is_left_out_cover_the_file(proven: Proven) -> None:
    data = damaged("zeroed-page")
    proof = proven(data)
    spans = sorted([(one.start, one.end) for one in proof.ranges] + [(one.start, one.end) for one in proof.left_out])
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(data)
    assert [(one.start, one.why) for one in proof.left_out] == [(3807, "crc-mismatch"), (5076, "unreadable-bytes")]


def test_a_bit_in_the_offset_sets_one_batch_apart_and_loses_no_other(proven: Proven) -> None:
    for row, batch in enumerate(BATCHES):
        for bit in range(31):
            moved = 4 * row ^ 1 << bit
            data = b"".join([*BATCHES[:row], with_fields(batch, base_offset=moved), *BATCHES[row + 1 :]])
            proof = proven(data, known=UNCLEANED)
            assert in_ranges(data, proof) == [offset for offset in ALL if offset != 4 * row], (row, bit)
            assert [one.first for one, _ in proof.apart] == [moved], (row, bit)


def test_a_bit_in_the_leader_epoch_sets_one_batch_apart(proven: Proven) -> None:
    for row in (0, 5, 11):
        for bit in (0, 7, 30):
            harmed = with_fields(BATCHES[row], partition_leader_epoch=1 << bit)
            data = b"".join([*BATCHES[:row], harmed, *BATCHES[row + 1 :]])
            proof = proven(data, known=Known(newest_epoch=0))
            assert in_ranges(data, proof) == [offset for offset in ALL if offset != 4 * row], (row, bit)


def test_gaps_that_a_cleaner_left_are_no_damage(proven: Proven) -> None:
    data = b"".join(BATCHES[row] for row in (0, 3, 4, 7, 11))
    for known in (Known(), Known(uncleaned=48)):
        proof = proven(data, known=known)
        assert in_ranges(data, proof) == [0, 12, 16, 28, 44]
        assert proof.apart == []


def test_a_batch_that_was_taken_out_whole_leaves_its_neighbours_alone(proven: Proven) -> None:
    data = b"".join([*BATCHES[:4], *BATCHES[6:]])
    proof = proven(data, known=UNCLEANED)
    assert in_ranges(data, proof) == [offset for offset in ALL if offset not in (16, 20)]


def test_the_file_of_another_name_is_believed_rather_than_its_name(proven: Proven) -> None:
    proof = proven(BASE.read_bytes(), base_offset=1_000_000)
    assert [(one.first, one.last) for one in proof.ranges] == [(0, 47)]


def test_one_batch_of_another_segment_is_not_believed(proven: Proven) -> None:
    data = b"".join([*BATCHES, make_batch(2**40, [b"far away"])])
    proof = proven(data)
    assert in_ranges(data, proof) == ALL
    assert [(one.first, why) for one, why in proof.apart] == [(2**40, OUTSIDE)]


def test_two_damaged_batches_with_a_lying_length_hide_nothing_behind_them(proven: Proven) -> None:
    lying = with_bit_flipped(with_fields(BATCHES[2], batch_length=2**30), 62)  # its first record runs past the file
    data = b"".join([*BATCHES[:2], lying, *BATCHES[3:]])
    assert in_ranges(data, proven(data)) == [offset for offset in ALL if offset != 8]


def test_a_clean_segment_is_one_range(proven: Proven) -> None:
    proof = proven(BASE.read_bytes())
    assert [tuple(one) for one in proof.ranges] == [(0, len(BASE.read_bytes()), 0, 47, 12, 48)]
    assert (proof.apart, proof.left_out, proof.findings) == ([], [], [])


def test_real_directories_lose_nothing(real_dirs, each_engine: str) -> None:
    engine = choose(each_engine)
    for path in real_dirs.values():
        log_dir = open_log_dir(path)
        for log in log_dir.partitions:
            newest = max((entry.epoch for entry in log.leader_epochs), default=2**31 - 1)
            cleaned = log_dir.broker.cleaner_offsets
            uncleaned = 2**63 - 1 if cleaned is None else cleaned.get((log.topic, log.partition), 0)
            for segment in log.segments:
                proof = prove(segment, engine, log.shutdown, Progress(), Known(newest, uncleaned))
                assert proof.apart == [], segment
                assert {one.why for one in proof.left_out} <= {"zeroed-tail", "torn-tail"}, segment


def test_what_is_apart_lies_where_it_was_said(proven: Proven) -> None:
    data = damaged("batch-twice")
    assert [data[batch.position : batch.end] for batch, _ in proven(data).apart] == [BATCHES[2]]
