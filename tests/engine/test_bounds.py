"""What a chunk holds at most, whatever a batch of a few bytes decompresses to."""

import cramjam

from fixtures.make.damage import make_batch_of
from inspector.engine import Engine, ScanRequest
from inspector.engine.chunk import CHUNK_BYTES
from inspector.location import Location
from inspector.source import BytesSource
from inspector.spec.primitives import Varint

ZSTD = 4
LARGE = 1_000_000
BATCHES = 24


def batch_with_a_large_header(base_offset: int) -> bytes:
    large = Varint.build(LARGE) + b"x" * LARGE
    fields = bytes((0, 0, 0, 1, 1, 2)) + Varint.build(0) + large  # one header: an empty name, a large value
    record = Varint.build(len(fields)) + fields
    packed = bytes(cramjam.zstd.compress(record))
    return make_batch_of(base_offset, packed, 1, attributes=ZSTD)


def test_a_chunk_ends_where_headers_decompress_to_much(engine: Engine) -> None:
    segment = b"".join(batch_with_a_large_header(offset) for offset in range(BATCHES))
    chunks = engine.scan(BytesSource(segment), ScanRequest(), Location("a segment"))
    rows = [(len(chunk.records), chunk.findings) for chunk in chunks]
    assert sum(count for count, _ in rows) == BATCHES
    assert not any(findings for _, findings in rows)
    assert max(count for count, _ in rows) <= CHUNK_BYTES // LARGE + 1
