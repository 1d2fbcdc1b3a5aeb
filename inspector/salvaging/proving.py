"""What of a segment belongs into the log: the ranges of bytes whose batches are whole and fit, and what does not.

A clean segment is seen to be clean in one sweep, and is one range. For any other, each batch is looked at: those whose
CRC holds, wherever they lie, those inside of which something lies, and those whose offset is not their own.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import add, eq, le
from typing import Any, NamedTuple

from ..broker_files import Shutdown
from ..engine import Engine, ScanRequest
from ..engine.chunk import Bitmap, Chunk
from ..errors import KinspectError
from ..findings import Finding, Severity
from ..found import Findings
from ..reading import read_segment
from ..report import Progress
from ..segment import Segment
from .chain import Batches, Found
from .choosing import Known, chosen_chain
from .inside import Inside, Row

COUNTED = ScanRequest(columns=())
"""Every record is decoded, and none is kept."""

HARMLESS = frozenset(("torn-tail", "zeroed-tail"))
"""What can be left out without a loss: it was never written whole."""

JUDGED_HERE = frozenset(("offset-not-increasing", "segment-name-mismatch", "batch-too-large"))
"""Of whole batches in the wrong place, one cannot tell which is wrong until all of them are known; of one that is too
large to be decoded at once, the CRC was checked."""


class Range(NamedTuple):
    """Batches that follow each other in a file without a byte between. records: as far as known."""

    start: int
    end: int
    first: int
    last: int
    batches: int
    records: int


class Apart(NamedTuple):
    """A batch whose CRC holds, and why it is not in the log, in words."""

    batch: Found
    why: str


class LeftOut(NamedTuple):
    """Bytes of a segment that are in no range. why: the slug of a finding about them, or words."""

    start: int
    end: int
    why: str
    first: int | None = None
    last: int | None = None


@dataclass(slots=True)
class Proof:
    """What one segment holds. findings: what was found about its bytes."""

    segment: Segment
    ranges: list[Range] = field(default_factory=list)
    apart: list[Apart] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    @property
    def first(self) -> int | None:
        """The first offset that is kept."""
        return self.ranges[0].first if self.ranges else None

    @property
    def last(self) -> int | None:
        """The last offset that is kept."""
        return self.ranges[-1].last if self.ranges else None


def prove(segment: Segment, engine: Engine, shutdown: Shutdown, progress: Progress, known: Known) -> Proof:
    """Reads a segment, once where it is clean. Never raises on content."""
    proof = Proof(segment)
    clean, doubts, found = _Clean(), array("q"), list[Finding]()
    for chunk in read_segment(segment, engine, COUNTED, found, shutdown, progress):
        clean.see(chunk)
        clean.note(found, proof.findings, doubts)
    clean.note(found, proof.findings, doubts)
    if clean.holds and clean.epoch <= known.newest_epoch:
        proof.ranges = clean.ranges()
    else:
        _look_closer(proof, engine, shutdown, known, sorted(doubts))
    set_left_out(proof)
    return proof


def _is_bad(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR or finding.incomplete


class _Clean:
    """Whether the batches of a segment follow each other without a flaw."""

    def __init__(self) -> None:
        self.holds = True
        self._seen = Range(0, 0, -1, -1, 0, 0)
        self.epoch = -1

    def see(self, chunk: Chunk) -> None:
        """The next chunk of the segment."""
        count = len(chunk.batches)
        if not count or not self.holds:
            return
        columns: dict[str, Any] = dict(chunk.batches.columns)
        self.holds = self._follows(columns, count)
        if self.holds:
            self._take(columns, count)

    def _follows(self, columns: dict[str, Any], count: int) -> bool:
        crc_ok, positions, firsts, lasts = (
            columns[name] for name in ("crc_ok", "position", "base_offset", "last_offset")
        )
        epochs = columns["partition_leader_epoch"].values
        ends = map(add, positions.values, columns["batch_bytes"].values)
        return (
            _all_set(crc_ok.values, count)
            and _all_set(crc_ok.validity, count)
            and _all_set(firsts.validity, count)
            and positions.values[0] == self._seen.end
            and (not self._seen.batches or firsts.values[0] == self._seen.last + 1)
            and all(map(eq, positions.values[1:], ends))
            and all(map(eq, firsts.values[1:], map(add, lasts.values, repeat(1))))
            and self.epoch <= epochs[0]
            and (epochs[0] == min(epochs) == max(epochs) or all(map(le, epochs, epochs[1:])))
        )

    def _take(self, columns: dict[str, Any], count: int) -> None:
        seen = self._seen
        end = columns["position"].values[-1] + columns["batch_bytes"].values[-1]
        first = seen.first if seen.batches else columns["base_offset"].values[0]
        records = seen.records + sum(columns["records_count"].values)
        self._seen = Range(0, end, first, columns["last_offset"].values[-1], seen.batches + count, records)
        self.epoch = columns["partition_leader_epoch"].values[-1]

    def note(self, found: list[Finding], kept: Findings, doubts: array[int]) -> None:
        """Takes in what was found: the findings themselves, of which so many are kept, and where there is doubt."""
        for finding in found:
            if _is_bad(finding):
                self.holds = False
                position = finding.location.position
                if position is not None and finding.slug not in JUDGED_HERE:
                    doubts.append(position)
            if finding.slug != "search-budget-spent":  # the search here has no budget
                kept.append(finding)
        found.clear()

    def ranges(self) -> list[Range]:
        """The one range, or none where there is no batch."""
        return [self._seen] if self._seen.batches else []


def _all_set(bits: Bitmap | None, count: int) -> bool:
    if bits is None:
        return True
    whole = count >> 3
    return bytes(bits.bits[:whole]).count(0xFF) == whole and all(bits[row] for row in range(whole << 3, count))


# -- where not all is as it should be


def _look_closer(proof: Proof, engine: Engine, shutdown: Shutdown, known: Known, doubts: list[int]) -> None:
    segment = proof.segment
    try:
        with segment.open(engine.meter) as source:
            inside = Inside(source, engine, segment.location())
            candidates, apart = inside.sorted_out(_rows(segment, engine, shutdown, doubts))
    except KinspectError:  # it was said above, when it was read
        return
    chain = chosen_chain(candidates, segment, known)
    apart += ((candidates[row], why) for row, why in chain.why.items())
    proof.apart = [Apart(batch, why) for batch, why in sorted(apart)]
    proof.ranges = list(ranges_of(candidates, chain.rows))


def _rows(segment: Segment, engine: Engine, shutdown: Shutdown, doubts: list[int]) -> Iterator[Row]:
    for chunk in read_segment(segment, engine, COUNTED, [], shutdown):
        columns: dict[str, Any] = dict(chunk.batches.columns)
        for row in range(len(chunk.batches)):
            first, last = columns["base_offset"][row], columns["last_offset"][row]
            found = Found(
                columns["position"][row], columns["batch_bytes"][row], last if first is None else first, last,
                columns["records_count"][row] or 0, columns["partition_leader_epoch"][row],
            )  # fmt: skip
            doubt = bisect_left(doubts, found.position)
            doubtful = first is None or (doubt < len(doubts) and doubts[doubt] <= found.end)
            yield Row(found, bool(columns["crc_ok"][row]), doubtful)


def ranges_of(batches: Batches, rows: Sequence[int]) -> Iterator[Range]:
    """Some batches as ranges, in the order of the file."""
    current: Range | None = None
    for row in rows:
        one = batches[row]
        if current is not None and current.end == one.position:
            current = current._replace(
                end=one.end, last=one.last, batches=current.batches + 1, records=current.records + one.records
            )
            continue
        if current is not None:
            yield current
        current = Range(one.position, one.end, one.first, one.last, 1, one.records)
    if current is not None:
        yield current


def set_left_out(proof: Proof) -> None:
    """Fills in what is in none of its ranges."""
    proof.left_out = list(_gaps(proof))


def _gaps(proof: Proof) -> Iterator[LeftOut]:
    """What lies between the ranges, and why."""
    reasons = _reasons(proof)
    places = [one.start for one in reasons]
    position = 0
    for start, end in [*((one.start, one.end) for one in proof.ranges), (proof.segment.size, 0)]:
        if start > position:
            inside = reasons[bisect_left(places, position) : bisect_left(places, start)]
            yield from _explained(inside, position, start)
        position = max(position, end)


def _reasons(proof: Proof) -> list[LeftOut]:
    """Where something begins that explains what is left out, by position; one for each."""
    known: dict[int, LeftOut] = {}
    for finding in proof.findings:
        at = finding.location.position
        if at is not None and finding.slug not in JUDGED_HERE and not finding.caused_by:
            known.setdefault(at, LeftOut(at, at, finding.slug, finding.first_offset, finding.last_offset))
    for batch, why in proof.apart:
        known.setdefault(batch.position, LeftOut(batch.position, batch.end, why, batch.first, batch.last))
    return [known[at] for at in sorted(known)]


def _explained(reasons: list[LeftOut], start: int, end: int) -> Iterator[LeftOut]:
    """One gap, cut where something begins that explains it."""
    if not reasons or reasons[0].start > start:
        reasons = [LeftOut(start, end, "not read or not understood"), *reasons]
    ends = [*(one.start for one in reasons[1:]), end]
    for piece, behind in zip(reasons, ends, strict=True):
        yield piece._replace(end=behind)
