"""The native engine: the same answers as the spec engine's, at the speed of the checksum and the decompressor.

Rust fills the columns (`native/core`), on all cores, and hands them over once a chunk; this module puts them into the
tables that everything else reads, and gives findings their words. What a control record says is told by its schema, here
as in the spec engine, so the native side only asks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict

from .. import _native
from ..findings import KINDS, Finding
from ..location import Location
from ..schemas.control_records import decode_control_record
from ..source import Meter, Source
from . import ScanRequest
from .chunk import BATCHES, Chunk, Column, Field, Table, column_type, record_fields
from .records import CONTROL_RECORD, MOST_ALIKE

_SLUGS = {int(kind.code.removeprefix("KI-")): slug for slug, kind in KINDS.items()}


class NativeEngine:
    """See `Engine`. threads: how many work at once (None: as many as there are cores for this process)."""

    name = "native"

    def __init__(self, threads: int | None = None) -> None:
        self.meter = Meter()
        self._pool = _native.Pool(threads or _cores())

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """See `Engine.scan`."""
        scan = _native.Scan(self._pool, source, asdict(request))
        while (made := scan.next()) is not None:
            yield _chunk(made, request, at)


def _cores() -> int:
    """Those that this process may run on, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunk(made: _native.Chunk, request: ScanRequest, at: Location) -> Chunk:
    def column_of(table: str, length: int, field: Field) -> Column:
        return column_type(field).over(field, length, made.column(table, field.name))

    batches = Table(BATCHES, lambda field: column_of("batches", made.batches, field), made.batches)
    fields = record_fields(request.columns)
    records = Table(fields, lambda field: column_of("records", made.records, field), made.records)
    return Chunk(batches, records, list(_findings(made.findings(), at)), made.end, made.looked_at)


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
