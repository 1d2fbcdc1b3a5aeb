"""CRCs of any range of a file at a bounded price, however long the range: by the CRCs of what lies before its ends.

A file full of look-alike headers, each claiming all that follows, would cost the square of its size. So a long range
is taken as the difference of two beginnings of the file, which are computed once. CRC(AB) is CRC(A), moved on by the
length of B, xor CRC(B): a CRC is linear, and moving on is a matrix over GF(2) (as in `crc32_combine` of zlib).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import google_crc32c

from ..engine.window import ShrunkError
from ..source import Source

BLOCK = 64 * 1024
LONG = 4 * BLOCK
"""Shorter ranges are simply read."""


class Kind(NamedTuple):
    """A CRC: its polynomial (reflected), and how one of bytes is continued."""

    polynomial: int
    extend: Callable[[int, bytes], int]


CRC32C = Kind(0x82F63B78, google_crc32c.extend)
CRC32 = Kind(0xEDB88320, lambda crc, data: zlib.crc32(data, crc))

Matrix = tuple[int, ...]


class RangeCrcs:
    """CRCs of ranges of one file. The CRCs of its beginnings are kept, eight bytes for each block."""

    def __init__(self, source: Source, kind: Kind) -> None:
        self._source = source
        self._kind = kind
        self._beginnings = array("Q", (0,))

    def of(self, start: int, end: int) -> int:
        """The CRC of the bytes from `start` to `end`. Raises ShrunkError."""
        if end - start <= LONG:
            return self._kind.extend(0, self._read(start, end))
        return self._beginning(end) ^ moved_on(self._kind.polynomial, self._beginning(start), end - start)

    def _beginning(self, end: int) -> int:
        block = end // BLOCK
        while len(self._beginnings) <= block:
            start = (len(self._beginnings) - 1) * BLOCK
            self._beginnings.append(self._kind.extend(self._beginnings[-1], self._read(start, start + BLOCK)))
        return self._kind.extend(self._beginnings[block], self._read(block * BLOCK, end))

    def _read(self, start: int, end: int) -> bytes:
        data = self._source.read_at(start, end - start)
        if len(data) < end - start:
            raise ShrunkError(start + len(data))
        return data


def moved_on(polynomial: int, crc: int, size: int) -> int:
    """What a CRC contributes to that of the same bytes with `size` more behind them."""
    power = 0
    while size:
        if size & 1:
            crc = _times(_zeros(polynomial, power), crc)
        size >>= 1
        power += 1
    return crc


@cache
def _zeros(polynomial: int, power: int) -> Matrix:
    """What 2^power zero bytes make of each bit of a CRC."""
    if power:
        half = _zeros(polynomial, power - 1)
        return tuple(_times(half, column) for column in half)
    one_bit: Matrix = (polynomial, *(1 << bit for bit in range(31)))
    matrix = one_bit
    for _ in range(7):
        matrix = tuple(_times(one_bit, column) for column in matrix)
    return matrix


def _times(matrix: Matrix, vector: int) -> int:
    result = 0
    for column in matrix:
        if vector & 1:
            result ^= column
        vector >>= 1
        if not vector:
            break
    return result
