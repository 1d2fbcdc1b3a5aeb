"""The native engine: the same answers as the spec engine's, at the speed of the checksum and the decompressor.

Rust fills the columns (`native/core`), on all cores, and hands them over once a chunk; this module puts them into the
tables that everything else reads, and gives findings their words. What a control record says is told by its schema,
here as in the spec engine, so the native side only asks.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from typing import Any

from .. import _native
from ..findings import KINDS, Finding
from ..found import Findings
from ..location import Location
from ..source import Meter, Source
from . import ScanRequest
from .chunk import BATCHES, BinaryColumn, Chunk, Column, Field, Table, column_type, record_fields
from .hot_keys import HotKey
from .key_sample import JUDGED, Held, Key, KeySampler, Moment, Sample, Stay
from .keys import HashRule, KeyTally, Placed
from .text import TextPlan

BATCH_TABLE, RECORD_TABLE = "batches", "records"
"""The tables of a native chunk."""

_TEXT_PIECE = 1024 * 1024
"""Bytes of text that are made at a time, where they are not made with the chunk."""

Reading = Callable[[list[Finding]], Iterator[Chunk]]
"""Reads anew from the beginning: gives the native engine's chunks, and puts what is found into the list."""

Opener = Callable[[], AbstractContextManager[Source]]
"""Opens a source anew."""

_SLUGS = {int(kind.code.removeprefix("KI-")): slug for slug, kind in KINDS.items()}


class NativeEngine:
    """See `Engine`. threads: how many work at once (None: as many as there are cores for this process)."""

    name = "native"

    def __init__(self, threads: int | None = None) -> None:
        self.meter = Meter()
        self._pool = _native.Pool(threads or _cores())

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """See `Engine.scan`."""
        scan = _native.Scan(self._pool, source, _fields(request))
        while (made := scan.next()) is not None:
            yield _chunk(made, request, at)

    def hash_keys(self, keys: BinaryColumn, algorithm: str, count: int) -> Sequence[int]:
        """See `Engine.hash_keys`."""
        validity = b"" if keys.validity is None else keys.validity.bits
        return memoryview(_native.hash_keys(validity, keys.offsets, keys.data, algorithm, count)).cast("i")

    def text_plan(self, format: str, ascii_only: bool, columns: Sequence[tuple[str, str | None]]) -> TextPlan:
        """See `Engine.text_plan`."""
        return _NativeTextPlan(_native.TextPlan(format, ascii_only, list(columns)))

    def key_tally(self, count: int, most: int) -> KeyTally:
        """See `Engine.key_tally`."""
        return _NativeKeyTally(_native.KeyTally(count, most))

    def place(self, chunk: Chunk, rule: HashRule, count: int, partition: int) -> Placed:
        """See `Engine.place`."""
        flags = rule.hashes_null, rule.spreads_empty
        return Placed(*_native.place(chunk.native, rule.algorithm, *flags, count, partition))

    def key_sampler(self, most: int) -> KeySampler:
        """See `Engine.key_sampler`."""
        return _NativeKeySampler(_native.KeySample(most))

    def record_stream(self, open_source: Opener, request: ScanRequest, at: Location) -> ArrowStream:
        """The records of one source as an Arrow stream, in the columns that the request names."""
        wanted = replace(request, records=True, text=None)
        return ArrowStream(self._reading(open_source, wanted, at), RECORD_TABLE, record_fields(request.columns))

    def batch_stream(self, open_source: Opener, request: ScanRequest, at: Location) -> ArrowStream:
        """The batch table of one source as an Arrow stream."""
        wanted = replace(request, records=False, text=None)
        return ArrowStream(self._reading(open_source, wanted, at), BATCH_TABLE, BATCHES)

    def _reading(self, open_source: Opener, request: ScanRequest, at: Location) -> Reading:
        def read(findings: list[Finding]) -> Iterator[Chunk]:
            with open_source() as source:
                for chunk in self.scan(source, request, at):
                    findings += chunk.findings
                    yield chunk

        return read


class ArrowStream:
    """A table of what is read, for whoever reads Arrow: pyarrow, polars, DuckDB. None of them is needed here.

    The columns are those of `BATCHES` or `RECORDS` (`chunk.py`), over the memory in which they were made. Only `batch`
    is told differently: it numbers the batches of the whole stream, and so is the row in the stream of batches that is
    read likewise. Each `__arrow_c_stream__` reads anew from the beginning, and opens nothing before the first array is
    asked for. Where reading fails, the stream does, with the words of the error; damage does not end it.

    findings: what the reading that began last has found so far, in order, as many of a kind as an answer keeps.
    is_whole: whether it came to the end.
    """

    def __init__(self, read: Reading, table: str, columns: tuple[Field, ...]) -> None:
        self._read = read
        self._table = table
        self._columns = list(columns)
        self.findings: list[Finding] = Findings()
        self.is_whole = False

    def __arrow_c_schema__(self) -> object:
        """A capsule that holds an `ArrowSchema`."""
        return _native.arrow_schema(self._columns)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule that holds an `ArrowArrayStream`. Another schema than ours may be requested, and is not given."""
        del requested_schema
        return _native.arrow_stream(self._chunks(), self._table, self._columns)

    def _chunks(self) -> Iterator[_native.Chunk]:
        findings = self.findings = Findings()
        self.is_whole = False
        for chunk in self._read(findings):
            yield chunk.native
        self.is_whole = self.findings is findings  # unless another reading began meanwhile


class _NativeTextPlan:
    """See `TextPlan`."""

    def __init__(self, plan: _native.TextPlan) -> None:
        self.plan = plan

    def write(self, chunk: Chunk, rows: range, outcomes: bytes) -> Iterator[bytes | memoryview]:
        """See `TextPlan.write`. What was written when the chunk was made is not written again."""
        start, written = rows.start, chunk.native.written
        if start == 0 and 0 < written <= rows.stop:
            yield memoryview(chunk.native.text)
            start = written
        while start < rows.stop:
            text, start = self.plan.write(chunk.native, start, rows.stop, outcomes, _TEXT_PIECE)
            yield text


class _NativeKeyTally:
    """See `KeyTally`. Keys are remembered by a 64-bit hash."""

    def __init__(self, tally: _native.KeyTally) -> None:
        self._tally = tally
        self.is_cut_elsewhere = False

    @property
    def records(self) -> int:
        """See `KeyTally`."""
        return self._tally.records

    @property
    def is_cut(self) -> bool:
        """See `KeyTally`."""
        return self.is_cut_elsewhere or self._tally.is_cut

    @is_cut.setter
    def is_cut(self, is_cut: bool) -> None:
        self.is_cut_elsewhere = is_cut

    @property
    def distinct(self) -> int:
        """See `KeyTally.distinct`."""
        return self._tally.distinct

    @property
    def astray(self) -> int:
        """See `KeyTally.astray`."""
        return self._tally.astray

    def add(self, key: bytes | None, partition: int) -> None:
        """See `KeyTally.add`."""
        self._tally.add(key, partition)

    def add_rows(self, chunk: Chunk, rows: range, partition: int) -> None:
        """See `KeyTally.add_rows`."""
        self._tally.add_rows(chunk.native, rows.start, rows.stop, partition)


class _NativeKeySampler:
    """See `KeySampler`."""

    def __init__(self, sample: _native.KeySample) -> None:
        self._sample = sample

    def add(self, chunk: Chunk, partition: int) -> None:
        """See `KeySampler.add`."""
        self._sample.add(chunk.native, partition)

    def taken(self, hottest: int) -> Sample:
        """See `KeySampler.taken`."""
        sample = self._sample
        with _without_collecting():
            sampled = sample.keys(JUDGED)
            keys = [_key(*one) for one in sampled]
        held = {partition: Held(*numbers) for partition, *numbers in sample.held()}
        hot, error = sample.hottest(hottest)
        first = [HotKey(key, records) for key, records in hot]
        return Sample(keys, sample.distinct, held, first, error, sample.damaged, sample.is_cut)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """While hundreds of thousands of values are made that live on, looking for garbage among them is in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _key(key: bytes, numbers: Sequence[int], stays: Sequence[Any], records: int, length: int) -> Key:
    made = (Stay(at, by, count, Moment(*first), Moment(*last)) for at, by, count, first, last in stays)
    return Key(key, tuple(numbers), tuple(made), records, length)


def _fields(request: ScanRequest) -> dict[str, Any]:
    """By name, with the plan that the native side knows."""
    values = {one.name: getattr(request, one.name) for one in fields(request)}
    return values | {"text": request.text.plan if isinstance(request.text, _NativeTextPlan) else None}


def _cores() -> int:
    """Those that this process may run on, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunk(made: _native.Chunk, request: ScanRequest, at: Location) -> Chunk:
    def column_of(table: str, length: int, field: Field) -> Column:
        buffers = [memoryview(buffer) for buffer in made.column(table, field.name)]
        return column_type(field).over(field, length, buffers)

    batches = Table(BATCHES, lambda field: column_of(BATCH_TABLE, made.batches, field), made.batches)
    wanted = record_fields(request.columns)
    records = Table(wanted, lambda field: column_of(RECORD_TABLE, made.records, field), made.records)
    return Chunk(batches, records, list(_findings(made.findings(), at)), made.end, made.looked_at, made)


def _findings(told: list[_native.FindingTuple], at: Location) -> Iterator[Finding]:
    asked: Counter[int | None] = Counter()
    for number, position, size, batch, record, field, expected, found, first, last, caused_by, control in told:
        place = Location(at.path, position, size, batch, record, field, at.topic, at.partition)
        cause = None if caused_by is None else f"crc-mismatch at position {caused_by}"
        if control is not None:
            from . import control_record

            found = control_record.problem(*control)
            if found is None or asked[batch] == control_record.MOST_ALIKE:
                continue
            asked[batch] += 1
            expected = control_record.EXPECTED
        yield Finding(_SLUGS[number], place, expected, found, first, last, cause)
