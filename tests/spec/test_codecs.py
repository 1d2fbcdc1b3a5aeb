"""Decompression: every dialect that clients leave on disk, broken streams, and bombs."""

import gzip
import resource

import cramjam
import pytest

from inspector.codecs import (
    DecompressionError,
    DecompressionLimitError,
    UnknownCodecError,
    decompress,
    decompress_messages,
)
from tests.engine.streams import xxh32

PAYLOAD = b"".join(b"line %d of a payload that compresses\n" % i for i in range(20_000))
XERIAL_HEADER = b"\x82SNAPPY\x00" + b"\x00\x00\x00\x01" * 2


def xerial(payload: bytes, chunk: int = 32_768) -> bytes:
    out = bytearray(XERIAL_HEADER)
    for start in range(0, len(payload), chunk):
        block = bytes(cramjam.snappy.compress_raw(payload[start : start + chunk]))
        out += len(block).to_bytes(4, "big") + block
    return bytes(out)


STREAMS = {
    "gzip": (1, gzip.compress(PAYLOAD, mtime=0)),
    "gzip, two members": (1, gzip.compress(PAYLOAD[:1000], mtime=0) + gzip.compress(PAYLOAD[1000:], mtime=0)),
    "snappy, xerial": (2, xerial(PAYLOAD)),
    "snappy, xerial streams one after the other": (2, xerial(PAYLOAD[:70_000]) + xerial(PAYLOAD[70_000:])),
    "snappy, one raw block": (2, bytes(cramjam.snappy.compress_raw(PAYLOAD))),
    "lz4": (3, None),
    "zstd": (4, bytes(cramjam.zstd.compress(PAYLOAD))),
    "zstd, two frames": (4, bytes(cramjam.zstd.compress(PAYLOAD[:9])) + bytes(cramjam.zstd.compress(PAYLOAD[9:]))),
    "none": (0, PAYLOAD),
}


def lz4_frame(payload: bytes, block: int = 65_536) -> bytes:
    """As Kafka writes it: independent blocks of 64 KiB, no checksums but the header's (82)."""
    out = bytearray.fromhex("04224d18 6040 82")
    for start in range(0, len(payload), block):
        piece = payload[start : start + block]
        packed = bytes(cramjam.lz4.compress_block(piece, store_size=False))
        stored = len(packed) >= len(piece)
        out += (len(piece) | 1 << 31 if stored else len(packed)).to_bytes(4, "little") + (piece if stored else packed)
    return bytes(out + bytes(4))


STREAMS["lz4"] = (3, lz4_frame(PAYLOAD))


@pytest.mark.parametrize("name", STREAMS)
def test_every_dialect_gives_the_payload_back(name):
    codec, data = STREAMS[name]
    result = decompress(codec, data)
    assert bytes(result.data) == PAYLOAD
    assert result.trailing == 0


EMPTY = {
    "gzip": (1, gzip.compress(b"", mtime=0)),
    "snappy": (2, XERIAL_HEADER),
    "lz4": (3, lz4_frame(b"")),
    "zstd": (4, bytes(cramjam.zstd.compress(b""))),
}


@pytest.mark.parametrize("codec, data", EMPTY.values(), ids=EMPTY)
def test_a_stream_of_nothing_is_nothing(codec, data):
    assert bytes(decompress(codec, data).data) == b""


@pytest.mark.parametrize("name", ["gzip", "gzip, two members", "lz4"])
def test_bytes_behind_the_stream_are_counted_where_kafka_ignores_them(name):
    codec, data = STREAMS[name]
    result = decompress(codec, data + b"extra")
    assert (bytes(result.data), result.trailing) == (PAYLOAD, 5)


@pytest.mark.parametrize("name", ["snappy, xerial", "zstd"])
def test_bytes_behind_the_stream_are_an_error_where_kafka_refuses_them(name):
    codec, data = STREAMS[name]
    with pytest.raises(DecompressionError):
        decompress(codec, data + b"extra")


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "none"])
@pytest.mark.parametrize("keep", [0, 1, 7, 20, 0.5, 0.99])
def test_a_cut_stream_is_an_error(name, keep):
    codec, data = STREAMS[name]
    cut = data[: int(len(data) * keep) if isinstance(keep, float) else keep]
    with pytest.raises(DecompressionError):
        decompress(codec, cut)


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "none"])
def test_a_ruined_stream_is_told_in_the_same_words_whichever_library_met_it(name):
    codec, data = STREAMS[name]
    middle = len(data) // 2
    with pytest.raises(DecompressionError, match=r"^the stream is broken$"):
        decompress(codec, data[: middle - 500] + b"\xff" * 1000 + data[middle + 500 :])


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "none"])
def test_the_limit_holds_to_the_byte(name):
    codec, data = STREAMS[name]
    assert len(decompress(codec, data, limit=len(PAYLOAD)).data) == len(PAYLOAD)
    with pytest.raises(DecompressionLimitError):
        decompress(codec, data, limit=len(PAYLOAD) - 1)


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_an_unknown_codec_says_so(codec):
    with pytest.raises(UnknownCodecError):
        decompress(codec, b"anything")


def test_a_snappy_block_that_lies_about_its_size_is_not_believed():
    two_gigabytes = bytes.fromhex("ffffffff07") + b"\x00a"
    with pytest.raises(DecompressionError, match="claims to hold"):
        decompress(2, two_gigabytes)


def test_lz4_blocks_that_depend_on_each_other_are_refused_as_kafka_does():
    with pytest.raises(DecompressionError, match="depend on each other"):
        decompress(3, bytes.fromhex("04224d18 4040 c0 00000000"))


def test_an_lz4_frame_that_names_a_dictionary_is_refused_as_kafka_does():
    with pytest.raises(DecompressionError, match="that Kafka's reader refuses"):
        decompress(3, bytes.fromhex("04224d18 6140 01000000 2b 00000000"))


def test_an_lz4_end_mark_with_the_bit_of_stored_blocks_ends_the_frame_as_for_kafka():
    result = decompress(3, lz4_frame(PAYLOAD)[:-4] + bytes.fromhex("00000080") + b"extra")
    assert (bytes(result.data), result.trailing) == (PAYLOAD, 5)


@pytest.mark.parametrize("flags", [0x64, 0x68, 0x6C])
def test_what_an_lz4_frame_tells_about_its_content_is_passed_over_as_kafka_does(flags):
    size = bytes.fromhex("0700000000000000") if flags & 0x08 else b""
    checksum = bytes(4) if flags & 0x04 else b""
    descriptor = bytes((flags, 0x40)) + size
    header = lz4_frame(b"")[:4] + descriptor + bytes((xxh32(descriptor) >> 8 & 0xFF,))
    result = decompress(3, header + lz4_frame(PAYLOAD)[7:] + checksum + b"extra")
    assert (bytes(result.data), result.trailing) == (PAYLOAD, 5)


def test_a_wrong_checksum_of_an_lz4_header_counts_but_not_in_messages_of_v0():
    frame = bytearray(lz4_frame(PAYLOAD))
    frame[6] ^= 1
    for magic in (1, 2):
        with pytest.raises(DecompressionError, match="header is wrong"):
            decompress_messages(magic, 3, bytes(frame))
    assert bytes(decompress_messages(0, 3, bytes(frame)).data) == PAYLOAD


def test_a_million_tiny_gzip_members_take_linear_time():
    member = gzip.compress(b"", mtime=0)
    assert decompress(1, member * 20_000).trailing == 0


@pytest.mark.parametrize("codec, compress", [(1, lambda data: gzip.compress(data, 9)), (4, cramjam.zstd.compress)])
def test_a_bomb_is_stopped_at_the_limit_without_growing_beyond_it(codec, compress):
    bomb = bytes(compress(bytes(400 * 1024 * 1024)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DecompressionLimitError):
        decompress(codec, bomb, limit=16 * 1024 * 1024)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
