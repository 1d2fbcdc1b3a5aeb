"""Every acknowledged record is where its acknowledgement said, and nothing else lies beside it.

Where a topic's records were removed on purpose, the table below says by what rule, and the rule is all that is granted.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from inspector.partition import INTERNAL_TOPICS

Line = dict[str, Any]
Place = tuple[str, int, int]


LABS = "hello-world-"  # written by kafka-python, which keeps no list of acknowledgements here


def digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()[:16]


def partition_of(line: Line) -> tuple[str, int]:
    return line["topic"], line["partition"]


def place_of(line: Line) -> Place:
    return line["topic"], line["partition"], line["offset"]


def as_acked(record: Line, ack: Line) -> Line:
    """A record that kinspect shows, in the words of its acknowledgement."""
    return {
        "timestamp": record["timestamp"] if times_are_comparable(record, ack) else ack["timestamp"],
        "key": digest(record["key"]),
        "value": digest(record["value"]),
        "headers": [[name.decode(), digest(value)] for name, value in record["headers"]],
        "transaction": record["transaction"],
    }


def times_are_comparable(record: Line, ack: Line) -> bool:
    """Producers before 0.10 knew of no times, and format 0 keeps none whatever the producer sent."""
    return ack["timestamp"] != -1 and record["magic"] != 0


def told(ack: Line) -> Line:
    return {name: ack[name] for name in ("timestamp", "key", "value", "headers", "transaction")}


# ---- What may be missing


def before_the_log_start(ack: Line, scene) -> bool:
    """Retention and deleteRecords remove from the front, up to where the broker says the log starts now."""
    partition = scene.broker["topics"][ack["topic"]]["partitions"][str(ack["partition"])]
    return ack["offset"] < partition["earliest"]


def compacted_away(ack: Line, scene) -> bool:
    """The cleaner drops what a later record of the same key replaces, what was aborted, what has no key, tombstones."""
    if ack["key"] is None or ack["value"] is None or ack["transaction"] == "aborted":
        return True
    later = (each for each in scene.acks if each["offset"] > ack["offset"] and partition_of(each) == partition_of(ack))
    return any(each["key"] == ack["key"] and each["transaction"] != "aborted" for each in later)


MAY_BE_MISSING: dict[str, Callable[[Line, Any], bool]] = {
    "retained-by-time": before_the_log_start,
    "retained-by-size": before_the_log_start,
    "trimmed-far": before_the_log_start,
    "trimmed": before_the_log_start,
    "compacted": compacted_away,
    "emptied": compacted_away,
    "compacted-v0": compacted_away,
    "compacted-v1": compacted_away,
}


def cut_as_on_disk(topic: str, scene) -> str:
    """The folder of a deleted topic has no room for the longest names: only their beginning is on the disk."""
    if topic in scene.broker["topics"]:
        return topic
    cut = (log.topic for log_dir in scene.log_dirs for log in log_dir.partitions if log.name.topic_may_be_cut)
    return next((name for name in cut if topic.startswith(name)), topic)


def test_every_acknowledged_record_is_where_it_was_acknowledged(scene):
    found = defaultdict(list)
    for record in scene.records:
        found[place_of(record)].append(record)
    wrong = []
    for ack in scene.acks:
        here = found[cut_as_on_disk(ack["topic"], scene), ack["partition"], ack["offset"]]
        may_be_missing = MAY_BE_MISSING.get(ack["topic"])
        excused = not here and may_be_missing is not None and may_be_missing(ack, scene)
        if not excused and (not here or any(as_acked(each, ack) != told(ack) for each in here)):
            wrong.append((ack, here))
    assert wrong == []


def test_nothing_on_the_disk_was_not_acknowledged(scene):
    acked = {(cut_as_on_disk(ack["topic"], scene), ack["partition"], ack["offset"]) for ack in scene.acks}
    data = (
        record
        for record in scene.records
        if not (record["is_control"] or record["topic"] in INTERNAL_TOPICS or record["topic"].startswith(LABS))
    )
    assert {place_of(record) for record in data} - acked == set()


def test_something_was_acknowledged(scene):
    assert len(scene.acks) > 20
