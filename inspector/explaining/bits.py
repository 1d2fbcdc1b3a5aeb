"""The bits of `attributes`, one meaning at a time."""

from __future__ import annotations

from collections.abc import Iterable

from ..spec.attributes import ATTRIBUTE_BITS, COMPRESSION_MASK, KNOWN_ATTRIBUTES, LOG_APPEND_TIME, AttributeBits
from ..words import CREATE_TIME, compression_name
from ..words import LOG_APPEND_TIME as APPEND_TIME

_SINCE = {"compression": "zstd 2.1, KIP-110", "has_delete_horizon": "3.1, KIP-534"}

_NAMES = {
    "timestamp_type": (CREATE_TIME, APPEND_TIME),
    "is_transactional": ("in no transaction", "transactional"),
    "is_control": ("data", "control"),
    "has_delete_horizon": ("no delete horizon", "delete horizon"),
}


def attribute_steps(attributes: int, magic: int) -> tuple[str, ...]:
    """One step for each meaning that `attributes` has in this format."""
    steps = [_step(bits, attributes) for bits in _bits_of(magic)]
    known = sum(bits.mask for bits in _bits_of(magic))
    unknown = attributes & ~known & 0xFFFF
    if unknown:
        steps.append(f"other bits = {unknown:#x}: no release gives them a meaning")
    return tuple(steps)


def attributes_in_words(attributes: int, magic: int) -> str:
    """What is set, in a few words; always the codec and the kind of timestamps."""
    told = [_name(bits, attributes) for bits in _bits_of(magic)]
    return ", ".join([*told[:2], *(word for word in told[2:] if not word.startswith(("in no", "no ", "data")))])


def _bits_of(magic: int) -> Iterable[AttributeBits]:
    """v0 knows the codec alone, v1 the kind of timestamps too."""
    known = {0: COMPRESSION_MASK, 1: COMPRESSION_MASK | LOG_APPEND_TIME}.get(magic, KNOWN_ATTRIBUTES)
    return [bits for bits in ATTRIBUTE_BITS if bits.mask & known]


def _step(bits: AttributeBits, attributes: int) -> str:
    first = (bits.mask & -bits.mask).bit_length() - 1
    last = bits.mask.bit_length() - 1
    where = f"bit {first}" if first == last else f"bits {first} to {last}"
    value = (attributes & bits.mask) >> first
    since = f" ({_SINCE[bits.name]})" if bits.name in _SINCE else ""
    return f"{where} = {value:0{last - first + 1}b}, {bits.name}{since}: {_name(bits, attributes)}"


def _name(bits: AttributeBits, attributes: int) -> str:
    value = (attributes & bits.mask) // (bits.mask & -bits.mask)
    return compression_name(value) if bits.name == "compression" else _NAMES[bits.name][value]
