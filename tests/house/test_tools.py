"""The developer's commands: the same with and without make, and plain words where they cannot work."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import environment, format_tables, native_constants, rust, tasks


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


def test_what_cargo_built_makes_no_install_necessary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    source, made = tmp_path / "native" / "core" / "lib.rs", tmp_path / "native" / "target" / "out" / "bindings.rs"
    for path in (source, made):
        path.parent.mkdir(parents=True)
        path.write_text("1")
    before = environment._fingerprint()
    made.write_text("2")
    assert environment._fingerprint() == before
    source.write_text("2")
    assert environment._fingerprint() != before


def test_a_cargo_that_came_since_makes_an_install_necessary(monkeypatch: pytest.MonkeyPatch) -> None:
    prints = set()
    for found in (None, "/usr/bin/cargo"):
        monkeypatch.setattr(environment.shutil, "which", lambda _name, found=found: found)
        prints.add(environment._fingerprint())
    assert len(prints) == 2


@pytest.mark.parametrize("run_crates", [rust.check, rust.test])
def test_without_cargo_the_crates_are_left_out_and_it_is_said(
    run_crates: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rust.shutil, "which", lambda _name: None)
    monkeypatch.delenv(rust.REQUIRED, raising=False)
    assert run_crates() == 0
    assert capsys.readouterr().err.startswith("left out, without cargo: cargo ")
    monkeypatch.setenv(rust.REQUIRED, "1")
    with pytest.raises(environment.EnvironmentProblem, match="KINSPECT_REQUIRE_NATIVE=1, but cargo is missing"):
        run_crates()


def test_one_check_of_the_crates_that_fails_fails_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rust, "has_cargo", lambda: True)
    monkeypatch.setattr(rust, "_cargo", lambda words: int("fmt" in words))
    assert (rust.check(), rust.test()) == (1, 0)


def test_the_constants_of_the_native_engine_are_those_of_the_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["native_constants", "--check"])
    assert native_constants.main() == 0


def test_constants_that_were_changed_by_hand_are_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "generated.rs"
    changed.write_text(native_constants.generated().replace("= 61;", "= 60;"), encoding="utf-8")
    monkeypatch.setattr(native_constants, "TARGET", changed)
    monkeypatch.setattr(sys, "argv", ["native_constants", "--check"])
    assert native_constants.main() == 1
    assert "stale: generated.rs" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["native_constants"])
    assert native_constants.main() == 0
    assert changed.read_text(encoding="utf-8") == native_constants.generated()


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
