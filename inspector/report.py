"""What leaves the library: reports, made of sections of lazy rows, with findings and a verdict.

A report knows nothing of terminals, colours, formats or exit codes. Values stay values: numbers are numbers, payloads
are bytes, a missing value is None in a column that allows it, or one of the typed absences below where the reason
matters. Machine formats render every column; tables render the columns marked `default`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, runtime_checkable

from .findings import Finding
from .found import not_kept
from .source import Meter


class Hint(Enum):
    """How a column is best shown to people. Machine formats ignore it, but for BYTES."""

    PLAIN = "plain"
    NUMBER = "number"
    TIMESTAMP = "timestamp"  # epoch milliseconds; -1 is "none"
    BYTES = "bytes"  # a payload: bytes, or None for null
    HEADERS = "headers"  # sequence of RecordHeader-like (key, value) pairs of bytes
    SIZE = "size"  # a number of bytes
    SHARE = "share"  # from 0 to 1: to people, a bar
    FILE = "file"  # a file's name, whose end tells more than its beginning


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the contract (docs/json.md), how to show it, and whether a table shows it unasked.

    optional: a table leaves the column out where none of the rows at hand has a value in it (headers, for instance).
    usual: of an optional column, a value that tells as little as none.
    before: a table, unless it is told an order, shows the column in front of the one called so.
    replaces: a table shows this column in the place, and under the name, of the one called so.
    """

    name: str
    hint: Hint = Hint.PLAIN
    default: bool = True
    optional: bool = False
    usual: object = None
    before: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A value that cannot exist here, and why. instead: what people are shown in its place."""

    reason: str
    instead: object = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder made of a payload.

    value: what it means, of the kinds that JSON knows. problem: why there is no value, in words; None where there is
    one. text: what people are shown where that differs from the value.
    """

    value: object = None
    problem: str | None = None
    text: str | None = None


class BrokerPayload(bytes):
    """A payload that the broker wrote for itself: to machines the stored bytes, to people what they mean.

    meaning: None where another column has it.
    """

    meaning: object

    def __new__(cls, stored: bytes, meaning: object = None) -> BrokerPayload:
        """The stored bytes with their meaning."""
        made = super().__new__(cls, stored)
        made.meaning = meaning
        return made


Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a machine format writes rows, for rows that can do it by themselves.

    format: jsonl, json, csv or tsv. columns: the names of those to write, in this order. ascii_only: where the output
    has no other characters. cell: the text of one value, of a column with Hint.PLAIN. line: a whole row, encoded, with
    the end of its line.
    """

    format: str
    columns: tuple[str, ...]
    ascii_only: bool
    cell: Callable[[object], str]
    line: Callable[[Row], bytes]


@runtime_checkable
class WritesText(Protocol):
    """Rows that may be able to write themselves, faster than one by one."""

    def text(self, form: TextForm) -> Iterator[bytes | memoryview] | None:
        """Blocks of whole lines in order, byte for byte what `form.line` makes of each row; or None: not in this form.

        Whoever takes them is done with one when he asks for the next. The rows are taken by that, as by iterating.
        """


@dataclass(slots=True)
class Section:
    """Rows that belong under one title (a topic-partition, usually).

    facts: lines shown under the title, before the rows, as name and text.
    rows: lazily made; one value per column of the report, in order. They may be `WritesText` too.
    closing: asked after the rows were taken: lines to show below them ("first 50 of 812 records; all: -n 0").
    """

    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    rows: Iterable[Row] = ()
    closing: Callable[[], list[str]] = list


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last line, with counts, and what was not checked; asked for after all rows were taken.

    ok: False when a stated expectation is not met (exit code 1), whatever the findings say.
    incomplete: part of the input could not be read (exit code 3).
    matched: False when a filter or search matched nothing (exit code 1).
    lines: more lines of evidence, shown before the verdict.
    """

    text: str
    ok: bool = True
    incomplete: bool = False
    matched: bool = True
    lines: tuple[str, ...] = ()


def _no_verdict() -> Verdict:
    return Verdict("")


@dataclass(slots=True)
class Progress:
    """How far reading is, in bytes: `done` were read, `skipped` turned out not to be needed.

    measure: how many bytes there are in all, asked only when somebody waits. watch: called after each step, and now and
    then where reading is slow.
    meter: how many bytes of segments and indexes were read for the answer, some perhaps twice, others not at all.
    """

    done: int = 0
    skipped: int = 0
    measure: Callable[[], int] | None = None
    watch: Callable[[], None] | None = None
    meter: Meter = field(default_factory=Meter)
    _all: int | None = None
    _read_before: int = 0
    _reached: int = 0

    @property
    def reached(self) -> int:
        """How many bytes were read, those too that nobody was handed yet. Never less than when it was last asked."""
        under_way = self.done + max(0, self.meter.bytes_read - self._read_before)
        self._reached = max(self._reached, self.done, min(under_way, self.total or self.done))
        return self._reached

    @property
    def total(self) -> int | None:
        """How many bytes will be read, as far as is known; None where nobody can tell."""
        if self._all is None and self.measure is not None:
            self._all = self.measure()
        return None if self._all is None else self._all - self.skipped

    def step(self, size: int) -> None:
        """So many bytes more were read."""
        self.done += size
        self._read_before = self.meter.bytes_read
        self.tick()

    def tick(self) -> None:
        """Time has passed."""
        if self.watch is not None:
            self.watch()


@dataclass(slots=True)
class Report:
    """An answer: columns, sections of lazy rows, the findings gathered while rows were taken, and the verdict.

    `findings` grows while the rows are consumed; read it, and call `verdict`, only afterwards.
    rows_are_findings: the rows themselves are findings (verify), so a renderer must not print the findings again.
    progress: how far the reading is, for whoever waits.
    """

    columns: tuple[Column, ...]
    sections: Iterable[Section]
    findings: list[Finding] = field(default_factory=list)
    verdict: Callable[[], Verdict] = _no_verdict
    rows_are_findings: bool = False
    progress: Progress = field(default_factory=Progress)

    @property
    def not_kept(self) -> Counter[str]:
        """How many findings there were beyond those in `findings`, by slug."""
        return not_kept(self.findings)

    def all_rows(self) -> Iterator[Row]:
        """Every row of every section, in order."""
        for section in self.sections:
            yield from section.rows
