"""What `kinspect verify` costs the host on which it runs: the rate at which it reads, and the page cache.

`python -m benchmarks.host FOLDER` makes a segment of 512 MB below FOLDER once, and runs `verify` on it cold, on both
engines and at several rates. The system counts what the process reads; every window of three seconds is held against
`--max-rate`, the first two left out, in which Python loads itself. The page cache is asked every 20 ms how much of
the segment it holds: the most at any time, and what is left in the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from fixtures.make.damage import make_batch
from inspector.page_cache import resident_pages
from inspector.reports.scope import parse_rate

SIZE = 512_000_000
VALUE = 250_000
"""Bytes of a record: so large that the engine on the spec is not what holds the reading up."""

RATES = (None, "20MB", "50MiB", "100MB")
WINDOW = 3.0
EVERY = 0.02
LOADING = 2.0
KINSPECT = Path(sysconfig.get_path("scripts")) / "kinspect"


class Sample(NamedTuple):
    """At a moment: how many bytes the process had read, and how many of the segment were in memory."""

    seconds: float
    read: int
    resident: int


def make_segment(folder: Path) -> Path:
    """A partition with one segment of `SIZE`, on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{0:020}.log"
    if not path.exists():
        batch = make_batch(0, [os.urandom(VALUE)])
        with path.open("wb") as file:
            for offset in range(SIZE // len(batch)):
                file.write(offset.to_bytes(8, "big") + batch[8:])
            os.fsync(file.fileno())
    return path


def measured(path: Path, *words: str) -> list[Sample]:
    """Samples of one run from its start to its end, on a cold file."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        command = [str(KINSPECT), "verify", str(path.parent), *words]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        return list(_samples(process, file.fileno(), path.stat().st_size))


def _samples(process: subprocess.Popen[bytes], descriptor: int, size: int) -> Iterator[Sample]:
    started = time.monotonic()
    read = 0
    while process.poll() is None:
        with suppress(OSError, IndexError):  # it ended just now
            read = int(Path(f"/proc/{process.pid}/io").read_text().split()[1])
        pages = resident_pages(descriptor, 0, size)
        yield Sample(time.monotonic() - started, read, 0 if pages is None else pages.count(1) * 4096)
        time.sleep(EVERY)
    pages = resident_pages(descriptor, 0, size)
    yield Sample(time.monotonic() - started, read, 0 if pages is None else pages.count(1) * 4096)


def rates(samples: list[Sample]) -> list[float]:
    """Bytes a second in each window, once all is loaded."""
    steady = [one for one in samples if one.seconds > LOADING]
    found, first = [], 0
    for last in range(len(steady)):
        while steady[last].seconds - steady[first].seconds > WINDOW:
            first += 1
        seconds = steady[last].seconds - steady[first].seconds
        if seconds > 0.9 * WINDOW:
            found.append((steady[last].read - steady[first].read) / seconds)
    return found


def main() -> None:
    """Makes the segment, and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    path = make_segment(parser.parse_args().folder / "host-0")
    heads = (
        ("max-rate", 10),
        ("seconds", 9),
        ("fastest", 9),
        ("slowest", 9),
        ("of it", 14),
        ("most MB", 9),
        ("left MB", 9),
    )
    print("engine  " + "".join(f"{name:>{width}}" for name, width in heads))
    for engine in ("native", "spec"):
        for rate in RATES:
            samples = measured(path, "--engine", engine, "--only", "crc", *(("--max-rate", rate) if rate else ()))
            print(_line(engine, rate, samples))


def _line(engine: str, rate: str | None, samples: list[Sample]) -> str:
    seen = rates(samples)
    told = f"{max(seen) / 1e6:9.1f}{min(seen) / 1e6:9.1f}" if seen else f"{'-':>9}{'-':>9}"
    share = f"{min(seen) / parse_rate(rate):6.0%} to {max(seen) / parse_rate(rate):4.0%}" if rate and seen else "-"
    most, left = max(one.resident for one in samples) / 1e6, samples[-1].resident / 1e6
    return f"{engine:8}{rate or '-':>10}{samples[-1].seconds:9.1f}{told}{share:>14}{most:9.1f}{left:9.1f}"


if __name__ == "__main__":
    main()
