"""The cluster's metadata for the directories of an answer, each metadata log read once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from ..cluster_metadata import ClusterMetadata
from ..engine import Engine
from ..errors import KinspectError
from ..log_dir import DirKind, LogDir, open_log_dir
from ..partition import CLUSTER_METADATA, PartitionLog, State


class Clusters:
    """The metadata logs of some log directories. A directory without one takes that of another of its cluster."""

    def __init__(self, log_dirs: Sequence[LogDir], engine: Engine) -> None:
        self._log_dirs = log_dirs
        self._read = cache(partial(ClusterMetadata.read, engine=engine))

    def of(self, log_dir: LogDir) -> Callable[[], ClusterMetadata | None]:
        """What reads it."""
        return cache(partial(self._metadata, log_dir))

    def _metadata(self, log_dir: LogDir) -> ClusterMetadata | None:
        log = _own(log_dir) or next(filter(None, map(_own, self._others(log_dir))), None)
        return None if log is None else self._read(log)

    def _others(self, log_dir: LogDir) -> list[LogDir]:
        cluster = log_dir.identity.cluster_id
        return [one for one in self._log_dirs if cluster is not None and one.identity.cluster_id == cluster]


def _own(log_dir: LogDir) -> PartitionLog | None:
    """The metadata log in a directory; of a partition that was given alone, the one beside it."""
    if log_dir.kind is not DirKind.BROKER:
        return _beside(log_dir)
    logs = (log for log in log_dir.partitions if log.topic == CLUSTER_METADATA and log.state is State.LIVE)
    return next(logs, None)


def _beside(log_dir: LogDir) -> PartitionLog | None:
    if log_dir.identity.cluster_id is None:
        return None
    home = log_dir.partitions[0].path.resolve().parent / f"{CLUSTER_METADATA}-0"
    try:
        return open_log_dir(home).partitions[0] if home.is_dir() else None
    except (KinspectError, OSError):
        return None
