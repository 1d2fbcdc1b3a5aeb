"""A file of record batches as stretches, in order: entries, and bytes that are none, each with what was found there.

The engine sweeps, as it does for `verify`, so that the two agree: what it takes for a batch is one, everything between
is damage (or a tail of zeros), and its findings belong to the stretch in which they lie.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import NamedTuple

from ..broker_files import Shutdown
from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk, batches_of
from ..findings import Finding
from ..model import RecordBatch
from ..reading import read_segment
from ..segment import Segment


class Stretch(NamedTuple):
    """Bytes of the file that belong together. batch: None where they are no entry.

    ordinal: from 0; bytes that are no entry count too.
    """

    position: int
    size: int
    ordinal: int
    batch: RecordBatch | None
    findings: tuple[Finding, ...] = ()

    @property
    def end(self) -> int:
        """Behind its last byte."""
        return self.position + self.size


@dataclass
class Entries:
    """One sweep over a file. findings: what was found that has no place in a stretch seen so far."""

    segment: Segment
    engine: Engine
    shutdown: Shutdown
    size: int
    findings: list[Finding] = field(default_factory=list)
    _ordinal: int = 0
    _ahead: deque[Finding] = field(default_factory=deque)

    def stretches(self, records: bool, start: Stretch | None = None, follows: int = -1) -> Iterator[Stretch]:
        """The stretches from the file's start on, or from `start`, with the batch's last offset that it follows.

        records: decode the records too, for what is found in them.
        """
        self._ahead.clear()
        position = start.position if start else 0
        self._ordinal = start.ordinal if start else 0
        request = ScanRequest(position, self.segment.base_offset, follows, records=records, columns=())
        first, found = self._ordinal, list[Finding]()
        for chunk in read_segment(self.segment, self.engine, request, found, self.shutdown):
            self._take(found, first)
            for stretch in self._of_chunk(chunk, position):
                position = stretch.end
                yield stretch
        self._take(found, first)
        yield from self._damage(position, self.size)
        self._drop_before(self.size + 1)

    def _take(self, found: list[Finding], first: int) -> None:
        """Findings count entries from where the sweep began; here they are counted from the start of the file."""
        for finding in found:
            placed = _counted_from(first, finding)
            (self.findings if placed.location.position is None else self._ahead).append(placed)
        found.clear()
        self._ahead = deque(sorted(self._ahead, key=_position))

    def _of_chunk(self, chunk: Chunk, position: int) -> Iterator[Stretch]:
        for batch in batches_of(chunk):
            yield from self._damage(position, batch.position)
            yield self._stretch(batch.position, batch.batch_bytes, batch)
            position = batch.position + batch.batch_bytes

    def _damage(self, position: int, end: int) -> Iterator[Stretch]:
        """Bytes that are no entry, in the steps in which the sweep went over them."""
        while position < end:
            size = self._step(position, end - position) or end - position
            yield self._stretch(position, size, None)
            position += size

    def _step(self, position: int, most: int) -> int:
        """How far a finding that begins here reaches; 0 where none does."""
        self._drop_before(position)
        here = takewhile(lambda one: one.location.position == position, self._ahead)
        return max((size for one in here if (size := one.location.size or 0) <= most), default=0)

    def _stretch(self, position: int, size: int, batch: RecordBatch | None) -> Stretch:
        self._drop_before(position)
        end, taken = position + size, list[Finding]()
        while self._ahead and _lies_before(self._ahead[0], end, self._ordinal):
            taken.append(self._ahead.popleft())
        self._ordinal += 1
        return Stretch(position, size, self._ordinal - 1, batch, tuple(taken))

    def _drop_before(self, position: int) -> None:
        """What is found about bytes that were passed already belongs to no stretch any more."""
        while self._ahead and _position(self._ahead[0]) < position:
            self.findings.append(self._ahead.popleft())


def _position(finding: Finding) -> int:
    return finding.location.position or 0


def _lies_before(finding: Finding, end: int, ordinal: int) -> bool:
    """Whether a finding belongs to the entry that ends there. That records are lacking is found at the very end."""
    position = _position(finding)
    return position < end or (position == end and finding.location.batch == ordinal)


def _counted_from(first: int, finding: Finding) -> Finding:
    """The finding with the number of its entry counted from the start of the file."""
    at = finding.location
    if not first or at.batch is None:
        return finding
    return replace(finding, location=replace(at, batch=at.batch + first))
