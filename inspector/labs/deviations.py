"""Everything in which a lab's topic differs from so many whole runs of the lab, each record as a finding at its place.

One record, one finding: a record in the wrong partition is misplaced, and not missing at home as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..findings import Finding
from ..location import Location
from .tally import KEPT, SeenRecord, Tally, Wanted
from .text import shown_record


class Deviations:
    """Everything in which a topic differs from so many complete runs of its lab.

    runs: the number of runs that leaves the fewest records to explain.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.runs = _runs(tally)
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}
        self.more: list[str] = []
        for word, count, findings in self._kinds():
            self._note(word, count, findings)

    @property
    def summary(self) -> str:
        """For instance `1 missing, 2 misplaced`."""
        return ", ".join(f"{count:,} {word}" for word, count in self.counts.items())

    def _note(self, word: str, count: int, findings: Iterator[Finding]) -> None:
        if not count:
            return
        kept = list(islice(findings, KEPT))
        self.findings += kept
        self.counts[word] = count
        if count > len(kept):
            self.more.append(f"{word}: {len(kept)} of {count:,} are listed")

    def _kinds(self) -> Iterator[tuple[str, int, Iterator[Finding]]]:
        wanted = list(self.tally.wanted.values())
        yield "missing", sum(self._lacking(item) for item in wanted), self._missing()
        yield "misplaced", sum(item.astray.count for item in wanted), self._misplaced()
        yield "doubled", sum(self._surplus(item) for item in wanted), self._doubled()
        yield "out of order", sum(self._broken().values()), self._out_of_order()
        yield "foreign", self.tally.foreign.count, self._foreign()

    def _lacking(self, item: Wanted) -> int:
        return max(0, self.runs * item.copies - item.count) if item.possible else 0

    def _surplus(self, item: Wanted) -> int:
        return max(0, item.home.count - self.runs * item.copies) if item.possible else item.home.count

    def _missing(self) -> Iterator[Finding]:
        for item in self.tally.wanted.values():
            lacking = self._lacking(item)
            if lacking:
                times = f", {lacking:,} times" if lacking > 1 else ""
                place = _missing_place(self.tally.lab.topic, item.record.partition)
                yield Finding("lab-record-missing", place, expected=f"{_words(item)}{times}")

    def _misplaced(self) -> Iterator[Finding]:
        for item in self.tally.wanted.values():
            for seen in item.astray.kept:
                found = f"{_words(item)} in partition {seen.partition}"
                yield finding_at("lab-record-misplaced", seen, expected=item.record.partition, found=found)

    def _doubled(self) -> Iterator[Finding]:
        for item in self.tally.wanted.values():
            surplus = self._surplus(item)
            for seen in list(item.home.kept)[-surplus:] if surplus else ():
                expected = f"{_words(item)} {_often(self.runs * item.copies)}"
                yield finding_at("lab-record-doubled", seen, expected=expected, found=_often(item.home.count))

    def _broken(self) -> dict[int, int]:
        """How many records lie out of order, by partition: each rising sequence that no run accounts for is one."""
        surplus = sum(self._surplus(item) for item in self.tally.wanted.values())
        copies = max(item.copies for item in self.tally.wanted.values())
        allowed = self.runs * copies + surplus
        orders = sorted(self.tally.orders.items())
        excess = {number: min(len(order.tails) - allowed, len(order.lates)) for number, order in orders}
        return {number: count for number, count in excess.items() if count > 0}

    def _out_of_order(self) -> Iterator[Finding]:
        for number, count in self._broken().items():
            for late in self.tally.orders[number].lates[:count]:
                label = self.tally.lab.label
                first, second = label(late.wanted.record), label(late.behind.record)
                found = f"{first} behind {second}"
                yield finding_at("lab-order", late.seen, expected=f"{first} before {second}", found=found)

    def _foreign(self) -> Iterator[Finding]:
        for seen in self.tally.foreign.kept:
            yield finding_at("lab-record-foreign", seen, found=shown_record(seen.key, seen.value))


def _runs(tally: Tally) -> int:
    """The number of runs that leaves the fewest records missing or doubled; the smaller of two that leave as many."""
    items = [item for item in tally.wanted.values() if item.possible]
    if not any(item.count for item in items):
        return 0
    candidates = {max(1, item.count // item.copies + extra) for item in items for extra in (0, 1)}
    return min(sorted(candidates), key=lambda runs: sum(abs(item.count - runs * item.copies) for item in items))


def _words(item: Wanted) -> str:
    return shown_record(item.record.key, item.record.value)


def _often(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _missing_place(topic: str, partition: int | None) -> Location:
    path = topic if partition is None else f"{topic}-{partition}"
    return Location(path, topic=topic, partition=partition)


def finding_at(slug: str, seen: SeenRecord, *, expected: object = None, found: object = None) -> Finding:
    """A finding about one record, at its place."""
    return Finding(slug, seen.location, expected, found, first_offset=seen.offset, last_offset=seen.offset)
