"""Whose directories these are: cluster, node, directory and topic ids side by side, and where they contradict.

Only the small text files are read. Which Kafka wrote them is told as bounds: a file or a line that first came with a
release proves that release or a later one, and an empty marker of a clean stop proves one before 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..broker_files import CLEAN_SHUTDOWN, REMOTE_LOG_INDEX_CACHE, Shutdown
from ..identities import Directory, Replica, contradictions
from ..log_dir import DirKind, LogDir
from ..partition import PartitionLog, State
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted
from .columns import LOG_DIR
from .inputs import Inputs, open_inputs
from .selection import Selection
from .tally import findings_in_words, is_incomplete

IDENTITY_COLUMNS = (
    LOG_DIR,
    Column("cluster_id"),
    Column("node_id", Hint.NUMBER),
    Column("directory_id"),
    Column("meta_properties_version", Hint.NUMBER, default=False),
    Column("shutdown"),
    Column("kafka_at_least"),
    Column("kafka_at_most", optional=True),
    Column("topics", Hint.NUMBER),
    Column("partitions", Hint.NUMBER),
    Column("topic_ids", default=False),
)

Release = tuple[int, ...]

BEFORE_JSON_MARKERS: Release = (3, 6)
"""The last release whose marker of a clean stop is an empty file."""


def identity(paths: list[Path], selection: Selection) -> Report:
    """One row a log directory at `paths`; topics and partitions as selected. Raises as `show`."""
    return _Identity(open_inputs(paths), selection).made


@dataclass(frozen=True, slots=True)
class _Dated(Directory):
    """A log directory, and which Kafka wrote it."""

    at_least: Release | None
    at_most: Release | None

    @property
    def topic_ids(self) -> list[tuple[str, str]]:
        """The distinct pairs of topic and id, of replicas in every state."""
        return sorted({(one.topic, one.topic_id) for one in self.replicas if one.topic_id is not None})

    def row(self) -> Row:
        """In the order of IDENTITY_COLUMNS."""
        own = self.log_dir.identity
        return (
            self.log_dir.shown_as, own.cluster_id, own.node_id, own.directory_id, own.version,
            str(self.log_dir.shutdown), _words(self.at_least), _words(self.at_most),
            len({one.topic for one in self.replicas}), len(self.replicas), self.topic_ids,
        )  # fmt: skip


class _Identity:
    def __init__(self, inputs: Inputs, selection: Selection) -> None:
        self.inputs = inputs
        self.chosen = inputs.choose(selection)
        self.directories: list[_Dated] = []
        self.made = Report(IDENTITY_COLUMNS, self._sections(), inputs.findings(), self._verdict)

    def _sections(self) -> Iterator[Section]:
        yield Section(rows=self._rows())

    def _rows(self) -> Iterator[Row]:
        for log_dir in self.inputs.log_dirs:
            replicas = [self._replica(one.log) for one in self.chosen if one.log_dir is log_dir]
            directory = _Dated(log_dir, tuple(replicas), _at_least(log_dir, replicas), _at_most(log_dir))
            self.directories.append(directory)
            yield directory.row()
        self.made.findings += contradictions(self.directories)

    def _replica(self, log: PartitionLog) -> Replica:
        log = replace(log)  # a copy whose listing goes with it: there may be thousands
        self.made.findings += [one for one in log.findings if one.slug != "foreign-entry"]
        return Replica.of(log)

    def _verdict(self) -> Verdict:
        text = "; ".join(
            filter(
                None,
                (
                    counted(len(self.directories), "directory", "directories"),
                    _clusters_in_words(self.directories),
                    findings_in_words(self.made.findings),
                ),
            )
        )
        return Verdict(text, incomplete=is_incomplete(self.made.findings))


def _clusters_in_words(directories: list[_Dated]) -> str:
    known = {one.cluster for one in directories if one.cluster is not None}
    nodes = {(one.cluster, one.node) for one in directories if one.node is not None}
    unknown = sum(one.cluster is None for one in directories)
    parts = [f"{counted(len(known), 'cluster')}, {counted(len(nodes), 'node')}"] if known else []
    if unknown:
        parts.append(f"{counted(unknown, 'directory', 'directories')} of an unknown cluster")
    return ", ".join(parts)


# -- which Kafka


def _at_least(log_dir: LogDir, replicas: list[Replica]) -> Release | None:
    """The release that what lies here proves, or None: 0.8 and later are all possible then."""
    own, topics = log_dir.identity, {log.topic for log in log_dir.partitions}
    states = {log.state for log in log_dir.partitions}
    proofs: tuple[tuple[bool, Release], ...] = (
        ("__share_group_state" in topics, (4, 0)),
        (own.directory_id is not None, (3, 7)),
        (log_dir.broker.clean_broker_epoch is not None, (3, 7)),
        (State.STRAY in states, (3, 6)),
        (REMOTE_LOG_INDEX_CACHE in log_dir.other_entries, (3, 5)),
        ("bootstrap.checkpoint" in log_dir.other_entries, (3, 3)),
        (own.version == 1, (2, 8)),
        (any(one.topic_id is not None for one in replicas), (2, 8)),
        (State.FUTURE in states, (1, 1)),
        (State.DELETE in states, (0, 10, 2)),
        (own.cluster_id is not None, (0, 10, 1)),
        (own.node_id is not None, (0, 9)),
    )
    return max((release for is_there, release in proofs if is_there), default=None)


def _at_most(log_dir: LogDir) -> Release | None:
    """The last release that can have stopped cleanly here, where the marker tells."""
    if log_dir.shutdown is not Shutdown.CLEAN or log_dir.kind is not DirKind.BROKER:
        return None
    try:
        is_empty = (log_dir.path / CLEAN_SHUTDOWN).stat().st_size == 0
    except OSError:
        return None
    return BEFORE_JSON_MARKERS if is_empty else None


def _words(release: Release | None) -> str | None:
    return None if release is None else ".".join(map(str, release))
