"""What a broker asks of `meta.properties` before it looks at any log, for all its log directories together.

Sources: `MetaPropertiesEnsemble` and `KafkaRaftServer.initializeLogDirs` (3.7 and newer), `BrokerMetadataCheckpoint`
(before).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..broker_files import META_PROPERTIES
from ..errors import KinspectError, PathNotFoundError
from ..source import open_source
from ..text_files import OBJECT_LIMIT, java_properties, why_unreadable
from .actions import Action
from .directory_names import METADATA_TOPIC
from .settings import Settings
from .versions import Rules

RESERVED_IDS = ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ", "AAAAAAAAAAAAAAAAAAAAAg")
"""Directory ids with a meaning of their own: migrating, unassigned, lost."""


class Told(NamedTuple):
    """One meta.properties. unreadable: why the system gives nothing of it; found: it is there."""

    properties: Mapping[str, str]
    found: bool = True
    unreadable: str = ""

    @property
    def node_id(self) -> str | None:
        """`node.id`, or `broker.id` in version 0."""
        return self.properties.get("broker.id" if self.is_old else "node.id")

    @property
    def is_old(self) -> bool:
        """Version 0, of the ZooKeeper age."""
        return self.properties.get("version", "0").strip() == "0"

    def mistake(self) -> str:
        """What cannot be understood about it, in words; "" for nothing."""
        if self.unreadable:
            return self.unreadable
        version = self.properties.get("version", "0")
        if version not in ("0", "1"):
            return f"version {version}"
        if self.node_id is not None and not self.node_id.removeprefix("-").isdecimal():
            return "a node id that is no number"
        missing = [] if self.is_old else [key for key in ("node.id", "cluster.id") if key not in self.properties]
        return f"{missing[0]} is missing" if missing else ""


def read_meta_properties(directory: Path) -> Told:
    """What the file of a log directory says."""
    try:
        with open_source(directory / META_PROPERTIES) as source:
            return Told(java_properties(source.read_at(0, min(source.size, OBJECT_LIMIT))))
    except PathNotFoundError:
        return Told({}, found=False)
    except KinspectError as error:
        return Told({}, unreadable=why_unreadable(error))


def is_kraft(directories: Sequence[Path], told: Sequence[Told], settings: Settings, rules: Rules) -> bool:
    """Whether the broker starts without ZooKeeper, as far as version, configuration or the disk tell."""
    if not rules.zookeeper:
        return True
    if settings.is_kraft is not None:
        return settings.is_kraft
    return any(not one.is_old for one in told) or any(map(holds_metadata, directories))


def holds_metadata(directory: Path) -> bool:
    """Whether the metadata log lies in a log directory."""
    return (directory / f"{METADATA_TOPIC}-0").is_dir()


def check_identities(
    directories: Sequence[Path], told: Sequence[Told], settings: Settings, rules: Rules, kraft: bool
) -> Iterator[tuple[int, Action]]:
    """What meta.properties alone decides, each with the number of the directory it is about."""
    mistaken = {number: one.mistake() for number, one in enumerate(told) if one.mistake()}
    for number, why in mistaken.items():
        yield number, _of_mistaken(directories[number], told[number], why, rules, kraft)
    good = [number for number in range(len(told)) if number not in mistaken and told[number].found]
    for number, one in enumerate(told):
        if not one.found and kraft:
            yield number, _refuse("it is missing, and a broker without ZooKeeper needs it in each log directory")
    if not good and kraft and rules.makes_strays:
        yield 0, _refuse("no log directory has one that can be read")
    yield from _disagreements(good, told, settings)
    if rules.makes_strays:
        yield from _directory_ids(good, told)


def _refuse(words: str) -> Action:
    return Action("refuse", META_PROPERTIES, words=words)


def _of_mistaken(directory: Path, told: Told, why: str, rules: Rules, kraft: bool) -> Action:
    survives = rules.makes_strays or bool(told.unreadable)
    if survives and not (kraft and holds_metadata(directory)):
        return Action("go-offline", META_PROPERTIES, words=why)
    return _refuse(why)


def _disagreements(good: list[int], told: Sequence[Told], settings: Settings) -> Iterator[tuple[int, Action]]:
    node = None if settings.node_id is None or settings.node_id < 0 else str(settings.node_id)
    cluster: str | None = None
    for number in good:
        one = told[number]
        own_cluster, own_node = one.properties.get("cluster.id"), one.node_id
        if own_cluster is not None and cluster is not None and own_cluster != cluster:
            yield number, _refuse(f"cluster id {own_cluster}, and {cluster} elsewhere")
        if own_node is not None and node is not None and own_node != node:
            yield number, _refuse(f"node id {own_node}, and {node} elsewhere")
        cluster, node = cluster or own_cluster, node or own_node


def _directory_ids(good: list[int], told: Sequence[Told]) -> Iterator[tuple[int, Action]]:
    seen: set[str] = set()
    for number in good:
        own = told[number].properties.get("directory.id")
        if own in RESERVED_IDS:
            yield number, _refuse(f"directory id {own}, which is reserved")
        elif own is not None and own in seen:
            yield number, _refuse(f"directory id {own}, which another log directory has too")
        if own is not None:
            seen.add(own)
