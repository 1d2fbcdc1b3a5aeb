"""A whole start: what a broker does with its log directories and each partition in them. Source: `LogManager`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path

from ..broker_files import CLEAN_SHUTDOWN, LOCK, LOG_START_OFFSETS, RECOVERY_POINTS, REPLICATION_OFFSETS, is_lock_held
from ..engine import Engine
from ..engine.window import ShrunkError
from ..errors import KinspectError
from ..findings import Finding
from ..location import Location
from ..names import printable
from ..text_files import why_unreadable
from .actions import Action
from .checkpoints import Offsets, read_offsets
from .directory_names import DELETE, FUTURE, METADATA_TOPIC, REMOTE_CACHE, STRAY, FolderName, folder_name
from .folder import Folder
from .identity import Told, check_identities, is_kraft, read_meta_properties
from .loading import METADATA_FILE, load
from .losses import Losses
from .markers import InvalidRecordError
from .play import Checkpoints, Loaded, Play
from .producers import TooManyProducersError
from .settings import Settings
from .strays import Cluster, Strays, read_metadata
from .versions import Rules
from .walk import CorruptError, Offline, RefusedError


@dataclass(frozen=True, slots=True)
class PartitionForecast:
    """One folder of a log directory. loaded: the log afterwards; None where the broker gets no further with it.

    findings: why nothing, or not all, could be told.
    """

    directory: Path
    folder: str
    name: FolderName
    actions: tuple[Action, ...]
    loaded: Loaded | None = None
    scanned_bytes: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Directory:
    """One log directory: what its own files say. told: its meta.properties, None where it was not asked for."""

    path: Path
    rules: Rules
    told: Told | None = None

    @cached_property
    def was_clean(self) -> bool:
        """Whether the marker of a clean stop is there."""
        return os.path.lexists(self.path / CLEAN_SHUTDOWN)

    @cached_property
    def recovery_points(self) -> Offsets:
        """First offset that may not have reached the disk, by partition."""
        return read_offsets(self.path / RECOVERY_POINTS)

    @cached_property
    def log_starts(self) -> Offsets:
        """Log start offsets, where they are not the first segment's."""
        return read_offsets(self.path / LOG_START_OFFSETS)

    @cached_property
    def high_watermarks(self) -> Offsets:
        """What was replicated, by partition."""
        return read_offsets(self.path / REPLICATION_OFFSETS)

    @cached_property
    def folders(self) -> list[str]:
        """The names of the folders in it. Raises OSError."""
        with os.scandir(self.path) as entries:
            return sorted(one.name for one in entries if one.is_dir())

    def actions(self) -> Iterator[Action]:
        """What is decided before any partition is looked at."""
        if is_lock_held(self.path / LOCK):
            yield Action("refuse", LOCK, words="a running broker holds it; what follows is a start after its death")
        for name, offsets, instead in (
            (RECOVERY_POINTS, self.recovery_points, "every segment is scanned"),
            (LOG_START_OFFSETS, self.log_starts, "logs begin with their first segments"),
        ):
            if offsets.ignored:
                yield Action("ignore-checkpoint", name, words=f"{offsets.ignored}: {instead}")
            if offsets.goes_offline:
                yield Action(
                    "go-offline", name, words=f"{offsets.goes_offline}: an I/O error, once the logs are loaded"
                )
        for folder in self.folders:
            if folder != REMOTE_CACHE and folder_name(folder, self.rules) is None:
                yield Action("refuse", printable(folder), words="a folder that is no partition")


@dataclass(frozen=True)
class Start:
    """One start of a broker. now: when it is, in epoch milliseconds; producers that were long silent are forgotten.

    cluster: reads the cluster's metadata.
    """

    directories: Sequence[Directory]
    settings: Settings
    rules: Rules
    engine: Engine
    now: int
    cluster: Cluster
    kraft: bool = True
    offline: dict[Path, str] = field(default_factory=dict)

    def directory_actions(self) -> Iterator[tuple[Directory, Action]]:
        """What is decided before any partition is looked at, by directory."""
        asked = [one for one in self.directories if one.told is not None]
        paths, told = [one.path for one in asked], [one.told for one in asked if one.told is not None]
        for number, action in check_identities(paths, told, self.settings, self.rules, self.kraft):
            yield asked[number], action
        for directory in self.directories:
            for action in directory.actions():
                yield directory, action
            if self.kraft and self._strays.metadata is None:
                yield directory, self._of_strays()
        yield from self._twice()

    @cached_property
    def _strays(self) -> Strays:
        told = (directory.told.node_id for directory in self.directories if directory.told is not None)
        node = next((text for text in told if text is not None and text.strip().isdecimal()), None)
        node_id = self.settings.node_id if node is None else int(node)
        return Strays(self.cluster, node_id, self.rules)

    def _of_strays(self) -> Action:
        """What no file of the log directory decides."""
        then = "renamed to -stray" if self.rules.makes_strays else "deleted"
        branch = "the cluster's metadata does not name it for this broker"
        return Action("maybe-stray", words=f"a partition is {then} where {branch}", branch=branch)

    def _twice(self) -> Iterator[tuple[Directory, Action]]:
        """A partition in two places: what a failed move between log directories leaves."""
        seen: dict[tuple[str, int, bool], str] = {}
        for directory in self.directories:
            for folder in directory.folders:
                name = folder_name(folder, self.rules)
                if name is None or name.topic == METADATA_TOPIC or name.suffix in (DELETE, STRAY):
                    continue
                key = (name.topic, name.partition, name.suffix == FUTURE)
                if key in seen:
                    words = f"the same partition is in {seen[key]}"
                    yield directory, Action("refuse", printable(folder), words=words)
                seen.setdefault(key, f"{directory.path.name}/{printable(folder)}")

    def partition(self, directory: Directory, folder: str, name: FolderName) -> PartitionForecast:
        """What becomes of one folder."""
        try:
            listed = Folder.listed(directory.path / folder)
        except OSError as error:
            unreadable = Finding("unreadable-file", Location(printable(folder)), found=why_unreadable(error))
            return PartitionForecast(directory.path, folder, name, (), findings=(unreadable,))
        return self._played(directory, folder, name, self._play(directory, listed, name))

    def _play(self, directory: Directory, folder: Folder, name: FolderName) -> Play:
        is_metadata = name.topic == METADATA_TOPIC
        key = (name.topic, name.partition)
        checkpoints = Checkpoints(
            0 if is_metadata else directory.recovery_points.values.get(key, 0),
            0 if is_metadata else directory.log_starts.values.get(key, 0),
        )
        settings = self.settings
        if is_metadata:  # the settings of topics do not hold for it, nor does the marker of a clean stop
            defaults = Settings()
            settings = replace(
                settings, index_bytes=defaults.index_bytes, index_interval=defaults.index_interval, preallocate=False
            )
        was_clean = directory.was_clean and not is_metadata
        return Play(folder, checkpoints, was_clean, settings, self.rules, self.now, Losses(self.engine))

    def _played(self, directory: Directory, folder: str, name: FolderName, play: Play) -> PartitionForecast:
        loaded: Loaded | None = None
        findings: tuple[Finding, ...] = ()
        try:
            loaded = load(play)
        except CorruptError as error:
            play.refuse(f"{error.why}, where nobody expects it", "", error.position)
        except RefusedError as error:
            play.refuse(error.why, error.file, error.position)
        except Offline as error:
            play.done.actions.append(Action("go-offline", error.file, words=error.why))
        except InvalidRecordError:
            play.refuse("a control record that cannot be read, in a batch whose CRC nobody looks at")
        except (KinspectError, ShrunkError, TooManyProducersError) as error:
            findings = (_not_told(error, folder),)
        done = play.done
        actions = (*done.actions, *self._endings(directory, name, loaded))
        return PartitionForecast(directory.path, folder, name, actions, loaded, done.scanned_bytes, findings)

    def _endings(self, directory: Directory, name: FolderName, loaded: Loaded | None) -> Iterator[Action]:
        if loaded is None:
            return
        if name.suffix == DELETE:
            yield Action("delete-directory", words="it was being deleted")
            return
        if name.suffix == STRAY:
            yield Action("keep-stray", words="a stray: loaded, used by nobody, and left as it is")
        if name.suffix == FUTURE:
            yield Action("keep-future", words="the copy for a move between log directories goes on to be filled")
        if self.kraft and not name.suffix and name.topic != METADATA_TOPIC:
            yield from self._of_stray(name, loaded)
        yield from self._end(directory, name, loaded)

    def _of_stray(self, name: FolderName, loaded: Loaded) -> Iterator[Action]:
        """A broker of KRaft knows its topics by their ids; one without is nobody's."""
        if loaded.topic_id is not None:
            action = self._strays.action(name, loaded.topic_id)
            if action is not None:
                yield action
        elif self.rules.makes_strays:
            yield Action("missing-topic-id", METADATA_FILE, words="without a topic id it is renamed to -stray")

    def _end(self, directory: Directory, name: FolderName, loaded: Loaded) -> Iterator[Action]:
        start, end = loaded.log_start_offset, loaded.log_end_offset
        key = (name.topic, name.partition)
        known = directory.high_watermarks.values.get(key, 0)
        if directory.was_clean:
            known = max(known, directory.recovery_points.values.get(key, 0))
        if name.topic != METADATA_TOPIC and not name.suffix and end < known:
            words = f"it ends before offset {known}, which was checkpointed as there"
            yield Action("end-short", first_offset=end, last_offset=known - 1, becomes=end, words=words)
        words = "nothing to do" if not loaded.actions else "the log afterwards"
        yield Action("leave" if not loaded.actions else "log", first_offset=start, becomes=end, words=words)


def _not_told(error: Exception, folder: str) -> Finding:
    at = Location(printable(folder))
    if isinstance(error, KinspectError):
        return Finding("unreadable-file", error.location or at, found=why_unreadable(error))
    if isinstance(error, ShrunkError):
        return Finding("shrunk-file", at, found=error.size)
    return Finding("unreadable-file", at, found="more producers than a forecast keeps in mind")


def start_of(
    paths: Sequence[Path],
    rules: Rules,
    settings: Settings,
    engine: Engine,
    now: int,
    whole: bool = True,
    cluster: Cluster | None = None,
) -> Start:
    """A start on these log directories. whole: they are log directories, not single partitions of one.

    cluster: where it is read already, for a start by other rules.
    """
    told = [read_meta_properties(path) if whole else None for path in paths]
    kraft = is_kraft(paths, [one for one in told if one is not None], settings, rules)
    directories = [Directory(path, rules, one) for path, one in zip(paths, told, strict=True)]
    cluster = cluster or cache(partial(read_metadata, paths, engine))
    return Start(directories, settings, rules, engine, now, cluster, kraft)
