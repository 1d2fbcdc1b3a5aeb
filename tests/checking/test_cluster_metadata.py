"""What the cluster's metadata log tells of topics: ids, replicas, cleanup policies; and what follows for gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, split
from inspector.cluster_metadata import CONFIG, ClusterMetadata, Policy
from inspector.engine import choose
from inspector.log_dir import open_log_dir

from .metadata import Told, batch, policy, removed, topic, topic_id, write_log
from .rules import checkpoint, found_in, written

COMPACT, DELETE = frozenset(("compact",)), frozenset(("delete",))
BATCHES = split(BASE.read_bytes())

pytestmark = pytest.mark.usefixtures("each_engine")


def read(folder: Path) -> ClusterMetadata:
    """What is told by the log in a broker's directory."""
    return ClusterMetadata.read(open_log_dir(folder / "__cluster_metadata-0").partitions[0], choose())


def told(folder: Path, *messages: Told) -> ClusterMetadata:
    write_log(folder, *messages)
    return read(folder)


def test_the_later_of_two_messages_counts(tmp_path: Path) -> None:
    known = told(tmp_path, *topic("t"), policy("t", "compact"), policy("t", "compact, delete"), policy("t", "delete"))
    assert known.policy("t") == Policy(DELETE, was_compact=True)
    assert not known.policy("t").compacts


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], Policy(None, None)),
        ([policy("t", "delete")], Policy(DELETE, False)),
        ([policy("t", "compact,delete")], Policy(COMPACT | DELETE, True)),
        ([policy("t", "compact"), policy("t", None)], Policy(None, True)),
        ([policy("t", "compact"), removed(), *topic("t", 2)], Policy(None, None)),
        ([(CONFIG, {"resourceType": 4, "resourceName": "", "name": "log.cleanup.policy", "value": "compact"})],
         Policy(None, True)),
    ],
)  # fmt: skip
def test_what_is_known_of_the_policy(tmp_path: Path, messages: list[Told], expected: Policy) -> None:
    assert told(tmp_path, *topic("t"), *messages).policy("t") == expected


def test_a_topic_that_was_removed_is_gone(tmp_path: Path) -> None:
    known = told(tmp_path, *topic("t"), *topic("u", 2), removed())
    assert (known.topic_id("t"), known.topic_id("u"), known.replicas("t", 0)) == (None, topic_id(2), None)


def test_the_replicas_of_all_times_are_remembered(tmp_path: Path) -> None:
    moved = [topic("t", replicas=replicas)[1] for replicas in ((0, 1), (1,))]
    known = told(tmp_path, topic("t")[0], *moved)
    assert (known.replicas("t", 0), known.was_replicated("t", 0)) == ((1,), True)
    assert told(tmp_path / "one", *topic("t")).was_replicated("t", 0) is False


def test_a_log_that_was_shortened_goes_on_from_its_snapshot(tmp_path: Path) -> None:
    folder = write_log(tmp_path, policy("t", "delete"), base_offset=20)
    assert not read(tmp_path).is_whole
    snapshot = folder / f"{20:020}-{1:010}.checkpoint"
    snapshot.write_bytes(batch(0, [*topic("t"), policy("t", "compact")]))
    known = read(tmp_path)
    assert (known.policy("t"), known.topic_id("t")) == (Policy(DELETE, True), topic_id(1))
    assert known.was_replicated("t", 0) is None, "who had it before the snapshot is not known"


def test_bytes_that_are_no_message_are_passed_over(tmp_path: Path) -> None:
    folder = write_log(tmp_path, *topic("t"))
    others = [b"", b"\x01", b"\x01\x02", b"\x01\x02\x00\x7f", b"\x00\x02\x00", b"\x01\x02\x63aaaa"]
    with (folder / f"{0:020}.log").open("ab") as file:
        file.write(make_batch(2, others))
    assert read(tmp_path).topic_id("t") == topic_id(1)


# -- what it means for a gap


def gap(folder: Path, *messages: Told, rows: tuple[str, ...] = (), cut: tuple[int, ...] = (5,)) -> list[str]:
    """What is said of a log without some of its batches, where the metadata log has these messages."""
    data = b"".join(one for number, one in enumerate(BATCHES) if number not in cut)
    written(folder / "t-0", _0=data)
    checkpoint(folder / "cleaner-offset-checkpoint", *rows)
    if messages:
        write_log(folder, *messages)
    return [one.slug for one in found_in("gaps", folder)]


MANY = (1, 3, 5, 7, 9)


def test_a_topic_that_was_never_compacted_has_lost_what_is_missing_however_much(tmp_path: Path) -> None:
    assert gap(tmp_path, *topic("t"), policy("t", "delete"), cut=MANY) == ["unexplained-gap"] * 5


def test_without_a_policy_of_its_own_many_gaps_are_doubtful_and_few_are_not(tmp_path: Path) -> None:
    assert gap(tmp_path / "few", *topic("t")) == ["unexplained-gap"]
    assert gap(tmp_path / "many", *topic("t"), cut=MANY) == ["gaps-undecidable"]


@pytest.mark.parametrize("now", ["compact", "delete", None])
def test_a_topic_that_is_or_was_compacted_may_have_gaps_of_another_replica(tmp_path: Path, now: str | None) -> None:
    assert gap(tmp_path, *topic("t"), policy("t", "compact"), policy("t", now)) == ["gaps-undecidable"]


def test_where_the_cleaner_has_a_row_it_decides_whatever_the_policy(tmp_path: Path) -> None:
    for number, now in enumerate(("compact", "delete")):
        messages = (*topic("t"), policy("t", now))
        assert gap(tmp_path / f"below {number}", *messages, rows=("t 0 24",)) == ["offsets-without-records"]
        assert gap(tmp_path / f"above {number}", *messages, rows=("t 0 20",)) == ["unexplained-gap"]


def test_beyond_the_cleaner_another_replica_is_a_doubt(tmp_path: Path) -> None:
    messages = (*topic("t", replicas=(0, 1)), policy("t", "compact"))
    assert gap(tmp_path, *messages, rows=("t 0 20",)) == ["gap-beyond-the-cleaner"]
