"""Gathers entries of an index that mislead: those in a row, from one cause, are one finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..findings import Finding
from ..location import Location

MOST_RUNS = 100
"""Behind so many runs of entries, all further ones are counted with the last."""


@dataclass(slots=True)
class _Run:
    """Entries that mislead from number `first` to `last`. count: how many of these do."""

    first: int
    last: int
    count: int
    expected: object
    found: str
    cause: Finding | None
    offsets: tuple[int, int]


class Misleading:
    """The entries of one index that mislead, in any order."""

    def __init__(self, slug: str, at: Location, entry_size: int) -> None:
        self._slug, self._at, self._size = slug, at, entry_size
        self._runs: list[_Run] = []

    def note(self, number: int, expected: object, offset: int, found: str, cause: Finding | None) -> None:
        """Takes in one entry: the `number`-th, about `offset`. The first of a row says what was expected and found."""
        run = self._runs[-1] if self._runs else None
        if run is None or not (self._continues(run, number, cause) or len(self._runs) == MOST_RUNS):
            self._runs.append(_Run(number, number, 1, expected, found, cause, (offset, offset)))
            return
        run.first, run.last, run.count = min(run.first, number), max(run.last, number), run.count + 1
        run.offsets = min(run.offsets[0], offset), max(run.offsets[1], offset)

    @staticmethod
    def _continues(run: _Run, number: int, cause: Finding | None) -> bool:
        return number == run.last + 1 and cause is run.cause

    def cause_of(self, number: int) -> Finding | None:
        """What was found about the entry before the `number`-th."""
        for run in self._runs:
            if run.first < number <= run.last + 1:
                return self._finding(run)
        return None

    def findings(self, last_offset: int) -> Iterator[Finding]:
        """One for each row of entries, in the order of the file. Nobody is misled behind the log's last offset."""
        runs = (run for run in self._runs if run.offsets[0] <= last_offset)
        yield from map(self._finding, sorted(runs, key=lambda run: run.first))

    def _finding(self, run: _Run) -> Finding:
        at = self._at.at(run.first * self._size, (run.last + 1 - run.first) * self._size)
        more = f", the first of {run.count} such entries" if run.count > 1 else ""
        finding = Finding(self._slug, at, run.expected, f"{run.found}{more}", *run.offsets)
        return finding.because(run.cause.as_cause) if run.cause else finding
