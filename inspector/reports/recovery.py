"""What the broker will do at its next start: action by action, from the files alone. Nothing is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..engine import Engine, choose
from ..errors import NotALogError
from ..forecast.actions import Action, Weight
from ..forecast.branches import Watched, branches
from ..forecast.directories import Directory, PartitionForecast, Start, start_of
from ..forecast.directory_names import FolderName, folder_name
from ..forecast.sentences import sentence
from ..forecast.settings import Settings
from ..forecast.strays import Cluster
from ..forecast.versions import Rules, rules_of
from ..found import Findings
from ..location import Location
from ..log_dir import DirKind, LogDir
from ..names import printable, shown_path
from ..report import Column, Hint, Report, Row, Section, Verdict
from ..words import counted
from .inputs import Inputs, open_inputs
from .selection import Selection
from .tally import findings_in_words, is_incomplete

RECOVERY_COLUMNS = (
    Column("topic", default=False),
    Column("partition", Hint.NUMBER, default=False),
    Column("folder", default=False),
    Column("weight"),
    Column("action"),
    Column("file", Hint.FILE, optional=True),
    Column("position", Hint.NUMBER, optional=True),
    Column("end_position", Hint.NUMBER, default=False),
    Column("first_offset", Hint.NUMBER, default=False),
    Column("last_offset", Hint.NUMBER, default=False),
    Column("batches_lost", Hint.NUMBER, default=False),
    Column("intact_lost", Hint.NUMBER, default=False),
    Column("becomes", Hint.NUMBER, default=False),
    Column("what"),
    Column("only_if", default=False),
)

CUTS = ("truncate", "empty-segment", "delete-segment", "delete-all-segments")
STOPS = ("refuse", "go-offline")
SCANS = ("scan", "scan-missing-index")


def recovery(paths: list[Path], selection: Selection, rules: Rules | None, settings: Settings) -> Report:
    """A row for each action of the next start on the log directories at `paths`. Raises as `show`.

    rules: of the version that will start; None where nobody knows: then of the newest, and what older versions do
    otherwise are rows that say on which version they depend.
    """
    return _Recovery(open_inputs(paths), selection, rules, settings).made


class _Place(NamedTuple):
    """A folder of a partition in the log directory that is started on."""

    log_dir: LogDir
    directory: Directory
    folder: str
    name: FolderName


class _Recovery:
    def __init__(self, inputs: Inputs, selection: Selection, rules: Rules | None, settings: Settings) -> None:
        self.inputs = inputs
        self.rules = rules or rules_of()
        self.is_open = rules is None
        self.watched = Watched(self.rules)
        self.branches = 0
        self.settings = settings
        self.engine: Engine = choose(selection.engine)
        chosen = inputs.choose(selection)
        self.wanted = {(one.log_dir.path, one.log.path) for one in chosen}
        self.everything = not selection.topics and selection.partitions is None
        self.counts: Counter[str] = Counter()
        self.weights: Counter[Weight] = Counter()
        self.refused: Action | None = None
        self.made = Report(inputs.columns(RECOVERY_COLUMNS), self._sections(), Findings(), self._verdict)
        self.made.findings += [*inputs.of_paths, *inputs.missing(selection, chosen)]
        self.made.progress.meter = self.engine.meter
        self.now = int(time.time() * 1000)
        self.starts: dict[Rules, Start] = {}
        self.cluster: Cluster | None = None

    def _sections(self) -> Iterator[Section]:
        start = self._start(self.watched.as_rules())
        pairs = list(zip(self.inputs.log_dirs, start.directories, strict=True))
        if self._is_whole():
            yield from self._of_directories(start, pairs)
        for place in self._places(pairs):
            yield self._of_partition(start, place)

    def _is_whole(self) -> bool:
        return all(log_dir.kind is DirKind.BROKER for log_dir in self.inputs.log_dirs)

    def _start(self, rules: Rules) -> Start:
        homes = [_home(log_dir) for log_dir in self.inputs.log_dirs]
        made = start_of(homes, rules, self.settings, self.engine, self.now, self._is_whole(), self.cluster)
        self.cluster = made.cluster
        return made

    def _other_start(self, rules: Rules) -> Start:
        if rules not in self.starts:
            self.starts[rules] = self._start(rules)
        return self.starts[rules]

    def _of_directories(self, start: Start, pairs: list[tuple[LogDir, Directory]]) -> Iterator[Section]:
        self.watched.asked.clear()
        told = list(start.directory_actions())
        for log_dir, directory in pairs:
            actions = [action for one, action in told if one is directory]

            def otherwise(rules: Rules, path: Path = directory.path) -> list[Action]:
                return [action for one, action in self._other_start(rules).directory_actions() if one.path == path]

            rows = [self._row(log_dir, action) for action in (*actions, *self._branches(actions, otherwise))]
            yield Section(log_dir.shown_as, (("stopped", _stopped(directory)),), rows)

    def _branches(self, actions: Sequence[Action], otherwise: Callable[[Rules], Iterable[Action]]) -> Iterator[Action]:
        """What older versions do otherwise, where it is not known which one will start."""
        if self.is_open:
            yield from branches(actions, self.watched, self.rules, otherwise)

    def _places(self, pairs: list[tuple[LogDir, Directory]]) -> Iterator[_Place]:
        for log_dir, directory in pairs:
            folders = directory.folders if log_dir.kind is DirKind.BROKER else [log_dir.partitions[0].path.name]
            named = [(folder_name(folder, self.rules), folder) for folder in folders]
            known = [(name, folder) for name, folder in named if name is not None]
            for name, folder in sorted(known):
                if self.everything or (log_dir.path, directory.path / folder) in self.wanted:
                    yield _Place(log_dir, directory, folder, name)

    def _of_partition(self, start: Start, place: _Place) -> Section:
        name = place.name
        title = f"{printable(name.topic)}, partition {name.partition}{f' ({name.suffix[1:]})' if name.suffix else ''}"
        return Section(title, rows=self._rows(start, place))

    def _rows(self, start: Start, place: _Place) -> Iterator[Row]:
        self.watched.asked.clear()
        forecast = start.partition(place.directory, place.folder, place.name)
        self.made.findings += forecast.findings
        self._count(forecast)

        def otherwise(rules: Rules) -> tuple[Action, ...]:
            if folder_name(place.folder, rules) is None:  # such a folder stops the broker, which was said
                return ()
            other = self._other_start(rules)
            (directory,) = (one for one in other.directories if one.path == place.directory.path)
            return other.partition(directory, place.folder, place.name).actions

        for action in (*forecast.actions, *self._branches(forecast.actions, otherwise)):
            yield self._row(place.log_dir, action, place)

    def _count(self, forecast: PartitionForecast) -> None:
        kinds = {action.kind for action in forecast.actions}
        counts = self.counts
        counts["partitions"] += 1
        counts["left alone"] += kinds.isdisjoint((*SCANS, *CUTS, *STOPS))
        counts["scanned"] += not kinds.isdisjoint(SCANS)
        counts["cut"] += not kinds.isdisjoint(CUTS)
        counts["scanned bytes"] += forecast.scanned_bytes
        for action in forecast.actions:
            if action.kind in CUTS:
                counts["bytes"] += action.size
                counts["batches"] += action.batches or 0
                counts["intact"] += action.intact or 0

    def _row(self, log_dir: LogDir, action: Action, place: _Place | None = None) -> Row:
        self._weigh(action)
        topic, partition, folder = None, None, None
        if place is not None:
            topic, partition, folder = printable(place.name.topic), place.name.partition, printable(place.folder)
        row = (
            topic, partition, folder, str(action.weight), action.kind, action.file or None, action.position,
            action.end, action.first_offset, action.last_offset, action.batches, action.intact, action.becomes,
            sentence(action), " and ".join(filter(None, (action.branch, action.versions))) or None,
        )  # fmt: skip
        return self.inputs.row(log_dir.shown_as, row)

    def _weigh(self, action: Action) -> None:
        """What only older versions do is counted apart."""
        if action.versions:
            self.branches += not action.branch
            return
        self.weights[action.weight] += 1
        if action.weight is Weight.REFUSAL and self.refused is None:
            self.refused = action

    def _verdict(self) -> Verdict:
        counts = self.counts
        parts = [
            f"{counted(counts['partitions'], 'partition')}: {counts['left alone']:,} left alone",
            f"{counts['scanned']:,} scanned ({counts['scanned bytes']:,} bytes)",
            f"{counts['cut']:,} cut" + (self._losses() if counts["cut"] else ""),
        ]
        found = findings_in_words(self.made.findings)
        ok = not (self.weights[Weight.LOSS] or self.weights[Weight.REFUSAL])
        text = "; ".join(filter(None, (self._outcome(), ", ".join(parts), found, self._assumed())))
        return Verdict(text, ok=ok, incomplete=is_incomplete(self.made.findings))

    def _outcome(self) -> str:
        if self.refused is not None:
            return "no clean start: " + sentence(self.refused)
        if self.counts["intact"]:
            return "intact records will be lost"
        return "records will be missing" if self.weights[Weight.LOSS] else "no intact record will be lost"

    def _losses(self) -> str:
        counts = self.counts
        lost = counted(counts["batches"], "batch")
        return f" ({counts['bytes']:,} bytes, {lost}, of which {counts['intact']:,} intact)"

    def _assumed(self) -> str:
        settings = "with the settings given" if self.settings.is_told else "with default settings"
        told, given = len(self.settings.log_dirs), len(self.inputs.log_dirs)
        missing = f"; log.dirs names {told}, and {given} given" if told > given else ""
        actions = counted(self.branches, "action")
        older = f"; older versions differ in {actions}, told with each" if self.branches else ""
        return f"as Kafka {self.rules.version} starts {settings}{missing}{older}"


def _stopped(directory: Directory) -> str:
    """How the broker was stopped, which decides about most of what follows."""
    if directory.was_clean:
        return "cleanly: only what lacks an index is scanned"
    return "not cleanly, or nobody knows: every log is scanned from its recovery point on"


def _home(log_dir: LogDir) -> Path:
    """The log directory that a path is, or that holds the partition given."""
    if log_dir.kind is DirKind.FILE:
        raise NotALogError(
            f"a start is about directories, and this is a file: {log_dir.shown_as}",
            location=Location(shown_path(log_dir.path)),
        )
    return log_dir.path if log_dir.kind is DirKind.BROKER else log_dir.partitions[0].path.absolute().parent
