"""The names of the tests: the processes that share them must find the same ones, whenever and wherever they look."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

SEEDS = ("1", "2", "3", "4")
"""A set of two comes in the same order by every second seed."""


def names_found(checkout: Path, seed: str) -> list[str]:
    """The names of all tests, as a process with this order of sets finds them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:xdist", "-p", "no:cacheprovider"]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    surroundings["PYTHONHASHSEED"] = seed
    done = subprocess.run(command, cwd=checkout, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_every_process_finds_the_same_tests_at_any_time(checkout: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(partial(names_found, checkout), SEEDS))
    assert len(found[0]) > 1000
    assert [names for names in zip(*found, strict=True) if len(set(names)) > 1] == []
