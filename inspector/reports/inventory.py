"""What lies in a log directory: its partitions, from names, sizes and checkpoints.

Of the logs themselves only the first and the last batch are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..engine import Engine, choose
from ..log_dir import DirKind, LogDir
from ..partition import PartitionLog
from ..report import Report, Row, Section, Verdict
from ..words import counted
from .columns import PARTITION_COLUMNS, SEGMENT_COLUMNS
from .ends import read_ends, segment_ends
from .inputs import Chosen, Inputs, open_inputs
from .selection import Selection
from .state import shutdown_in_words
from .tally import findings_in_words, is_incomplete


def inventory(paths: list[Path], selection: Selection, *, segments: bool) -> Report:
    """One row a partition, or a segment, of the log directories at `paths`. Raises as `show`."""
    return _Inventory(open_inputs(paths), selection, segments).made


class _Inventory:
    def __init__(self, inputs: Inputs, selection: Selection, segments: bool) -> None:
        self.inputs = inputs
        self.engine: Engine = choose(selection.engine)
        self.chosen = inputs.choose(selection)
        self.count = 0
        self.bytes = 0
        self._rows_of = self._segment_rows if segments else self._partition_row
        columns = SEGMENT_COLUMNS if segments else PARTITION_COLUMNS
        findings = [*inputs.findings(), *inputs.missing(selection, self.chosen)]
        self.made = Report(inputs.columns(columns), self._sections(), findings, self._verdict)
        self.made.progress.meter = self.engine.meter

    def _sections(self) -> Iterator[Section]:
        for log_dir in self.inputs.log_dirs:
            chosen = [one for one in self.chosen if one.log_dir is log_dir]
            if chosen:
                yield Section(log_dir.shown_as, directory_facts(log_dir), self._rows(chosen))

    def _rows(self, chosen: list[Chosen]) -> Iterator[Row]:
        for one in chosen:
            log = replace(one.log)  # a copy whose listing goes with it: there may be thousands
            self.count += 1
            self.bytes += sum(segment.size for segment in log.segments)
            self.made.findings += log.findings
            for row in self._rows_of(log):
                yield self.inputs.row(one.log_dir.shown_as, row)

    def _partition_row(self, log: PartitionLog) -> Iterator[Row]:
        ends = read_ends(log, self.engine, self.made.findings)
        yield (
            log.topic, log.partition, log.topic_id, str(log.state), log.log_start_offset, ends.log_end_offset,
            log.high_watermark, log.high_watermark_source, len(log.segments),
            sum(segment.size for segment in log.segments), ends.records, ends.first_timestamp, ends.last_timestamp,
            ends.not_read,
        )  # fmt: skip

    def _segment_rows(self, log: PartitionLog) -> Iterator[Row]:
        for segment in log.segments:
            ends = segment_ends(segment, self.engine, log, self.made.findings)
            first, last = ends.first, ends.last
            yield (
                segment.topic, segment.partition, str(log.state), segment.name, segment.base_offset, segment.size,
                first and first.base_offset, last and last.last_offset, first and first.base_timestamp,
                last and last.max_timestamp,
            )  # fmt: skip

    def _verdict(self) -> Verdict:
        topics = len({one.log.topic for one in self.chosen})
        found = findings_in_words(self.made.findings)
        text = f"{counted(topics, 'topic')}, {counted(self.count, 'partition')}, {self.bytes:,} bytes"
        which = "TOPIC" if any(one.kind is DirKind.BROKER for one in self.inputs.log_dirs) else "'*'"
        return Verdict(
            f"{text}{'; ' + found if found else ''}; only the ends of each log were read; records: -t {which}",
            incomplete=is_incomplete(self.made.findings),
        )


def directory_facts(log_dir: LogDir) -> tuple[tuple[str, str], ...]:
    """The lines under the title of a log directory."""
    identity = log_dir.identity
    known = (("cluster", identity.cluster_id), ("node", identity.node_id), ("directory", identity.directory_id))
    words = ", ".join(f"{name} {value}" for name, value in known if value is not None)
    return (("broker", words or "no meta.properties here"), ("state", shutdown_in_words(log_dir.shutdown)))
