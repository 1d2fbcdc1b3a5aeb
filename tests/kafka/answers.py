"""What the installed command says, taken apart; and what a lab must say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from subprocess import CompletedProcess
from typing import Any

ACKNOWLEDGED = re.compile(r"^  partition (\d+)  offset (\d+)  key (.*?)  value (.*)$", re.MULTILINE)

ACKNOWLEDGED_BY_LAB: dict[int, list[tuple[int, int, str, str]]] = {
    1: [
        (1, 0, "null", '{"number": 1}'),
        (1, 1, "null", '{"number": 2}'),
        (1, 2, "null", '{"number": 3}'),
        (2, 0, "null", '{"number": 4}'),
        (2, 1, "null", '{"number": 5}'),
        (0, 0, "null", '{"number": 6}'),
    ],
    2: [(2, 0, "foo", "bar"), (2, 1, "foo", "bar")],
    3: [
        (0, 0, "ping", '{"number": 1}'),
        (0, 1, "ping", '{"number": 2}'),
        (0, 2, "ping", '{"number": 3}'),
        (2, 0, "pong", '{"number": 4}'),
        (2, 1, "pong", '{"number": 5}'),
        (2, 2, "pong", '{"number": 6}'),
    ],
    4: [
        (0, 0, "3", "Hello Partitioner"),
        (2, 0, "2", "Hello Partitioner 2"),
        (0, 1, "369", "Hello Partitioner 3"),
        (1, 0, "301", "Hello Partitioner 4"),
    ],
}
"""Partition, offset, key and value of each record of the first run, in the order of sending."""

LAB_4_ON_DISK = [
    (0, 0, "3", "Hello Partitioner"),
    (0, 1, "369", "Hello Partitioner 3"),
    (1, 0, "301", "Hello Partitioner 4"),
    (2, 0, "2", "Hello Partitioner 2"),
]

Done = CompletedProcess[str]


def acknowledged(text: str) -> list[tuple[int, int, str, str]]:
    """The records that `labs run` showed."""
    return [(int(partition), int(offset), key, value) for partition, offset, key, value in ACKNOWLEDGED.findall(text)]


def rows(done: Done) -> list[dict[str, Any]]:
    """The objects of an answer with -J."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def places(done: Done) -> list[tuple[int, int, str, str]]:
    """The records of `show -J`, in the order shown."""
    return [(row["partition"], row["offset"], row["key"], row["value"]) for row in rows(done)]


def succeeded(done: Done, code: int = 0) -> Done:
    """The same, when it ended as it should."""
    said = f"{' '.join(done.args)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert done.returncode == code, f"exit code {done.returncode}, not {code}: {said}"
    assert "Traceback" not in done.stdout + done.stderr, said
    assert "unexpected error" not in done.stderr, said
    return done


def high_watermarks(partitions: Iterable[dict[str, Any]]) -> dict[str, tuple[int | None, int]]:
    """Of `ls -J`: the high watermark of each partition that has records, and where its log ends."""
    return {
        f"{row['topic']}-{row['partition']}": (row["high_watermark"], row["log_end_offset"])
        for row in partitions
        if row["records"]
    }
