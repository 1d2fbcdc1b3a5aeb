"""LZ4 frames with something wrong about them: what Kafka's reader takes and refuses, both engines take and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import make_batch_of, make_record
from inspector.engine import ScanRequest, choose
from inspector.engine.chunk import records_of
from inspector.location import Location
from inspector.source import BytesSource
from tests.engine.streams import LZ4_MAGIC, lz4_frame, xxh32
from tests.kafka.test_dump import run_each

CONTENT_SIZE, CONTENT_CHECKSUM, BLOCK_CHECKSUM = 0x08, 0x04, 0x10
LZ4 = 3
RECORD = make_record(0, b"a value that may be read")


def frame(flags: int, header: int = 0, block: int = 0, content: int = 0, size: bool = False) -> bytes:
    """A frame of the record above; header, block, content: bits to flip in its checksums; size: a wrong one."""
    made = bytearray(lz4_frame(RECORD, 0x60 | flags))
    start = len(LZ4_MAGIC)
    descriptor = 2 + (8 if flags & CONTENT_SIZE else 0)
    if size:
        made[start + 2] ^= 1
        made[start + descriptor] = xxh32(bytes(made[start : start + descriptor])) >> 8 & 0xFF
    made[start + descriptor] ^= header
    made[-1] ^= content
    if block:
        made[-5] ^= block  # before the end mark
    return bytes(made)


FRAMES = {
    "sound": (frame(0), True),
    "a wrong checksum of the header": (frame(0, header=1), False),
    "a wrong checksum of a block": (frame(BLOCK_CHECKSUM, block=1), False),
    "a right checksum of a block": (frame(BLOCK_CHECKSUM), True),
    "a wrong checksum of the content": (frame(CONTENT_CHECKSUM, content=1), True),
    "a right checksum of the content": (frame(CONTENT_CHECKSUM), True),
    "a wrong size of the content": (frame(CONTENT_SIZE, size=True), True),
    "both wrong": (frame(CONTENT_SIZE | CONTENT_CHECKSUM, content=1, size=True), True),
}


def log_of(body: bytes) -> bytes:
    return make_batch_of(0, body, 1, attributes=LZ4)


@pytest.mark.kafka
def test_kafka_reads_and_refuses_the_same_frames(tmp_path: Path, version: str) -> None:
    runs = []
    for number, (body, _) in enumerate(FRAMES.values()):
        folder = tmp_path / f"t-{number}"
        folder.mkdir()
        (folder / "00000000000000000000.log").write_bytes(log_of(body))
        runs.append(["--files", f"t-{number}/00000000000000000000.log", "--deep-iteration", "--print-data-log"])
    read = ["a value that may be read" in run.out for run in run_each(version, tmp_path, runs)]
    assert dict(zip(FRAMES, read, strict=True)) == {name: is_read for name, (_, is_read) in FRAMES.items()}


@pytest.mark.parametrize("engine", ["native", "spec"])
@pytest.mark.parametrize(("body", "is_read"), FRAMES.values(), ids=FRAMES)
def test_so_do_the_engines(engine: str, body: bytes, is_read: bool) -> None:
    chunks = list(choose(engine).scan(BytesSource(log_of(body)), ScanRequest(), Location("a segment")))
    values = [record.value for chunk in chunks for _, record in records_of(chunk)]
    slugs = [finding.slug for chunk in chunks for finding in chunk.findings]
    assert (values, slugs) == (([b"a value that may be read"], []) if is_read else ([], ["undecompressable"]))
