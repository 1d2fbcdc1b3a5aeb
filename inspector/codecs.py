"""Decompression of record data, bounded before it grows, in the dialects that Kafka's own reader accepts.

The growth rule, for every engine: the output buffer starts at four times the input (64 KiB at least), grows fourfold,
and never beyond `limit`. Where the headers of the blocks tell how much those can hold at most, the buffer is as large
from the start. Sizes that a stream claims for itself are checked against the limit and against what so many bytes can
expand to, never believed. A stream that wants more raises `DecompressionLimitError`. Sources: Kafka's
`GzipCompression`, `SnappyCompression`, `Lz4BlockInputStream`, `ZstdCompression`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import cramjam

from .words import COMPRESSION_NAMES

DECOMPRESSION_LIMIT = 64 * 1024 * 1024
"""Bytes that one batch may decompress to. Producers bound a batch *before* compression (max.request.size, 1 MiB)."""

FIRST_BUFFER = 64 * 1024
GROWTH = 4

_LZ4, _ZSTD, _NO_CODEC = 3, 4, -1

_GZIP_MAGIC = b"\x1f\x8b\x08"

_XERIAL_MAGIC = b"\x82SNAPPY\x00"
_XERIAL_HEADER_SIZE = 16
_SNAPPY_SIZE_BYTES = 5  # a block begins with its size as a varint of 32 bits
SNAPPY_MAX_RATIO = 22  # a copy of 64 bytes takes three: no snappy block can expand further

_LZ4_MAGIC = b"\x04\x22\x4d\x18"
_LZ4_END_MARK = bytes(4)
_LZ4_BLOCK_SIZES = {4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: 4 * 1024 * 1024}
_LZ4_OF_BLOCKS = 0x70
"""Of the flags: the version, that blocks are independent, and whether they have checksums."""

_XXH_PRIMES = (2654435761, 2246822519, 3266489917, 668265263, 374761393)
_MASK = 0xFFFFFFFF


Data = bytes | bytearray | memoryview


class Decompressed(NamedTuple):
    """The bytes, and how many input bytes stand behind the end of the compressed stream."""

    data: Data
    trailing: int = 0


class DecompressionError(Exception):
    """The stream is broken. The text says how where we took it apart ourselves. Libraries have their own words for the
    rest, each another's, and engines must say the same."""

    def __init__(self, text: str = "the stream is broken") -> None:
        super().__init__(text)


class DecompressionLimitError(DecompressionError):
    """The stream wants more than the limit."""


class UnknownCodecError(DecompressionError):
    """The attributes name a codec from 5 to 7, which no release defines."""


def decompress_messages(magic: int, codec: int, data: bytes, limit: int = DECOMPRESSION_LIMIT) -> Decompressed:
    """The messages inside a wrapper of format v0 or v1. Raises as `decompress`; zstd did not exist then.

    Clients before 0.10 computed the checksum of the LZ4 frame's header over too much (KAFKA-3160); Kafka's reader
    ignores it in format v0, and so does this one.
    """
    if codec == _LZ4 and magic == 0:
        return _lz4_blocks(data, _lz4_frame(data), limit)
    return decompress(codec if codec != _ZSTD else _NO_CODEC, data, limit)


def decompress(codec: int, data: bytes, limit: int = DECOMPRESSION_LIMIT) -> Decompressed:
    """The records behind `data`. `codec` is the number in the attributes (0 to 4).

    Raises UnknownCodecError, DecompressionLimitError (more than `limit` bytes) or DecompressionError.
    """
    reader = _READERS.get(codec)
    if reader is None:
        raise UnknownCodecError
    return reader(data, limit)


def _none(data: bytes, _limit: int) -> Decompressed:
    return Decompressed(data)


def _gzip(data: bytes, limit: int) -> Decompressed:
    """One or more gzip members; whatever else follows is ignored, as Java's GZIPInputStream does."""
    view, out, position = memoryview(data), bytearray(), 0
    while position == 0 or data.startswith(_GZIP_MAGIC, position):
        position = _gzip_member(view, position, out, limit)
    return Decompressed(out, len(data) - position)


def _gzip_member(view: memoryview, position: int, out: bytearray, limit: int) -> int:
    """Appends one member to `out`; gives the position behind it."""
    member = zlib.decompressobj(wbits=31)
    step = 512  # doubled: feeding all at once would copy the rest of the data once a member, and there may be millions
    while not member.eof:
        piece = view[position : position + step]
        if not piece:
            raise DecompressionError("the gzip stream ends too early")
        try:
            out += member.decompress(piece, limit + 1 - len(out))
        except zlib.error as error:
            raise DecompressionError from error
        if len(out) > limit:
            raise DecompressionLimitError
        position += len(piece) - len(member.unused_data)
        step *= 2
    return position


def _snappy(data: bytes, limit: int) -> Decompressed:
    """Xerial framing where its magic is there, else one raw block (librdkafka, franz-go), as Kafka's reader decides."""
    if not data.startswith(_XERIAL_MAGIC):
        return Decompressed(_snappy_block(data, limit))
    out = bytearray()
    position = 0
    while position < len(data):
        if data.startswith(_XERIAL_MAGIC, position):  # streams may be concatenated: a further header
            position += _XERIAL_HEADER_SIZE
            continue
        block, position = _xerial_block(data, position)
        out += _snappy_block(block, limit - len(out))
    return Decompressed(out)


def _xerial_block(data: bytes, position: int) -> tuple[bytes, int]:
    start = position + 4
    size = int.from_bytes(data[position:start], "big", signed=True)
    if not 0 <= size <= len(data) - start:
        raise DecompressionError(f"a snappy block claims {size} bytes, {max(len(data) - start, 0)} are left")
    return data[start : start + size], start + size


def _snappy_block(block: bytes, limit: int) -> bytes:
    if not block:
        raise DecompressionError("an empty snappy block")
    if all(byte & 0x80 for byte in block[:_SNAPPY_SIZE_BYTES]):  # Kafka's library reads no further
        raise DecompressionError
    try:
        claimed = cramjam.snappy.decompress_raw_len(block)
    except cramjam.DecompressionError as error:
        raise DecompressionError from error
    if claimed > limit and claimed <= len(block) * SNAPPY_MAX_RATIO:
        raise DecompressionLimitError
    if claimed > len(block) * SNAPPY_MAX_RATIO:
        raise DecompressionError(f"a snappy block of {len(block)} bytes claims to hold {claimed}")
    return bytes(_through_cramjam(cramjam.snappy.decompress_raw_into, block, claimed, limit))


def _lz4(data: bytes, limit: int) -> Decompressed:
    """One LZ4 frame with independent blocks; Kafka's reader looks at nothing behind its end mark."""
    frame = _lz4_frame(data)
    if data[frame.blocks - 1] != _lz4_header_checksum(data[4 : frame.blocks - 1]):
        raise DecompressionError("the checksum of the LZ4 frame's header is wrong")
    return _lz4_blocks(data, frame, limit)


def _lz4_blocks(data: bytes, frame: _Lz4Frame, limit: int) -> Decompressed:
    """The blocks, behind a header without size and checksum of the content: Kafka's reader passes over these.

    It takes an end mark with the bit of stored blocks too; liblz4 does not.
    """
    descriptor = bytes((data[4] & _LZ4_OF_BLOCKS, data[5]))
    header = _LZ4_MAGIC + descriptor + bytes((_lz4_header_checksum(descriptor),))
    stream = header + data[frame.blocks : frame.mark] + _LZ4_END_MARK
    out = _through_cramjam(cramjam.lz4.decompress_into, stream, min(frame.most, limit + 1), limit)
    return Decompressed(out, len(data) - frame.end)


def _lz4_header_checksum(descriptor: bytes) -> int:
    """The second byte of its xxHash32, by the rule for fewer than 16 bytes."""
    words = len(descriptor) // 4
    hashed = _XXH_PRIMES[4] + len(descriptor)
    for word in struct.unpack_from(f"<{words}I", descriptor):
        hashed = _rotated(hashed + word * _XXH_PRIMES[2], 17) * _XXH_PRIMES[3]
    for byte in descriptor[4 * words :]:
        hashed = _rotated(hashed + byte * _XXH_PRIMES[4], 11) * _XXH_PRIMES[0]
    hashed = ((hashed & _MASK) ^ (hashed & _MASK) >> 15) * _XXH_PRIMES[1] & _MASK
    hashed = (hashed ^ hashed >> 13) * _XXH_PRIMES[2] & _MASK
    return (hashed ^ hashed >> 16) >> 8 & 0xFF


def _rotated(number: int, bits: int) -> int:
    number &= _MASK
    return number << bits | number >> 32 - bits


class _Lz4Frame(NamedTuple):
    """Where the first block, the end mark, and what follows the frame stand; the most bytes the blocks can hold."""

    blocks: int
    mark: int
    end: int
    most: int


def _lz4_frame(data: bytes) -> _Lz4Frame:
    """The first frame, by its header and the sizes of its blocks. Raises DecompressionError."""
    if data[:4] != _LZ4_MAGIC or len(data) < 7:
        raise DecompressionError("no LZ4 frame")
    flags, block_max = data[4], _LZ4_BLOCK_SIZES.get(data[5] >> 4 & 7)
    if flags >> 6 != 1 or flags & 0x03 or block_max is None or data[5] & 0x8F:
        raise DecompressionError("an LZ4 frame header that Kafka's reader refuses")
    if not flags & 0x20:
        raise DecompressionError("LZ4 blocks that depend on each other, which Kafka's reader refuses")
    blocks = position = 7 + (8 if flags & 0x08 else 0)  # behind magic, descriptor (with the content's size?), checksum
    most = 0
    while size := _lz4_block_size(data, position):
        if size > block_max:
            raise DecompressionError(f"an LZ4 block of {size} bytes, at most {block_max} are allowed")
        position += 4 + size + (4 if flags & 0x10 else 0)
        most += block_max
    end = position + 4 + (4 if flags & 0x04 else 0)
    if end > len(data):
        raise DecompressionError("the LZ4 frame ends too early")
    return _Lz4Frame(blocks, position, end, most)


def _lz4_block_size(data: bytes, position: int) -> int:
    """The size of the block at `position` without its header and checksum; 0 at the end mark."""
    word = data[position : position + 4]
    if len(word) < 4:
        raise DecompressionError("the LZ4 frame ends too early")
    return int.from_bytes(word, "little") & 0x7FFFFFFF


def _zstd(data: bytes, limit: int) -> Decompressed:
    """One or more zstd frames; bytes behind them are an error, as in Kafka's reader."""
    return Decompressed(_through_cramjam(cramjam.zstd.decompress_into, data, None, limit))


def _through_cramjam(
    read_into: Callable[[bytes, bytearray], int], data: bytes, enough: int | None, limit: int
) -> memoryview:
    """Decompresses into a buffer of `enough` bytes where the need is known, else by the growth rule above."""
    size = min(max(FIRST_BUFFER, GROWTH * len(data)), limit) if enough is None else enough
    while True:
        buffer = bytearray(size)
        try:
            written = read_into(data, buffer)
        except cramjam.DecompressionError as error:
            if "failed to write whole buffer" not in str(error):
                raise DecompressionError from error
        else:
            if written > limit:
                raise DecompressionLimitError
            return memoryview(buffer)[:written]
        if size >= limit:
            raise DecompressionLimitError
        size = min(size * GROWTH, limit)


_READERS: dict[int, Callable[[bytes, int], Decompressed]] = {0: _none, 1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
assert _READERS.keys() == COMPRESSION_NAMES.keys(), "a codec without a reader"
