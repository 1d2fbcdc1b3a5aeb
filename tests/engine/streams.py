"""Compressed streams of every dialect, sound ones, for tests that break them."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator

import cramjam

XERIAL_HEADER = b"\x82SNAPPY\x00" + b"\x00\x00\x00\x01" * 2
LZ4_MAGIC = b"\x04\x22\x4d\x18"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
MASK = 0xFFFFFFFF

TEXT = b"".join(b'{"order":%d,"state":"%s"}' % (i, (b"paid", b"new", b"sent")[i * i % 3]) for i in range(9000))
NOISE = random.Random(5).randbytes(150_000)
PAYLOADS = (b"", b"a", b"hello hello hello", TEXT[:900], TEXT[:70_000], TEXT, NOISE[:300], NOISE, bytes(200_000))
"""From nothing to several blocks of any codec; NOISE gives more compressed bytes than a reader takes at once."""


def gzip_streams() -> Iterator[bytes]:
    for payload in PAYLOADS:
        yield from (gzip.compress(payload, level, mtime=0) for level in (1, 9))
        yield gzip_member(payload, b"", strategy=zlib.Z_FIXED)
        yield gzip_member(payload[:5000], b"", level=0)
    small = gzip.compress(TEXT[:200], mtime=0)
    name, extra = b"name\x00", b"\x03\x00abc"
    yield from (gzip_member(TEXT[:300], fields, flags) for flags, fields in ((8, name), (4, extra), (12, extra + name)))
    header = b"\x1f\x8b\x08\x0a\x00\x00\x00\x00\x00\xff" + name
    yield gzip_member(TEXT[:300], name + (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little"), 0x0A)
    yield from (small * 2, small * 3 + b"trailing", small + gzip.compress(b"", mtime=0) + small, small + small[:15])


def gzip_member(payload: bytes, fields: bytes, flags: int = 0, level: int = 6, strategy: int = 0) -> bytes:
    deflate = zlib.compressobj(level, wbits=-15, strategy=strategy)
    half = len(payload) // 2
    body = deflate.compress(payload[:half]) + deflate.flush(zlib.Z_FULL_FLUSH) + deflate.compress(payload[half:])
    trailer = zlib.crc32(payload).to_bytes(4, "little") + len(payload).to_bytes(4, "little")
    return b"\x1f\x8b\x08" + bytes((flags, 0, 0, 0, 0, 0, 255)) + fields + body + deflate.flush() + trailer


def snappy_streams() -> Iterator[bytes]:
    for payload in PAYLOADS:
        yield bytes(cramjam.snappy.compress_raw(payload))
        yield from (xerial(payload, chunk) for chunk in (200, 32_768) if len(payload) < 2000 * chunk)
    yield xerial(TEXT[:300], 100) * 2


def xerial(payload: bytes, chunk: int) -> bytes:
    blocks = (bytes(cramjam.snappy.compress_raw(piece)) for piece in pieces(payload, chunk))
    return XERIAL_HEADER + b"".join(len(block).to_bytes(4, "big") + block for block in blocks)


def lz4_streams() -> Iterator[bytes]:
    for payload in PAYLOADS:
        yield from (lz4_frame(payload, flags) for flags in (0x60, 0x68))
        yield from (lz4_frame(payload[:2000], flags, block=300) for flags in (0x64, 0x70, 0x7C))
        yield from (lz4_frame(payload, 0x60, descriptor) for descriptor in (0x50, 0x60, 0x70))
    yield lz4_frame(TEXT, 0x70, block=4000)
    yield lz4_frame(TEXT[:300], 0x60, block=100) * 2


def lz4_frame(payload: bytes, flags: int, descriptor: int = 0x40, block: int = 0) -> bytes:
    size = len(payload).to_bytes(8, "little") if flags & 0x08 else b""
    header = bytes((flags, descriptor)) + size
    out = LZ4_MAGIC + header + bytes((xxh32(header) >> 8 & 0xFF,))
    for piece in pieces(payload, block or 65_536 << 2 * (descriptor // 16 - 4)):
        packed = bytes(cramjam.lz4.compress_block(piece, store_size=False))
        stored = len(packed) >= len(piece)
        bytes_ = piece if stored else packed
        checksum = xxh32(bytes_).to_bytes(4, "little") if flags & 0x10 else b""
        out += (len(bytes_) | stored << 31).to_bytes(4, "little") + bytes_ + checksum
    return out + bytes(4) + (xxh32(payload).to_bytes(4, "little") if flags & 0x04 else b"")


def zstd_streams() -> Iterator[bytes]:
    for payload in PAYLOADS:
        yield from (bytes(cramjam.zstd.compress(payload, level)) for level in (1, 9, 19))
        yield zstd_stream(payload, 1000 if len(payload) < 5000 else 50_000)
    yield CHECKSUMMED
    small, skipped = zstd_stream(TEXT[:500], 100), b"\x55\x2a\x4d\x18\x03\x00\x00\x00abc"
    yield from (small * 2, skipped + small + skipped, small + CHECKSUMMED, skipped)
    for window in (10, 17):
        yield zstd_frame([(0, b"raw"), (1, b"z" * 900), (0, b""), (0, TEXT[:500])], window)
    yield zstd_frame([(1, b"x" * 131_072), (1, b"y" * 131_072), (0, b"end")], 17)
    yield zstd_frame([(0, b"raw"), (1, b"z" * 90)], None)


CHECKSUMMED = bytes.fromhex(
    "28b52ffd04007d0100f061207061796c6f6164207468617420636f6d657320616761696e2c206e6405004604147e3280d4054a6198bfa713"
    "c824bad7"
)
"""A zstd frame with a checksum and without a size, as libzstd writes it."""


def zstd_stream(payload: bytes, block: int) -> bytes:
    """Without a size, as Java's writer leaves it, and with a block for each so many bytes."""
    compressor = cramjam.zstd.Compressor()
    out = b""
    for piece in pieces(payload, block):
        compressor.compress(piece)
        out += bytes(compressor.flush())
    return out + bytes(compressor.finish())


def zstd_frame(blocks: list[tuple[int, bytes]], window: int | None) -> bytes:
    """A frame of blocks that are stored (0) or one byte again and again (1); window None: one segment with its size."""
    size = sum(len(content) for _, content in blocks)
    header = bytes((0x60,)) + (size - 256).to_bytes(2, "little") if window is None and size >= 256 else b""
    header = header or (bytes((0x20, size)) if window is None else bytes((0, max(window - 10, 0) << 3)))
    out = ZSTD_MAGIC + header
    for number, (kind, content) in enumerate(blocks):
        is_last = number == len(blocks) - 1
        out += (is_last | kind << 1 | len(content) << 3).to_bytes(3, "little") + (content[:1] if kind else content)
    return out


def pieces(payload: bytes, size: int) -> Iterator[bytes]:
    return (payload[start : start + size] for start in range(0, len(payload), size))


def xxh32(data: bytes) -> int:
    """The checksum of LZ4 frames, by its definition."""
    primes = 2654435761, 2246822519, 3266489917, 668265263, 374761393
    state = [(primes[0] + primes[1]) & MASK, primes[1], 0, -primes[0] & MASK]
    stripes = len(data) // 16 * 16
    words = memoryview(data[: len(data) // 4 * 4]).cast("I").tolist()
    for index, word in enumerate(words[: stripes // 4]):
        lane = index & 3
        state[lane] = rotated(state[lane] + word * primes[1], 13) * primes[0] & MASK
    result = sum(map(rotated, state, (1, 7, 12, 18))) if stripes else primes[4]
    result = (result + len(data)) & MASK
    for word in words[stripes // 4 :]:
        result = rotated(result + word * primes[2], 17) * primes[3] & MASK
    for byte in data[len(words) * 4 :]:
        result = rotated(result + byte * primes[4], 11) * primes[0] & MASK
    result = (result ^ result >> 15) * primes[1] & MASK
    result = (result ^ result >> 13) * primes[2] & MASK
    return result ^ result >> 16


def rotated(number: int, bits: int) -> int:
    number &= MASK
    return (number << bits | number >> 32 - bits) & MASK


STREAMS = {1: [*gzip_streams()], 2: [*snappy_streams()], 3: [*lz4_streams()], 4: [*zstd_streams()]}
"""By codec."""
