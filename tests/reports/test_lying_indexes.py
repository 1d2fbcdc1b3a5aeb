"""An index is a hint: one that lies costs time and gives a finding, never wrong rows."""

from __future__ import annotations

import random
import struct

import pytest

from fixtures.make.damage import make_batch
from inspector.reports.selection import OffsetRange
from tests.reports.conftest import shown

ENTRY = struct.Struct(">ii")
TARGETS = (0, 1, 16, 19, 20, 21, 35, 36, 40, 47)


def entries(*pairs):
    return b"".join(ENTRY.pack(*pair) for pair in pairs)


LIES = {
    "into-the-middle-of-a-batch": entries((19, 5000), (35, 10000)),
    "into-a-header": entries((19, 5080), (35, 10160)),
    "past-the-end": entries((19, 100_000), (35, 200_000)),
    "to-the-very-end": entries((19, 15484), (35, 15484)),
    "to-the-last-byte": entries((19, 15483)),
    "to-a-negative-position": entries((19, -5), (35, -2_000_000_000)),
    "to-a-later-batch": entries((1, 14087)),
    "to-the-last-batch-for-every-offset": entries(*((offset, 14087) for offset in range(1, 48))),
    "with-positions-exchanged": entries((19, 10152), (35, 5076)),
    "with-entries-exchanged": entries((35, 10152), (19, 5076)),
    "with-negative-offsets": entries((-5, 14087), (-1, 5076)),
    "of-noise": random.Random(3).randbytes(4096),
    "of-ones": b"\xff" * 800,
    "of-zeros": bytes(800),
    "of-12-bytes": entries((19, 5076)) + b"\x00\x00\x00\x23",
    "of-7-bytes": b"\x00\x00\x00\x13\x00\x00\x13",
    "of-nothing": b"",
}
HARMLESS = {"of-zeros", "of-12-bytes", "of-7-bytes", "of-nothing", "with-entries-exchanged"}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("segment", [0, 48, 96])
def test_a_lying_index_never_changes_the_rows(copied, lie, segment):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    everything = shown(directory, "indexed").rows
    (directory / "indexed-0" / f"{segment:020}.index").write_bytes(LIES[lie])
    for target in TARGETS:
        start = segment + target
        part = shown(directory, "indexed", offsets=OffsetRange(start))
        assert part.rows == everything[start:]
        assert set(part.slugs) <= {"index-misleads"}
        assert not part.verdict.incomplete
        assert shown(directory, "indexed", offsets=OffsetRange(start, start + 3)).rows == everything[start : start + 3]


@pytest.mark.parametrize("lie", sorted(set(LIES) - HARMLESS))
def test_an_index_that_misleads_is_named(copied, lie):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / f"{48:020}.index").write_bytes(LIES[lie])
    found = [f for target in TARGETS for f in shown(directory, "indexed", offsets=OffsetRange(48 + target)).findings]
    assert {(f.slug, f.location.path) for f in found} == {("index-misleads", f"indexed-0/{48:020}.index")}


@pytest.mark.parametrize("lie", sorted(HARMLESS))
def test_an_index_that_ends_early_misleads_nobody(copied, lie):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / f"{48:020}.index").write_bytes(LIES[lie])
    for target in TARGETS:
        assert shown(directory, "indexed", offsets=OffsetRange(48 + target)).findings == []


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_index_does_not_move_the_end_of_the_log(copied, lie):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / f"{96:020}.index").write_bytes(LIES[lie])
    assert shown(directory, "indexed", offsets=OffsetRange(-3)).offsets == [141, 142, 143]
    assert shown(directory, "indexed", tail=2).offsets == [142, 143]


def test_a_misleading_index_is_a_warning_and_exit_code_0(copied, kinspect):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    (directory / "indexed-0" / f"{48:020}.index").write_bytes(LIES["past-the-end"])
    done = kinspect(directory, "-t", "indexed", "-o", "70:72")
    assert done.returncode == 0
    assert f"warning KI-4003 index-misleads: indexed-0/{48:020}.index" in done.stdout
    assert kinspect(directory, "-t", "indexed", "-o", "70:72", "--fail-on", "warning").returncode == 1


def test_an_index_entry_into_a_damaged_batch_is_not_followed(copied):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    log = directory / "indexed-0" / f"{48:020}.log"
    data = bytearray(log.read_bytes())
    data[5076 + 200] ^= 1
    log.write_bytes(data)
    part = shown(directory, "indexed", offsets=OffsetRange(70, 72))
    assert part.offsets == [70, 71]


def test_an_index_entry_to_a_batch_inside_a_value_gives_no_wrong_rows(copied):
    directory = copied("kafka-3.6.0-stopped", "indexed-0")
    folder = directory / "indexed-0"
    inner = make_batch(4, [b"I am a payload"])
    before = make_batch(0, [b"zero"])
    outer = make_batch(1, [b"before", inner, b"behind"])
    data = before + outer + b"".join(make_batch(offset, [b"real"]) for offset in range(4, 20))
    (folder / f"{0:020}.log").write_bytes(data)
    everything = shown(directory, "indexed", offsets=OffsetRange(0, 40)).rows
    (folder / f"{0:020}.index").write_bytes(entries((3, data.index(inner))))
    for start in (4, 5, 10):
        part = shown(directory, "indexed", offsets=OffsetRange(start, 40))
        assert part.rows == [row for row in everything if row["offset"] >= start]
