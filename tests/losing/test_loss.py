"""What was lost, held against logs whose losses the test knows because it made them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import google_crc32c
import pytest

from fixtures.make.damage import make_record, with_bit_flipped
from inspector.engine import ScanRequest, choose
from inspector.findings import Finding
from inspector.found import Findings
from inspector.log_dir import open_log_dir
from inspector.losing import Loss, losses_of
from inspector.reading import read_partition
from inspector.spec.record_batch import CRC_START, HEADER, HEADER_SIZE

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DAMAGED, REAL = FIXTURES / "damaged", FIXTURES / "real"
NOON = 1_700_000_000_000
TRANSACTIONAL, CONTROL = 0x10, 0x20


class Made(NamedTuple):
    """One batch of a made log."""

    base_offset: int
    count: int
    producer_id: int
    sequence: int
    data: bytes


def batch(base_offset: int, count: int, producer_id: int = -1, sequence: int = -1, attributes: int = 0) -> Made:
    """An uncompressed batch of `count` records, written at a time that its offset tells."""
    body = b"".join(make_record(delta, b"v%d" % delta, b"key %d" % (base_offset + delta)) for delta in range(count))
    if attributes & CONTROL:
        body = _marker()
    time = NOON + 1000 * base_offset
    fields = HEADER_SIZE - 12 + len(body), 0, 2, 0, attributes, count - 1, time, time
    header = HEADER.pack(base_offset, *fields, producer_id, 0 if producer_id >= 0 else -1, sequence, count)
    data = header + body
    crc = google_crc32c.value(data[CRC_START:]).to_bytes(4, "big")
    return Made(base_offset, count, producer_id, sequence, data[:17] + crc + data[21:] + b"")


def _marker() -> bytes:
    """The record of a COMMIT."""
    inside = bytes((0, 0, 0, 8)) + bytes((0, 0, 0, 1)) + bytes((12,)) + bytes(6) + b"\0"
    return bytes((2 * len(inside),)) + inside


def damage_in(directory: Path) -> list[Finding]:
    """What an engine finds wrong."""
    found = Findings()
    log = open_log_dir(directory).partitions[0]
    for _ in read_partition(log, choose(), ScanRequest(columns=()), found):
        pass
    return [one for one in found if one.code.startswith(("KI-2", "KI-3")) or one.slug == "offset-not-increasing"]


def lost_in(directory: Path) -> list[Loss]:
    """The losses of the one partition there."""
    return losses_of(open_log_dir(directory).partitions[0], choose(), damage_in(directory))


def write(folder: Path, pieces: Sequence[bytes]) -> Path:
    """A partition's directory with one segment."""
    folder.mkdir(parents=True)
    (folder / f"{0:020}.log").write_bytes(b"".join(pieces))
    return folder.parent


EXPECTED = {
    "batch-in-a-value-bit-flipped": (12, 15),
    "batch-in-a-value-length-lies": (12, 15),
    "bit-flipped-in-a-value": (4, 7),
    "count-too-small": (4, 7),
    "length-beyond-the-file": (4, 7),
    "length-too-small": (4, 7),
    "magic-of-an-older-format": (4, 7),
    "offset-goes-back": (12, 15),
    "record-length-lies": (4, 7),
    "undefined-codec": (4, 7),
    "unknown-magic": (4, 7),
    "wrong-codec": (4, 7),
    "zeroed-page": (12, 27),
}


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("name", EXPECTED)
def test_the_offsets_of_a_damaged_batch_are_lost_and_no_others(name: str) -> None:
    (loss,) = lost_in(DAMAGED / name)
    first, last = EXPECTED[name]
    assert (loss.hole.first_offset, loss.hole.last_offset) == (first, last)
    assert (loss.records, loss.records_are_exact) == (last - first + 1, True)
    assert [(one.producer_id, one.records) for one in loss.producers] == [(9, last - first + 1)]


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(
    "name", ["batch-twice", "foreign-bytes-between", "zero-tail", "cut-in-last-batch", "decompression-bomb"]
)
def test_nothing_is_said_to_be_lost_where_every_promised_offset_is_there(name: str) -> None:
    assert lost_in(DAMAGED / name) == []


def random_log(rng: random.Random) -> list[Made]:
    """Batches of a few producers that take turns."""
    made: list[Made] = []
    offset, sequences = 0, {producer: rng.choice((0, 7, 2**31 - 5)) for producer in (1, 2, 3)}
    for _ in range(40):
        count, producer = rng.randint(1, 5), rng.choice((-1, 1, 2, 3))
        made.append(batch(offset, count, producer, sequences.get(producer, -1)))
        if producer > 0:
            sequences[producer] = (sequences[producer] + count) % 2**31
        offset += count
    return made


def broken(rng: random.Random, data: bytes) -> bytes:
    """A batch that is no longer whole; what was lost does not depend on how.

    Cut by one byte it would be whole: it ends in a zero, and the next one begins with one.
    """
    return rng.choice((
        with_bit_flipped(data, rng.randrange(HEADER_SIZE, len(data))),
        bytes(len(data)),
        b"#" * rng.randint(1, 50),
        data[: rng.randrange(18, len(data) - 1)],
    ))  # fmt: skip


def expected_holes(made: Sequence[Made], lost: set[int]) -> list[tuple[int, int, dict[int, int]]]:
    """First and last offset of each run of lost batches between whole ones, and whose records their sequences miss.

    A producer tells of a hole only when it was seen before, comes again behind, and there is one hole in between.
    """
    runs = [
        [number for number, _ in run] for is_lost, run in groupby(enumerate(made), lambda p: p[0] in lost) if is_lost
    ]
    holes = []
    for run in runs:
        tells: dict[int, int] = {}
        for producer in (1, 2, 3):
            before = [n for n in range(run[0]) if made[n].producer_id == producer and n not in lost]
            behind = [n for n in range(run[-1] + 1, len(made)) if made[n].producer_id == producer and n not in lost]
            if before and behind:
                between = [other for other in runs if before[-1] < other[0] < behind[0]]
                missing = sum(made[n].count for n in run if made[n].producer_id == producer)
                if len(between) == 1 and missing:
                    tells[producer] = missing
        holes.append((made[run[0]].base_offset, made[run[-1]].base_offset + made[run[-1]].count - 1, tells))
    return holes


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("seed", range(60))
def test_planted_losses_are_told_exactly(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    made = random_log(rng)
    lost = set(rng.sample(range(1, len(made) - 1), rng.randint(1, 6)))
    pieces = [broken(rng, one.data) if number in lost else one.data for number, one in enumerate(made)]
    losses = lost_in(write(tmp_path / "t-0", pieces))
    told = [
        (one.hole.first_offset, one.hole.last_offset, {each.producer_id: each.records for each in one.producers})
        for one in losses
    ]
    assert told == expected_holes(made, lost)
    assert all(one.records_are_exact and one.records == one.hole.offsets for one in losses)
    for one in losses:
        assert one.since is not None and one.until is not None
        assert one.since < NOON + 1000 * one.hole.first_offset <= one.until


@pytest.mark.usefixtures("each_engine")
def test_a_log_that_ends_in_damage_has_lost_an_unknown_number(tmp_path: Path) -> None:
    pieces = [batch(0, 3).data, with_bit_flipped(batch(3, 3).data, HEADER_SIZE + 12)]
    (loss,) = lost_in(write(tmp_path / "t-0", pieces))
    assert (loss.hole.first_offset, loss.hole.last_offset, loss.records) == (3, None, None)
    assert loss.hole.claimed == [b"key 3", b"key 4", b"key 5"]
    assert loss.ends_at_least is None


@pytest.mark.usefixtures("each_engine")
def test_what_stands_beside_a_torn_log_tells_that_it_was_longer(tmp_path: Path) -> None:
    whole, torn = batch(0, 3).data, batch(3, 3).data[:-5]
    write(tmp_path / "t-0", [whole, torn])
    assert lost_in(tmp_path) == []
    (tmp_path / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=kinspect-test-cluster\n")
    (tmp_path / "replication-offset-checkpoint").write_text("0\n1\nt 0 6\n")
    (loss,) = lost_in(tmp_path)
    assert (loss.hole.first_offset, loss.ends_at_least) == (3, (6, "the checkpointed high watermark"))


@pytest.mark.usefixtures("each_engine")
def test_a_transaction_that_spans_the_hole_is_named(tmp_path: Path) -> None:
    inside = [batch(0, 2, 7, 0, TRANSACTIONAL), batch(2, 2, 8, 0, TRANSACTIONAL), batch(4, 1, 8, -1, 0x30)]
    pieces = [*(one.data for one in inside), bytes(80), batch(7, 2, 7, 4, TRANSACTIONAL).data]
    (loss,) = lost_in(write(tmp_path / "t-0", pieces))
    assert (loss.hole.first_offset, loss.hole.last_offset) == (5, 6)
    assert [(one.producer_id, one.first_offset) for one in loss.transactions] == [(7, 0)]
    assert [(one.producer_id, one.records) for one in loss.producers] == [(7, 2)]
    assert loss.records_are_exact


@pytest.mark.parametrize("gone", ["segment", "tail"])
def test_an_end_that_is_gone_after_a_clean_stop_is_lost_up_to_the_end_that_was_checkpointed(
    kinspect, tmp_path: Path, gone: str
) -> None:
    log_dir = Path(shutil.copytree(REAL / "kafka-4.3.0-rich", tmp_path / "data"))
    partition = log_dir / "many-0"
    last = max(partition.glob("*.log"))
    if gone == "segment":
        for path in partition.glob(f"{last.stem}.*"):
            path.unlink()
    else:
        last.write_bytes(b"")
    done = kinspect("verify", log_dir, "-t", "many", "-J")
    (lost,) = (row for row in map(json.loads, done.stdout.splitlines()) if row["slug"] == "lost-offsets")
    assert (lost["first_offset"], lost["last_offset"]) == (825, 1099)
    assert lost["caused_by"].startswith("log-ends-early at ")
    assert "at most 275 records" in lost["message"]
    assert "; lost: 275 offsets in 1 partition; " in done.stderr
