"""From the paths users give to the partitions a report is about, in the order of topic, number, then directory."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import KinspectError, NotALogError, UnknownTopicError
from ..files.kraft_snapshot import is_kraft_snapshot
from ..findings import Finding
from ..location import Location
from ..log_dir import DirKind, LogDir, PartitionCount, open_log_dir
from ..names import match_topics, shown_path
from ..partition import PartitionLog, State
from ..reading import looks_like_a_log
from ..report import Column, Row
from ..segment import Role
from ..text_files import why_unreadable
from ..words import counted
from .columns import LOG_DIR
from .selection import Selection

WITHOUT_TOPIC = ""
"""Sorts and groups the files whose directory does not tell their topic."""

MOST_NUMBERS = 20
"""So many partitions are named in a message."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """One partition directory, and the log directory it was found in."""

    log_dir: LogDir
    log: PartitionLog

    def passing(self) -> Chosen:
        """A copy whose listing goes with it: a directory may hold a hundred thousand."""
        return replace(self, log=replace(self.log))

    @property
    def topic(self) -> str:
        """The topic's name, "" where nothing tells it."""
        return self.log.topic or WITHOUT_TOPIC

    @property
    def title(self) -> str:
        """What a section about it is called."""
        if self.log.topic is None:
            return self.log_dir.shown_as
        state = "" if self.log.state is State.LIVE else f" ({self.log.state})"
        return f"{self.log.topic}, partition {self.log.partition}{state}"


@dataclass(frozen=True, eq=False)
class Inputs:
    """The log directories given, opened.

    failed: a finding for each that could not be, beside others that could. given_twice: one for each that had been
    given before.
    """

    log_dirs: tuple[LogDir, ...]
    failed: tuple[Finding, ...] = ()
    given_twice: tuple[Finding, ...] = ()

    @property
    def several(self) -> bool:
        """True when rows must say which directory they came from."""
        return len(self.log_dirs) + len(self.failed) > 1

    def columns(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """`columns`, with the directory in front where there are several."""
        return (LOG_DIR, *columns) if self.several else columns

    def row(self, shown_as: str, row: Row) -> Row:
        """One row for `columns`: with the name of its directory in front where there are several."""
        return (shown_as, *row) if self.several else row

    @property
    def of_paths(self) -> tuple[Finding, ...]:
        """What was found about the paths themselves."""
        return (*self.failed, *self.given_twice)

    def findings(self) -> list[Finding]:
        """What was found at the top level of the directories."""
        return [*self.of_paths, *(finding for log_dir in self.log_dirs for finding in log_dir.findings)]

    def missing(self, selection: Selection, chosen: list[Chosen]) -> list[Finding]:
        """A finding where some of the partitions asked for are nowhere; where all are, `choose` has refused."""
        missing = sorted((selection.partitions or frozenset()) - {one.log.partition for one in chosen})
        at = Location(", ".join(log_dir.shown_as for log_dir in self.log_dirs))
        return [Finding("selected-partition-missing", at, _in_words(missing))] if missing else []

    def choose(self, selection: Selection) -> list[Chosen]:
        """The partitions selected. Raises UnknownTopicError when a topic or a partition is nowhere."""
        known = [Chosen(log_dir, log) for log_dir in self.log_dirs for log in log_dir.partitions]
        topics = self._topics(known, selection.topics)
        chosen = [one for one in known if one.topic in topics]
        if not chosen:
            raise UnknownTopicError("the patterns leave no topic")
        if selection.partitions is not None:
            _require(selection.partitions, chosen)
            chosen = [one for one in chosen if one.log.partition in selection.partitions]
        return sorted(chosen, key=_order)

    def _topics(self, known: list[Chosen], patterns: tuple[str, ...]) -> set[str]:
        names = {one.topic for one in known}
        if patterns in ((), ("*",)):
            return names
        return set(match_topics(names - {WITHOUT_TOPIC}, patterns))

    def partition_count(self, topic: str) -> PartitionCount:
        """How many partitions `topic` has at least, over all directories given."""
        counts = [log_dir.partition_count(topic) for log_dir in self.log_dirs]
        return PartitionCount(
            max(count.at_least for count in counts),
            len({one.log.partition for one in self._live(topic)}),
        )

    def why_not_whole(self, topic: str) -> str | None:
        """Why the partitions given may not be all of `topic`, in words; None when nothing speaks against it."""
        if not any(log_dir.kind is DirKind.BROKER for log_dir in self.log_dirs):
            return "only a part of the topic was given, not the whole log directory"
        if len(self._clusters(topic)) > 1:
            return "it lies in log directories of different clusters"
        count = self.partition_count(topic)
        if count.some_are_missing:
            missing = count.at_least - count.present
            verb = "is" if missing == 1 else "are"
            return f"{counted(missing, 'partition')} of at least {count.at_least} {verb} not here"
        return None

    def _clusters(self, topic: str) -> set[str]:
        ids = (one.log_dir.identity.cluster_id for one in self._live(topic))
        return {cluster_id for cluster_id in ids if cluster_id is not None}

    def _live(self, topic: str) -> Iterator[Chosen]:
        for log_dir in self.log_dirs:
            for log in log_dir.partitions_of([topic]):
                if log.state is State.LIVE:
                    yield Chosen(log_dir, log)

    def live_partitions(self, topic: str) -> list[Chosen]:
        """One live replica of each partition of `topic`, by number: the first directory given that has it."""
        by_number: dict[int | None, Chosen] = {}
        for one in self._live(topic):
            by_number.setdefault(one.log.partition, one)
        return [by_number[number] for number in sorted(by_number, key=lambda number: -1 if number is None else number)]


def bytes_of(chosen: list[Chosen], left_out: Callable[[PartitionLog], Container[str]] = lambda _log: ()) -> int:
    """The size of all segments of these partitions, but for the files that `left_out` names. No listing is kept."""
    return sum(_bytes_of(log, left_out(log)) for log in (replace(one.log) for one in chosen))


def _bytes_of(log: PartitionLog, left_out: Container[str]) -> int:
    return sum(segment.size for segment in log.segments if segment.file_name not in left_out)


def open_inputs(paths: list[Path]) -> Inputs:
    """Opens every path once, whatever names it is given by; one that fails is a finding where another can be read.

    Raises the errors of `open_log_dir`, and NotALogError too for a file that holds no batch.
    """
    opened: list[LogDir] = []
    errors: list[KinspectError] = []
    once, given_twice = _each_once(paths)
    for path in once:
        try:
            opened.append(_open(path))
        except KinspectError as error:
            errors.append(error)
    if not opened:
        raise errors[0]
    failed = (
        Finding("unreadable-file", error.location or Location(""), found=why_unreadable(error)) for error in errors
    )
    return Inputs(tuple(opened), tuple(failed), tuple(given_twice))


def are_logs(paths: list[Path]) -> bool:
    """Whether all of these are single partitions or single segments, and not whole directories of a broker."""
    try:
        return all(log_dir.kind is not DirKind.BROKER for log_dir in open_inputs(paths).log_dirs)
    except KinspectError:
        return False


def _each_once(paths: list[Path]) -> tuple[list[Path], list[Finding]]:
    """The paths without those that lead to the same file or directory as one before, and a note on each of these."""
    first: dict[object, Path] = {}
    for path in paths:
        first.setdefault(_what_it_is(path), path)
    once = list(first.values())
    twice = (path for path in paths if not any(path is one for one in once))
    notes = (
        Finding("given-twice", Location(shown_path(path)), found=shown_path(first[_what_it_is(path)])) for path in twice
    )
    return once, list(notes)


def _what_it_is(path: Path) -> object:
    """The same for all names of a file; a path that cannot be looked at is only itself."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return path
    return (status.st_dev, status.st_ino) if status.st_ino else path.absolute()


def _open(path: Path) -> LogDir:
    log_dir = open_log_dir(path)
    if log_dir.kind is DirKind.FILE:
        _require_a_log(log_dir)
    return log_dir


def _require_a_log(log_dir: LogDir) -> None:
    """A file of any name is taken, but one that is not named like a segment must look like one."""
    for segment in log_dir.partitions[0].segments:
        if segment.role is Role.FOREIGN and not is_kraft_snapshot(segment) and not looks_like_a_log(segment):
            raise NotALogError(
                f"not a Kafka log segment: {log_dir.shown_as}",
                hint="It is not named like one, and holds no record batch.",
            )


def _order(one: Chosen) -> tuple[str, int, str]:
    return one.topic, -1 if one.log.partition is None else one.log.partition, one.log_dir.shown_as


def _require(wanted: frozenset[int], chosen: list[Chosen]) -> None:
    there = {one.log.partition for one in chosen}
    missing = sorted(wanted - there)
    if missing and len(missing) == len(wanted):
        numbers = sorted(number for number in there if number is not None)
        hint = f"There are: {_in_words(numbers)}" if numbers else "None is here."
        raise UnknownTopicError(f"no partition {_in_words(missing)} here", hint=hint)


def _in_words(partitions: list[int]) -> str:
    more = ", …" if len(partitions) > MOST_NUMBERS else ""
    return ", ".join(map(str, partitions[:MOST_NUMBERS])) + more
