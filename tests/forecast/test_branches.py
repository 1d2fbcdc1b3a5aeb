"""What older versions would do otherwise, where nobody says which one will start."""

from __future__ import annotations

import json

import pytest

from inspector.forecast.actions import Action
from inspector.forecast.branches import Watched, branches
from inspector.forecast.versions import rules_of
from tests.forecast.starts import killed, with_indexes
from tests.reports.segments import made_partition, timed_batch

NEWER_METADATA = "version: 1\ntopic_id: abcdefghijklmnopqrstuv"


@pytest.fixture
def data(tmp_path):
    """A killed broker's directory with one partition, whose partition.metadata is of a version above 0."""
    directory = with_indexes(killed(made_partition(tmp_path / "data", timed_batch(0, [1000]))))
    (directory / "made-0" / "partition.metadata").write_text(NEWER_METADATA)
    return directory


def actions(done) -> list[tuple[str, str | None]]:
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(row["action"], row["only_if"]) for row in rows]


def test_what_older_versions_do_is_told_beside_what_the_newest_does(kinspect, data):
    done = kinspect("recovery", data, "-J")
    told = actions(done)
    assert ("go-offline", "the broker is older than 3.7") in told
    assert ("scan", None) in told
    assert done.returncode == 0
    assert "; older versions differ in 1 action, told with each" in done.stderr


def test_a_version_that_is_known_leaves_no_branch(kinspect, data):
    old = kinspect("recovery", data, "-J", "--broker-version", "3.6.2")
    assert ("go-offline", None) in actions(old) and old.returncode == 1
    new = kinspect("recovery", data, "-J", "--broker-version", "3.7")
    assert [only_if for name, only_if in actions(new) if name != "maybe-stray" and only_if] == []
    assert new.returncode == 0 and "older versions" not in new.stderr


def test_a_folder_that_older_versions_do_not_know_is_said_for_them(kinspect, data):
    (data / f"gone-0.{'0' * 32}-stray").mkdir()
    assert ("refuse", "the broker is older than 3.6.1") in actions(kinspect("recovery", data, "-J"))


def played(*asked: str) -> tuple[list[str], list[Action]]:
    """Which versions were played where these habits were asked for, and the branches."""
    watched, rules, played_by = Watched(rules_of()), rules_of(), []
    for name in asked:
        getattr(watched, name)

    def play(rules):
        played_by.append(rules.version)
        return [Action("leave"), Action("refuse", words="" if rules.forgives_unstable else "unstable")]

    found = list(branches([Action("leave"), Action("refuse")], watched, rules, play))
    return played_by, found


def test_nothing_is_played_twice_where_no_habit_that_changed_was_asked_for():
    assert played() == ([], [])
    assert played("version") == ([], [])


def test_versions_that_follow_each_other_and_do_the_same_are_told_as_one():
    by, found = played("forgives_unstable")
    assert by == ["3.6.0", "3.6.1", "3.7.0"]
    assert [(one.words, one.versions) for one in found] == [("unstable", "the broker is older than 3.8")]
