"""The tasks of `python -m tools`, each of which provides its environment first and returns an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools import fuzz as fuzzing
from tools import rust
from tools.environment import PROGRAMS, PYTHON, ROOT, EnvironmentProblem, provide
from tools.wheel import make as make_wheel

DEMO = ("fixtures/real/kafka-3.6.0-stopped", "--topic", "hello-world-[1-4]")
"""What the demo shows: the four labs of the tutorial, as a real broker stored them."""

TYPED = ("inspector", "cli", "tools", "fixtures/make", "benchmarks")
"""The folders that the strict type checker reads."""


PROCESSES = min((os.cpu_count() or 1) + 2, 4)
"""Two more than there are cores, as brokers are waited for; more than a few at once would be in each other's way."""

ON_ALL_CORES = (f"--numprocesses={PROCESSES}", "--dist=loadgroup")
"""How pytest shares the tests among processes."""


def demo(arguments: Sequence[str]) -> int:
    """show what a real Kafka 3.6.0 broker wrote for the four labs"""
    provide("")
    return _run([PROGRAMS / "kinspect", *DEMO, *arguments])


def test(arguments: Sequence[str]) -> int:
    """run the tests, of Python and Rust (arguments go to pytest, and then it runs alone)"""
    provide("test")
    tested = _run([PYTHON, "-m", "pytest", *(arguments or ON_ALL_CORES)])
    return tested if arguments else max(tested, rust.test())


def check(arguments: Sequence[str]) -> int:
    """lint, check the format, and check the types, of Python and Rust"""
    provide("dev")
    commands = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", "--strict", *TYPED))
    return max(*(_run([PYTHON, "-m", *command, *arguments]) for command in commands), rust.check())


def golden(arguments: Sequence[str]) -> int:
    """write the golden outputs, and those that the README shows, anew; read the diff as a reviewer would"""
    provide("test")
    return _run([PYTHON, "-m", "pytest", "-k", "golden or example", *arguments], {"KINSPECT_WRITE_GOLDEN": "1"})


def bench(arguments: Sequence[str]) -> int:
    """measure speed against Kafka's tools; `bench scale`: a directory with 100,000 segments (data: temporary folder)"""
    provide("")
    if arguments[:1] == ["scale"]:
        return _run([PYTHON, "-m", "benchmarks.scale", *(arguments[1:] or [tempfile.gettempdir()])])
    return _run([PYTHON, "-m", "benchmarks.native", *arguments])


def fuzz(arguments: Sequence[str]) -> int:
    """look for inputs that break the native engine: `fuzz SECONDS [TARGET…]`, with a nightly Rust and cargo-fuzz"""
    return fuzzing.run(arguments)


def wheel(arguments: Sequence[str]) -> int:
    """make the wheel with the native engine, and the source distribution, in dist/"""
    if arguments:
        return _usage(asked_for=False)
    provide("test")
    print(make_wheel().relative_to(ROOT))
    return 0


TASKS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "test": test,
    "check": check,
    "golden": golden,
    "bench": bench,
    "fuzz": fuzz,
    "wheel": wheel,
}


def run(arguments: Sequence[str]) -> int:
    """Runs the task that the first argument names, with the arguments behind it."""
    if not arguments or arguments[0] not in TASKS:
        return _usage(asked_for=bool(arguments) and arguments[0] in ("-h", "--help"))
    try:
        return TASKS[arguments[0]](arguments[1:])
    except EnvironmentProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _usage(asked_for: bool) -> int:
    lines = [f"  {name:8}{task.__doc__}" for name, task in TASKS.items()]
    print("usage: python -m tools TASK", *lines, sep="\n", file=sys.stdout if asked_for else sys.stderr)
    return 0 if asked_for else 2


def _run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> int:
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False).returncode
