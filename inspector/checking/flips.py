"""Which single bit was flipped, told from a CRC alone, by linear algebra over the field of two elements.

A CRC is linear but for a constant: the XOR of the right CRC and the computed one, the *syndrome*, depends only on which
bits differ. For one bit it is a power of x modulo the polynomial, whose exponent says how many bits follow the flipped
one; no two bits of a message up to 2^31 bits have the same. The exponent is a discrete logarithm, found in steps of
`STRIDE`: a batch of megabytes takes milliseconds. Nothing here knows Kafka.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

CASTAGNOLI = 0x82F63B78
"""CRC-32C, bits reversed, as both CRCs are computed."""
IEEE = 0xEDB88320
"""The CRC-32 of zip files, likewise."""

STRIDE = 4096
_TOP = 0x80000000
_BYTE = 0xFF


class Bit(NamedTuple):
    """One bit. byte: its place in the bytes looked at. bit: 0 is the least significant one."""

    byte: int
    bit: int

    def flipped(self, data: bytes) -> bytes:
        """The bytes with this bit the other way round."""
        changed = bytearray(data)
        changed[self.byte] ^= 1 << self.bit
        return bytes(changed)


def flipped_bit(polynomial: int, syndrome: int, size: int) -> Bit | None:
    """The only bit of `size` bytes whose flipping changes their CRC by `syndrome`, or None where there is none."""
    following = _bits_behind(polynomial, syndrome, 8 * size)
    if following is None:
        return None
    return Bit(size - 1 - following // 8, 7 - following % 8)


def different_bit(one: int, other: int) -> int | None:
    """The number of the only bit in which two numbers differ, or None."""
    difference = one ^ other
    return difference.bit_length() - 1 if difference > 0 and not difference & (difference - 1) else None


def _bits_behind(polynomial: int, syndrome: int, bits: int) -> int | None:
    """How many of `bits` bits follow the flipped one."""
    if not syndrome:
        return None
    first, back = _first_powers(polynomial), _strides_back(polynomial)
    for passed in range(0, bits, STRIDE):
        if syndrome in first:
            following = passed + first[syndrome]
            return following if following < bits else None
        syndrome = (
            back[0][syndrome & _BYTE]
            ^ back[1][syndrome >> 8 & _BYTE]
            ^ back[2][syndrome >> 16 & _BYTE]
            ^ back[3][syndrome >> 24]
        )
    return None


@cache
def _first_powers(polynomial: int) -> dict[int, int]:
    """The syndromes of the last `STRIDE` bits of a message, each with the number of bits behind it."""
    powers, value = {}, polynomial
    for following in range(STRIDE):
        powers[value] = following
        value = value >> 1 ^ (polynomial if value & 1 else 0)
    return powers


@cache
def _strides_back(polynomial: int) -> tuple[tuple[int, ...], ...]:
    """For each byte of a syndrome, by its value, what it was when `STRIDE` bits fewer followed."""
    of_bits = [_back(polynomial, 1 << bit) for bit in range(32)]
    return tuple(tuple(_sum(of_bits[8 * place :][:8], value) for value in range(256)) for place in range(4))


def _back(polynomial: int, value: int) -> int:
    for _ in range(STRIDE):
        value = (value ^ polynomial) << 1 | 1 if value & _TOP else value << 1
    return value


def _sum(terms: list[int], value: int) -> int:
    total = 0
    for bit, term in enumerate(terms):
        total ^= term if value >> bit & 1 else 0
    return total
