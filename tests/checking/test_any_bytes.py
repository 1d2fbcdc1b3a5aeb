"""Whatever stands in a partition's files, the rules on producers answer with findings."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fixtures.make.damage import sealed, split
from inspector.findings import KINDS

from .logs import copied
from .rules import found_by

ROUNDS = 15


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("topic", ["ledger-0", "transactions-0", "emptied-0"])
def test_any_bytes_give_findings(tmp_path: Path, real_dirs, topic: str) -> None:
    chance = random.Random(topic)
    partition = copied(real_dirs["kafka-3.6.0-rich"] / topic, tmp_path / "logs")
    intact = {path: path.read_bytes() for path in sorted(partition.iterdir()) if path.suffix != ".deleted"}
    slugs: set[str] = set()
    for _ in range(ROUNDS):
        for path, data in intact.items():
            path.write_bytes(_changed(chance, path, data))
        for check in ("producers", "snapshot", "txnindex"):
            slugs |= {finding.slug for finding in found_by(check, partition.parent)}
    assert slugs <= set(KINDS)
    assert "crc-mismatch" in slugs


def _changed(chance: random.Random, path: Path, data: bytes) -> bytes:
    """Mostly as it was; else bytes of the file, or of a batch under a right CRC, are others."""
    if chance.random() < 0.6 or not data:
        return data
    if path.suffix != ".log" or chance.random() < 0.3:
        return _patched(chance, data)
    batches = split(data)
    number = chance.randrange(len(batches))
    patched = _patched(chance, batches[number])
    batches[number] = sealed(batches[number][:16] + patched[16:]) if len(patched) > 61 else patched
    return b"".join(batches)


def _patched(chance: random.Random, data: bytes) -> bytes:
    position = chance.randrange(len(data))
    patch = chance.choice((b"\xff" * 8, b"\0" * 4, b"\x7f", chance.randbytes(4)))
    kept = len(data) if chance.random() < 0.8 else chance.randrange(len(data))
    return (data[:position] + patch + data[position + len(patch) :])[:kept]
