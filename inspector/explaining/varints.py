"""How a varint comes out of its bytes, one step each, as one would do it on paper."""

from __future__ import annotations

from ..spec.primitives import unzigzag

_BITS = {"varint": 32, "varlong": 64, "uvarint": 32}
_ZIGZAG = ("varint", "varlong")


def varint_steps(kind: str, data: bytes) -> tuple[str, ...]:
    """The steps from the bytes of a whole `varint`, `varlong` or `uvarint` to its value."""
    bits, unsigned = _BITS[kind], 0
    steps = []
    for number, byte in enumerate(data):
        unsigned |= (byte & 0x7F) << 7 * number
        steps.append(_of_byte(byte, number))
    if len(data) > 1:
        parts = " + ".join(str((byte & 0x7F) << 7 * number) for number, byte in enumerate(data))
        steps.append(f"{parts} = {unsigned}")
    kept = unsigned & ((1 << bits) - 1)
    if kept != unsigned:
        steps.append(f"of these only the lowest {bits} bits are kept, the others are dropped: {kept}")
    return (*steps, _zigzag(kept)) if kind in _ZIGZAG else tuple(steps)


def _of_byte(byte: int, number: int) -> str:
    more, low = byte >> 7, byte & 0x7F
    follows = "1: another byte follows" if more else "0: the last byte"
    shifted = f" shifted by {7 * number} = {low << 7 * number}" if number else f" = {low}"
    return f"0x{byte:02x} = {more} {low:07b}: first bit {follows}; {low:07b}{shifted}"


def _zigzag(unsigned: int) -> str:
    """Even numbers are the positive ones, odd ones the negative ones."""
    if unsigned & 1:
        return f"zigzag: {unsigned} is odd, so it stands for -({unsigned} + 1) / 2 = {unzigzag(unsigned)}"
    return f"zigzag: {unsigned} is even, so it stands for {unsigned} / 2 = {unzigzag(unsigned)}"
