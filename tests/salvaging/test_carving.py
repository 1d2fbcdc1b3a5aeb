"""Batches in any bytes: all of them are found, none is invented, and hostile bytes cost no more than their length."""

from __future__ import annotations

import random
import time
import zlib
from pathlib import Path

import google_crc32c
import pytest

from fixtures.make.damage import BASE, damaged, make_batch, split, with_fields
from inspector.salvaging.carving import Carver
from inspector.salvaging.crcs import CRC32, CRC32C, RangeCrcs
from inspector.source import BytesSource

BATCHES = split(BASE.read_bytes())


def found(data: bytes) -> list[bytes]:
    return [data[one.position : one.end] for one in Carver(BytesSource(data)).found()]


@pytest.mark.parametrize("seed", range(8))
def test_batches_strewn_over_a_disk_image_are_all_found(seed: int) -> None:
    rng = random.Random(seed)
    pieces: list[bytes] = []
    for batch in BATCHES:
        size = rng.choice((0, 1, 7, 511, 4096, 1_000_003))
        pieces += [rng.choice((bytes(size), rng.randbytes(size))), batch]
    image = b"".join([*pieces, rng.randbytes(100)])
    assert found(image) == BATCHES


def test_a_batch_across_the_end_of_a_window_is_found() -> None:
    for shift in (1, 16, 17, 60, 61, 62, 1000):
        assert found(bytes(2**20 - shift) + BATCHES[0]) == BATCHES[:1], shift


def test_a_batch_inside_of_another_is_found_too() -> None:
    inner = make_batch(400, [b"I am a payload"])
    outer = make_batch(0, [b"before", inner, b"behind"])
    assert found(outer) == [outer, inner]


def test_a_wrong_crc_is_never_found() -> None:
    for recipe in ("look-alike-headers", "bit-flipped-in-a-value"):
        data = damaged(recipe)
        assert all(google_crc32c.value(one[21:]) == int.from_bytes(one[17:21], "big") for one in found(data))
    assert found(damaged("look-alike-headers")) == []


@pytest.mark.parametrize("topic", ["magic-0-0", "magic-0-2", "magic-1-1", "magic-1-3"])
def test_messages_of_older_formats_are_found(fixtures_dir: Path, topic: str) -> None:
    path = fixtures_dir / "real" / "kafka-3.6.0-old-formats" / topic / f"{0:020d}.log"
    entries = split_messages(path.read_bytes())
    shifted = b"\x17" * 33 + path.read_bytes() + b"\x00" * 50
    assert set(entries) <= set(found(shifted))
    for one in found(shifted):
        assert zlib.crc32(one[16:]) == int.from_bytes(one[12:16], "big")


def split_messages(data: bytes) -> list[bytes]:
    messages, position = [], 0
    while position < len(data):
        size = 12 + int.from_bytes(data[position + 8 : position + 12], "big")
        messages.append(data[position : position + size])
        position += size
    return messages


def test_look_alike_headers_that_claim_all_the_rest_cost_no_square() -> None:
    count = 20_000
    header = with_fields(BATCHES[0], records_count=1, last_offset_delta=0)[:61]
    data = b"".join(
        with_fields(header, base_offset=number, batch_length=(count - number) * 61 - 12, crc=number)
        for number in range(count)
    )  # 1.2 MB, whose ranges are 12 GB together
    start = time.monotonic()
    assert found(data) == []
    assert time.monotonic() - start < 30


def test_a_range_is_told_from_two_beginnings() -> None:
    data = random.Random(5).randbytes(2_000_000)
    rng = random.Random(6)
    for kind, value in ((CRC32C, google_crc32c.value), (CRC32, zlib.crc32)):
        crcs = RangeCrcs(BytesSource(data), kind)
        for _ in range(50):
            start, end = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
            assert crcs.of(start, end) == value(data[start:end])
