"""The records of a partition as text, made by the engine a chunk at a time.

Here is only what the engine leaves open: what became of transactions, and what control records say.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from ..engine import Engine
from ..engine.chunk import Chunk, batch_at, records_in
from ..engine.text import OUTCOMES, TextPlan
from ..model import Record, RecordBatch
from ..report import TextForm
from ..segment import Segment
from ..spec.attributes import CONTROL, TRANSACTIONAL
from .columns import RECORD_COLUMNS

RecordText = Callable[[Segment, RecordBatch, Record], bytes]
Texts = Iterator[bytes | memoryview]

_OF_RECORDS = frozenset(column.name for column in RECORD_COLUMNS)
_SAME_IN_A_SEGMENT = ("topic", "partition", "state", "segment", "log_dir")


def text_plan(engine: Engine, form: TextForm, same: dict[str, object]) -> TextPlan | None:
    """How the engine writes the records of one segment; `same`: the values that all its rows have in common."""
    columns = [(name, form.cell(same[name]) if name in _SAME_IN_A_SEGMENT else None) for name in form.columns]
    if not {name for name, text in columns if text is None} <= _OF_RECORDS:
        return None
    return engine.text_plan(form.format, form.ascii_only, columns)


class Written:
    """One chunk as text. rows: those that are data, which the engine writes; all others are control records."""

    def __init__(self, segment: Segment, chunk: Chunk) -> None:
        self._segment = segment
        self._chunk = chunk
        self._told: bytes | None = None
        self._attributes = [*chunk.batches.columns["attributes"].values]  # type: ignore[union-attr, misc]

    def stretches(self) -> Iterator[tuple[bool, range]]:
        """Rows that follow each other: whether they are control records, and which they are."""
        if not self._has(CONTROL):
            yield False, range(len(self._chunk.records))
            return
        batch_of: Any = self._chunk.records.columns["batch"]
        start = 0
        for is_control, batches in groupby(range(len(self._attributes)), self._is_control):
            *_, last = batches
            stop = bisect_right(batch_of.values, last)
            if stop > start:
                yield is_control, range(start, stop)
            start = stop

    def data(self, plan: TextPlan, rows: range, outcome: Callable[[Segment, RecordBatch], str | None]) -> Texts:
        """Rows that are data. outcome: tells what became of a batch's transaction."""
        return plan.write(self._chunk, rows, self._outcomes(outcome))

    def control(self, rows: range, text: RecordText) -> Texts:
        """Rows that are control records, each by `text`."""
        return (text(self._segment, *found) for found in records_in(self._chunk, rows))

    def _outcomes(self, outcome: Callable[[Segment, RecordBatch], str | None]) -> bytes:
        """Of all batches of the chunk, asked for once: between two markers there may be a single record."""
        if self._told is None:
            numbers = range(len(self._attributes))
            self._told = bytes(OUTCOMES.index(self._outcome(number, outcome)) for number in numbers)
        return self._told

    def _outcome(self, number: int, outcome: Callable[[Segment, RecordBatch], str | None]) -> str | None:
        if self._attributes[number] & (TRANSACTIONAL | CONTROL) != TRANSACTIONAL:
            return None
        told = outcome(self._segment, batch_at(self._chunk.batches, number))
        return None if told is None else str(told)

    def _has(self, bit: int) -> bool:
        return any(attributes & bit for attributes in self._attributes)

    def _is_control(self, number: int) -> bool:
        return bool(self._attributes[number] & CONTROL)
