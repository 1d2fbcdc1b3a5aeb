"""Columns leave as Arrow streams: what other programs read of a segment is what the engines say of it."""

from __future__ import annotations

import ctypes
import resource
import sys
import threading
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import pytest

from fixtures.make.damage import BASE, RECIPES, damaged, split, with_fields
from inspector.engine import ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import BATCHES, RECORD_COLUMN_NAMES, RECORDS, record_fields
from inspector.errors import InputError
from inspector.location import Location
from inspector.log_dir import open_log_dir
from inspector.model import RecordHeader
from inspector.source import BytesSource, open_source
from inspector.streams import batch_stream, record_stream
from tests.conftest import FIXTURES
from tests.engine.arrow_by_hand import Stream, release, schema_in
from tests.engine.conftest import make_native

pa = pytest.importorskip("pyarrow")

AT = Location("0.log", topic="t", partition=3)
FILES = sorted(path for folder in ("real", "built") for path in (FIXTURES / folder).rglob("*.log"))
MOST = 100 * 1024
CODECS = Path(FIXTURES / "real" / "kafka-3.6.0-stopped" / "codecs-1" / BASE.name).read_bytes()

HEADER = pa.struct([pa.field("key", pa.binary(), False), pa.field("value", pa.binary())])
TYPES = {
    "c": pa.int8(), "s": pa.int16(), "i": pa.int32(), "I": pa.uint32(), "l": pa.int64(), "b": pa.bool_(),
    "z": pa.binary(), "+l": pa.list_(pa.field("item", HEADER, False)),
}  # fmt: skip
EIO, EINTR, ENOMEM = 5, 4, 12


def many_batches() -> bytes:
    """A segment of several chunks: the batches of a real one again and again, with rising offsets."""
    batches = list(islice(cycle(split(BASE.read_bytes())), 3000))
    return b"".join(with_fields(batch, base_offset=4 * number) for number, batch in enumerate(batches))


MANY = many_batches()


class Opened:
    """Opens a source anew each time, and counts how many are open."""

    def __init__(self, source) -> None:
        self.source = source
        self.opened = self.open = 0

    @contextmanager
    def __call__(self):
        self.opened += 1
        self.open += 1
        try:
            yield self.source
        finally:
            self.open -= 1


def opener(data: bytes) -> Opened:
    return Opened(BytesSource(data))


def records(data: bytes, **request):
    return make_native().record_stream(opener(data), ScanRequest(**request), AT)


def batches(data: bytes, **request):
    return make_native().batch_stream(opener(data), ScanRequest(**request), AT)


def table_of(stream):
    table = pa.table(stream)
    table.validate(full=True)
    return table


def plain(value):
    """A value as pyarrow gives it."""
    if isinstance(value, tuple):
        return [{"key": one.key, "value": one.value} for one in value if isinstance(one, RecordHeader)]
    return value


def told_by(engine, data: bytes, request: ScanRequest):
    """The rows of both tables as pyarrow would have them, and the findings, by way of chunks."""
    batches, records, findings = [], [], []
    for chunk in engine.scan(BytesSource(data), request, AT):
        for row in range(len(chunk.records)):
            values = zip(record_fields(request.columns), chunk.records.row(row), strict=True)
            named = {field.name: plain(value) for field, value in values}
            if "batch" in named:
                named["batch"] += len(batches)
            records.append(named)
        rows = (chunk.batches.row(row) for row in range(len(chunk.batches)))
        batches += [dict(zip((field.name for field in BATCHES), row, strict=True)) for row in rows]
        findings += chunk.findings
    return batches, records, findings


def assert_streams_tell(data: bytes, request: ScanRequest = ScanRequest()) -> None:  # noqa: B008 - frozen
    stream, of_batches = records(data), batches(data)
    rows, batch_rows = table_of(stream).to_pylist(), table_of(of_batches).to_pylist()
    for engine in (SpecEngine(), make_native()):
        assert (batch_rows, rows, stream.findings) == told_by(engine, data, request)
    assert stream.is_whole and of_batches.is_whole


# -- what is read


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_every_bundled_segment_is_read_as_the_engines_read_it(path):
    assert_streams_tell(path.read_bytes()[:MOST])


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_damaged_segment_gives_its_rows_and_its_findings(recipe):
    assert_streams_tell(damaged(recipe))


@pytest.mark.parametrize(("stream_of", "fields"), [(records, RECORDS), (batches, BATCHES)])
def test_names_types_and_nulls_are_those_of_the_tables(stream_of, fields):
    stream = stream_of(BASE.read_bytes())
    meant = pa.schema([pa.field(one.name, TYPES[one.format], one.nullable) for one in fields])
    assert pa.schema(stream).equals(meant, check_metadata=True)
    assert table_of(stream).schema.equals(meant, check_metadata=True)


def test_an_empty_segment_has_columns_and_no_rows():
    stream = records(b"")
    table = table_of(stream)
    assert (table.num_rows, table.column_names, stream.is_whole) == (0, list(RECORD_COLUMN_NAMES), True)


@pytest.mark.parametrize("names", [(name,) for name in RECORD_COLUMN_NAMES] + [("value", "offset"), ()])
def test_only_the_columns_asked_for_are_there(names):
    request = ScanRequest(columns=names)
    table = table_of(records(CODECS, columns=names))
    _, rows, _ = told_by(make_native(), CODECS, request)
    assert table.column_names == [name for name in RECORD_COLUMN_NAMES if name in names]
    assert table.num_rows == len(rows) > 0
    assert not names or table.to_pylist() == rows


def test_batch_numbers_the_rows_of_the_batch_stream_over_all_chunks():
    of_records, of_batches = table_of(records(MANY)), table_of(batches(MANY))
    assert len(of_records["batch"].chunks) > 1
    assert of_records["batch"][-1].as_py() == 2999
    first, last = (of_batches[name].take(of_records["batch"]).to_pylist() for name in ("base_offset", "last_offset"))
    offsets = of_records["offset"].to_pylist()
    assert all(least <= offset <= most for least, offset, most in zip(first, offsets, last, strict=True))


def test_what_is_asked_for_holds_for_the_stream():
    table = table_of(records(BASE.read_bytes(), start_offset=10, stop_offset=20, columns=("offset",)))
    assert table["offset"].to_pylist() == list(range(10, 20))


# -- again, in part, at once


def test_a_stream_is_read_again_from_its_beginning():
    stream = records(damaged("bit-flipped-in-a-value"))
    first, found = table_of(stream), stream.findings
    assert found
    assert table_of(stream).equals(first)
    assert stream.findings == found and stream.findings is not found


def test_two_readings_of_one_stream_do_not_disturb_each_other():
    stream = records(MANY, columns=("offset",))
    one, other = (pa.RecordBatchReader.from_stream(stream) for _ in range(2))
    ahead = one.read_next_batch()
    assert other.read_all().num_rows == ahead.num_rows + one.read_all().num_rows


def test_nothing_is_opened_before_the_first_array_is_asked_for():
    opened = opener(CODECS)
    stream = make_native().record_stream(opened, ScanRequest(), AT)
    reader = pa.RecordBatchReader.from_stream(stream)
    assert reader.schema and opened.opened == 0
    reader.read_next_batch()
    assert opened.opened == 1


def test_a_consumer_that_stops_early_leaves_nothing_open():
    opened = opener(MANY)
    stream = make_native().record_stream(opened, ScanRequest(), AT)
    reader = pa.RecordBatchReader.from_stream(stream)
    kept = reader.read_next_batch()
    assert opened.open == 1
    del reader
    assert (opened.open, stream.is_whole) == (0, False)
    kept.validate(full=True)  # what was handed out lives on


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc")
def test_no_descriptor_is_open_between_arrays_and_after_them(tmp_path):
    file = tmp_path / BASE.name
    file.write_bytes(MANY)

    def descriptors() -> list[str]:
        return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]

    stream = make_native().record_stream(lambda: open_source(file), ScanRequest(), AT)
    reader = pa.RecordBatchReader.from_stream(stream)
    assert reader.read_next_batch().num_rows and str(file) not in descriptors()
    assert reader.read_all().num_rows and str(file) not in descriptors()


@pytest.mark.parametrize(("arrays", "times"), [(1, 600), (1000, 60)])
def test_memory_is_given_back(arrays, times):
    stream = records(MANY)

    def read() -> None:
        by_hand = Stream(stream.__arrow_c_stream__())
        for array in islice(by_hand.arrays(), arrays):
            release(array)
        by_hand.release()

    for _ in range(3):
        read()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(times):
        read()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 24 * 1024 * (1 if sys.platform != "darwin" else 1024), f"{times} times up to {len(MANY)} bytes"


# -- the interface to the letter


@pytest.mark.parametrize("with_lock", [False, True])
def test_a_reader_without_any_library_gets_along(with_lock):
    by_hand = Stream(records(MANY).__arrow_c_stream__(), with_lock)
    schema = by_hand.schema()
    assert [schema.children[i].contents.name.decode() for i in range(schema.n_children)] == list(RECORD_COLUMN_NAMES)
    offsets = []
    for array in by_hand.arrays():
        assert (array.n_buffers, array.n_children, array.offset) == (1, len(RECORDS), 0)
        column = array.children[1].contents
        offsets += (ctypes.c_int64 * column.length).from_address(column.buffers[1])
        release(array)
    code, array = by_hand.next()
    assert (code, array.release, by_hand.last_error()) == (0, None, None)
    assert offsets == table_of(records(MANY))["offset"].to_pylist()
    release(schema)
    by_hand.release()


def test_a_child_that_was_moved_out_outlives_its_parent():
    by_hand = Stream(records(CODECS).__arrow_c_stream__())
    array = next(by_hand.arrays())
    moved = type(array)()
    place = array.children[1]
    ctypes.memmove(ctypes.addressof(moved), place, ctypes.sizeof(moved))
    place.contents.release = None
    release(array)
    by_hand.release()
    assert list((ctypes.c_int64 * 3).from_address(moved.buffers[1])) == [0, 1, 2]
    release(moved)


def test_a_reader_on_another_thread_gets_along():
    stream, rows = records(MANY), []
    thread = threading.Thread(target=lambda: rows.append(table_of(stream).num_rows))
    thread.start()
    thread.join()
    assert rows == [table_of(records(MANY)).num_rows]


def test_a_capsule_that_nobody_reads_cleans_up():
    opened = opener(CODECS)
    stream = make_native().record_stream(opened, ScanRequest(), AT)
    capsule = stream.__arrow_c_stream__()
    code, array = Stream(capsule).next()
    assert (code, opened.open) == (0, 1)
    release(array)
    del capsule
    assert opened.open == 0


def test_the_schema_is_a_capsule_too():
    capsule = batches(b"").__arrow_c_schema__()
    schema = schema_in(capsule)
    assert (schema.format, schema.n_children) == (b"+s", len(BATCHES))
    child = schema.children[0].contents
    assert (child.name, child.format, child.flags) == (b"position", b"l", 0)


@pytest.mark.parametrize("requested", [object(), b"l", pa.schema([("offset", pa.string())]).__arrow_c_schema__()])
def test_a_schema_that_is_requested_is_not_given(requested):
    stream = records(CODECS)
    capsule = stream.__arrow_c_stream__(requested)
    names = (field.name for field in RECORDS)
    schema = Stream(capsule).schema()
    assert [schema.children[i].contents.name.decode() for i in range(schema.n_children)] == list(names)
    release(schema)


# -- what cannot be read


class Failing(BytesSource):
    """Bytes of which some cannot be had."""

    def __init__(self, data: bytes, behind: int, error: BaseException) -> None:
        super().__init__(data)
        self.behind, self.error = behind, error

    def read_at(self, position: int, size: int) -> bytes:
        if position + size > self.behind:
            raise self.error
        return super().read_at(position, size)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("cannot read 0.log: Input/output error"), EIO, "InputError: cannot read 0.log: Input/output error"),
        (KeyboardInterrupt(), EINTR, "KeyboardInterrupt"),
        (MemoryError("no room"), ENOMEM, "MemoryError: no room"),
        (ValueError("a\0b"), EIO, "ValueError: a\\0b"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_stops_the_reading_stops_the_stream_and_goes_on_stopping_it(error, code, said):
    opened = Opened(Failing(MANY, len(MANY) // 2, error))
    stream = make_native().record_stream(opened, ScanRequest(), AT)
    by_hand = Stream(stream.__arrow_c_stream__())
    rows, got = 0, 0
    while not got:
        got, array = by_hand.next()
        if not got:
            assert array.release is not None, "the end of the file, as it seems"
            rows += array.length
            release(array)
    assert (got, by_hand.last_error().rpartition("errors.")[2]) == (code, said)
    assert rows > 0 and not stream.is_whole and opened.open == 0
    assert by_hand.next()[0] == code
    by_hand.release()


def test_pyarrow_tells_what_went_wrong():
    failing = Opened(Failing(MANY, 0, InputError("the disk is gone")))
    with pytest.raises(OSError, match="the disk is gone"):
        pa.table(make_native().record_stream(failing, ScanRequest(), AT))


def test_only_chunks_with_these_columns_are_exported():
    from inspector import _native

    scan = make_native().scan(BytesSource(CODECS), ScanRequest(columns=("offset",)), AT)
    chunks = (chunk.native for chunk in scan)
    by_hand = Stream(_native.arrow_stream(chunks, "records", list(RECORDS)))
    assert by_hand.next()[0] == EIO
    assert "batch was not filled" in by_hand.last_error()
    by_hand = Stream(_native.arrow_stream((one for one in ("no chunk",)), "records", list(RECORDS)))
    assert by_hand.next()[0] == EIO
    assert "Chunk" in by_hand.last_error()
    with pytest.raises(ValueError, match="no table findings"):
        _native.arrow_stream(chunks, "findings", list(RECORDS))


def test_a_column_is_not_exported_as_another_type():
    from inspector import _native

    chunks = (chunk.native for chunk in make_native().scan(BytesSource(CODECS), ScanRequest(), AT))
    by_hand = Stream(_native.arrow_stream(chunks, "records", [("batch", "l", False)]))
    assert by_hand.next()[0] == EIO
    assert "of another type" in by_hand.last_error()


# -- partitions, and other readers


@pytest.fixture
def indexed():
    make_native()
    return open_log_dir(FIXTURES / "real" / "kafka-3.6.0-stopped").partitions_of(["indexed"])[0]


def test_a_partition_is_read_over_all_its_segments(indexed):
    stream = record_stream(indexed, ScanRequest(columns=("batch", "offset")))
    table, of_batches = table_of(stream), table_of(batch_stream(indexed))
    assert len(indexed.segments) == 3
    assert table["offset"].to_pylist() == list(range(144))
    assert of_batches["records_count"].to_pylist() == [table["batch"].to_pylist().count(n) for n in range(36)]
    assert (stream.findings, stream.is_whole) == ([], True)


def test_a_partition_is_read_from_an_offset_on(indexed):
    table = table_of(record_stream(indexed, ScanRequest(start_offset=130, columns=("batch", "offset"))))
    assert table["offset"].to_pylist() == list(range(130, 144))
    assert table["batch"][0].as_py() == 0


def test_a_segment_that_cannot_be_read_does_not_shorten_the_stream_in_silence(tmp_path):
    make_native()
    folder = tmp_path / "t-0"
    folder.mkdir()
    for base in (0, 4):
        (folder / f"{base:020}.log").write_bytes(with_fields(split(BASE.read_bytes())[0], base_offset=base))
    log = open_log_dir(folder).partitions_of(["t"])[0]
    whole = table_of(record_stream(log))
    assert whole["offset"].to_pylist() == list(range(8))
    segment = folder / f"{4:020}.log"
    segment.unlink()
    segment.mkdir()
    stream = record_stream(log)
    with pytest.raises(OSError, match="could not be read: not a regular file"):
        pa.table(stream)
    assert [finding.slug for finding in stream.findings] == ["unreadable-file"]


def test_duckdb_asks_a_stream_as_often_as_it_likes(indexed):
    duckdb = pytest.importorskip("duckdb")
    stream, of_batches = record_stream(indexed), batch_stream(indexed)
    connection = duckdb.connect()
    connection.register("stream", stream)
    connection.register("of_batches", of_batches)
    for _ in range(2):
        asked = connection.sql('select count(*), min("offset"), max("offset"), count(distinct key) from stream')
        assert asked.fetchall() == [(144, 0, 143, len(set(table_of(stream)["key"].to_pylist())))]
    assert connection.sql("select sum(records_count) from of_batches").fetchall() == [(144,)]


def test_duckdb_tells_what_went_wrong():
    duckdb = pytest.importorskip("duckdb")
    failing = Opened(Failing(MANY, len(MANY) // 2, InputError("the disk is gone")))
    stream = make_native().record_stream(failing, ScanRequest(), AT)
    connection = duckdb.connect()
    connection.register("stream", stream)
    with pytest.raises(duckdb.Error, match="the disk is gone"):
        connection.sql("select count(value) from stream").fetchall()


@pytest.mark.parametrize(
    "data", [CODECS, MANY, b"", damaged("bit-flipped-in-a-value")], ids=["codecs", "many", "", "flip"]
)
def test_polars_reads_the_same(data):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(records(data))
    assert frame.to_dicts() == table_of(records(data)).to_pylist()
    assert frame.columns == list(RECORD_COLUMN_NAMES)
