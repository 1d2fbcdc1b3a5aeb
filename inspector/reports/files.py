"""Every file of the log directories given, with what it is, by its name, its size and its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..broker_files import REMOTE_LOG_INDEX_CACHE
from ..entries import Entry, broker_entries, partition_entries, remote_entries
from ..location import Location
from ..log_dir import DirKind, LogDir
from ..partition import parse_partition_dir_name
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted
from .inputs import Chosen, Inputs, open_inputs
from .inventory import directory_facts
from .selection import Selection
from .tally import findings_in_words, is_incomplete

FILE_COLUMNS = (
    Column("topic", default=False),
    Column("partition", Hint.NUMBER, default=False),
    Column("directory"),
    Column("file", Hint.FILE),
    Column("kind"),
    Column("state", optional=True),
    Column("pending", optional=True),
    Column("offset", Hint.NUMBER, optional=True),
    Column("bytes", Hint.NUMBER),
    Column("bytes_on_disk", Hint.NUMBER, optional=True),
    Column("note", optional=True),
)


def files(paths: list[Path], selection: Selection) -> Report:
    """One row a file of the log directories at `paths`; of those selected only, where a topic is. Raises as `show`."""
    return _Files(open_inputs(paths), selection).made


class _Files:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.chosen = inputs.choose(selection)
        self.is_whole = selection == Selection()
        self.kinds: Counter[str] = Counter()
        self.bytes = 0
        # A foreign file is a row here, so it need not be a finding too.
        findings = [finding for finding in inputs.findings() if finding.slug != "foreign-entry"]
        self.made = Report(inputs.columns(FILE_COLUMNS), self._sections(), findings, self._verdict)

    def _sections(self) -> Iterator[Section]:
        for log_dir in self.inputs.log_dirs:
            chosen = [one for one in self.chosen if one.log_dir is log_dir]
            if chosen:
                yield Section(log_dir.shown_as, directory_facts(log_dir), self._rows(log_dir, chosen))

    def _rows(self, log_dir: LogDir, chosen: list[Chosen]) -> Iterator[Row]:
        if self.is_whole and log_dir.kind is DirKind.BROKER:
            yield from self._rows_of_the_broker(log_dir)
        for one in chosen:
            log = one.log
            entries = partition_entries(log.path, log.location(), self.made.findings)
            for entry in entries:
                if log_dir.kind is not DirKind.FILE or entry.file_name == log_dir.path.name:
                    yield self._row(log_dir, entry, log.shown_as, (log.topic, log.partition, str(log.state)))

    def _rows_of_the_broker(self, log_dir: LogDir) -> Iterator[Row]:
        findings = self.made.findings
        for entry in broker_entries(log_dir.path, _is_shown_elsewhere, findings):
            yield self._row(log_dir, entry, ".")
        cache = log_dir.path / REMOTE_LOG_INDEX_CACHE
        if REMOTE_LOG_INDEX_CACHE in log_dir.other_entries and cache.is_dir():
            for entry in remote_entries(cache, Location(REMOTE_LOG_INDEX_CACHE), findings):
                yield self._row(log_dir, entry, REMOTE_LOG_INDEX_CACHE)

    def _row(
        self, log_dir: LogDir, entry: Entry, directory: str, of: tuple[str | None, int | None, str | None] = (None,) * 3
    ) -> Row:
        self.kinds["foreign" if entry.is_foreign else entry.pending] += 1
        self.bytes += entry.size or 0
        topic, partition, state = of
        row = (
            topic, partition, directory, entry.file_name, entry.kind, state, entry.pending or None, entry.offset,
            entry.size, entry.disk_size, entry.note or None,
        )  # fmt: skip
        return self.inputs.row(log_dir.shown_as, row)

    def _verdict(self) -> Verdict:
        total = counted(self.kinds.total(), "file")
        odd = [f"{count:,} {kind}" for kind, count in sorted(self.kinds.items()) if kind]
        found = findings_in_words(self.made.findings)
        text = "; ".join(filter(None, (f"{total}, {self.bytes:,} bytes", ", ".join(odd), found)))
        return Verdict(f"{text}; only names and sizes were looked at", incomplete=is_incomplete(self.made.findings))


def _is_shown_elsewhere(name: str) -> bool:
    return name == REMOTE_LOG_INDEX_CACHE or parse_partition_dir_name(name) is not None
