"""Each kind of finding that a rule makes is held by a test: without it, some test fails.

Half of it runs in the processes of `switching_off.py`, where the kind in KINSPECT_DROPPED never comes out of a sweep.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.findings import KINDS
from tests.conftest import CHECKOUT

HERE = Path(__file__).resolve().parent
OF_RULES = ("KI-41", "KI-42", "KI-43", "KI-44")
BETWEEN_DIRECTORIES = "meta-properties-versions-differ"
"""Told behind all sweeps."""

SLUGS = sorted(slug for slug, kind in KINDS.items() if kind.code.startswith(OF_RULES) and slug != BETWEEN_DIRECTORIES)


def files_about(slug: str) -> list[str]:
    """The test files beside this one that speak of a kind."""
    files = (path for path in sorted(HERE.glob("test_*.py")) if path != Path(__file__))
    return [str(path.relative_to(CHECKOUT)) for path in files if f'"{slug}"' in path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def switched_off() -> dict[str, tuple[int, str]]:
    """By kind: the exit code of pytest without it, and its last line."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.checking.switching_off"],
        input=json.dumps({slug: files_about(slug) for slug in SLUGS}),
        cwd=CHECKOUT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {slug: (code, line) for slug, (code, line) in json.loads(done.stdout).items()}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_kind_that_is_never_found_makes_a_test_fail(switched_off, slug: str) -> None:
    assert files_about(slug), f"no test speaks of {slug}"
    code, line = switched_off[slug]
    assert (code, "1 failed" in line) == (1, True), line
