"""Both engines on the same bytes, as brokers wrote them and mutated, give the same batches, records and findings.

Half of the mutated segments get right checksums again, so that the inside of the batches is reached.
"""

import os
import zlib
from dataclasses import replace
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.make.damage import BASE, RECIPES, damaged, sealed, split, with_fields
from inspector.engine import Engine, ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import RECORD_COLUMN_NAMES, batches_of, records_of
from inspector.location import Location
from inspector.source import BytesSource
from tests.conftest import FIXTURES
from tests.engine.conftest import make_native
from tests.engine.test_fuzz import MUTATIONS, mutated, quiet

EXAMPLES = int(os.environ.get("KINSPECT_EXAMPLES", "1500"))

FILES = sorted(path for folder in ("real", "built") for path in (FIXTURES / folder).rglob("*.log"))
SMALL = [data for data in (path.read_bytes() for path in FILES if path.stat().st_size < 20_000) if data]


def long_segment() -> bytes:
    """A segment of several runs: the batches of a real one again and again, with rising offsets."""
    batches = list(islice(cycle(split(BASE.read_bytes())), 260))
    return b"".join(with_fields(batch, base_offset=4 * number) for number, batch in enumerate(batches))


LONG = long_segment()
OFFSETS = st.none() | st.integers(0, 60)
TIMES = st.none() | st.integers(1_600_000_000_000, 1_900_000_000_000)
REQUESTS = st.builds(
    ScanRequest,
    base_offset=st.none() | st.just(0) | st.integers(0, 50),
    follows=st.integers(-1, 5),
    start_offset=OFFSETS,
    stop_offset=OFFSETS,
    records=st.booleans(),
    control_only=st.booleans(),
    since=TIMES,
    until=TIMES,
    check_crc=st.booleans(),
    most_batches=st.none() | st.integers(1, 4),
    key=st.none() | st.sampled_from((b"key", b"foo", b"", b"3")),
)


def answer(engine: Engine, data: bytes, request: ScanRequest):
    """All that an engine says of these bytes, in one value."""
    batches, records, findings, looked_at = [], [], [], 0
    for chunk in engine.scan(BytesSource(data), request, Location("0.log", topic="t", partition=3)):
        batches += batches_of(chunk)
        records += records_of(chunk)
        findings += chunk.findings
        looked_at += chunk.looked_at
    return batches, records, findings, looked_at


def assert_agree(data: bytes, request: ScanRequest = ScanRequest(base_offset=0)) -> None:  # noqa: B008 - frozen
    spec, native = (answer(engine, data, request) for engine in (SpecEngine(), make_native()))
    for said, meant in zip(native, spec, strict=True):
        assert said == meant


def with_right_checksums(data: bytes) -> bytes:
    """The bytes with the checksum of each entry made right, as far as the lengths lead from one to the next."""
    out, position = b"", 0
    while len(data) - position >= 61:
        size = int.from_bytes(data[position + 8 : position + 12], "big", signed=True) + 12
        entry = data[position : position + size]
        if size < 26 or len(entry) < size:
            break
        is_batch = entry[16] == 2 and size >= 61
        out += sealed(entry) if is_batch else entry[:12] + zlib.crc32(entry[16:]).to_bytes(4, "big") + entry[16:]
        position += size
    return out + data[position:]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_of_every_bundled_segment(path):
    data = path.read_bytes()[: 200 * 1024]
    assert_agree(data, ScanRequest())
    assert_agree(data, ScanRequest(records=False, check_crc=False))


@pytest.mark.parametrize("recipe", RECIPES)
def test_of_every_damaged_segment(recipe):
    assert_agree(damaged(recipe))


@quiet(EXAMPLES)
@given(st.sampled_from(SMALL), MUTATIONS, st.booleans(), REQUESTS | st.just(ScanRequest(base_offset=0)))
def test_of_mutated_segments(data, mutations, is_sealed, request):
    broken = mutated(data, mutations)
    assert_agree(with_right_checksums(broken) if is_sealed else broken, request)


@quiet(EXAMPLES // 30)
@given(MUTATIONS, st.booleans(), REQUESTS)
def test_of_long_segments_where_runs_are_made_ahead(mutations, is_sealed, request):
    broken = mutated(LONG, mutations)
    assert_agree(with_right_checksums(broken) if is_sealed else broken, replace(request, most_batches=None))


@quiet(EXAMPLES // 5)
@given(st.lists(st.sampled_from(SMALL), min_size=2, max_size=4), MUTATIONS)
def test_of_segments_of_several_formats_in_a_row(parts, mutations):
    assert_agree(mutated(b"".join(parts), mutations), ScanRequest())


@quiet(EXAMPLES // 5)
@given(st.binary(max_size=3000))
def test_of_bytes_of_any_kind(data):
    assert_agree(data)


@quiet(200)
@given(st.sampled_from(SMALL), st.sets(st.sampled_from(RECORD_COLUMN_NAMES)))
def test_of_the_columns_asked_for_and_no_others(data, names):
    request = ScanRequest(columns=tuple(names))
    tables = []
    for engine in (SpecEngine(), make_native()):
        chunks = list(engine.scan(BytesSource(data), request, Location("0.log")))
        assert {name for chunk in chunks for name in chunk.records.columns} == names
        rows = [chunk.records.row(row) for chunk in chunks for row in range(len(chunk.records))]
        tables.append((sum(len(chunk.records) for chunk in chunks), rows))
    assert tables[0] == tables[1]
