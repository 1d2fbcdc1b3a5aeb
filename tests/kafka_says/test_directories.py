"""What the names of topics and folders, the copies of a log and the age of its messages come to on a real disk."""

from __future__ import annotations

from itertools import groupby

import pytest

from inspector.engine import ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import batches_of
from inspector.files.index_files import read_offset_index
from inspector.findings import Severity
from inspector.location import Location
from inspector.log_dir import open_log_dir
from inspector.partition import State
from inspector.reports.integrity import integrity
from inspector.segment import Role, Segment
from inspector.source import open_source
from tests.kafka_says.conftest import EVERY_TOPIC, REAL, Scene

DIRECTORIES = sorted(path.name for path in REAL.iterdir() if path.is_dir() and path.suffix != ".kafka-says")
RICH = ("kafka-3.6.0-rich", "kafka-4.3.0-rich")
REPLICAS = ("kafka-3.6.0-replicas", "kafka-4.3.0-replicas")
ODD_NAMES = {".dot", "-dash", "a.b-c-12", "under_score", "CamelCase", "x-delete", "y.z-future", "-1", "0-0", "..."}


@pytest.mark.parametrize("name", DIRECTORIES)
def test_nothing_is_wrong_with_what_a_healthy_broker_wrote(name):
    log_dir = open_log_dir(REAL / name)
    assert log_dir.findings == ()
    report = integrity([log_dir.path], EVERY_TOPIC)
    for section in report.sections:
        list(section.rows)
    assert {finding.severity for finding in report.findings} <= {Severity.INFO}
    found = {finding.slug for finding in report.findings}
    assert ("zeroed-tail" in found) is (name == "kafka-4.3.0-folders-2")
    assert found <= {"zeroed-tail", "offsets-without-records", "open-transaction"}


@pytest.mark.parametrize("name", (*RICH, "kafka-3.6.0-kraft"))
def test_odd_names_are_topics_with_a_partition_0(name):
    live = [log for log in open_log_dir(REAL / name).partitions if log.state is State.LIVE]
    assert {log.topic for log in live if log.partition == 0} >= ODD_NAMES
    assert [len(log.topic or "") for log in live if (log.topic or "").startswith("long-")] == [249]


@pytest.mark.parametrize("name", RICH)
def test_a_deleted_topic_of_the_longest_name_is_known_by_its_beginning(name):
    deleted = [log for log in open_log_dir(REAL / name).partitions if log.state is State.DELETE]
    assert {(log.topic or "").partition(".")[0]: log.name.topic_may_be_cut for log in deleted} == {
        "removed": False,
        "gone": True,
    }
    assert all(len(log.path.name) == 255 for log in deleted if log.name.topic_may_be_cut)


def folders_in_transit(scene: str) -> dict[str | None, State]:
    """The topics of folders that are not in force, in any directory of the scene."""
    logs = (log for path in Scene(scene).directories for log in open_log_dir(path).partitions)
    return {log.topic: log.state for log in logs if log.state is not State.LIVE}


def test_a_move_half_way_and_a_stray_are_what_their_names_say():
    assert folders_in_transit("kafka-4.3.0-folders") == {"moving": State.FUTURE}
    assert folders_in_transit("kafka-4.3.0-replicas") == {"forsaken": State.STRAY}
    assert folders_in_transit("kafka-3.6.0-replicas") == {"forsaken": State.DELETE}


def test_the_copy_of_a_partition_that_moves_is_a_beginning_of_it():
    (live,) = REAL.glob("kafka-4.3.0-folders-?/moving-0/*.log")
    (future,) = REAL.glob("kafka-4.3.0-folders-?/moving-0.*-future/*.log")
    assert live.parents[1] != future.parents[1]
    assert 0 < future.stat().st_size < live.stat().st_size
    assert live.read_bytes().startswith(future.read_bytes())


# ---- Replicas


def whole_log(directory, partition: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((directory / partition).glob("*.log")))


@pytest.mark.parametrize("partition", ("replicated-0", "replicated-1"))
@pytest.mark.parametrize("name", REPLICAS)
def test_replicas_hold_the_same_bytes(name, partition):
    one, other = (whole_log(path, partition) for path in Scene(name).directories)
    assert one == other != b""


def entries_behind_their_batch(name: str) -> int:
    """How many entries of the replicas' offset indexes name an offset behind the batch that they point to."""
    count = 0
    for log in (log for path in Scene(name).directories for log in open_log_dir(path).partitions):
        for segment in log.segments if log.topic == "replicated" else ():
            ends = last_offsets(segment)
            with open_source(segment.siblings[Role.OFFSET_INDEX]) as source:
                entries = list(read_offset_index(source, segment.base_offset, Location("index"), []))
            assert all(entry.position in ends for entry in entries)
            count += sum(entry.offset > ends[entry.position] for entry in entries)
    return count


def last_offsets(segment: Segment) -> dict[int, int]:
    """The last offset of each batch, by its position."""
    with open_source(segment.path) as source:
        request = ScanRequest(base_offset=segment.base_offset)
        chunks = SpecEngine().scan(source, request, Location("log"))
        return {batch.position: batch.last_offset for chunk in chunks for batch in batches_of(chunk)}


def test_a_follower_of_old_indexes_an_append_and_one_of_now_a_batch():
    """Up to 3.9 an entry ends where the append ended, and a follower appends many batches at once."""
    assert entries_behind_their_batch("kafka-3.6.0-replicas") > 0
    assert entries_behind_their_batch("kafka-4.3.0-replicas") == 0


# ---- Ten years


def test_one_segment_holds_what_seven_releases_wrote():
    batches = [batch for batch in Scene("kafka-upgraded").batches if batch["topic"] == "aged"]
    assert {batch["segment"] for batch in batches} == {f"{0:020}.log"}
    assert [magic for magic, _ in groupby(batch["magic"] for batch in batches)] == [0, 1, 2]
    codecs = {(batch["magic"], batch["compression"]) for batch in batches}
    assert codecs == {(magic, codec) for magic in (0, 1, 2) for codec in ("none", "gzip", "snappy", "lz4")}


@pytest.mark.parametrize("topic", ("compacted-v0", "compacted-v1"))
def test_the_cleaner_leaves_gaps_in_compressed_sets(topic):
    """A set is packed anew with what is left, and its records keep their offsets."""
    batches = [batch for batch in Scene("kafka-3.6.0-old-clients").batches if batch["topic"] == topic]
    sets = [batch for batch in batches if batch["compression"] != "none"]
    assert any(batch["records_count"] < batch["last_offset"] % 3 + 1 for batch in sets)
