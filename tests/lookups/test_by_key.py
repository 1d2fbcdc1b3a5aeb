"""Keys: no index helps; where they belong by their hash, and where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.engine import choose
from inspector.log_dir import open_log_dir
from inspector.lookups.by_key import KeyLookup, counts_that_place, lookup_key, rules_that_place
from inspector.lookups.key_story import key_steps
from inspector.report import Progress
from tests.conftest import FIXTURES

pytestmark = pytest.mark.usefixtures("each_engine")


def looked_up(directory: Path, topic: str, key: bytes) -> KeyLookup:
    log_dir = open_log_dir(directory)
    count = log_dir.partition_count(topic).at_least
    return lookup_key(key, topic, log_dir.partitions_of([topic]), count, choose(), Progress())


def test_a_key_lies_where_its_hash_says() -> None:
    found = looked_up(FIXTURES / "real" / "kafka-3.6.0-stopped", "hello-world-2", b"foo")
    assert found.default == 2
    assert [(one.number, one.count) for one in found.partitions] == [(0, 0), (1, 0), (2, 2)]
    (holder,) = found.holders
    assert holder.first is not None and holder.last is not None
    assert (holder.first.record.offset, holder.last.record.offset) == (0, 1)


def test_369_modulo_3_is_0_and_so_is_its_hash() -> None:
    found = looked_up(FIXTURES / "real" / "kafka-3.6.0-stopped", "hello-world-4", b"369")
    assert found.default == 369 % 3 == 0
    told = " ".join(step.what for step in key_steps(found, (), of_all=True))
    assert 'murmur2("369") = 572269902, 572269902 % 3 = 0' in told


def test_the_same_key_moved_when_a_partition_was_added() -> None:
    found = looked_up(FIXTURES / "real" / "kafka-4.3.0-placed", "orders", b"order-1074")
    assert [one.number for one in found.holders] == [1, 3]
    assert found.default == 3
    assert counts_that_place(b"order-1074", 1, 4) == [2, 3]
    told = [step.what for step in key_steps(found, (), of_all=True)]
    assert any(what.startswith("the key moved: it lies in partitions 1, 3") for what in told)


def test_another_client_explains_another_partition() -> None:
    names = {rule.name for rule in rules_that_place(b"order-1074", 1, 4)}
    assert "librdkafka" in names and "java" not in names


def test_all_bytes_of_all_batches_are_counted() -> None:
    found = looked_up(FIXTURES / "real" / "kafka-4.3.0-rich", "many", b"nowhere")
    assert found.holders == ()
    assert [one.bytes_passed for one in found.partitions] == [71_879]


def test_a_tombstone_is_told_and_markers_have_no_keys() -> None:
    compacted = looked_up(FIXTURES / "real" / "kafka-3.6.0-stopped", "compacted", b"banana")
    told = [step.what for step in key_steps(compacted, (), of_all=True)]
    assert any("a tombstone" in what for what in told)
    marker = looked_up(FIXTURES / "real" / "kafka-3.6.0-stopped", "transactions", b"\0\0\0\1")
    assert marker.holders == ()
