"""A report with what its payloads mean beside them, for decoders that the user chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..decoders import Decoder
from ..report import BrokerPayload, Column, NotApplicable, Report, Row, Section

CONTROL = "the broker writes control records by a schema of their own"


def decoded(report: Report, decoders: Mapping[str, Decoder]) -> Report:
    """The report with two columns more behind each column that has a decoder: `value_decoded`, and `value_error`.

    In tables the first stands in place of the stored bytes. Null stays null, and control records are left alone.
    """
    wider = _Wider(report.columns, decoders)
    return replace(report, columns=tuple(wider.columns()), sections=map(wider.section, report.sections))


class _Wider:
    def __init__(self, columns: tuple[Column, ...], decoders: Mapping[str, Decoder]) -> None:
        self._columns = columns
        self._decoders = [(column.name, decoders.get(column.name)) for column in columns]
        names = [column.name for column in columns]
        self._is_control = names.index("is_control") if "is_control" in names else None

    def columns(self) -> Iterator[Column]:
        for column in self._columns:
            yield column
            if self._decoders[self._columns.index(column)][1] is not None:
                yield replace(column, name=f"{column.name}_decoded", default=False, replaces=column.name)
                yield Column(f"{column.name}_error", default=False)

    def section(self, section: Section) -> Section:
        tally = _Tally()
        rows = (tuple(self._row(row, tally)) for row in section.rows)
        return replace(section, rows=rows, closing=lambda: [*section.closing(), *tally.lines()])

    def _row(self, row: Row, tally: _Tally) -> Iterator[object]:
        is_control = self._is_control is not None and row[self._is_control] is True
        for (name, decoder), value in zip(self._decoders, row, strict=True):
            yield value
            if decoder is None:
                continue
            if is_control:
                meaning = value.meaning if isinstance(value, BrokerPayload) else None
                yield from (NotApplicable(CONTROL, meaning), NotApplicable(CONTROL))
            elif not isinstance(value, bytes):
                yield from (None, None)
            else:
                made = decoder(value)
                tally.count(name, is_bad=made.problem is not None)
                yield from (made, made.problem)


class _Tally:
    """How many payloads of a section were not what they were said to be."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._bad: Counter[str] = Counter()

    def count(self, name: str, *, is_bad: bool) -> None:
        self._all[name] += 1
        self._bad[name] += is_bad

    def lines(self) -> list[str]:
        return [
            f"{name}s that could not be decoded: {count} of {self._all[name]} (why: --columns {name}_error)"
            for name, count in self._bad.items()
            if count
        ]
