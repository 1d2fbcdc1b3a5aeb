"""Leads the rules through a partition: one sweep, each chunk to each rule, findings in the order of their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from ..engine import ScanRequest
from ..engine.chunk import Chunk
from ..findings import Finding
from ..reading import read_partition
from ..report import Progress
from ..segment import Segment
from .diagnosis import Diagnoses
from .rule import Around, Rule


class Sweep:
    """One sweep of a partition for some rules. batches, records: how many were seen so far."""

    def __init__(self, around: Around, rules: Sequence[Rule], request: ScanRequest, progress: Progress) -> None:
        self.batches = self.records = 0
        self._around, self._rules = around, rules
        columns = sorted({column for rule in rules for column in rule.columns})
        self._request = replace(request, columns=tuple(columns))
        self._progress = progress
        self._diagnoses = Diagnoses(around.engine)
        self._number = -1
        self._beside: list[Finding] = []

    def findings(self) -> Iterator[Finding]:
        """What the engine and the rules found, chunk by chunk; those of a chunk by position."""
        segments = self._around.log.segments
        found: list[Finding] = []
        for segment, chunk in read_partition(
            self._around.log,
            self._around.engine,
            self._request,
            found,
            self._progress,
            left_out=self._around.left_out,
        ):
            yield from self._up_to(segments.index(segment, max(self._number, 0)), found)
            yield from self._see(segment, chunk, found)
        yield from self._up_to(len(segments), found)
        yield from chain.from_iterable(rule.finish() for rule in self._rules)

    def _up_to(self, number: int, found: list[Finding]) -> Iterator[Finding]:
        """Ends and begins segments until `number` is the one at hand; such as gave no chunk are passed too."""
        segments = self._around.log.segments
        while self._number < number:
            if self._is_read(self._number):
                own = [one for one in found if one.location.path == segments[self._number].shown_as]
                found[:] = [one for one in found if one not in own]
                yield from self._noted(own, segments[self._number])
                yield from self._of_log(self._each("end", segments[self._number]), segments[self._number])
                yield from self._of_siblings()
            self._number += 1
            if self._is_read(self._number):
                yield from self._each("begin", segments[self._number])

    def _is_read(self, number: int) -> bool:
        segments = self._around.log.segments
        return 0 <= number < len(segments) and segments[number].file_name not in self._around.left_out

    def _each(self, step: str, segment: Segment) -> Iterator[Finding]:
        return chain.from_iterable(getattr(rule, step)(self._number, segment) for rule in self._rules)

    def _see(self, segment: Segment, chunk: Chunk, found: list[Finding]) -> Iterator[Finding]:
        self.batches += len(chunk.batches)
        self.records += len(chunk.records)
        of_bytes = list(self._noted(found, segment, chunk))
        self._diagnoses.pass_by(segment, chunk)
        found.clear()
        of_rules = list(chain.from_iterable(rule.see(self._number, segment, chunk) for rule in self._rules))
        told = sorted(chain(map(self._explained, of_bytes), of_rules), key=_order)
        yield from self._of_log(told, segment)

    def _of_log(self, told: Iterable[Finding], segment: Segment) -> Iterator[Finding]:
        """What is about the segment itself; the rest waits."""
        for finding in told:
            if finding.location.path == segment.shown_as:
                yield finding
            else:
                self._beside.append(finding)

    def _of_siblings(self) -> Iterator[Finding]:
        """What was found in other files meanwhile. Told behind the log: it depends on chunks when it is found."""
        told, self._beside = self._beside, []
        yield from sorted(told, key=_order_beside)

    def _explained(self, finding: Finding) -> Finding:
        """The same as a consequence, where a rule has said more of it."""
        causes = (rule.cause_of(finding) for rule in self._rules)
        cause = next((cause for cause in causes if cause is not None), None)
        return finding if cause is None else finding.because(cause.as_cause)

    def _noted(self, findings: Iterable[Finding], segment: Segment, chunk: Chunk | None = None) -> Iterator[Finding]:
        for finding in findings:
            diagnosed = self._diagnoses.of(finding, segment, chunk)
            self._around.damage.note(self._number, diagnosed)
            yield diagnosed


def _order(finding: Finding) -> tuple[int, bool]:
    """By position; what follows from another finding at the same place stands behind it."""
    position = finding.location.position
    return -1 if position is None else position, finding.caused_by is not None


def _order_beside(finding: Finding) -> tuple[str, bool, int, bool]:
    """File by file; what is about a whole file stands behind what is about a place in it."""
    position, of_place = _order(finding), finding.location.position is not None
    return finding.location.path, not of_place, *position
