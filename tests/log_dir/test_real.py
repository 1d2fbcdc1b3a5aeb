"""The bundled directories of real brokers, as the reading of names and text files finds them."""

from __future__ import annotations

import pytest

from inspector.broker_files import Shutdown
from inspector.log_dir import DirKind, open_log_dir
from inspector.partition import State
from inspector.segment import Role

STOPPED = ("kafka-3.6.0-stopped", "kafka-4.3.0-stopped", "kafka-3.6.0-old-formats")
KILLED = ("kafka-3.6.0-killed", "kafka-4.3.0-killed")
WORKLOADS = ("kafka-3.6.0-stopped", "kafka-3.6.0-killed", "kafka-4.3.0-stopped", "kafka-4.3.0-killed")


@pytest.mark.parametrize("name", STOPPED + KILLED)
def test_a_real_directory_holds_nothing_odd(real_dirs, name: str) -> None:
    log_dir = open_log_dir(real_dirs[name])
    assert log_dir.kind is DirKind.BROKER
    assert log_dir.shutdown is (Shutdown.CLEAN if name in STOPPED else Shutdown.UNCLEAN)
    assert log_dir.findings == ()
    assert log_dir.identity.version == (1 if "4.3" in name else 0)
    assert log_dir.identity.node_id is not None and len(log_dir.identity.cluster_id or "") == 22
    for log in log_dir.partitions:
        assert log.findings == (), log.shown_as
        assert len(log.topic_id or "") == 22, log.shown_as
        assert log.segments and {Role.OFFSET_INDEX, Role.TIME_INDEX} <= set(log.segments[0].siblings)


@pytest.mark.parametrize("name", STOPPED)
def test_after_a_clean_stop_all_is_flushed_and_checkpointed(real_dirs, name: str) -> None:
    for log in open_log_dir(real_dirs[name]).partitions:
        if log.state is State.LIVE and log.topic != "__cluster_metadata":
            assert log.high_watermark is not None and log.high_watermark == log.recovery_point
            assert log.high_watermark_source == "checkpointed"
        assert not any(segment.may_be_torn for segment in log.segments)


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_broker_never_claims_a_high_watermark_of_0_over_records(real_dirs, name: str) -> None:
    for log in open_log_dir(real_dirs[name]).partitions:
        assert log.high_watermark != 0 or all(segment.size == 0 for segment in log.segments)
        assert [segment.may_be_torn for segment in log.segments] == [segment.is_last for segment in log.segments]


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_labs_have_three_partitions_each(real_dirs, name: str) -> None:
    log_dir = open_log_dir(real_dirs[name])
    labs = log_dir.topics(["hello-world-*"])
    assert labs == [f"hello-world-{number}" for number in range(1, 6)]
    assert {tuple(log_dir.partition_count(lab)) for lab in labs} == {(3, 3)}


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_trimmed_a_rolled_and_a_removed_partition(real_dirs, name: str) -> None:
    logs = {(log.topic, log.partition): log for log in open_log_dir(real_dirs[name]).partitions}
    trimmed, indexed, removed = logs["trimmed", 0], logs["indexed", 0], logs["removed", 0]
    assert (trimmed.log_start_offset, trimmed.segments[0].base_offset) == (5, 0)
    assert [segment.base_offset for segment in indexed.segments] == [0, 48, 96]
    assert (removed.state, removed.high_watermark_source) == (State.DELETE, "not checkpointed")
    leftovers = {other.name.pending for other in logs["compacted", 0].other_files if other.name.role is Role.LOG}
    assert leftovers == {"deleted"}


def test_kraft_metadata_is_a_partition_with_snapshots_beside(real_dirs) -> None:
    metadata = open_log_dir(real_dirs["kafka-4.3.0-stopped"]).partitions[0]
    assert (metadata.topic, metadata.topic_id) == ("__cluster_metadata", "AAAAAAAAAAAAAAAAAAAAAQ")
    roles = {other.name.role for other in metadata.other_files}
    assert {Role.KRAFT_SNAPSHOT, Role.QUORUM_STATE, Role.LEADER_EPOCHS} <= roles
    assert open_log_dir(real_dirs["kafka-4.3.0-stopped"]).broker.clean_broker_epoch is not None
