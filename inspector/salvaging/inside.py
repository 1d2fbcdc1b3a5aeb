"""Batches that lie where the log was lost: in the gaps between whole batches, and inside of damaged ones.

What lies there is part of the log, or it is the payload of a damaged batch: a record's value may be a batch, or many.
It is taken for a part of the log where it stands as one would: right behind the offsets that the damaged batch claims,
or up against the next whole batch. All else is set apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from ..engine import Engine, ScanRequest
from ..engine.chunk import batches_of
from ..engine.messages import MAGICS
from ..engine.plausibility import implausible, last_offset
from ..findings import Finding, Severity
from ..location import Location
from ..source import Source
from ..spec.record_batch import HEADER_SIZE, MAGIC, unpack_header
from .carving import Carved, Carver
from .chain import Batches, Found
from .part import Part

INSIDE = "lies inside of another batch, or where one was"


READABLE_ELSEWHERE = "batch-too-large"
"""It is not decoded at once, but its CRC was checked, and Kafka reads it."""


class Row(NamedTuple):
    """An entry as an engine framed it. doubtful: something was found about its records, or about those beside it."""

    batch: Found
    crc_ok: bool
    doubtful: bool


class Judged(NamedTuple):
    """A batch whose CRC holds. why: the slug of what makes it unfit for the log, or ""."""

    batch: Found
    why: str = ""


class Inside:
    """Looks into one file."""

    def __init__(self, source: Source, engine: Engine, at: Location) -> None:
        self._source, self._engine, self._at = source, engine, at
        self._carver = Carver(source)
        self.apart: list[tuple[Found, str]] = []

    def sorted_out(self, rows: Iterable[Row]) -> tuple[Batches, list[tuple[Found, str]]]:
        """The batches that may be part of the log, in the order of the file; those that are not, with the reason."""
        candidates = Batches()
        end, last = 0, -1
        for row in chain(rows, (None,)):
            start = self._source.size if row is None else row.batch.position
            found = chain(self._of_gap(end, start, last), () if row is None else self._of_row(row))
            for one in found:
                end, last = self._take(candidates, one, end, last)
            end = end if row is None else max(end, row.batch.end)
        return candidates, self.apart

    def _take(self, candidates: Batches, one: Judged, end: int, last: int) -> tuple[int, int]:
        if one.batch.position < end:  # it begins inside of one that is whole
            self.apart.append((one.batch, INSIDE))
            return end, last
        if one.why:
            self.apart.append((one.batch, one.why))
        else:
            candidates.append(one.batch)
            last = one.batch.last
        return one.batch.end, last

    def _of_row(self, row: Row) -> Iterator[Judged]:
        """The row itself, or what lies inside of it where its CRC fails."""
        if row.crc_ok:
            yield (self._read(self._carver.taken(row.batch.position)) if row.doubtful else Judged(row.batch))
            return
        start, end = row.batch.position + 1, row.batch.end
        found = outermost(self._carver.found(start, end))
        real = [one for one in _up_against(found, end) if one.magic == MAGIC]  # a value ends a message
        self._set_apart([one for one in found if one not in real])
        yield from map(self._read, real)

    def _of_gap(self, start: int, end: int, last: int) -> Iterator[Judged]:
        found = outermost(self._carver.found(start, end)) if start < end else []
        if not found:
            return
        claimed = self._claimed(start, last)
        of_claim = _behind(found, claimed) if claimed is not None else _batches(found)
        taken = {one.position for one in (*of_claim, *_up_against(found, end))}
        self._set_apart([one for one in found if one.position not in taken])
        yield from (self._read(one) for one in found if one.position in taken)

    def _set_apart(self, found: list[Carved]) -> None:
        self.apart += ((self._read(one).batch, INSIDE) for one in found)

    def _claimed(self, start: int, last: int) -> int | None:
        """The last offset that a damaged batch at the start of a gap claims; None where no header can be believed."""
        head = self._source.read_at(start, HEADER_SIZE)
        if len(head) < HEADER_SIZE:
            return None
        header = unpack_header(head)._replace(magic=MAGIC, batch_length=2**30)
        if implausible(header) is not None or header.base_offset <= last:
            return None
        return last_offset(header)

    def _read(self, one: Carved) -> Judged:
        return read_carved(self._source, one, self._engine, self._at)


def read_carved(source: Source, one: Carved, engine: Engine, at: Location) -> Judged:
    """What an engine reads in a batch that was found by its CRC: its offsets, and whether its records can be read."""
    part = Part(source, one.position, one.size)
    for chunk in engine.scan(part, ScanRequest(columns=()), at):
        why = next((each.slug for each in chunk.findings if _makes_unfit(each)), "")
        for batch in batches_of(chunk):
            first = batch.last_offset if batch.base_offset is None else batch.base_offset
            epoch, count = batch.partition_leader_epoch, batch.records_count or 0
            return Judged(Found(one.position, one.size, first, batch.last_offset, count, epoch), why)
    return Judged(Found(one.position, one.size, one.first, one.last, 0, one.epoch), "implausible-header")


def _makes_unfit(finding: Finding) -> bool:
    return (finding.severity is Severity.ERROR or finding.incomplete) and finding.slug != READABLE_ELSEWHERE


def outermost(found: Iterator[Carved]) -> list[Carved]:
    """Without those that lie inside of another."""
    kept: list[Carved] = []
    for one in found:
        if not kept or one.position >= kept[-1].end:
            kept.append(one)
    return kept


def _behind(found: list[Carved], claimed: int) -> Iterator[Carved]:
    """Those that go on right behind the claimed offsets, and what touches these."""
    end: int | None = None
    for one in found:
        if one.first == claimed + 1 or one.position == end:
            yield one
            end, claimed = one.end, one.last


def _batches(found: list[Carved]) -> Iterator[Carved]:
    """Those that are no messages: a compressed set that was damaged may show the messages inside."""
    return (one for one in found if one.magic not in MAGICS)


def _up_against(found: list[Carved], end: int) -> list[Carved]:
    """Those that reach up to `end`, or beyond, without a gap between.

    The payload of a damaged batch never does, since the rest of its record stands behind it.
    """
    kept: list[Carved] = []
    for one in reversed(found):
        if one.end < end or (kept and one.end != end):
            break
        kept.append(one)
        end = one.position
    return kept[::-1]
