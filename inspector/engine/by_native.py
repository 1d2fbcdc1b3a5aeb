"""The native engine: the same answers as the spec engine's, at the speed of the checksum and the decompressor.

Rust fills the columns (`native/core`), on all cores, and hands them over once a chunk; this module puts them into the
tables that everything else reads, and gives findings their words. What a control record says is told by its schema,
here as in the spec engine, so the native side only asks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from .. import _native
from ..findings import KINDS, Finding
from ..location import Location
from ..schemas.control_records import decode_control_record
from ..source import Meter, Source
from . import ScanRequest
from .chunk import BATCHES, BinaryColumn, Chunk, Column, Field, Table, column_type, record_fields
from .keys import KeyTally
from .records import CONTROL_RECORD, MOST_ALIKE
from .text import TextPlan

_TEXT_PIECE = 1024 * 1024
"""Bytes of text that are made at a time, where they are not made with the chunk."""

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


def _fields(request: ScanRequest) -> dict[str, Any]:
    """By name, with the plan that the native side knows."""
    values = {one.name: getattr(request, one.name) for one in fields(request)}
    return values | {"text": request.text.plan if isinstance(request.text, _NativeTextPlan) else None}


def _cores() -> int:
    """Those that this process may run on, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunk(made: _native.Chunk, request: ScanRequest, at: Location) -> Chunk:
    def column_of(table: str, length: int, field: Field) -> Column:
        return column_type(field).over(field, length, made.column(table, field.name))

    batches = Table(BATCHES, lambda field: column_of("batches", made.batches, field), made.batches)
    wanted = record_fields(request.columns)
    records = Table(wanted, lambda field: column_of("records", made.records, field), made.records)
    return Chunk(batches, records, list(_findings(made.findings(), at)), made.end, made.looked_at, made)


def _findings(told: list[_native.FindingTuple], at: Location) -> Iterator[Finding]:
    problems = 0
    batch_before: int | None = None
    for number, position, size, batch, record, field, expected, found, first, last, caused_by, control in told:
        place = Location(at.path, position, size, batch, record, field, at.topic, at.partition)
        cause = None if caused_by is None else f"crc-mismatch at position {caused_by}"
        if control is not None:
            problems = problems if batch == batch_before else 0
            batch_before = batch
            problem = decode_control_record(control[0] or b"", control[1]).problem
            if problem is None or problems == MOST_ALIKE:
                continue
            problems += 1
            expected, found = CONTROL_RECORD, problem
        yield Finding(_SLUGS[number], place, expected, found, first, last, cause)
