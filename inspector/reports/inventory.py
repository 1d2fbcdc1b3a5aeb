"""What lies in a log directory: its partitions, from names, sizes and checkpoints.

Of the logs themselves only the first and the last batch are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..engine import Engine, ScanRequest, choose
from ..engine.chunk import batch_at, batches_of
from ..errors import KinspectError, UnsupportedError
from ..findings import Finding
from ..log_dir import LogDir
from ..model import RecordBatch
from ..partition import PartitionLog
from ..reading import cannot_read, last_batch, read_segment
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..segment import Segment
from .inputs import Chosen, Inputs, open_inputs
from .selection import Selection
from .state import shutdown_in_words
from .tally import counted, findings_in_words, is_incomplete

PARTITION_COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("topic_id", default=False),
    Column("state"),
    Column("log_start_offset", Hint.NUMBER),
    Column("log_end_offset", Hint.NUMBER),
    Column("high_watermark", Hint.NUMBER),
    Column("high_watermark_source", default=False),
    Column("segments", Hint.NUMBER),
    Column("bytes", Hint.NUMBER),
    Column("records", Hint.NUMBER, default=False),
    Column("first_timestamp", Hint.TIMESTAMP, default=False),
    Column("last_timestamp", Hint.TIMESTAMP, default=False),
    Column("not_read", default=False),
)

SEGMENT_COLUMNS = (
    Column("topic"),
    Column("partition", Hint.NUMBER),
    Column("segment"),
    Column("base_offset", Hint.NUMBER, default=False),
    Column("bytes", Hint.NUMBER),
    Column("first_offset", Hint.NUMBER),
    Column("last_offset", Hint.NUMBER),
    Column("first_timestamp", Hint.TIMESTAMP, default=False),
    Column("last_timestamp", Hint.TIMESTAMP),
)

COUNTED_UP_TO = 256 * 1024
"""The records of a partition are counted, by batch headers, if it has one segment of so many bytes at most."""


def inventory(paths: list[Path], selection: Selection, *, segments: bool) -> Report:
    """One row a partition, or a segment, of the log directories at `paths`. Raises as `show`."""
    return _Inventory(open_inputs(paths), selection, segments).made


class _Inventory:
    def __init__(self, inputs: Inputs, selection: Selection, segments: bool) -> None:
        self.inputs = inputs
        self.engine: Engine = choose()
        self.chosen = inputs.choose(selection)
        self.count = 0
        self.bytes = 0
        self._rows_of = self._segment_rows if segments else self._partition_row
        columns = SEGMENT_COLUMNS if segments else PARTITION_COLUMNS
        self.made = Report(inputs.columns(columns), self._sections(), inputs.findings(), self._verdict)

    def _sections(self) -> Iterator[Section]:
        for log_dir in self.inputs.log_dirs:
            chosen = [one for one in self.chosen if one.log_dir is log_dir]
            if chosen:
                yield Section(log_dir.shown_as, _directory_facts(log_dir), self._rows(chosen))

    def _rows(self, chosen: list[Chosen]) -> Iterator[Row]:
        for one in chosen:
            self.count += 1
            self.bytes += sum(segment.size for segment in one.log.segments)
            self.made.findings += one.log.findings
            for row in self._rows_of(one.log):
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
            first = first_batch(segment, self.engine, log, self.made.findings)
            last = self._last_batch(segment) if first else None
            yield (
                segment.topic, segment.partition, segment.name, segment.base_offset, segment.size,
                first and first.base_offset, last and last.last_offset, first and first.base_timestamp,
                last and last.max_timestamp,
            )  # fmt: skip

    def _last_batch(self, segment: Segment) -> RecordBatch | None:
        try:
            return last_batch(segment, self.engine)
        except UnsupportedError:
            return None
        except KinspectError as error:
            _add_new(self.made.findings, cannot_read(segment, error))
            return None

    def _verdict(self) -> Verdict:
        topics = len({one.log.topic for one in self.chosen})
        found = findings_in_words(self.made.findings)
        text = f"{counted(topics, 'topic')}, {counted(self.count, 'partition')}, {self.bytes:,} bytes"
        return Verdict(
            f"{text}{'; ' + found if found else ''}; only the ends of each log were read; records: -t TOPIC",
            incomplete=is_incomplete(self.made.findings),
        )


def _directory_facts(log_dir: LogDir) -> tuple[tuple[str, str], ...]:
    identity = log_dir.identity
    known = (("cluster", identity.cluster_id), ("node", identity.node_id), ("directory", identity.directory_id))
    words = ", ".join(f"{name} {value}" for name, value in known if value is not None)
    return (("broker", words or "no meta.properties here"), ("state", shutdown_in_words(log_dir.shutdown)))


@dataclass(frozen=True, slots=True)
class Ends:
    """What the first and the last batch of a partition tell.

    None: not there, or not read; then it is named in `not_read`.
    """

    log_end_offset: int | None = None
    records: int | None = None
    first_timestamp: int | None = None
    last_timestamp: int | None = None
    not_read: tuple[str, ...] = ()


def read_ends(log: PartitionLog, engine: Engine, findings: list[Finding]) -> Ends:
    """Reads the ends of a partition; a small one whole, by its batch headers."""
    if not log.segments:
        return Ends(records=0)
    first = next((batch for batch in (first_batch(s, engine, log, findings) for s in log.segments) if batch), None)
    last, end = _last(log, engine, findings)
    small = len(log.segments) == 1 and log.segments[0].size <= COUNTED_UP_TO and end is not None
    records = _count_records(log.segments[0], engine, log) if small else None
    return Ends(
        end,
        records,
        first.base_timestamp if first else None,
        last.max_timestamp if last else None,
        tuple(name for name, unread in (("log_end_offset", end is None), ("records", not small)) if unread),
    )


def first_batch(segment: Segment, engine: Engine, log: PartitionLog, findings: list[Finding]) -> RecordBatch | None:
    """The first whole batch of a segment by its header alone, or None."""
    request = ScanRequest(records=False, check_crc=False, most_batches=1)
    for chunk in islice(read_segment(segment, engine, request, findings, log.shutdown), 1):
        if len(chunk.batches):
            return batch_at(chunk.batches, 0)
    return None


def _last(log: PartitionLog, engine: Engine, findings: list[Finding]) -> tuple[RecordBatch | None, int | None]:
    """The last batch, and the log end offset: None where the last segment cannot be read."""
    for segment in reversed(log.segments):
        try:
            batch = last_batch(segment, engine)
        except UnsupportedError:
            return None, None
        except KinspectError as error:
            _add_new(findings, cannot_read(segment, error))
            return None, None
        if batch is not None:
            return batch, batch.last_offset + 1
    return None, log.segments[-1].base_offset


def _add_new(findings: list[Finding], finding: Finding) -> None:
    if finding not in findings:  # the first segment may be the last, and was read before
        findings.append(finding)


def _count_records(segment: Segment, engine: Engine, log: PartitionLog) -> int:
    request = ScanRequest(records=False, check_crc=False)
    chunks = read_segment(segment, engine, request, [], log.shutdown)
    return sum(batch.records_count for chunk in chunks for batch in batches_of(chunk))
