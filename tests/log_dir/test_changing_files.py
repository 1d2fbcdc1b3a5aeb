"""Files that are renamed, replaced, removed or written between the moment they are listed and the last read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.broker_files import Shutdown
from inspector.errors import PathNotFoundError, VanishedError
from inspector.log_dir import open_log_dir
from inspector.partition import PartitionLog
from inspector.segment import Segment
from inspector.source import BytesSource, Meter, open_source

UNIQUE = "0123456789abcdef0123456789abcdef"
FIRST = "00000000000000000000.log"


def only_log(make, name: str = "t-0") -> PartitionLog:
    make.broker(name)
    make(f"{name}/{FIRST}", b"0123456789")
    (log,) = open_log_dir(make.root).partitions
    return log


def segment_of(make, name: str = "t-0") -> Segment:
    (segment,) = only_log(make, name).segments
    return segment


def descriptors_on(path: Path) -> int:
    """How many descriptors of this process lead to the file, whatever it is called now."""
    status = path.stat()
    held = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            seen = entry.stat()
        except OSError:
            continue
        held += (seen.st_dev, seen.st_ino) == (status.st_dev, status.st_ino)
    return held


@pytest.mark.parametrize(
    ("moved_to", "folder"),
    [
        (f"t-0/{FIRST}.deleted", None),
        (f"t-0.{UNIQUE}-delete/{FIRST}", f"t-0.{UNIQUE}-delete"),
        (f"t-0.{UNIQUE}-stray/{FIRST}", f"t-0.{UNIQUE}-stray"),
    ],
)
def test_a_segment_is_found_under_its_new_name(make, moved_to: str, folder: str | None) -> None:
    segment = segment_of(make)
    if folder:
        segment.path.parent.rename(make.root / folder)
    else:
        segment.path.rename(make.root / moved_to)
    with segment.open() as source:
        assert source.read_at(0, 99) == b"0123456789"
        assert source.moved_to == make.root / moved_to
        assert source.path == f"t-0/{FIRST}"


def test_a_segment_whose_folder_was_renamed_and_which_was_deleted_is_found_too(make) -> None:
    segment = segment_of(make)
    segment.path.rename(segment.path.with_name(f"{FIRST}.deleted"))
    segment.path.parent.rename(make.root / f"t-0.{UNIQUE}-delete")
    with segment.open() as source:
        assert source.read_at(3, 2) == b"34"


def test_a_future_partition_is_found_when_it_took_its_place(make) -> None:
    segment = segment_of(make, f"t-0.{UNIQUE}-future")
    segment.path.parent.rename(make.root / "t-0")
    with segment.open() as source:
        assert (source.read_at(0, 1), source.moved_to) == (b"0", make.root / "t-0" / FIRST)


def test_another_file_of_that_name_is_not_taken_for_it(make) -> None:
    segment = segment_of(make)
    make(f"t-0/{FIRST}.deleted", b"something else, of an older segment")
    segment.path.unlink()
    with pytest.raises(PathNotFoundError):
        segment.open().__enter__()


def test_a_replaced_segment_is_read_as_it_was_while_the_old_one_is_there(make) -> None:
    segment = segment_of(make)
    segment.path.rename(segment.path.with_name(f"{FIRST}.deleted"))
    make(f"t-0/{FIRST}", b"cleaned")
    with segment.open() as source:
        assert source.read_at(0, 99) == b"0123456789"
        assert source.is_as_listed


def test_a_replaced_segment_whose_old_one_is_gone_is_read_as_it_is(make) -> None:
    segment = segment_of(make)
    make(f"t-0/{FIRST}.new", b"cleaned").replace(segment.path)
    with segment.open() as source:
        assert source.read_at(0, 99) == b"cleaned"
        assert not source.is_as_listed


def test_what_grows_is_read_up_to_where_it_ended_when_it_was_opened(make) -> None:
    segment = segment_of(make)
    with segment.path.open("ab") as file:
        file.write(b"ab")
    with segment.open() as source:
        with segment.path.open("ab") as file:
            file.write(b"cd")
        assert (source.size, source.read_at(8, 4)) == (12, b"89ab")


def test_a_released_file_is_held_by_nobody_and_read_on(make) -> None:
    segment = segment_of(make)
    with segment.open() as source:
        assert source.read_at(0, 2) == b"01"
        assert descriptors_on(segment.path) == 1
        source.release()
        assert descriptors_on(segment.path) == 0
        assert source.read_at(2, 2) == b"23"
        source.release()
        moved = segment.path.rename(segment.path.with_name(f"{FIRST}.deleted"))
        assert source.read_at(4, 2) == b"45"
        assert source.moved_to == moved
        source.release()
        assert descriptors_on(moved) == 0
    assert descriptors_on(moved) == 0


def test_after_a_large_read_and_at_the_end_nothing_is_held(make) -> None:
    path = make("t-0/" + FIRST, b"x" * 200_000)
    with open_source(path) as source:
        assert len(source.read_at(0, 100_000)) == 100_000
        assert descriptors_on(path) == 0
        assert len(source.read_at(100_000, 10)) == 10
        assert descriptors_on(path) == 1
        assert len(source.read_at(199_000, 5_000)) == 1_000
        assert descriptors_on(path) == 0


def test_a_descriptor_is_not_held_for_long_even_while_it_is_read(make, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr("inspector.source.time.monotonic", lambda: now[0])
    segment = segment_of(make)
    with segment.open() as source:
        assert source.read_at(0, 1) == b"0"
        os.unlink(segment.path)  # noqa: PTH108 - as a broker does
        now[0] += 0.4
        assert source.read_at(1, 1) == b"1"
        now[0] += 0.4
        with pytest.raises(VanishedError, match=f"gone while it was read: t-0/{FIRST}"):
            source.read_at(2, 1)


def test_a_file_that_was_replaced_while_it_was_read_is_not_read_on(make) -> None:
    segment = segment_of(make)
    with segment.open() as source:
        assert source.read_at(0, 1) == b"0"
        source.release()
        make(f"t-0/{FIRST}.new", b"shorter").replace(segment.path)
        with pytest.raises(VanishedError):
            source.read_at(1, 1)


def test_a_file_system_that_numbers_its_files_anew_does_no_harm(make, monkeypatch) -> None:
    path = make("t-0/" + FIRST, b"0123")
    with open_source(path) as source:
        source.release()
        fstat = os.fstat
        monkeypatch.setattr("inspector.source.os.fstat", lambda descriptor: _renumbered(fstat(descriptor)))
        assert source.read_at(0, 9) == b"0123"


def test_a_descriptor_is_lent_on_the_same_file_and_none_is_kept(make) -> None:
    segment = segment_of(make)
    with segment.open() as source:
        assert source.read_at(0, 1) == b"0"
        lent = source.lend()
        assert descriptors_on(segment.path) == 1
        assert os.pread(lent, 99, 0) == b"0123456789"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(lent, b"x")
        assert source.read_at(1, 1) == b"1"
        os.close(lent)
        assert source.read_at(2, 1) == b"2"
    assert descriptors_on(segment.path) == 0


def test_a_descriptor_is_lent_on_a_renamed_file_and_on_no_other(make) -> None:
    segment = segment_of(make)
    with segment.open() as source:
        source.release()  # as whoever hands on a chunk does: what is held is not looked up again
        moved = segment.path.rename(segment.path.with_name(f"{FIRST}.deleted"))
        make(f"t-0/{FIRST}", b"cleaned")
        lent = source.lend()
        assert (os.pread(lent, 99, 0), source.moved_to) == (b"0123456789", moved)
        os.close(lent)
        moved.unlink()
        with pytest.raises(VanishedError, match="gone while it was read"):
            source.lend()
        assert descriptors_on(segment.path) == 0


def test_bytes_in_memory_lend_nothing() -> None:
    assert BytesSource(b"0123").lend() is None


def test_what_is_read_is_counted_and_so_is_what_a_borrower_says(make) -> None:
    segment, meter = segment_of(make), Meter()
    with segment.open(meter) as source:
        source.read_at(0, 4)
        source.read_at(8, 100)
        assert meter.bytes_read == 6
        source.count(1000)
    with segment.open(meter) as source:
        source.read_at(0, 4)
    assert meter.bytes_read == 1010


def _renumbered(status: os.stat_result) -> os.stat_result:
    return os.stat_result((status.st_mode, status.st_ino + 1, *status[2:]), {"st_mtime_ns": status.st_mtime_ns})


# -- sparse files


def test_behind_the_data_of_a_sparse_file_nothing_need_be_read(make) -> None:
    path = make("t-0/" + FIRST, b"x" * 5000)
    with path.open("ab") as file:
        file.truncate(1024 * 1024 * 1024)
    if path.stat().st_blocks * 512 > 100_000:
        pytest.skip("this file system knows no sparse files")
    with open_source(path) as source:
        assert 5000 <= source.end_of_data() < 100_000
        assert source.size == 1024 * 1024 * 1024
    with open_source(make("t-0/whole", b"x" * 5000)) as source:
        assert source.end_of_data() == 5000
    with open_source(make("t-0/empty")) as source:
        assert source.end_of_data() == 0


# -- folders


def test_a_partition_that_was_renamed_since_is_listed_under_its_new_name(make) -> None:
    log = only_log(make)
    make("t-0/partition.metadata", "version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg")
    log.path.rename(make.root / f"t-0.{UNIQUE}-delete")
    assert [str(finding) for finding in log.findings] == [
        f"t-0: was renamed to t-0.{UNIQUE}-delete since it was listed, and read there"
    ]
    assert log.topic_id == "7tWWqXUTTwKnNOFEgkUvDg"
    (segment,) = log.segments
    with segment.open() as source:
        assert (source.read_at(0, 99), source.path) == (b"0123456789", f"t-0/{FIRST}")


def test_the_folder_of_another_partition_is_not_taken_for_it(make) -> None:
    log = only_log(make)
    make.partition(f"t-0.{UNIQUE}-delete")
    for file in log.path.iterdir():
        file.unlink()
    log.path.rmdir()
    assert (log.segments, [str(f) for f in log.findings]) == ((), ["t-0: was there when listed, gone when opened"])


def test_a_text_file_that_vanished_after_the_listing_is_said(make) -> None:
    log = only_log(make)
    path = make("t-0/partition.metadata", "version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg")
    assert log.segments
    path.unlink()
    assert log.topic_id is None
    assert [str(f) for f in log.findings] == ["t-0/partition.metadata: was there when listed, gone when opened"]
    assert log.shutdown is Shutdown.UNCLEAN


def test_a_renamed_segment_is_found_beside_folders_that_are_in_its_way(make) -> None:
    segment = segment_of(make)
    in_the_way = make.root / f"a-0.{UNIQUE}-delete"
    (in_the_way / FIRST).mkdir(parents=True)
    (in_the_way / f"{FIRST}.deleted").mkdir()
    segment.path.parent.rename(make.root / f"t-0.{UNIQUE}-delete")
    with segment.open() as source:
        assert source.read_at(0, 99) == b"0123456789"


def test_a_vanished_segment_is_gone_whatever_else_is_in_the_way(make) -> None:
    segment = segment_of(make)
    in_the_way = make.root / f"a-0.{UNIQUE}-delete"
    (in_the_way / FIRST).mkdir(parents=True)
    segment.path.unlink()
    with pytest.raises(PathNotFoundError), segment.open():
        pass
