"""What the markers of transactions say: read from their batches, which the batch table only names.

A sweep for rules keeps no records, as columns of records would cost more than all rules together. A marker takes 78
bytes, and nothing but the coordinator writes one, so it is read for itself. Source: `EndTransactionMarker`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import records_of
from ..engine.window import ShrunkError, Window
from ..errors import KinspectError
from ..segment import Segment
from ..source import BytesSource, FileSource

ABORT, COMMIT = 0, 1
"""Types of control records."""

MOST_MARKER_BYTES = 64 * 1024
"""A larger control batch is no marker of a transaction."""

WINDOW = 16 * 1024
"""Bytes read at a time: markers often lie close together."""

_USUAL = struct.Struct(">61sBbBBBhhBhiB")
"""The whole batch, where lengths and deltas are varints of one byte each."""


class Marker(NamedTuple):
    """How a transaction ended. timestamp: of the record, in milliseconds."""

    is_abort: bool
    coordinator_epoch: int
    timestamp: int


class Markers:
    """The markers of one segment, while a chunk of it is looked at."""

    def __init__(self, source: FileSource, engine: Engine, segment: Segment) -> None:
        self._window = Window(source, WINDOW)
        self._engine = engine
        self._segment = segment

    def at(self, position: int, size: int, timestamp: int) -> Marker | None:
        """The marker in the batch at a position; None where there is none, or nobody understands it.

        timestamp: that of the batch, which is its only record's.
        """
        if size > MOST_MARKER_BYTES:
            return None
        try:
            data = self._window.read(position, size)
        except (KinspectError, ShrunkError):
            return None
        return _usual(data, timestamp) or self._decoded(data)

    def _decoded(self, data: bytes) -> Marker | None:
        chunks = self._engine.scan(BytesSource(data), ScanRequest(), self._segment.location())
        for chunk in chunks:
            for _, record in records_of(chunk):
                return _parsed(record.key, record.value, record.timestamp)
        return None


@contextmanager
def open_markers(segment: Segment, engine: Engine) -> Iterator[Markers | None]:
    """The markers of a segment, or None where it cannot be opened any more; whoever reads it says so."""
    with ExitStack() as stack:
        try:
            source = stack.enter_context(segment.open(engine.meter))
        except KinspectError:
            yield None
            return
        yield Markers(source, engine, segment)


def _usual(data: bytes, timestamp: int) -> Marker | None:
    if len(data) != _USUAL.size:
        return None
    _, length, _, time, delta, key, key_version, kind, value, version, epoch, headers = _USUAL.unpack(data)
    if (length, time, delta, key, value, headers) != _SHAPE or key_version < 0 or version < 0:
        return None
    return Marker(kind == ABORT, epoch, timestamp) if kind in (ABORT, COMMIT) else None


_SHAPE = (2 * 16, 0, 0, 2 * 4, 2 * 6, 0)
"""Zigzag: 16 bytes of record, no deltas, 4 bytes of key, 6 of value, no headers."""


def _parsed(key: bytes | None, value: bytes | None, timestamp: int) -> Marker | None:
    if key is None or value is None or len(key) < 4 or len(value) < 6:
        return None
    (key_version, kind), (version, epoch) = struct.unpack_from(">hh", key), struct.unpack_from(">hi", value)
    if key_version < 0 or version < 0 or kind not in (ABORT, COMMIT):
        return None
    return Marker(kind == ABORT, epoch, timestamp)
