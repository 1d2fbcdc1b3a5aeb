"""Log directories that a test makes, and what is forecast of their next start."""

from __future__ import annotations

from pathlib import Path

from inspector.engine import choose
from inspector.forecast.actions import Action
from inspector.forecast.directories import Directory, PartitionForecast, Start, start_of
from inspector.forecast.directory_names import folder_name
from inspector.forecast.settings import Settings
from inspector.forecast.versions import rules_of

NOW = 1_800_000_000_000
LOG = f"{0:020}.log"


def start(*directories: Path, version: str | None = None, settings: Settings | None = None) -> Start:
    return start_of(directories, rules_of(version), settings or Settings(), choose(), NOW)


def partition(
    directory: Path, folder: str = "made-0", version: str | None = None, settings: Settings | None = None
) -> PartitionForecast:
    """What becomes of one partition."""
    made = start(directory, version=version, settings=settings)
    name = folder_name(folder, made.rules)
    assert name is not None
    return made.partition(made.directories[0], folder, name)


def of_kind(forecast: PartitionForecast, kind: str) -> list[Action]:
    return [action for action in forecast.actions if action.kind == kind]


def kinds(forecast: PartitionForecast) -> list[str]:
    return [action.kind for action in forecast.actions]


def of_directories(*directories: Path, version: str | None = None) -> list[tuple[str, str, str]]:
    """Kind, file and words of what is decided before any partition is looked at, without the branch on strays."""
    told = start(*directories, version=version).directory_actions()
    return [(action.kind, action.file, action.words) for _, action in told if action.kind != "maybe-stray"]


def killed(directory: Path) -> Path:
    """The same directory without the marker of a clean stop."""
    (directory / ".kafka_cleanshutdown").unlink(missing_ok=True)
    return directory


def with_indexes(directory: Path) -> Path:
    """Empty indexes beside each log, as of segments too short for an entry."""
    for log in directory.glob("*/*.log"):
        log.with_suffix(".index").touch()
        log.with_suffix(".timeindex").touch()
    return directory


__all__ = ["Directory", "killed", "kinds", "of_directories", "of_kind", "partition", "start", "with_indexes"]
