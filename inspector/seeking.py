"""Where to start reading in a segment for an offset, by its `.index`.

An index entry is a hint: the batch there must be intact, begin at or before the offset sought, and the log must go on
behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from .engine import Engine, ScanRequest
from .engine.chunk import batch_at
from .engine.resync import Search
from .engine.window import ShrunkError, Window
from .errors import KinspectError
from .findings import Finding
from .location import Location
from .segment import Role, Segment
from .source import Meter, Source, open_source
from .spec.offset_index import ENTRY, ENTRY_SIZE
from .spec.record_batch import HEADER_SIZE


def hinted_position(segment: Segment, source: Source, engine: Engine, target: int, findings: list[Finding]) -> int:
    """Where to start for the offset `target`, by the index where it proves right, else 0, the file's start.

    An entry that misleads is a finding.
    """
    hint = lookup_index(segment, target, engine.meter)
    if hint is None:
        return 0
    offset, position = hint
    if 0 < position < source.size and _holds(segment, source, engine, position, target):
        return position
    findings.append(Finding("index-misleads", _index_location(segment), offset, f"position {position}"))
    return 0


def _holds(segment: Segment, source: Source, engine: Engine, position: int, target: int) -> bool:
    request = ScanRequest(position=position, base_offset=segment.base_offset, records=False, most_batches=1)
    batch_alone = HeadSource(source, _end_of_batch(source, position))
    first = next(engine.scan(batch_alone, request, segment.location()), None)
    if first is None or not len(first.batches):
        return False
    batch = batch_at(first.batches, 0)
    if batch.position != position or not batch.crc_ok or batch.base_offset is None or batch.base_offset > target:
        return False
    try:  # a batch can be the payload of a record: then no log goes on behind it
        return Search(Window(source, HEADER_SIZE), None).plausible_at(position + batch.batch_bytes, batch.last_offset)
    except ShrunkError:  # whoever reads from here on says so
        return True


def _end_of_batch(source: Source, position: int) -> int:
    length = int.from_bytes(source.read_at(position + 8, 4), "big", signed=True)
    return position + 12 + max(length, 0)


class HeadSource:
    """The first `size` bytes of a source as one of its own: what is read of it is never more."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self.path = source.path
        self.size = min(source.size, size)

    def read_at(self, position: int, size: int) -> bytes:
        """See `Source.read_at`."""
        return self._source.read_at(position, size)

    def end_of_data(self) -> int:
        """See `Source.end_of_data`."""
        return self.size

    def lend(self) -> int | None:
        """See `Source.lend`. The file is longer than this source."""
        return self._source.lend()

    def count(self, size: int) -> None:
        """See `Source.count`."""
        self._source.count(size)


def lookup_index(segment: Segment, target: int, meter: Meter | None = None) -> tuple[int, int] | None:
    """The offset and position of the greatest `.index` entry at or below `target`; None without one.

    As `OffsetIndex.lookup`, by halves, so that a few entries are read of many. One whose order lies misleads, no more.
    """
    path = segment.sibling(Role.OFFSET_INDEX)
    if path is None or segment.base_offset is None:
        return None
    try:
        with open_source(path, meter=meter) as index:
            return _last_entry(index, segment.base_offset, target)
    except KinspectError:
        return None


def _last_entry(index: Source, base_offset: int, target: int) -> tuple[int, int] | None:
    def is_beyond(number: int) -> bool:
        entry = _index_entry(index, number)
        return entry is None or base_offset + entry[0] > target

    # False sorts before True: the place behind the last entry that is not beyond
    behind = bisect_right(range(index.size // ENTRY_SIZE), False, key=is_beyond)
    entry = _index_entry(index, behind - 1) if behind else None
    return None if entry is None else (base_offset + entry[0], entry[1])


def _index_entry(index: Source, number: int) -> tuple[int, int] | None:
    """One entry; None for zeros, which no writer makes: the file is preallocated while it grows."""
    data = index.read_at(number * ENTRY_SIZE, ENTRY_SIZE)
    if len(data) < ENTRY_SIZE or not any(data):
        return None
    relative, position = ENTRY.unpack(data)
    return relative, position


def _index_location(segment: Segment) -> Location:
    return replace(segment.location(), path=f"{segment.shown_as.rpartition('.')[0]}.{Role.OFFSET_INDEX}")
