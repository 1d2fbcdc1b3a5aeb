"""Damage that can be undone for a moment: a flipped bit, a lying length, a wrong codec.

Each is a hypothesis about which bytes were there, and each is tried: with them the CRC must hold, and the records must
be readable. Nothing is written; what was tried is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..spec.record_batch import LOG_OVERHEAD, MAGIC, MAGIC_POSITION
from ..words import compression_name
from .flips import Bit, different_bit, flipped_bit
from .scene import LENGTH_POSITION, LENGTH_SIZE, V2, Frame, Scene

BIT_FLIP, LYING_LENGTH, WRONG_CODEC = "bit-flip", "lying-length", "wrong-codec"


class Diagnosis(NamedTuple):
    """The kind of damage, and a sentence without an end.

    size: of the whole entry, where that is proven by its CRC; of zeros, up to where they reach.
    """

    damage: str
    words: str
    size: int | None = None


_SIGNS = {"base_offset": 0, "partition_leader_epoch": 12}
"""The bytes with the sign of two fields that are never negative, or only -1."""

_LENGTH_BITS = 8 * LENGTH_SIZE
_MOST_ZEROS = 9
_CODEC_MASK = 0x07
_FRAME_STARTS = {
    1: b"\x1f\x8b\x08",
    2: b"\x82SNAPPY\0",
    3: b"\x04\x22\x4d\x18",
    4: b"\x28\xb5\x2f\xfd",
}
"""How the streams begin that Kafka's codecs write, by their number; raw snappy has no such beginning."""


def bit_flip(scene: Scene) -> Diagnosis | None:
    """One bit that is the other way round than it was: under the CRC, in the CRC, in the length, or in the magic."""
    for frame in scene.frames():
        for place, size in _possible_bits(scene, frame):
            if scene.is_sound(place.flipped(scene.data[:size]), frame):
                return of_bit(scene.position, place, size)
    return None


def of_bit(position: int, place: Bit, size: int | None = None) -> Diagnosis:
    """A flipped bit of the entry at `position`."""
    words = f"looks like a single flipped bit at position {position + place.byte}, bit {place.bit} (hypothesis)"
    return Diagnosis(BIT_FLIP, words, size)


def _possible_bits(scene: Scene, frame: Frame) -> Iterator[tuple[Bit, int]]:
    stored = frame.stored(scene.data)
    for size in scene.sizes(frame):
        syndrome = stored ^ frame.computed(scene.data, size)
        if syndrome:
            yield from ((place, size) for place in _under_the_crc(frame, syndrome, size))
        elif frame is V2:
            yield from ((place, size) for place in _before_the_crc(scene))
    yield from _of_the_length(scene, frame, stored)


def _under_the_crc(frame: Frame, syndrome: int, size: int) -> Iterator[Bit]:
    bit = different_bit(syndrome, 0)
    if bit is not None:  # the bytes are as they were, the CRC is not
        yield _bit_of(frame.crc_position, bit)
    place = flipped_bit(frame.polynomial, syndrome, size - frame.crc_start)
    if place is not None:
        yield Bit(frame.crc_start + place.byte, place.bit)


def _before_the_crc(scene: Scene) -> Iterator[Bit]:
    """Bits of the fields of a v2 batch that no CRC covers, where the value by itself is impossible."""
    bit = different_bit(scene.data[MAGIC_POSITION], MAGIC)
    if bit is not None:
        yield Bit(MAGIC_POSITION, bit)
    if scene.finding.location.field in _SIGNS:
        yield Bit(_SIGNS[scene.finding.location.field], 7)


def _bit_of(field: int, bit: int, size: int = LENGTH_SIZE) -> Bit:
    """A bit of a big-endian field."""
    return Bit(field + size - 1 - bit // 8, bit % 8)


def _of_the_length(scene: Scene, frame: Frame, stored: int) -> Iterator[tuple[Bit, int]]:
    """Lengths with one bit changed for which the CRC holds, by one pass over the bytes."""
    length = scene.claimed - LOG_OVERHEAD & 0xFFFFFFFF
    sizes = {(length ^ 1 << bit) + LOG_OVERHEAD: bit for bit in range(_LENGTH_BITS)}
    crc, behind = 0, frame.crc_start
    for size in sorted(size for size in sizes if frame.least <= size <= len(scene.data)):
        crc, behind = frame.extend(crc, scene.data[behind:size]), size
        if crc == stored:
            yield _bit_of(LENGTH_POSITION, sizes[size]), size


def lying_length(scene: Scene) -> Diagnosis | None:
    """A length that is not that of the bytes which the CRC covers, while everything else is whole."""
    for frame in scene.frames():
        for size in _possible_ends(scene, frame):
            length = (size - LOG_OVERHEAD).to_bytes(LENGTH_SIZE, "big")
            entry = scene.data[:LENGTH_POSITION] + length + scene.data[LENGTH_POSITION + LENGTH_SIZE : size]
            if scene.is_sound(entry, frame):
                words = f"the length lies: with {size - LOG_OVERHEAD} instead the CRC holds"
                return Diagnosis(LYING_LENGTH, words, size)
    return None


def _possible_ends(scene: Scene, frame: Frame) -> Iterator[int]:
    """Where the log goes on, or zeros begin; a batch may end in a few zeros of its own."""
    last = len(scene.data[: scene.size].rstrip(b"\0"))
    for size in dict.fromkeys((scene.size, *range(last, last + _MOST_ZEROS))):
        if size != scene.claimed and frame.least <= size <= len(scene.data):
            yield size


def wrong_codec(scene: Scene) -> Diagnosis | None:
    """Attributes that name another codec than the one by which the records can be read."""
    frame, entry = scene.frames()[0], scene.data[: max(0, scene.claimed)]
    if len(entry) < frame.least or len(entry) < scene.claimed:
        return None
    low = frame.crc_start + 1  # of the attributes, the byte that names the codec: v0 and v1 have the magic before it
    named = entry[low] & _CODEC_MASK
    is_mismatch = scene.finding.slug == "crc-mismatch"
    for codec in _likely_codecs(entry, named):
        attributes = bytes((entry[low] & ~_CODEC_MASK | codec,))
        changed = entry[:low] + attributes + entry[low + 1 :]
        if not is_mismatch:  # the CRC was made over the wrong attributes
            changed = _sealed(changed, frame)
        if (is_mismatch or codec or frame is V2) and scene.is_sound(changed, frame):  # any bytes are a message's value
            body = "not compressed" if codec == 0 else compression_name(codec)
            words = f"the attributes name the codec {compression_name(named)}, the records are {body}"
            return Diagnosis(WRONG_CODEC, words)
    return None


def _likely_codecs(entry: bytes, named: int) -> Iterator[int]:
    """Codecs by which the body begins, the earliest beginning first; and none at all."""
    head = entry[: V2.least + len(_FRAME_STARTS[2])]
    for codec, start in _FRAME_STARTS.items():
        if codec != named and start in head:
            yield codec
    if named:
        yield 0


def _sealed(entry: bytes, frame: Frame) -> bytes:
    """The entry with the CRC of its bytes."""
    crc = frame.computed(entry, len(entry)).to_bytes(4, "big")
    return entry[: frame.crc_position] + crc + entry[frame.crc_position + 4 :]
