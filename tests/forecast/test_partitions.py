"""What a start does with one partition, by the smallest one that shows it. Kafka's own answers: tests/kafka."""

from __future__ import annotations

import struct

import google_crc32c
import pytest

from fixtures.make.damage import with_fields
from inspector.forecast.settings import Settings
from tests.forecast.starts import LOG, killed, kinds, of_kind, partition, with_indexes
from tests.reports.segments import data_batch, made_partition, marker, timed_batch

BATCHES = [timed_batch(offset, [1000 + offset]) for offset in range(6)]
SIZE = len(BATCHES[0])
WHOLE = b"".join(BATCHES)
SECOND = f"{3:020}.log"


@pytest.fixture
def one(tmp_path):
    """A killed partition of one segment of six batches."""
    return with_indexes(killed(made_partition(tmp_path / "data", WHOLE)))


@pytest.fixture
def two(tmp_path):
    """The same in two segments of three batches each."""
    return with_indexes(killed(made_partition(tmp_path / "data", WHOLE[: 3 * SIZE], WHOLE[3 * SIZE :])))


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def test_after_a_clean_stop_nothing_is_read(tmp_path):
    data = with_indexes(made_partition(tmp_path / "data", flipped(WHOLE, SIZE + 30)))
    (data / "made-0" / f"{6:020}.snapshot").write_bytes(snapshot())
    (data / "made-0" / "partition.metadata").write_text("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAw")
    (data / "made-0" / "leader-epoch-checkpoint").write_text("0\n0\n")
    found = partition(data)
    assert kinds(found) == ["leave"]
    assert (found.scanned_bytes, found.loaded.log_end_offset) == (0, 6)


def snapshot() -> bytes:
    """One of no producers."""
    body = struct.pack(">i", 0)
    return struct.pack(">hI", 1, google_crc32c.value(body)) + body


@pytest.mark.usefixtures("each_engine")
def test_a_wrong_crc_costs_what_lies_behind_it(one):
    (one / "made-0" / LOG).write_bytes(flipped(WHOLE, 2 * SIZE + 30))
    found = partition(one)
    (cut,) = of_kind(found, "truncate")
    assert (cut.position, cut.end, cut.first_offset, cut.last_offset) == (2 * SIZE, 6 * SIZE, 2, 5)
    assert (cut.batches, cut.intact, cut.words) == (4, 3, "a wrong CRC")
    assert str(cut.weight) == "loss"
    assert found.loaded.log_end_offset == 2


def test_a_torn_tail_costs_nothing_that_was_whole(one):
    (one / "made-0" / LOG).write_bytes(WHOLE[:-5])
    (cut,) = of_kind(partition(one), "truncate")
    assert (cut.position, cut.first_offset, cut.intact, cut.words) == (5 * SIZE, 5, 0, "an incomplete batch")
    assert str(cut.weight) == "change"


@pytest.mark.parametrize(
    ("tail", "words"),
    [(bytes(17), "an incomplete batch"), (bytes(18), "a batch length of 0, less than 14")],
)
def test_a_zero_tail_is_cut_off(one, tail, words):
    (one / "made-0" / LOG).write_bytes(WHOLE + tail)
    (cut,) = of_kind(partition(one), "truncate")
    assert (cut.position, cut.end, cut.batches, cut.words) == (6 * SIZE, 6 * SIZE + len(tail), 0, words)


@pytest.mark.parametrize("length", [-1, 0, 13])
def test_a_length_that_no_batch_has(one, length):
    (one / "made-0" / LOG).write_bytes(WHOLE[:SIZE] + with_fields(BATCHES[1], batch_length=length) + WHOLE[2 * SIZE :])
    (cut,) = of_kind(partition(one), "truncate")
    assert (cut.position, cut.intact, cut.words) == (SIZE, 4, f"a batch length of {length}, less than 14")


def test_behind_a_cut_later_segments_are_deleted(two):
    (two / "made-0" / LOG).write_bytes(flipped(WHOLE[: 3 * SIZE], 2 * SIZE + 30))
    found = partition(two)
    (gone,) = of_kind(found, "delete-segment")
    assert (gone.file, gone.batches, gone.intact, gone.first_offset, gone.last_offset) == (SECOND, 3, 3, 3, 5)
    assert found.loaded.log_end_offset == 2
    assert SECOND not in found.loaded.folder


def test_below_the_recovery_point_nothing_is_scanned(two):
    (two / "recovery-point-offset-checkpoint").write_text("0\n1\nmade 0 4\n")
    (two / "made-0" / LOG).write_bytes(flipped(WHOLE[: 3 * SIZE], 30))
    found = partition(two)
    assert [(scan.file, scan.size) for scan in of_kind(found, "scan")] == [(SECOND, 3 * SIZE)]
    assert not of_kind(found, "truncate")


def test_a_missing_index_is_reason_enough_after_a_clean_stop(two):
    (two / ".kafka_cleanshutdown").touch()
    (two / "made-0" / LOG).with_suffix(".index").unlink()
    found = partition(two)
    assert [(scan.file, scan.words) for scan in of_kind(found, "scan-missing-index")] == [
        (LOG, "its .index is missing")
    ]
    assert not of_kind(found, "scan")


def test_the_entries_of_an_index_depend_on_the_interval(one):
    def entries(interval: int) -> int | None:
        found = partition(one, settings=Settings(index_interval=interval))
        return of_kind(found, "rebuild-indexes")[0].becomes

    assert (entries(4096), entries(SIZE - 1), entries(SIZE)) == (0, 5, 2)


def test_an_index_without_its_log_is_deleted(one):
    orphan = one / "made-0" / f"{9:020}.timeindex"
    orphan.write_bytes(bytes(12))
    assert [action.file for action in of_kind(partition(one), "delete-orphan")] == [orphan.name]


def test_what_was_being_deleted_or_cleaned_is_deleted(one):
    for name in (f"{7:020}.log.deleted", f"{8:020}.log.cleaned"):
        (one / "made-0" / name).write_bytes(b"12345")
    found = of_kind(partition(one), "delete-file")
    assert [(action.file, action.size) for action in found] == [
        (f"{7:020}.log.deleted", 5),
        (f"{8:020}.log.cleaned", 5),
    ]


def test_a_swap_replaces_what_it_covers(two):
    folder = two / "made-0"
    (folder / f"{LOG}.swap").write_bytes(WHOLE)
    (folder / f"{0:020}.index.swap").touch()
    found = partition(two)
    replaced = {action.file for action in of_kind(found, "delete-replaced")}
    assert replaced == {path.name for path in folder.iterdir() if not path.name.endswith(".swap")}
    assert [action.file for action in of_kind(found, "finish-swap")] == [f"{0:020}.index.swap", f"{LOG}.swap"]
    assert sorted(name for name in found.loaded.folder.files if name.endswith(".log")) == [LOG]


def test_a_swap_beside_a_cleaned_file_is_half_of_a_split(two):
    folder = two / "made-0"
    (folder / f"{SECOND}.swap").write_bytes(WHOLE[3 * SIZE :])
    (folder / f"{LOG}.cleaned").write_bytes(b"")
    found = partition(two)
    assert {action.file for action in of_kind(found, "delete-file")} == {f"{SECOND}.swap", f"{LOG}.cleaned"}
    assert not of_kind(found, "finish-swap")


def test_a_log_that_ends_before_it_begins_is_deleted(two):
    (two / "log-start-offset-checkpoint").write_text("0\n1\nmade 0 9\n")
    found = partition(two)
    assert [action.file for action in of_kind(found, "delete-all-segments")] == [LOG, SECOND]
    assert sum(action.intact or 0 for action in found.actions) == 6
    assert [action.first_offset for action in of_kind(found, "create-segment")] == [9]
    assert (found.loaded.log_start_offset, found.loaded.log_end_offset) == (9, 9)


def test_a_corrupt_snapshot_is_deleted(one):
    (one / ".kafka_cleanshutdown").touch()
    bad = one / "made-0" / f"{6:020}.snapshot"
    bad.write_bytes(b"\0\1" + bytes(8))
    assert [action.file for action in of_kind(partition(one), "delete-bad-snapshot")] == [bad.name]


def test_a_snapshot_beyond_the_end_is_deleted(one):
    late = one / "made-0" / f"{9:020}.snapshot"
    late.write_bytes(snapshot())
    assert [action.file for action in of_kind(partition(one), "delete-snapshot")] == [late.name]


def test_an_aborted_transaction_gets_its_index_back(tmp_path):
    batches = data_batch(0, 5) + marker(1, 5, "abort")
    data = with_indexes(killed(made_partition(tmp_path / "data", batches)))
    (data / "made-0" / f"{0:020}.txnindex").write_bytes(b"")
    found = partition(data)
    assert found.loaded.folder.size(f"{0:020}.txnindex") == 34


def test_a_txnindex_of_another_segment_has_it_scanned(two):
    entry = struct.pack(">hqqqq", 0, 5, 0, 1, 2)
    (two / ".kafka_cleanshutdown").touch()
    (two / "made-0" / f"{3:020}.txnindex").write_bytes(entry)
    found = partition(two)
    assert [action.file for action in of_kind(found, "scan-missing-index")] == [SECOND]


def test_leader_epochs_beyond_the_end_go(one):
    (one / "made-0" / "leader-epoch-checkpoint").write_text("0\n2\n0 0\n7 6\n")
    found = partition(one)
    assert [tuple(entry) for entry in found.loaded.epochs] == [(0, 0)]
    assert of_kind(found, "rewrite-epochs")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0\n2\n0 0\n", "go-offline"),
        ("1\n0\n", "go-offline"),
        ("0\n1\n0 x\n", "refuse"),
        ("0\n1\n-1 0\n", "refuse"),
        ("", None),
        ("0\n", None),
    ],
)
def test_leader_epochs_that_cannot_be_read(one, text, kind):
    (one / "made-0" / "leader-epoch-checkpoint").write_text(text)
    found = partition(one)
    assert (kinds(found)[-1] if kind else None) == kind
    assert (found.loaded is None) == (kind is not None)


def test_an_empty_partition_metadata_stops_the_broker(one):
    (one / "made-0" / "partition.metadata").touch()
    found = partition(one)
    assert [(action.file, action.words) for action in of_kind(found, "refuse")] == [
        ("partition.metadata", "an empty file")
    ]


def test_without_a_topic_id_a_partition_is_nobodys(one):
    assert of_kind(partition(one), "missing-topic-id")
    assert not of_kind(partition(one, version="3.6"), "missing-topic-id")


def test_zeros_behind_the_log_of_a_clean_stop_stop_the_broker(one):
    (one / ".kafka_cleanshutdown").touch()
    (one / "made-0" / LOG).write_bytes(WHOLE + bytes(100))
    (found,) = of_kind(partition(one), "refuse")
    assert (found.position, str(found.weight)) == (6 * SIZE, "refusal")


def test_a_garbage_index_after_a_clean_stop_hides_records(one):
    (one / ".kafka_cleanshutdown").touch()
    (one / "recovery-point-offset-checkpoint").write_text("0\n1\nmade 0 6\n")
    (one / "made-0" / LOG).with_suffix(".index").write_bytes(struct.pack(">ii", 1, 10**6))
    found = partition(one)
    (short,) = of_kind(found, "end-short")
    assert (short.first_offset, short.last_offset, str(short.weight)) == (0, 5, "loss")


def test_an_offset_of_another_segment_stops_the_broker(one):
    far = with_fields(BATCHES[2], base_offset=2**40)
    (one / "made-0" / LOG).write_bytes(WHOLE[: 2 * SIZE] + far + WHOLE[3 * SIZE :])
    (found,) = of_kind(partition(one), "refuse")
    assert found.position == 2 * SIZE


def test_a_segment_of_too_wide_a_range_is_split(one):
    far = with_fields(BATCHES[5], base_offset=2**40)
    (one / "made-0" / LOG).write_bytes(WHOLE[: 5 * SIZE] + far)
    found = partition(one)
    assert [action.becomes for action in of_kind(found, "split-segment")] == [2]
    assert sorted(name for name in found.loaded.folder.files if name.endswith(".log")) == [LOG, f"{2**40:020}.log"]


def test_the_metadata_log_is_always_scanned(tmp_path):
    data = with_indexes(made_partition(tmp_path / "data", WHOLE))
    (data / "made-0").rename(data / "__cluster_metadata-0")
    found = partition(data, "__cluster_metadata-0")
    assert [action.size for action in of_kind(found, "scan")] == [6 * SIZE]
