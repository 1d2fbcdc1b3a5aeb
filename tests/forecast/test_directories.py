"""What a start decides before it looks at any log, and what it does with folders by their names."""

from __future__ import annotations

import pytest

from inspector.forecast.directory_names import folder_name
from inspector.forecast.settings import SettingsError, read_settings
from inspector.forecast.versions import UnknownVersionError, rules_of
from tests.forecast.starts import kinds, of_directories, partition, with_indexes
from tests.reports.segments import made_partition, timed_batch

BATCH = timed_batch(0, [1000])
UUID = "9" * 32


@pytest.fixture
def data(tmp_path):
    return with_indexes(made_partition(tmp_path / "data", BATCH))


@pytest.fixture
def other(tmp_path):
    made = with_indexes(made_partition(tmp_path / "other", BATCH))
    (made / "made-0").rename(made / "made-1")
    return made


def test_two_good_directories_are_nothing_to_tell_of(data, other):
    assert of_directories(data, other) == []


def test_a_folder_that_is_no_partition_stops_the_broker(data):
    (data / "lost+found").mkdir()
    (data / "remote-log-index-cache").mkdir()
    assert of_directories(data) == [("refuse", "lost+found", "a folder that is no partition")]


def test_the_same_partition_twice_stops_the_broker(data, other):
    (other / "made-0").mkdir()
    (other / f"made-1.{UUID}-delete").mkdir()
    assert of_directories(data, other) == [("refuse", "made-0", "the same partition is in data/made-0")]


def test_another_cluster_stops_the_broker(data, other):
    (other / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=else\n")
    assert of_directories(data, other) == [("refuse", "meta.properties", "cluster id else, and made elsewhere")]


def test_a_directory_id_twice_stops_the_broker_that_knows_them(data, other):
    for each in (data, other):
        (each / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=made\ndirectory.id=abc\n")
    words = "directory id abc, which another log directory has too"
    assert of_directories(data, other) == [("refuse", "meta.properties", words)]
    assert of_directories(data, other, version="3.6") == []


def test_a_meta_properties_of_another_version_takes_one_of_two_offline(data, other):
    (other / "meta.properties").write_text("version=9\n")
    assert of_directories(data, other) == [("go-offline", "meta.properties", "version 9")]
    assert of_directories(data, other, version="3.6")[0][0] == "refuse"


def test_a_missing_meta_properties_stops_a_broker_of_kraft(data, other):
    (other / "meta.properties").unlink()
    assert [kind for kind, *_ in of_directories(data, other)] == ["refuse"]


def test_a_checkpoint_that_cannot_be_read_is_ignored_and_takes_the_directory_offline(data):
    (data / "recovery-point-offset-checkpoint").write_text("7\n0\n")
    assert [kind for kind, *_ in of_directories(data)] == ["ignore-checkpoint", "go-offline"]


def test_a_checkpoint_with_a_word_for_a_number_is_only_ignored(data):
    (data / "recovery-point-offset-checkpoint").write_text("0\n1\nmade 0 x\n")
    told = of_directories(data)
    assert told == [
        ("ignore-checkpoint", "recovery-point-offset-checkpoint", "a field that is no number: every segment is scanned")
    ]


@pytest.mark.parametrize(
    ("suffix", "last"), [("delete", "delete-directory"), ("future", "keep-future"), ("stray", "keep-stray")]
)
def test_a_suffix_decides_what_becomes_of_a_partition(data, suffix, last):
    name = f"made-0.{UUID}-{suffix}"
    (data / "made-0").rename(data / name)
    assert last in kinds(partition(data, name))


def test_a_future_copy_that_is_shorter_than_what_is_replicated_is_nothing_to_tell_of(data):
    name = f"made-0.{UUID}-future"
    (data / "made-0").rename(data / name)
    (data / "replication-offset-checkpoint").write_text("0\n1\nmade 0 9\n")
    assert "end-short" not in kinds(partition(data, name))


def test_an_end_before_what_was_replicated_is_a_loss(data):
    (data / "replication-offset-checkpoint").write_text("0\n1\nmade 0 9\n")
    (short,) = [action for action in partition(data).actions if action.kind == "end-short"]
    assert (short.first_offset, short.last_offset, str(short.weight)) == (1, 8, "loss")


@pytest.mark.parametrize(
    ("name", "version", "known"),
    [
        ("a-0", "4.3", True),
        ("a.b-c-12", "4.3", True),
        ("a-x", "4.3", False),
        ("-0", "4.3", False),
        ("a-", "4.3", False),
        ("nodash", "4.3", False),
        (f"a-0.{UUID}-stray", "3.6.0", False),
        (f"a-0.{UUID}-stray", "3.6.1", True),
        ("x-delete", "4.3", False),
        ("x-delete-0", "4.3", True),
    ],
)
def test_names_of_folders(name, version, known):
    assert (folder_name(name, rules_of(version)) is not None) == known


@pytest.mark.parametrize("version", ["3.5", "4.4", "5.0", "four", "4", "4.0.0.1"])
def test_other_versions_are_not_forecast(version):
    with pytest.raises(UnknownVersionError, match=r"known are 3\.6 to 4\.3|not a version"):
        rules_of(version)


def test_settings_are_read(tmp_path):
    file = tmp_path / "server.properties"
    file.write_text("log.index.size.max.bytes=8192\nlog.dirs=/a, /b\nprocess.roles=broker\nnode.id=3\n")
    found = read_settings(file)
    assert (found.index_bytes, found.log_dirs, found.is_kraft, found.node_id) == (8192, ("/a", "/b"), True, 3)
    file.write_text("log.index.size.max.bytes=big\n")
    with pytest.raises(SettingsError, match=r"log\.index\.size\.max\.bytes is no number"):
        read_settings(file)
