"""Partitioners from outside: in each form in which people write them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from inspector.partitioners import OwnPartitioner, find, own

RULES = """
def three(key, everything, available):
    return int(key) % len(everything)

def two(key, count):
    return len(key or b"") % count

class OfKafkaPython:
    def partition(self, topic, key, serialized_key, value, serialized_value, cluster):
        if topic not in cluster.topics():
            raise ValueError(topic)
        places = sorted(cluster.partitions_for_topic(topic))
        assert cluster.available_partitions_for_topic(topic) == set(places)
        return places[len(serialized_value) % len(places)]

class Plain:
    def partition(self, key, count):
        return count - 1

class Nested:
    three = staticmethod(three)

def beyond(key, count):
    return count

def text(key, count):
    return "0"

def undecided(key, count):
    return None

def one(key):
    return 0

number = 5
"""


@pytest.fixture(autouse=True)
def _rules_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_rules.py").write_text(RULES)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "placed"), [("three", 1), ("two", 0), ("Plain", 2), ("Nested.three", 1), ("undecided", None)]
)
def test_functions_and_classes_of_the_forms_that_people_write(name: str, placed: int | None) -> None:
    rule = find(f"own_rules:{name}")
    assert (rule.partition(b"301", 3), rule.name) == (placed, f"own_rules:{name}")
    assert rule.explain(b"301", "301", 3) == f'own_rules:{name}("301", 3) = {placed}'


def test_kafka_pythons_form_sees_topic_and_value() -> None:
    rule = own.load("own_rules:OfKafkaPython")
    assert rule.place("orders", b"key", b"12345", 3) == 2
    assert rule.failures == 0


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("three", b"not a number", "ValueError: invalid literal"),
        ("beyond", b"key", "it gave 3 of 3 partitions"),
        ("text", b"key", "it gave '0' of 3 partitions"),
    ],
)
def test_a_rule_that_fails_decides_nothing_and_says_why(name: str, key: bytes, why: str) -> None:
    rule = own.load(f"own_rules:{name}")
    assert [rule.partition(key, 3), rule.partition(key, 3)] == [None, None]
    assert rule.failures == 2
    assert rule.why.startswith(why)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("own_rules:nothing", "AttributeError"),
        ("no_such_module:rule", "ModuleNotFoundError"),
        ("own_rules:one", "TypeError: it takes 1 arguments; 2, 3, 6 are understood"),
        ("own_rules:number", "TypeError: it is neither a function nor a class"),
    ],
)
def test_what_is_no_partitioner_is_said(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=rf"the partitioner '{name}' cannot be loaded: {why}"):
        find(name)


def test_the_partitioner_of_kafka_python_itself_is_understood() -> None:
    pytest.importorskip("kafka.partitioner")
    rule = find("kafka.partitioner:DefaultPartitioner")
    assert [rule.partition(key, 3) for key in (b"foo", b"ping", b"pong")] == [2, 0, 2]


def test_partitioners_of_other_packages_are_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"by-length": EntryPoint("by-length", "own_rules:two", own.GROUP)}
    monkeypatch.setattr(own, "entry_points", lambda: points)
    monkeypatch.syspath_prepend(str(Path.cwd()))
    rule = find("by-length")
    assert isinstance(rule, OwnPartitioner)
    assert (rule.name, rule.partition(b"four", 3)) == ("by-length", 1)
