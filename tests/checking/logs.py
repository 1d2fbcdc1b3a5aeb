"""Batches of producers and markers of transactions, and log directories changed by a recipe."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import google_crc32c

from fixtures.make.damage import make_batch, make_batch_of, make_record
from inspector.spec import producer_snapshot, txn_index

NOON = 1_700_000_000_000
DAY = 24 * 3600 * 1000
TRANSACTIONAL, CONTROL = 0x10, 0x20


def batch(
    offset: int, producer: tuple[int, int, int], count: int = 1, in_transaction: bool = False, at: int = NOON
) -> bytes:
    """Some records of a producer, which is its id, its epoch and the first sequence."""
    producer_id, epoch, sequence = producer
    return make_batch(
        offset, [b"value"] * count, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence,
        attributes=TRANSACTIONAL if in_transaction else 0, base_timestamp=at, max_timestamp=at,
    )  # fmt: skip


def marker(
    offset: int, producer: tuple[int, int], abort: bool = False, coordinator: int = 0, at: int = NOON, surplus: int = 0
) -> bytes:
    """The end of a transaction of a producer, which is its id and its epoch; `surplus` makes its value longer."""
    key = struct.pack(">hh", 0, 0 if abort else 1)
    record = make_record(0, struct.pack(">hi", 0, coordinator) + bytes(surplus), key)
    return make_batch_of(
        offset, record, 1, producer_id=producer[0], producer_epoch=producer[1], base_sequence=-1,
        attributes=TRANSACTIONAL | CONTROL, base_timestamp=at, max_timestamp=at,
    )  # fmt: skip


def husk(offset: int, producer: tuple[int, int, int], last_offset: int, attributes: int = 0) -> bytes:
    """What compaction leaves of a batch without records."""
    producer_id, epoch, sequence = producer
    return make_batch_of(
        offset, b"", 0, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence, attributes=attributes,
        last_offset_delta=last_offset - offset, base_timestamp=-1, max_timestamp=NOON,
    )  # fmt: skip


def snapshot(*entries: tuple[int, ...]) -> bytes:
    """A producer snapshot: id, epoch, last sequence, last offset, delta, timestamp, coordinator epoch, open since."""
    data = len(entries).to_bytes(4, "big") + b"".join(producer_snapshot.ENTRY.pack(*entry) for entry in entries)
    return b"\0\1" + google_crc32c.value(data).to_bytes(4, "big") + data


def entries_of(data: bytes) -> list[tuple[int, ...]]:
    """Those of a producer snapshot."""
    return list(producer_snapshot.ENTRY.iter_unpack(data[producer_snapshot.HEADER_SIZE :]))


def aborted(*entries: tuple[int, int, int, int]) -> bytes:
    """An index of aborted transactions: producer, first offset, last offset, last stable offset."""
    return b"".join(txn_index.ENTRY.pack(0, *entry) for entry in entries)


def log_dir(folder: Path, is_clean: bool = True, name: str = "t-0", **files: bytes) -> Path:
    """A broker's directory of one partition, cleanly stopped; its files as `log_17=…`, `snapshot_17=…`.

    Each log has an `.index`, of no entries: a broker that misses it makes all indexes anew.
    """
    partition = folder / name
    partition.mkdir(parents=True)
    (folder / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=x\n")
    if is_clean:
        (folder / ".kafka_cleanshutdown").touch()
    for name_and_offset, data in files.items():
        suffix, _, offset = name_and_offset.partition("_")
        (partition / f"{int(offset):020}.{suffix}").write_bytes(data)
        if suffix == "log":
            (partition / f"{int(offset):020}.index").touch()
    return folder


def copied(partition: Path, folder: Path, is_clean: bool = True) -> Path:
    """One real partition in a directory of its own; the path is that of the partition."""
    log_dir(folder, is_clean, name="gone-0")
    shutil.rmtree(folder / "gone-0")
    return Path(shutil.copytree(partition, folder / partition.name))
