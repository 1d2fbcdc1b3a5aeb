"""The crates in `native/`: checked, tested and built with cargo, where it is at hand.

`KINSPECT_REQUIRE_NATIVE=1` makes a missing cargo an error, as it does for an install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT, EnvironmentProblem

WORKSPACE = ROOT / "native"
REQUIRED = "KINSPECT_REQUIRE_NATIVE"

CHECKS = (("fmt", "--check"), ("clippy", "--all-targets", "--quiet", "--", "-D", "warnings"))
TESTS = (("test", "--package", "kinspect-core", "--quiet"),)


def check() -> int:
    """Format and lints; the exit code."""
    return _each(CHECKS)


def test() -> int:
    """The tests of the core, which knows no Python; the exit code."""
    return _each(TESTS)


def has_cargo() -> bool:
    """Whether there is a native engine to build; raises EnvironmentProblem where it is required and cannot be."""
    if shutil.which("cargo"):
        return True
    if os.environ.get(REQUIRED) == "1":
        raise EnvironmentProblem(f"{REQUIRED}=1, but cargo is missing: https://rustup.rs, or Debian's cargo-web")
    return False


def target_dir() -> Path:
    """Where cargo keeps what it built, so that builds in other folders find it."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or WORKSPACE / "target").absolute()


def _each(commands: tuple[tuple[str, ...], ...]) -> int:
    if not has_cargo():
        print(f"left out, without cargo: {', '.join(f'cargo {words[0]}' for words in commands)}", file=sys.stderr)
        return 0
    return max(_cargo(words) for words in commands)


def _cargo(words: tuple[str, ...]) -> int:
    return subprocess.run(("cargo", *words), cwd=WORKSPACE, check=False).returncode
