"""Any file of a real log directory changed at random: `verify` answers, the same on both engines, and in bounds."""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.errors import KinspectError
from inspector.reports.integrity import integrity
from inspector.reports.selection import Selection

CASES = int(os.environ.get("KINSPECT_FUZZ_CASES", "12"))
"""How many directories each test changes; more with the environment variable."""

SOURCES = (
    ("kafka-3.6.0-rich", ("transactions-0", "compacted-0", "indexed-0", "codecs-3", "__consumer_offsets-2")),
    ("kafka-4.3.0-killed", ("transactions-0", "compacted-0", "indexed-0", "codecs-4", "__cluster_metadata-0")),
)

Change = Callable[[random.Random, bytes], bytes]


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((bytes(rng.randint(1, 100)), rng.randbytes(rng.randint(1, 100)))) + data[at:]


def _zero(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    size = min(len(data) - at, rng.choice((4, 60, 4096)))
    return data[:at] + bytes(size) + data[at + size :]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data + data[start : start + rng.randint(1, 2000)]


def _number(rng: random.Random, data: bytes) -> bytes:
    """Four or eight bytes become a number that somebody might count or allocate by."""
    at = rng.randrange(len(data))
    value = rng.choice((2**31 - 1, -(2**31), 2**62, -1, 0, 1)).to_bytes(8, "big", signed=True)
    piece = rng.choice((value, value[4:]))
    return data[:at] + piece + data[at + len(piece) :]


CHANGES: tuple[Change, ...] = (_flip, _flip, _cut, _insert, _zero, _repeat, _number)


def changed_directories(tmp_path: Path, real: Path, partitions: tuple[str, ...], seed: int) -> Iterator[Path]:
    """Copies of some partitions with the broker's own files, of which a few files were changed, swapped or removed."""
    rng = random.Random(seed)
    for number in range(CASES):
        copy = tmp_path / str(number)
        copy.mkdir()
        for entry in real.iterdir():
            if entry.is_file():
                shutil.copyfile(entry, copy / entry.name)
        for name in rng.sample(partitions, 2):
            shutil.copytree(real / name, copy / name, copy_function=shutil.copyfile)
        _change(rng, [path for path in sorted(copy.rglob("*")) if path.is_file()])
        yield copy
        shutil.rmtree(copy)


def _change(rng: random.Random, files: list[Path]) -> None:
    contents = [path.read_bytes() for path in files]
    for path, data in rng.sample(list(zip(files, contents, strict=True)), min(len(files), rng.randint(1, 4))):
        how = rng.random()
        if how < 0.05:
            path.unlink()
        elif how < 0.1:
            path.write_bytes(rng.choice(contents))
        elif data:
            path.write_bytes(rng.choice(CHANGES)(rng, data))


def answer(directory: Path, engine: str) -> tuple[object, ...]:
    """All that `verify` says, or the error that it stops with."""
    try:
        report = integrity([directory], Selection(engine=engine))
        rows = [tuple(row) for section in report.sections for row in (*section.rows, *section.closing())]
        return rows, report.verdict()
    except KinspectError as error:
        return type(error), error.message


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("name", "partitions"), SOURCES)
def test_both_engines_say_the_same_of_any_bytes(real_dirs, tmp_path, name, partitions, seed, require):
    if importlib.util.find_spec("inspector._native") is None:
        require("native", "the native engine is not built")
    for directory in changed_directories(tmp_path, real_dirs[name], partitions, seed):
        assert answer(directory, "native") == answer(directory, "spec")
