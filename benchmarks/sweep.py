"""An engine alone, without the command line: sweeps segment files and prints how long it took, as a line of JSON.

`python -m benchmarks.sweep [--engine=native|spec] [--threads=N] [--crc] [--passes=N] [--warm-up=N] FILE…`; without
`--crc` (which computes checksums and decodes no record) every record is decoded too, and none of its columns built. It
is measured as a whole process, so it imports as little as it can and reads its arguments by hand.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from inspector.engine import SPEC, Engine, ScanRequest, choose
from inspector.location import Location
from inspector.source import open_source


def main(arguments: list[str]) -> None:
    """Sweeps, and prints."""
    options = dict(word.removeprefix("--").partition("=")[::2] for word in arguments if word.startswith("--"))
    files = [Path(word) for word in arguments if not word.startswith("--")]
    engine = _engine(options.get("engine", "native"), int(options["threads"]) if "threads" in options else None)
    request = ScanRequest(records=False) if "crc" in options else ScanRequest(columns=())
    for _ in range(int(options.get("warm-up", 0))):
        sweep(engine, request, files)
    seconds = []
    for _ in range(int(options.get("passes", 1))):
        start = time.perf_counter()
        seen = sweep(engine, request, files)
        seconds.append(time.perf_counter() - start)
    print(f'{{"records": {seen[0]}, "batches": {seen[1]}, "findings": {seen[2]}, "seconds": {seconds}}}')


def sweep(engine: Engine, request: ScanRequest, files: list[Path]) -> tuple[int, int, int]:
    """How many records, batches and findings the files hold."""
    records = batches = findings = 0
    for file in files:
        with open_source(file) as source:
            for chunk in engine.scan(source, request, Location(file.name)):
                records += len(chunk.records)
                batches += len(chunk.batches)
                findings += len(chunk.findings)
    return records, batches, findings


def _engine(name: str, threads: int | None) -> Engine:
    """By name. threads: of the native engine (None: as it chooses)."""
    if name == SPEC:
        return choose(SPEC)
    from inspector.engine.by_native import NativeEngine

    return NativeEngine(threads)


if __name__ == "__main__":
    main(sys.argv[1:])
