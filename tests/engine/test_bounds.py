"""What a file costs at most, whatever its bytes claim: the size of a chunk, and the bytes that are looked at."""

import cramjam

from fixtures.make.damage import make_batch, make_batch_of
from inspector.engine import Engine, ScanRequest
from inspector.engine.chunk import CHUNK_BYTES
from inspector.location import Location
from inspector.source import BytesSource
from inspector.spec.primitives import Varint

ZSTD = 4
LARGE = 1_000_000
BATCHES = 24
LINKS = 2000


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


class Counted(BytesSource):
    """Counts the bytes that are read."""

    read = 0

    def read_at(self, position: int, size: int) -> bytes:
        data = super().read_at(position, size)
        self.read += len(data)
        return data


def a_chain_of_false_headers() -> bytes:
    """Each claims more than the file has, and as many records as there are links: its first one covers an intact batch
    and the next header, the second one the batch behind that, and so on to the end of the file.
    """
    links = []
    for number in range(LINKS):
        offset = number * 3 * LINKS
        intact = make_batch(offset + 2 * LINKS, [b"x" * 40])
        false = make_batch_of(offset, b"", LINKS, batch_length=2**31 - 100, last_offset_delta=LINKS)
        length = len(intact) + len(false) if number + 1 < LINKS else 0  # no record is so short
        links.append(false + Varint.build(length) + intact)
    return b"".join(links)


def test_records_that_lead_through_the_rest_of_the_file_are_looked_at_within_the_budget(engine: Engine) -> None:
    source = Counted(a_chain_of_false_headers())
    chunks = list(engine.scan(source, ScanRequest(), Location("a segment")))
    assert source.read < 40 * source.size
    assert chunks[-1].findings[-1].slug == "search-budget-spent"
