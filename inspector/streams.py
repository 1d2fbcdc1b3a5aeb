"""What a partition holds as Arrow streams, for whoever asks it questions in SQL or data frames.

This needs the native engine, and no Arrow library: DuckDB, polars, pyarrow and others read such a stream by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .engine import ScanRequest, native_module
from .engine.chunk import BATCHES, Chunk, record_fields
from .errors import InputError
from .findings import Finding
from .partition import PartitionLog
from .reading import read_partition

if TYPE_CHECKING:
    from .engine.by_native import ArrowStream

UNREAD = ("unreadable-file", "vanished-while-read")
"""What ends a stream with an error: a sum over the rest of a partition would look like one over all of it."""

ALL = ScanRequest()


def record_stream(log: PartitionLog, request: ScanRequest = ALL) -> ArrowStream:
    """The records of a partition's segments in order, in the columns that `request` names.

    Raises EngineMissingError or EngineBrokenError where there is no native engine.
    """
    return _stream(log, replace(request, records=True), "records")


def batch_stream(log: PartitionLog, request: ScanRequest = ALL) -> ArrowStream:
    """The record batches of a partition's segments in order. Raises as `record_stream`."""
    return _stream(log, replace(request, records=False), "batches")


def _stream(log: PartitionLog, request: ScanRequest, table: str) -> ArrowStream:
    native_module()
    from .engine.by_native import ArrowStream, NativeEngine

    engine = NativeEngine()

    def read(findings: list[Finding]) -> Iterator[Chunk]:
        told = 0
        for _, chunk in read_partition(log, engine, request, findings):
            told = _check(findings, told)
            yield chunk
        _check(findings, told)

    return ArrowStream(read, table, record_fields(request.columns) if request.records else BATCHES)


def _check(findings: list[Finding], told: int) -> int:
    """Raises what hindered reading since the finding `told`; gives how many there are."""
    for finding in findings[told:]:
        if finding.slug in UNREAD:
            raise InputError(f"{finding.location.path} {finding.message}", location=finding.location)
    return len(findings)
