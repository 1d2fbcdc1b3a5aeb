"""Which partitions a broker of KRaft takes for strays, by the metadata log that lies among its directories.

Source: `LogManager.isStrayKraftReplica` (3.7 and newer), `LogManager.findStrayReplicas` (before). A broker catches up
with its controllers before it decides, so what the disk says is what will be, unless they have changed their minds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..cluster_metadata import ClusterMetadata
from ..engine import Engine
from ..errors import KinspectError
from ..log_dir import open_log_dir
from ..names import printable
from .actions import Action
from .directory_names import METADATA_TOPIC, FolderName
from .identity import holds_metadata
from .versions import Rules

Cluster = Callable[[], ClusterMetadata | None]
"""Reads what the cluster says of itself, once."""

ON_CONDITION = "the controllers say the same by then"


def read_metadata(paths: Sequence[Path], engine: Engine) -> ClusterMetadata | None:
    """What the metadata log in one of some log directories says; None where there is none, or none to rely on."""
    home = next((path / f"{METADATA_TOPIC}-0" for path in paths if holds_metadata(path)), None)
    if home is None:
        return None
    try:
        read = ClusterMetadata.read(open_log_dir(home).partitions[0], engine)
    except (KinspectError, OSError):
        return None
    return read if read.is_whole else None


class Strays:
    """What a broker makes of partitions by the cluster's metadata, which is asked for only when it is needed."""

    def __init__(self, cluster: Cluster, node_id: int | None, rules: Rules) -> None:
        self._cluster = cluster
        self._node_id = node_id
        self._rules = rules

    @property
    def metadata(self) -> ClusterMetadata | None:
        """What is known of the cluster's topics; None too where nobody knows which broker this is."""
        return None if self._node_id is None else self._cluster()

    def action(self, name: FolderName, topic_id: str) -> Action | None:
        """What becomes of a partition that the metadata does not name for this broker; None of one that it does."""
        why = self._why(name, topic_id)
        if why is None:
            return None
        kind = "stray" if self._rules.makes_strays else "delete-stray"
        return Action(kind, words=f"the metadata log {why}, if {ON_CONDITION}", branch=ON_CONDITION)

    def _why(self, name: FolderName, topic_id: str) -> str | None:
        metadata, topic = self.metadata, printable(name.topic)
        if metadata is None:
            return None
        told = metadata.topic_id(topic)
        if told is None:
            return "names no such topic"
        if told != topic_id:
            return f"knows the topic by another id, {told}"
        replicas = metadata.replicas(topic, name.partition)
        if replicas is None:
            return "names no such partition of the topic"
        nodes = ", ".join(map(str, sorted(replicas)))
        return None if self._node_id in replicas else f"has it on {nodes}, and this is node {self._node_id}"
