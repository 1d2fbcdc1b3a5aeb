"""The record batches of the selected partitions, as their headers tell, each with its CRC checked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.chunk import batches_of
from ..found import Findings
from ..model import RecordBatch
from ..reading import read_partition
from ..report import Report, Row, Section, Verdict
from ..words import counted
from .columns import BATCH_COLUMNS, batch_row
from .inputs import Chosen, Inputs, bytes_of, open_inputs
from .selection import OffsetRange, Selection
from .state import log_end_offset
from .tally import Tally, findings_in_words, is_incomplete


def batches(paths: list[Path], selection: Selection) -> Report:
    """The batches that hold the selected offsets, and whose header tells times that meet the selected ones.

    Of the filters only times are looked at. Raises as `show`.
    """
    return _Batches(open_inputs(paths), selection).made


class _Batches:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.selection = selection
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.tally = Tally()
        findings = Findings([*inputs.findings(), *inputs.missing(selection, self.chosen)])
        self.made = Report(inputs.columns(BATCH_COLUMNS), self._sections(), findings, self._verdict)
        self.made.progress.measure = partial(bytes_of, self.chosen)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        for chosen in self.chosen:
            self.tally.partitions += 1
            self.made.findings += chosen.log.findings
            # one table a segment, because positions start anew with each file
            for name, rows in groupby(self._rows(chosen), key=itemgetter(0)):
                yield Section(f"{chosen.title}, {name}", rows=(row for _, row in rows))

    def _rows(self, chosen: Chosen) -> Iterator[tuple[str, Row]]:
        found = self._found(chosen)
        tail = self.selection.tail
        wanted = islice(found, self.selection.limit) if tail is None else iter(deque(found, maxlen=tail))
        for row in wanted:
            self.tally.batches += 1
            yield row

    def _found(self, chosen: Chosen) -> Iterator[tuple[str, Row]]:
        bounds = self._bounds(chosen)
        request = ScanRequest(start_offset=bounds.start, stop_offset=bounds.stop, records=False)
        made = self.made
        for segment, chunk in read_partition(chosen.log, self.engine, request, made.findings, made.progress):
            for batch in filter(self._is_wanted, batches_of(chunk)):
                row = batch_row(chosen.log.state, segment, batch)
                yield segment.name, self.inputs.row(chosen.log_dir.shown_as, row)

    def _is_wanted(self, batch: RecordBatch) -> bool:
        times = self.selection.filters.times
        shown = self.selection.control if batch.is_control else self.selection.data
        return shown and (times is None or times.meets(batch))

    def _bounds(self, chosen: Chosen) -> OffsetRange:
        offsets = self.selection.offsets or OffsetRange()
        if not offsets.needs_end:
            return offsets
        end = log_end_offset(chosen.log, self.engine, thorough=True)
        return offsets.resolved(end or 0)

    def _verdict(self) -> Verdict:
        read = f"{counted(self.tally.batches, 'batch')} in {counted(self.tally.partitions, 'partition')}"
        found = findings_in_words(self.made.findings) or "every CRC holds"
        return Verdict(
            f"{read}; {found}; records not looked at",
            incomplete=is_incomplete(self.made.findings),
            matched=self.tally.batches > 0 or not self.selection.has_filters,
        )
