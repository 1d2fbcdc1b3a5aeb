"""Where the records of a batch begin and end by their own lengths, so that most of them need not be opened."""

from __future__ import annotations

from typing import NamedTuple

from ..spec.primitives import VARINT_MAX_BYTES, VARLONG_MAX_BYTES, unzigzag

MOST_RECORDS = 512 * 1024
"""More records than this are not told apart."""


class Frame(NamedTuple):
    """One record: from `start` to before `end`, and its `offset_delta` (None where that cannot be read)."""

    start: int
    end: int
    offset_delta: int | None


def record_frames(data: bytes, start: int, end: int, count: int) -> list[Frame]:
    """The frames of up to `count` records between two positions, up to the first whose length cannot be true."""
    frames: list[Frame] = []
    for _ in range(min(count, MOST_RECORDS)):
        length, begin = read_varint(data, start, end, VARINT_MAX_BYTES)
        if length is None or not 0 <= length <= end - begin:
            break
        _, behind = read_varint(data, begin + 1, begin + length, VARLONG_MAX_BYTES)
        delta, _ = read_varint(data, behind, begin + length, VARINT_MAX_BYTES)
        frames.append(Frame(start, begin + length, delta))
        start = begin + length
    return frames


def read_varint(data: bytes, position: int, end: int, most: int) -> tuple[int | None, int]:
    """The zigzag varint at `position` and where it ends; None where there is none before `end`."""
    value = 0
    for number in range(min(most, end - position)):
        byte = data[position + number]
        value |= (byte & 0x7F) << 7 * number
        if byte < 0x80:
            bits = 32 if most == VARINT_MAX_BYTES else 64
            return unzigzag(value & ((1 << bits) - 1)), position + number + 1
    return None, position


def chosen_run(frames: list[Frame], limit: int, target: int | None) -> range:
    """Which of the records are opened: `limit` of them (0: all) from the first on, or around the record `target`."""
    if limit == 0 or len(frames) <= limit:
        return range(len(frames))
    if target is None or target < limit:
        return range(limit)
    first = min(max(0, target - limit // 2), len(frames) - limit)
    return range(first, first + limit)
