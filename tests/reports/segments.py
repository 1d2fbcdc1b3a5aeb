"""Segments made by hand: batches with times and producers of one's choice, markers, and partitions of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fixtures.make.damage import make_batch_of, sealed, with_fields
from inspector.spec.attributes import CONTROL, LOG_APPEND_TIME, TRANSACTIONAL
from inspector.spec.primitives import Varint, Varlong
from tests.golden_bytes import V2

TOPIC = "made"


def made_record(offset_delta: int, timestamp_delta: int, key: bytes | None, value: bytes | None) -> bytes:
    """One record without headers, byte by byte."""
    body = b"\0" + Varlong.build(timestamp_delta) + Varint.build(offset_delta)
    for payload in (key, value):
        body += Varint.build(-1) if payload is None else Varint.build(len(payload)) + payload
    body += Varint.build(0)
    return bytes(Varint.build(len(body)) + body)


def timed_batch(base_offset: int, timestamps: list[int], *, append_time: bool = False, **fields: Any) -> bytes:
    """A sealed batch of one record a timestamp, with the max_timestamp that a broker would give it."""
    base = timestamps[0]
    records = b"".join(
        made_record(delta, stamp - base, b"k%d" % (base_offset + delta), b"v") for delta, stamp in enumerate(timestamps)
    )
    attributes = LOG_APPEND_TIME if append_time else 0
    times = {"base_timestamp": base, "max_timestamp": max(timestamps), "attributes": attributes}
    return make_batch_of(base_offset, records, len(timestamps), **{**times, **fields})


def data_batch(base_offset: int, producer_id: int, count: int = 1, epoch: int = 0, **fields: Any) -> bytes:
    """Records of a transaction; the value of each is its offset."""
    offsets = range(base_offset, base_offset + count)
    records = b"".join(
        made_record(delta, 0, b"p%d" % producer_id, b"%10d" % offset) for delta, offset in enumerate(offsets)
    )
    of = {"producer_id": producer_id, "producer_epoch": epoch, "base_sequence": 0, "attributes": TRANSACTIONAL}
    return make_batch_of(base_offset, records, count, **{**of, **fields})


def marker(base_offset: int, producer_id: int, kind: str = "commit", epoch: int = 0) -> bytes:
    """A marker as Kafka wrote it, of another producer at another offset; `kind` is `commit` or `abort`."""
    return sealed(with_fields(V2[kind], base_offset=base_offset, producer_id=producer_id, producer_epoch=epoch))


def control_husk(base_offset: int, producer_id: int) -> bytes:
    """What compaction leaves of a marker: the header alone."""
    attributes = CONTROL | TRANSACTIONAL
    return make_batch_of(
        base_offset, b"", 0, producer_id=producer_id, producer_epoch=0, attributes=attributes, last_offset_delta=0
    )


def made_partition(directory: Path, *segments: bytes, bases: tuple[int, ...] = ()) -> Path:
    """A log directory with one partition of these segments, named by the first offset in each; cleanly stopped."""
    folder = directory / f"{TOPIC}-0"
    folder.mkdir(parents=True)
    (directory / ".kafka_cleanshutdown").touch()
    (directory / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=made\n")
    for number, data in enumerate(segments):
        base = bases[number] if bases else int.from_bytes(data[:8], "big")
        (folder / f"{base:020}.log").write_bytes(data)
    return directory
