"""Paths that are no log directory: what the error says, and what it advises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.errors import KinspectError, NoPartitionsError, NotALogError, PathNotFoundError
from inspector.log_dir import open_log_dir


def refusal(path: Path) -> KinspectError:
    with pytest.raises(KinspectError) as raised:
        open_log_dir(path)
    assert raised.value.incomplete
    assert (raised.value.message + raised.value.hint).isprintable()
    return raised.value


def test_a_missing_path_names_the_nearest(make) -> None:
    make.folder("kafka-logs")
    error = refusal(make.root / "kafka-log")
    assert isinstance(error, PathNotFoundError)
    assert error.message == f"no such file or directory: {make.root / 'kafka-log'}"
    assert error.hint == f"Did you mean {make.root / 'kafka-logs'}?"


def test_the_first_missing_part_is_the_one_corrected(make) -> None:
    make.folder("kafka-logs")
    assert refusal(make.root / "kafka-lgs" / "t-0" / "x.log").hint == f"Did you mean {make.root / 'kafka-logs'}?"


def test_with_nothing_near_there_is_no_hint(make) -> None:
    assert refusal(make.root / "zzz").hint == ""


def test_a_file_is_no_folder(make) -> None:
    assert isinstance(refusal(make("some.file") / "t-0"), PathNotFoundError)


@pytest.mark.parametrize("name", ["nul\0byte", "lone\ud800surrogate", "esc\x1b[2J", "a" * 5000])
def test_an_impossible_path_is_an_error_like_any_other(make, name: str) -> None:
    refusal(make.root / name)


def test_a_loop_of_links_is_an_error_like_any_other(make) -> None:
    (make.root / "loop").symlink_to("loop")
    assert refusal(make.root / "loop").message.endswith("Too many levels of symbolic links")


def test_a_pipe_or_device_is_no_log(make) -> None:
    os.mkfifo(make.root / "pipe")
    for path in (make.root / "pipe", Path("/dev/zero")):
        error = refusal(path)
        assert isinstance(error, NotALogError)
        assert error.message == f"neither a file nor a directory: {path}"


def test_an_empty_directory(make) -> None:
    error = refusal(make.root)
    assert isinstance(error, NoPartitionsError)
    assert (error.message, error.hint) == (f"no partitions found in {make.root}", "The directory is empty.")


def test_an_empty_directory_with_a_partitions_name_but_no_broker(make) -> None:
    assert isinstance(refusal(make.folder("t-0")), NoPartitionsError)


def test_a_fresh_brokers_directory_has_no_partitions(make) -> None:
    error = refusal(make.broker())
    assert isinstance(error, NoPartitionsError)


def test_any_other_directory(make) -> None:
    make("readme.txt")
    make("python-3/lib.so")
    error = refusal(make.root)
    assert isinstance(error, NoPartitionsError)
    assert error.hint.startswith("Give a directory that log.dirs in server.properties names")


@pytest.mark.parametrize(
    "name", ["server.log", "controller.log.2026-01-05-10", "state-change.log", "kafkaServer-gc.log", "log-cleaner.log"]
)
def test_the_brokers_text_logs_are_recognised(make, name: str) -> None:
    make(name, "[2026-01-05 10:00:00,000] INFO starting (kafka.server.KafkaServer)\n")
    error = refusal(make.root)
    assert isinstance(error, NotALogError)
    assert error.message == (
        "these are the broker's text logs; the data lies where log.dirs in server.properties says: " + str(make.root)
    )


def test_text_logs_beside_partitions_are_only_foreign(make) -> None:
    make("server.log")
    make.broker("t-0")
    assert [f.location.path for f in open_log_dir(make.root).findings] == ["server.log"]


def test_log_directories_one_level_below_are_named(make) -> None:
    make("disk1/meta.properties")
    make.partition("disk2/t-0")
    make.folder("other")
    (make.root / "loop").symlink_to(make.root)
    error = refusal(make.root)
    assert isinstance(error, NoPartitionsError)
    assert error.message == f"no partitions found in {make.root}"
    below = f"{make.root / 'disk1'}, {make.root / 'disk2'}"
    assert error.hint == f"There are log directories in it; give one or more of these: {below}"
