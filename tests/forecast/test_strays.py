"""Partitions that the metadata log in the same directory does not name for the broker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import FIXTURES
from tests.forecast.starts import of_kind, partition, start

STOPPED = FIXTURES / "real" / "kafka-4.3.0-stopped"
METADATA = "__cluster_metadata-0"


@pytest.fixture
def data(tmp_path):
    return Path(shutil.copytree(STOPPED, tmp_path / "data", copy_function=shutil.copyfile))


def words(data: Path, folder: str, kind: str = "stray", version: str | None = None) -> list[str]:
    return [action.words for action in of_kind(partition(data, folder, version), kind)]


def with_id(folder: Path, topic_id: str) -> None:
    (folder / "partition.metadata").write_text(f"version: 0\ntopic_id: {topic_id}\n")


def test_what_the_metadata_names_is_no_stray(data):
    folders = [one.name for one in data.iterdir() if one.is_dir() and "." not in one.name]
    assert len(folders) > 10
    assert [folder for folder in folders if words(data, folder)] == []
    assert [action.kind for _, action in start(data).directory_actions()] == []


def test_a_topic_that_the_metadata_does_not_know_is_a_stray(data):
    (data / "hello-world-1-0").rename(data / "ghost-0")
    (told,) = words(data, "ghost-0")
    assert told == "the metadata log names no such topic, if the controllers say the same by then"


def test_a_partition_beyond_those_of_its_topic_is_a_stray(data):
    (data / "hello-world-1-0").rename(data / "hello-world-1-7")
    (told,) = words(data, "hello-world-1-7")
    assert told.startswith("the metadata log names no such partition of the topic")


def test_a_topic_that_was_made_anew_has_another_id(data):
    known = (data / "hello-world-1-0" / "partition.metadata").read_text().split()[-1]
    with_id(data / "hello-world-1-0", "A" * 21 + "Q")
    (told,) = words(data, "hello-world-1-0")
    assert told.startswith(f"the metadata log knows the topic by another id, {known}")


def test_a_directory_of_another_node_holds_strays_only(data):
    properties = data / "meta.properties"
    properties.write_text(properties.read_text().replace("node.id=1", "node.id=7"))
    (told,) = words(data, "hello-world-1-0")
    assert told.startswith("the metadata log has it on 1, and this is node 7")


def test_before_3_7_strays_are_deleted(data):
    (data / "hello-world-1-0").rename(data / "ghost-0")
    assert words(data, "ghost-0", version="3.6.1") == []
    assert len(words(data, "ghost-0", "delete-stray", "3.6.1")) == 1


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_without_a_metadata_log_to_rely_on_it_is_an_open_question(data, harm):
    log = data / METADATA / f"{0:020}.log"
    if harm == "missing":
        shutil.rmtree(data / METADATA)
    else:
        log.write_bytes(b"\xff" * 200 + log.read_bytes()[200:])
    (data / "hello-world-1-0").rename(data / "ghost-0")
    assert words(data, "ghost-0") == []
    assert [action.kind for _, action in start(data).directory_actions()] == ["maybe-stray"]
