"""The developer's commands: the same with and without make, and plain words where they cannot work."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment, format_tables, tasks


def run(program: str, cwd: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and the standard error of a Python program."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_every_task_is_a_target_of_make(checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^(\w+):\n\t@?(.*)$", makefile, re.MULTILINE))
    assert targets == {name: f"$(PYTHON) -m tools {name}" for name in tasks.TASKS}


def test_an_unknown_task_shows_the_known_ones(checkout: Path) -> None:
    code, said = run("import runpy; runpy.run_module('tools', run_name='__main__')", checkout, "tset")
    assert code == 2
    assert all(name in said for name in tasks.TASKS)


def test_a_python_that_is_too_old_is_told_so(checkout: Path) -> None:
    code, said = run("import sys, tools.__main__ as m; sys.version_info = (3, 9, 2); sys.exit(m.main())", checkout)
    assert (code, said.split(";")[0]) == (2, "kinspect needs Python 3.11 or newer")


def test_a_missing_venv_module_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(environment.EnvironmentProblem, match="apt-get install python3-venv"):
        environment.provide("")


def test_an_install_is_repeated_only_for_another_description(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installs: list[str] = []
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(environment, "_works", lambda: True)
    monkeypatch.setattr(environment, "_install", installs.append)
    for description, extra in (("a", ""), ("a", ""), ("a", "dev"), ("a", "test"), ("b", "test"), ("b", "")):
        monkeypatch.setattr(environment, "_fingerprint", lambda description=description: description)
        environment.provide(extra)
    assert installs == ["", "dev", "test"]


def test_the_tables_of_the_format_are_those_of_the_definitions() -> None:
    assert set(re.findall(r"<!-- table (\w+) -->", format_tables.PAGE.read_text(encoding="utf-8"))) == set(
        format_tables.TABLES
    )
    assert format_tables.main(["--check"]) == 0


def test_a_table_that_was_changed_by_hand_is_made_anew() -> None:
    page = "before\n<!-- table offset_index_entry -->\n| stale |\n<!-- end -->\nbehind\n"
    made = format_tables.filled(page)
    assert made.startswith("before\n") and made.endswith("<!-- end -->\nbehind\n")
    assert "stale" not in made and "| 4 | 4 | `position` |" in made
