"""Both engines take and refuse the same compressed streams: the same bytes, the same reason, within the same limit."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector import codecs
from inspector.codecs import DECOMPRESSION_LIMIT, DecompressionError, DecompressionLimitError, UnknownCodecError
from tests.conftest import require
from tests.engine.streams import STREAMS, ZSTD_MAGIC, gzip_member, lz4_frame, xerial, zstd_frame, zstd_stream
from tests.engine.test_fuzz import MUTATIONS, mutated, quiet

try:
    from inspector._native import decompress as native
except ImportError:
    native = None  # type: ignore[assignment]

EXAMPLES = int(os.environ.get("KINSPECT_EXAMPLES", "2000"))
CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
MAGICS = st.sampled_from((None, None, 0, 1))

Said = tuple[str, bytes | str, int]


def spec(codec: int, data: bytes, limit: int, magic: int | None) -> Said:
    try:
        if magic is None:
            result = codecs.decompress(codec, data, limit)
        else:
            result = codecs.decompress_messages(magic, codec, data, limit)
    except UnknownCodecError:
        return "unknown", "", 0
    except DecompressionLimitError:
        return "limit", "", 0
    except DecompressionError as error:
        return "broken", str(error), 0
    return "ok", bytes(result.data), result.trailing


def assert_agree(codec: int, data: bytes, limit: int = DECOMPRESSION_LIMIT, magic: int | None = None) -> Said:
    """What both say; where that is a payload, both give it up to the byte before the last too."""
    if native is None:
        require("native", "the native engine is not built")
    meant = spec(codec, data, limit, magic)
    assert native(codec, data, limit, magic) == meant
    if meant[0] == "ok" and meant[1] and codec:
        size = len(meant[1])
        assert native(codec, data, size, magic) == meant
        assert native(codec, data, size - 1, magic) == spec(codec, data, size - 1, magic) == ("limit", "", 0)
    return meant


@pytest.mark.parametrize("codec", CODECS, ids=CODECS.get)
def test_of_sound_streams(codec):
    for data in STREAMS[codec]:
        assert_agree(codec, data)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (b"\x82\x80\x80\x80\0\x04AB", "ok"),
        (b"\x82\x80\x80\x80\x80\0\x04AB", "broken"),
        (b"\x80\x80\x80\x80\x80\0", "broken"),
        (b"\x80\x80\x80\x80\x10", "broken"),
    ],
)
def test_the_size_of_a_snappy_block_takes_five_bytes_at_most(block, said):
    """As snappy-java has it, which Kafka reads with: it says PARSING_ERROR."""
    assert assert_agree(2, block)[0] == said


def streams(codec: int, longest: int) -> st.SearchStrategy[bytes]:
    return st.sampled_from([data for data in STREAMS[codec] if len(data) <= longest])


@pytest.mark.parametrize("codec", CODECS, ids=CODECS.get)
@pytest.mark.parametrize("longest", [3000, 1 << 20], ids=["short", "long"])
def test_of_mutated_streams(codec, longest):
    @quiet(EXAMPLES // (2 if longest == 3000 else 20))  # two streams each, and their limits
    @given(streams(codec, longest), MUTATIONS, st.none() | streams(codec, 3000), st.integers(0, 2000), MAGICS)
    def run(data, mutations, behind, limit, magic):
        broken = mutated(data, mutations) + (behind or b"")
        assert_agree(codec, broken, magic=magic if codec == 3 else None)
        assert_agree(codec, broken, limit)

    run()


@quiet(EXAMPLES // 5)
@given(st.integers(-1, 8), st.binary(max_size=300), st.integers(0, 300), MAGICS)
def test_of_bytes_of_any_kind(codec, data, limit, magic):
    assert_agree(codec, data, limit, magic)


LZ4_BLOCK, ZSTD_BLOCK = 65_536, 131_072

ODD: dict[str, tuple[int, Callable[[], bytes]]] = {
    "gzip, twins": (1, lambda: gzip_member(b"payload" * 99, b"") * 2),
    "gzip, the trailer again": (1, lambda: (one := gzip_member(b"payload" * 99, b"")) + one[-8:]),
    "gzip, an undefined flag": (1, lambda: gzip_member(b"payload", b"", 0x20)),
    "gzip, a wrong checksum of the header": (1, lambda: gzip_member(b"payload", b"ab", 0x02)),
    "snappy, a cut header": (2, lambda: xerial(b"", 9)[:9]),
    "snappy, a cut size": (2, lambda: xerial(b"a", 9) + b"\x80\x01"),
    "lz4, a header that asks for a dictionary": (3, lambda: lz4_frame(b"payload", 0x61)),
    "lz4, an end mark with the bit of stored blocks": (3, lambda: lz4_frame(b"payload", 0x60)[:-1] + b"\x80"),
    "zstd, a window of 512 MiB": (4, lambda: zstd_frame([(0, b"raw")], 29)),
    "zstd, such a window and a small size": (4, lambda: ZSTD_MAGIC + bytes.fromhex("80 98 03000000 190000 726177")),
    "zstd, a window of 128 MiB": (4, lambda: zstd_frame([(0, b"raw")], 27)),
    "zstd, a large frame in one segment": (4, lambda: ZSTD_MAGIC + bytes.fromhex("a0 00000010 190000 726177")),
    "zstd, a wrong size and an empty end": (4, lambda: ZSTD_MAGIC + bytes.fromhex("20 05 180000 726177 010000")),
    "zstd, a block compressed to nothing": (4, lambda: ZSTD_MAGIC + bytes.fromhex("20 00 050000")),
    "zstd, a run longer than a block": (4, lambda: zstd_frame([(1, b"z" * (ZSTD_BLOCK + 1))], 17)),
    "zstd, an old format": (4, lambda: b"\x27" + zstd_stream(b"payload", 9)[1:]),
}


@pytest.mark.parametrize("name", ODD)
def test_of_what_two_libraries_could_see_differently(name):
    codec, make = ODD[name]
    assert_agree(codec, make())
    for limit in range(4):
        assert_agree(codec, make(), limit)


def broken_lz4(number: int) -> bytes:
    """Six full blocks, of which one has a wrong checksum."""
    payload = bytes(range(256)) * 256
    data = bytearray(lz4_frame(payload * 6, 0x70))
    block = (len(data) - 11) // 6
    data[7 + number * block + 8] ^= 1
    return bytes(data)


def broken_zstd(runs: int) -> bytes:
    """So many runs of 1000 bytes, and a block that is none."""
    return zstd_frame([(1, b"z" * 1000)] * runs + [(3, b"")], 17)


@pytest.mark.parametrize("number", range(6))
def test_of_whether_a_stream_is_broken_or_too_large_first_lz4(number):
    data = broken_lz4(number)
    said = {assert_agree(3, data, limit)[0] for limit in range(0, 6 * LZ4_BLOCK + 2, LZ4_BLOCK // 2)}
    assert said == ({"broken"} if number < 4 else {"broken", "limit"})


@pytest.mark.parametrize("runs", [1, 8, 9, 17, 40])
def test_of_whether_a_stream_is_broken_or_too_large_first_zstd(runs):
    data = broken_zstd(runs)
    said = {assert_agree(4, data, limit)[0] for limit in (*range(0, 41_000, 1024), 8191, 8192, 8193, 16_385)}
    assert said == ({"broken"} if runs < 9 else {"broken", "limit"})
