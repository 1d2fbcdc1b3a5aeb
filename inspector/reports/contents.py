"""What is in one file beside the logs, entry by entry: an index, a snapshot, a checkpoint, an identity, a marker.

The kind is told by the name, and held against the content. Logs and KRaft snapshots hold records: `show.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..broker_files import is_lock_held
from ..errors import KinspectError, PathNotFoundError
from ..files.index_files import read_offset_index, read_time_index, read_txn_index
from ..files.kinds import Kind, Named, kind_of
from ..files.producer_snapshot import read_producer_snapshot
from ..findings import Finding
from ..location import Location
from ..names import printable, shown_path
from ..partition import PartitionName, parse_partition_dir_name
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..source import Source, open_source
from ..text_files import (
    CleanShutdown,
    Parsed,
    PartitionMetadata,
    QuorumState,
    limit_of,
    parse_clean_shutdown,
    parse_leader_epochs,
    parse_meta_properties,
    parse_offset_checkpoint,
    parse_partition_metadata,
    parse_quorum_state,
    read_text_file,
    why_unreadable,
)
from ..words import counted
from .tally import damage_in_words, is_incomplete

FILE = Column("file", default=False)
"""Which of several files a row is from. A table says so above the rows."""

Rows = Iterable[Row]


@dataclass(frozen=True, slots=True)
class _File:
    """A file given. at: its place, under its name alone, or where several were given under the path typed."""

    path: Path
    named: Named
    at: Location


class _Content(NamedTuple):
    """The columns of a kind, and how its rows are read."""

    columns: tuple[Column, ...]
    rows: Callable[[_File, list[Finding]], Rows]


def contents(paths: Sequence[Path], limit: int | None = None, tail: int | None = None) -> Report:
    """What is in the files at `paths` (`are_beside_logs`): the first `limit` entries of each, or the last `tail`."""
    return _Contents([_file(path, several=len(paths) > 1) for path in paths], limit, tail).made


def _file(path: Path, several: bool) -> _File:
    named = kind_of(path.name)
    if named is None:
        raise ValueError(f"{path.name} is of no kind that has contents")
    home = parse_partition_dir_name(path.absolute().parent.name) or PartitionName()
    shown = shown_path(path) if several else printable(path.name)
    return _File(path, named, Location(shown, topic=home.topic, partition=home.partition))


class _Contents:
    """The report, and what it counts."""

    def __init__(self, files: list[_File], limit: int | None, tail: int | None) -> None:
        self.files = files
        self.limit = limit
        self.tail = tail
        self.count = 0
        self.several = len(files) > 1
        kinds = dict.fromkeys(file.named.kind for file in files)
        by_name = {column.name: column for kind in kinds for column in CONTENTS[kind].columns}
        self.names = tuple(by_name)
        columns = [replace(column, optional=len(kinds) > 1) for column in by_name.values()]
        self.made = Report(
            (FILE, *columns) if self.several else tuple(columns), self._sections(), verdict=self._verdict
        )

    def _sections(self) -> Iterator[Section]:
        for file in self.files:
            rows = _Rows(file, self)
            yield Section(shown_path(file.path), _facts(file), rows, rows.closing)

    def row(self, file: _File, row: Row) -> Row:
        """A row of one kind as a row of the report, which may have the columns of several."""
        if not self.several:
            return row
        values = dict(zip((column.name for column in CONTENTS[file.named.kind].columns), row, strict=True))
        return (shown_path(file.path), *map(values.get, self.names))

    def _verdict(self) -> Verdict:
        where = f" in {counted(len(self.files), 'file')}" if self.several else ""
        read = f"{counted(self.count, 'entry', 'entries')} shown{where}"
        found = damage_in_words(self.made.findings)
        return Verdict(f"{read}; {found}", incomplete=is_incomplete(self.made.findings))


class _Rows:
    """The rows of one file, and what to say below them."""

    def __init__(self, file: _File, report: _Contents) -> None:
        self.file = file
        self.report = report
        self.count = 0
        self.was_cut = False

    def __iter__(self) -> Iterator[Row]:
        for row in self._wanted():
            self.count += 1
            self.report.count += 1
            yield self.report.row(self.file, row)

    def _wanted(self) -> Iterator[Row]:
        rows = CONTENTS[self.file.named.kind].rows(self.file, self.report.made.findings)
        if self.report.tail is not None:
            yield from deque(rows, maxlen=self.report.tail)
            return
        for row in rows:
            if self.count == self.report.limit:
                self.was_cut = True
                return
            yield row

    def closing(self) -> list[str]:
        """What the rows do not tell by themselves."""
        if self.was_cut:
            return [f"first {counted(self.count, 'entry', 'entries')}; all: -n 0, the last: --tail {self.count}"]
        return [] if self.count else ["no entries"]


_PENDING = {
    "deleted": "waits for its removal",
    "cleaned": "being written by the log cleaner",
    "swap": "waits to replace what it was made from",
    "tmp": "being written, or left half-written",
    "part": "being written, or left half-written",
}


def _facts(file: _File) -> tuple[tuple[str, str], ...]:
    kind, base_offset, pending = file.named
    facts = [("kind", f"{kind}, {_PENDING[pending]} (.{pending})" if pending else str(kind))]
    if kind in (Kind.OFFSET_INDEX, Kind.TIME_INDEX):
        facts.append(("base offset", f"{base_offset}, by its name"))
    if kind is Kind.PRODUCER_SNAPSHOT:
        facts.append(("state", f"up to offset {base_offset}, by its name"))
    return tuple(facts)


# -- files that are read where they lie


def _opened(read: Callable[[Source, _File, list[Finding]], Rows]) -> Callable[[_File, list[Finding]], Rows]:
    def rows(file: _File, findings: list[Finding]) -> Rows:
        try:
            with open_source(file.path, file.at.path) as source:
                yield from read(source, file, findings)
        except PathNotFoundError:
            findings.append(Finding("vanished-file", file.at))
        except KinspectError as error:
            findings.append(Finding("unreadable-file", file.at, found=why_unreadable(error)))

    return rows


def _offset_index(source: Source, file: _File, findings: list[Finding]) -> Rows:
    return read_offset_index(source, file.named.base_offset, file.at, findings)


def _time_index(source: Source, file: _File, findings: list[Finding]) -> Rows:
    return read_time_index(source, file.named.base_offset, file.at, findings)


def _txn_index(source: Source, file: _File, findings: list[Finding]) -> Rows:
    return read_txn_index(source, file.at, findings)


def _producer_snapshot(source: Source, file: _File, findings: list[Finding]) -> Rows:
    return read_producer_snapshot(source, file.at, findings)


def _lock(source: Source, file: _File, findings: list[Finding]) -> Rows:
    if source.size:
        found = f"{source.size} bytes, and a lock holds none"
        findings.append(Finding("not-what-it-is-called", file.at, Kind.LOCK, found))
    return [(is_lock_held(file.path),)]


# -- text files


def _text(
    parse: Callable[[bytes, Location], Parsed[Any]], rows_of: Callable[[Any], Rows]
) -> Callable[[_File, list[Finding]], Rows]:
    def rows(file: _File, findings: list[Finding]) -> Rows:
        parsed = read_text_file(file.path, file.at, _refusing_opened(parse, file.named.kind), limit_of(parse))
        findings += parsed.findings if parsed.found else (Finding("vanished-file", file.at),)
        return rows_of(parsed.value)

    return rows


def _refusing_opened(
    parse: Callable[[bytes, Location], Parsed[Any]], kind: Kind
) -> Callable[[bytes, Location], Parsed[Any]]:
    """Every binary file of a log directory holds a byte of zero, and no text does."""

    def parse_text(data: bytes, at: Location) -> Parsed[Any]:
        if b"\0" not in data:
            return parse(data, at)
        return Parsed(parse(b"", at).value, (Finding("not-what-it-is-called", at, kind, "binary data"),))

    return parse_text


def _one_object(value: Any) -> Rows:
    """The fields as one row; a file that tells none of them has no row."""
    row = value if isinstance(value, tuple) else astuple(value)
    return [row] if any(field is not None for field in row) else []


# -- the table


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Hint.NUMBER) for name in names)


def _plain(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


_TIMESTAMP = Column("timestamp", Hint.TIMESTAMP)

CONTENTS: dict[Kind, _Content] = {
    Kind.OFFSET_INDEX: _Content(_numbers("offset", "position"), _opened(_offset_index)),
    Kind.TIME_INDEX: _Content((_TIMESTAMP, *_numbers("offset")), _opened(_time_index)),
    Kind.TXN_INDEX: _Content(
        _numbers("version", "producer_id", "first_offset", "last_offset", "last_stable_offset"), _opened(_txn_index)
    ),
    Kind.PRODUCER_SNAPSHOT: _Content(
        (
            *_numbers(
                "producer_id", "producer_epoch", "first_sequence", "last_sequence", "last_offset", "offset_delta"
            ),
            _TIMESTAMP,
            *_numbers("coordinator_epoch", "current_txn_first_offset"),
        ),
        _opened(_producer_snapshot),
    ),
    Kind.OFFSET_CHECKPOINT: _Content(
        (*_plain("topic"), *_numbers("partition", "offset")),
        _text(parse_offset_checkpoint, lambda offsets: [(*key, offset) for key, offset in offsets.items()]),
    ),
    Kind.LEADER_EPOCHS: _Content(
        _numbers("epoch", "start_offset"), _text(parse_leader_epochs, lambda entries: entries)
    ),
    Kind.PARTITION_METADATA: _Content(_plain(*PartitionMetadata._fields), _text(parse_partition_metadata, _one_object)),
    Kind.QUORUM_STATE: _Content(_plain(*QuorumState.__slots__), _text(parse_quorum_state, _one_object)),
    Kind.META_PROPERTIES: _Content(
        _plain("version", "node_id", "cluster_id", "directory_id"), _text(parse_meta_properties, _one_object)
    ),
    Kind.CLEAN_SHUTDOWN: _Content(_plain(*CleanShutdown.__slots__), _text(parse_clean_shutdown, _one_object)),
    Kind.LOCK: _Content(_plain("held"), _opened(_lock)),
}
