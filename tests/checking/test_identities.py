"""What the directories of one answer contradict each other in, as `verify` tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE
from inspector.findings import Finding
from inspector.reports.integrity import integrity
from inspector.reports.selection import Selection

from .metadata import topic, topic_id, write_log
from .rules import written


def directory(folder: Path, version: int = 1, directory_id: str = "d" * 22, topic: str = "t", number: int = 1) -> Path:
    """A log directory of node 7 with one partition."""
    written(folder / f"{topic}-0", _0=BASE.read_bytes())
    (folder / f"{topic}-0" / "partition.metadata").write_text(f"version: 0\ntopic_id: {topic_id(number)}")
    node = "broker.id" if version == 0 else "node.id"
    ids = f"{node}=7\ncluster.id={'c' * 22}\ndirectory.id={directory_id}\n"
    (folder / "meta.properties").write_text(f"version={version}\n{ids}")
    return folder


def verified(*paths: Path) -> list[Finding]:
    """All findings of an answer."""
    report = integrity(list(paths), Selection())
    for section in report.sections:
        list(section.rows)
    return list(report.findings)


def test_directories_of_one_node_that_agree_are_not_spoken_of(tmp_path: Path) -> None:
    one, other = directory(tmp_path / "a"), directory(tmp_path / "b", directory_id="e" * 22, topic="u", number=2)
    assert verified(one, other) == []


@pytest.mark.parametrize(
    ("changes", "slugs"),
    [
        ({"topic": "u"}, ["duplicate-directory-id"]),
        ({"topic": "u", "directory_id": "e" * 22, "version": 0}, ["meta-properties-versions-differ"]),
        ({"directory_id": "e" * 22}, ["partition-in-two-directories"]),
        ({"directory_id": "e" * 22, "number": 2}, ["partition-in-two-directories", "topic-under-two-ids"]),
    ],
)
def test_what_cannot_be_true_of_one_cluster_is_told(tmp_path: Path, changes: dict, slugs: list[str]) -> None:  # type: ignore[type-arg]
    one, other = directory(tmp_path / "a"), directory(tmp_path / "b", **changes)
    assert [found.slug for found in verified(one, other)] == slugs


def test_the_versions_are_named_with_the_directories(tmp_path: Path) -> None:
    one = directory(tmp_path / "a")
    other = directory(tmp_path / "b", version=0, directory_id="e" * 22, topic="u", number=2)
    (found,) = verified(one, other)
    assert (found.location.path, found.expected, found.found) == (str(other), 0, f"1 in {one}")


def test_metadata_in_one_directory_of_a_cluster_speak_of_the_others(tmp_path: Path) -> None:
    one, other = directory(tmp_path / "a"), directory(tmp_path / "b", directory_id="e" * 22, topic="u", number=2)
    write_log(one, *topic("t", replicas=(7,)), *topic("u", 5, replicas=(7,)))
    assert [(found.slug, found.expected) for found in verified(one, other)] == [
        ("topic-id-unlike-metadata", topic_id(5))
    ]
