"""`--help` answers at once: the libraries that are slow to load are loaded by the commands that use them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"construct", "kafka", "cramjam", "tabulate"}

PROGRAM = """
import sys
sys.argv = ["kinspect", *sys.argv[1:]]
from inspector.cli.start import main
try:
    main()
finally:
    print("LOADED", *sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["show", "--help"]], ids=" ".join)
def test_help_loads_nothing_slow(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.rpartition("LOADED")[2].split()
    assert "inspector.cli.main" in loaded
    assert not SLOW.intersection(name.partition(".")[0] for name in loaded)
