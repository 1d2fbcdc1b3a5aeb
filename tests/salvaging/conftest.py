"""One segment laid down as a partition, and proven."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.engine import choose
from inspector.log_dir import open_log_dir
from inspector.report import Progress
from inspector.salvaging.choosing import Known
from inspector.salvaging.proving import Proof, prove
from tests.reports.conftest import without_privileges  # noqa: F401 - a fixture of this folder too
from tests.salvaging.harm import split

Proven = Callable[..., Proof]


@pytest.fixture
def proven(each_engine: str, tmp_path: Path) -> Proven:
    """Lays down the bytes of a segment and proves it, by each engine."""
    engine = choose(each_engine)

    def run(data: bytes, base_offset: int = 0, known: Known = Known()) -> Proof:  # noqa: B008 - it cannot change
        folder = tmp_path / "topic-0"
        folder.mkdir(exist_ok=True)
        file = folder / f"{base_offset:020d}.log"
        file.write_bytes(data)
        log_dir = open_log_dir(file)
        return prove(log_dir.partitions[0].segments[0], engine, log_dir.shutdown, Progress(), known)

    return run


def kept(proof: Proof, data: bytes) -> list[bytes]:
    """The batches in the ranges of a proof."""
    return [one.data for each in proof.ranges for one in split(data[each.start : each.end])]


def apart(proof: Proof, data: bytes) -> list[bytes]:
    """The batches that were set apart."""
    return [data[batch.position : batch.end] for batch, _ in proof.apart]


def newest_epoch(data: bytes) -> int:
    """The greatest leader epoch of the batches of format v2, as the broker's own file would have it."""
    epochs = [struct.unpack_from(">i", one.data, 12)[0] for one in split(data) if one.data[16] == 2]
    return max(epochs, default=2**31 - 1)
