"""Every kind of file under every other kind's name: a finding, and never a long misreading."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FIXTURES
from tests.files.conftest import offset_entries, snapshot, time_entries, txn_entries

REAL = FIXTURES / "real" / "kafka-4.3.0-stopped"
KILLED = FIXTURES / "real" / "kafka-4.3.0-killed"
OLD = FIXTURES / "real" / "kafka-3.6.0-old-formats"

NAMES = {
    "index": "00000000000000000000.index",
    "timeindex": "00000000000000000000.timeindex",
    "txnindex": "00000000000000000000.txnindex",
    "snapshot": "00000000000000000000.snapshot",
    "offset checkpoint": "replication-offset-checkpoint",
    "leader epochs": "leader-epoch-checkpoint",
    "partition metadata": "partition.metadata",
    "quorum state": "quorum-state",
    "meta properties": "meta.properties",
    "clean shutdown": ".kafka_cleanshutdown",
    "lock": ".lock",
}

FILES: dict[str, list[Path]] = {
    "index": [REAL / "indexed-0/00000000000000000096.index", OLD / "mixed-0/00000000000000000000.index"],
    "timeindex": [
        REAL / "indexed-0/00000000000000000096.timeindex",
        REAL / "__cluster_metadata-0" / NAMES["timeindex"],
    ],
    "txnindex": [REAL / "transactions-0/00000000000000000005.txnindex"],
    "snapshot": [
        REAL / "transactions-0/00000000000000000012.snapshot",
        REAL / "indexed-0/00000000000000000096.snapshot",
    ],
    "offset checkpoint": [REAL / "replication-offset-checkpoint"],
    "leader epochs": [REAL / "indexed-0/leader-epoch-checkpoint"],
    "partition metadata": [REAL / "indexed-0/partition.metadata"],
    "quorum state": [REAL / "__cluster_metadata-0/quorum-state"],
    "meta properties": [REAL / "meta.properties", FIXTURES / "real/kafka-3.6.0-stopped/meta.properties"],
    "clean shutdown": [REAL / ".kafka_cleanshutdown"],
    "log": [
        REAL / "indexed-0/00000000000000000096.log",
        REAL / "hello-world-4-0/00000000000000000000.log",
        REAL / "transactions-0/00000000000000000005.log",
        REAL / "codecs-4/00000000000000000000.log",
        OLD / "magic-0-0/00000000000000000000.log",
        OLD / "magic-1-1/00000000000000000000.log",
        OLD / "mixed-0/00000000000000000000.log",
    ],
    "kraft snapshot": [REAL / "bootstrap.checkpoint", *REAL.glob("__cluster_metadata-0/*.checkpoint")],
}
FOREIGN = {
    "random bytes": random.Random(4).randbytes(4096),
    "few random bytes": random.Random(5).randbytes(51),
    "text": b"[2026-01-05 10:00:00,000] INFO starting (kafka.server.KafkaServer)\n" * 40,
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0\x1f\xf3\xffa" * 3,
    "an archive": b"PK\x03\x04\x14\0\0\0\x08\0" + random.Random(6).randbytes(500),
}
MANY = {
    "index": offset_entries(*((19 + 16 * n, 5076 * (n + 1)) for n in range(300))),
    "timeindex": time_entries(*((1700000604003 + 64000 * n, 19 + 16 * n) for n in range(300))),
    "txnindex": txn_entries(*((0, 19, 1 + 9 * n, 7 + 9 * n, 8 + 9 * n) for n in range(300))),
    "snapshot": snapshot(*((n, 0, 95, 95 + n, 3, 1700004268003, -1, -1) for n in range(300))),
}
"""Long ones: an even number of bytes for every kind of entry, so that no rest gives them away."""


def cases() -> Iterator[tuple[str, str, bytes]]:
    """What it is, the kind its name says, and the bytes."""
    for name in NAMES:
        others = [path for kind, paths in FILES.items() if kind != name for path in paths]
        yield from ((f"{path.parent.name}/{path.name}", name, path.read_bytes()) for path in others)
        yield from ((f"many of {kind}", name, data) for kind, data in MANY.items() if kind != name)
        yield from ((what, name, data) for what, data in FOREIGN.items())


@pytest.mark.parametrize(
    ("name", "data"), [case[1:] for case in cases()], ids=[f"{what} as {name}" for what, name, _ in cases()]
)
def test_a_file_of_another_kind_is_a_finding(read, name: str, data: bytes) -> None:
    result = read(NAMES[name], data)
    assert [finding for finding in result.findings if finding.slug != "preallocated-tail"], result
    assert len(result.rows) <= 2, result.rows[:9]


def test_what_proves_a_kind_is_named(read) -> None:
    log = FILES["log"][0].read_bytes()
    assert read(NAMES["index"], log).said == [
        f"not-what-it-is-called: {NAMES['index']}: does not look like an offset index: record batches"
    ]
    assert read(NAMES["timeindex"], FILES["snapshot"][0].read_bytes()).said == [
        f"not-what-it-is-called: {NAMES['timeindex']}: does not look like a time index: a snapshot of producer state"
    ]
    assert read(NAMES["index"], MANY["timeindex"]).said == [
        f"not-what-it-is-called: {NAMES['index']}: does not look like an offset index: a time index"
    ]
    assert read(NAMES["timeindex"], MANY["index"]).said == [
        f"not-what-it-is-called: {NAMES['timeindex']}: does not look like a time index: an offset index"
    ]
    assert read(NAMES["txnindex"], FOREIGN["text"]).said == [
        f"not-what-it-is-called: {NAMES['txnindex']}: does not look like an index of aborted transactions: text"
    ]


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind in NAMES])
def test_a_file_under_its_own_name_is_no_finding(read, kind: str) -> None:
    for path in FILES[kind]:
        assert read(NAMES[kind], path.read_bytes()).findings == [], path


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_a_file_is_no_exception(read, name: str) -> None:
    dice = random.Random(name)
    for _ in range(200):
        seed = dice.choice([*MANY.values(), *FOREIGN.values(), bytes(300), FILES["log"][0].read_bytes()[:700]])
        data = bytearray(seed[: dice.randrange(len(seed))])
        for _ in range(dice.randrange(8) if data else 0):
            data[dice.randrange(len(data))] = dice.randrange(256)
        result = read(NAMES[name], bytes(data))
        assert len(result.rows) <= 300
        result.report.verdict()
