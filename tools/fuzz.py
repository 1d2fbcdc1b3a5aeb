"""Fuzzing of the native engine: `native/fuzz` on what libFuzzer makes of the fixtures.

It takes a nightly Rust and cargo-fuzz. What it finds interesting is kept in `native/fuzz/corpus`, what breaks a check
in `native/fuzz/artifacts`; neither belongs to the repository: the first inputs are made of the fixtures each time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import tomllib
from collections.abc import Iterator, Sequence

from tools.environment import ROOT, EnvironmentProblem

HOME = ROOT / "native" / "fuzz"
FIXTURES = ROOT / "fixtures"

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
CODEC_BITS = 7
KNOWN_ATTRIBUTES = 0x7F

V2_HEADER = struct.Struct(">qiibIhiqqqhii")
LOG_OVERHEAD = 12
V2 = 2

DEFAULT_SECONDS = "60"

LARGEST_SEED = 16 * 1024
"""Larger ones make every run slow, and hold nothing that a smaller one does not."""

LIMITS = ("-timeout=60", "-rss_limit_mb=2048")
"""No input may take a minute, or two gigabytes."""


def run(arguments: Sequence[str]) -> int:
    """Runs each target for some seconds; the exit code of the first that finds something, else 0."""
    seconds, *chosen = arguments or (DEFAULT_SECONDS,)
    if not seconds.isdecimal():
        raise EnvironmentProblem(f"usage: python -m tools fuzz SECONDS [TARGET…], of {', '.join(targets())}")
    if unknown := set(chosen) - set(targets()):
        raise EnvironmentProblem(f"no fuzz target {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    _require_tools()
    return next((code for code in (_fuzz(target, int(seconds)) for target in chosen or targets()) if code), 0)


def targets() -> list[str]:
    """The names of all targets."""
    described = tomllib.loads((HOME / "Cargo.toml").read_text(encoding="utf-8"))
    return [str(binary["name"]) for binary in described["bin"]]


def _require_tools() -> None:
    if not shutil.which("cargo-fuzz"):
        raise EnvironmentProblem("cargo-fuzz is missing: cargo install cargo-fuzz")
    if subprocess.run(("cargo", "+nightly", "--version"), capture_output=True, check=False).returncode:
        raise EnvironmentProblem("a nightly Rust is missing: rustup toolchain install nightly --profile minimal")


def _fuzz(target: str, seconds: int) -> int:
    print(f"{target}: {seed(target)} inputs to begin with", flush=True)
    command = ["cargo", "+nightly", "fuzz", "run", target]
    if built := os.environ.get("CARGO_TARGET_DIR"):
        command += ["--target-dir", built]
    return subprocess.run([*command, "--", f"-max_total_time={seconds}", *LIMITS], cwd=HOME, check=False).returncode


def seed(target: str) -> int:
    """Puts what the fixtures hold for a target into its corpus; gives how many inputs there are."""
    corpus = HOME / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    inputs = {hashlib.sha256(data).hexdigest(): data for data in seeds(target) if len(data) <= LARGEST_SEED}
    for name, data in inputs.items():
        (corpus / name).write_bytes(data)
    return len(inputs)


def seeds(target: str) -> Iterator[bytes]:
    """What a target reads first."""
    if target == "indexes":
        return _files("index")
    if target in CODECS:
        codec = CODECS.index(target)
        return (body for attributes, _, body in _batches() if attributes & CODEC_BITS == codec)
    if target == "records":
        return (_as_fields(attributes, count) + body for attributes, count, body in _batches())
    if target == "batch":
        return (b"\0" + _as_fields(attributes, count) + _as_part(body) for attributes, count, body in _batches())
    return _files("log")


def _files(suffix: str) -> Iterator[bytes]:
    return (path.read_bytes() for path in sorted(FIXTURES.rglob(f"*.{suffix}")))


def _batches() -> Iterator[tuple[int, int, bytes]]:
    """Attributes, records_count and body of every v2 batch that is followed by whole ones only."""
    for data in _files("log"):
        position = 0
        while position + V2_HEADER.size <= len(data):
            _, length, _, magic, _, attributes, *_, count = V2_HEADER.unpack_from(data, position)
            end = position + LOG_OVERHEAD + length
            if magic != V2 or not position + V2_HEADER.size <= end <= len(data):
                break
            yield attributes, count, data[position + V2_HEADER.size : end]
            position = end


def _as_fields(attributes: int, count: int) -> bytes:
    """The choices of `any_header` in the checks: how many records, the attributes, and all else as usual."""
    return bytes((count % 10, 0, 0, 0, attributes & KNOWN_ATTRIBUTES, 0, 0, 0, 0, 0, 0, 0, 3))


def _as_part(body: bytes) -> bytes:
    """The choice of `any_part`: bytes whose length stands behind them, the lowest byte first."""
    return body + len(body).to_bytes(1 if len(body) < 1 << 8 else 2, "little")
