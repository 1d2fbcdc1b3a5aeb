"""What the broker said of itself just before it ended, against what kinspect finds on its disk."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from inspector.broker_files import Shutdown
from inspector.files.producer_snapshot import ProducerState, read_producer_snapshot
from inspector.location import Location
from inspector.partition import INTERNAL_TOPICS
from inspector.source import open_source

Line = dict[str, Any]

METADATA = "__cluster_metadata"  # the controller's, which the Admin client does not count among the topics


def said_of(scene, line: Line) -> Line:
    """What the broker said of a partition."""
    said: Line = scene.broker["topics"][line["topic"]]["partitions"][str(line["partition"])]
    return said


def of_users(scene) -> list[Line]:
    """Live partitions of topics to which nothing was written between the questions and the end."""
    return [line for line in scene.partitions if line["topic"] not in INTERNAL_TOPICS]


def test_every_topic_the_broker_knows_is_there_and_no_other(scene):
    found = {(line["topic"], line["topic_id"]) for line in scene.partitions if line["topic"] != METADATA}
    assert found == {(name, said["topic_id"]) for name, said in scene.broker["topics"].items()}


def test_the_cluster_and_the_nodes_are_who_they_said(scene):
    identities = [log_dir.identity for log_dir in scene.log_dirs]
    assert {identity.cluster_id for identity in identities} == {scene.broker["cluster_id"]}
    assert {int(identity.node_id) for identity in identities} == set(scene.broker["nodes"])


def test_logs_start_and_end_where_the_broker_said(scene):
    for line in of_users(scene):
        said = said_of(scene, line)
        ours = (line["log_start_offset"], line["log_end_offset"])
        assert ours == (said["earliest"], said["latest"]), line


def test_sizes_are_what_the_broker_counted(scene):
    """The broker counts what it wrote, which is less than a preallocated file."""
    said = defaultdict(set)
    for folders in scene.broker["log_dirs"].values():
        for replica in (replica for folder in folders.values() for replica in folder if not replica["is_future"]):
            said[replica["topic"], replica["partition"]].add(replica["size"])
    written: dict[tuple[str, int], int] = defaultdict(int)
    for batch in scene.batches:
        written[batch["topic"], batch["partition"]] += batch["batch_bytes"]
    for line in of_users(scene):
        place = line["topic"], line["partition"]
        assert (written[place] if place == ("preallocated", 0) else line["bytes"]) in said[place], line


def test_the_greatest_timestamp_is_the_one_the_broker_gives(scene):
    greatest: dict[tuple[str, int], int] = defaultdict(lambda: -1)
    for record in (record for record in scene.records if record["topic"] not in INTERNAL_TOPICS):
        place = record["topic"], record["partition"]
        greatest[place] = max(greatest[place], record["timestamp"])
    for line in of_users(scene):
        said = said_of(scene, line)["max_timestamp"]
        if said is not None:
            assert greatest[line["topic"], line["partition"]] == said["timestamp"], line


def test_the_last_stable_offset_is_where_the_first_open_transaction_begins(scene):
    open_from: dict[tuple[str, int], int] = {}
    for record in scene.records:
        if record["transaction"] == "open":
            open_from.setdefault((record["topic"], record["partition"]), record["offset"])
    for line in of_users(scene):
        said = said_of(scene, line)
        assert open_from.get((line["topic"], line["partition"]), line["log_end_offset"]) == said["last_stable"], line


def test_open_transactions_are_those_the_coordinator_calls_ongoing(scene):
    ongoing = {name for name, said in (scene.broker["transactions"] or {}).items() if said["state"] == "Ongoing"}
    assert {ack["transactional_id"] for ack in scene.acks if ack["transaction"] == "open"} == ongoing


def test_producers_are_at_the_sequence_the_broker_remembers(scene):
    """Also where the cleaner left nothing of their last batch but its header."""
    last: dict[tuple[str, int, int], Line] = {}
    for batch in sorted(scene.batches, key=lambda batch: batch["last_offset"]):
        if not batch["is_control"]:
            last[batch["topic"], batch["partition"], batch["producer_id"]] = batch
    compared = 0
    for line in of_users(scene):
        for said in said_of(scene, line)["producers"] or []:
            batch = last.get((line["topic"], line["partition"], said["producer_id"]))
            if batch is not None and said["last_sequence"] != -1:
                compared += 1
                ours = (batch["producer_epoch"], batch["last_sequence"])
                assert ours == (said["producer_epoch"], said["last_sequence"]), (line["topic"], said)
    assert compared or not any(batch["producer_id"] != -1 for batch in scene.batches)


def test_snapshots_of_producers_are_what_the_leader_remembered(scene):
    """A clean stop writes the state at the end of the log to a `.snapshot`; a killed broker had no time to.

    A follower may know less: whoever starts forgets producers that were silent for a day, by their own clocks.
    """
    compared = 0
    for log_dir in (log_dir for log_dir in scene.log_dirs if log_dir.shutdown is Shutdown.CLEAN):
        for line in (line for line in of_users(scene) if line["log_dir"] == log_dir.path.name):
            said = said_of(scene, line)
            path = log_dir.path / f"{line['topic']}-{line['partition']}" / f"{line['log_end_offset']:020}.snapshot"
            if said["leader"] == int(log_dir.identity.node_id) and path.exists():
                compared += 1
                assert by_id(in_the_admins_words(path)) == by_id(said["producers"]), path
    assert compared or all(log_dir.shutdown is not Shutdown.CLEAN for log_dir in scene.log_dirs)


def in_the_admins_words(snapshot: Path) -> list[Line]:
    with open_source(snapshot) as source:
        return [as_the_admin_says(state) for state in read_producer_snapshot(source, Location(snapshot.name), [])]


def by_id(producers: list[Line]) -> list[Line]:
    return sorted(producers, key=lambda producer: producer["producer_id"])


def as_the_admin_says(state: ProducerState) -> Line:
    return {
        "producer_id": state.producer_id,
        "producer_epoch": state.producer_epoch,
        "last_sequence": -1 if state.last_sequence is None else state.last_sequence,
        "last_timestamp": state.timestamp,
        "coordinator_epoch": state.coordinator_epoch,
        "current_transaction_start_offset": state.current_txn_first_offset,
    }


def test_the_metadata_log_reaches_what_the_quorum_had_agreed_on(scene):
    quorum = scene.broker["metadata_quorum"]
    ends = [line["log_end_offset"] for line in scene.partitions if line["topic"] == METADATA]
    assert (quorum is None) == (not ends)
    assert all(end >= quorum["high_watermark"] > 0 for end in ends)
