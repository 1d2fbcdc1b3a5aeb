"""Runs tests again and again, each time without one kind of finding: `python -m tests.checking.switching_off`.

Reads `{kind: [test file, …]}` from stdin, and prints `{kind: [exit code, last line]}`. Each run is a fork of a process
in which everything is imported already, because that takes longer than most of these tests.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

import hypothesis  # noqa: F401 - imported for those who fork off
import pytest

import inspector.reports.integrity  # noqa: F401

OPTIONS = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider")


def main() -> None:
    """All runs, one after the other."""
    asked = json.load(sys.stdin)
    json.dump({kind: _forked(kind, files) for kind, files in asked.items()}, sys.stdout)


def _forked(kind: str, files: list[str]) -> list[object]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, _last_line(kind, files).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        line = told.read().decode()
    os.waitpid(child, 0)
    code, _, text = line.partition(" ")
    return [int(code or -1), text]


def _last_line(kind: str, files: list[str]) -> str:
    os.environ["KINSPECT_DROPPED"] = kind
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = pytest.main([*OPTIONS, *files])
    return f"{int(code)} {said.getvalue().strip().splitlines()[-1]}"


if __name__ == "__main__":
    main()
