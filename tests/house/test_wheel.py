"""The wheel that users get: what it holds, and that it runs where there is no checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

# The native sources stay out: without them the build takes no compiler, and the wheel is the pure one.
BUILT_FROM = (
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "inspector",
    "cli",
    "man",
)
SKIPPED = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")


def run(command: list[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program outside the checkout, with no PYTHONPATH that would lead back."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the source distribution, from a copy: an old `build/` cannot lend it files."""
    folder = tmp_path_factory.mktemp("build")
    for name in BUILT_FROM:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=SKIPPED)
        else:
            shutil.copy2(source, folder / name)
    built = run([sys.executable, "-m", "build", "--outdir", folder / "dist", folder], folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `kinspect` of a virtual environment that holds the wheel and what it depends on."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    made = run([sys.executable, "-m", "venv", home], wheel.parent)
    assert made.returncode == 0, made.stdout + made.stderr
    install = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    done = run(install, wheel.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return programs / "kinspect"


def names(wheel: Path) -> set[str]:
    """The paths in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_is_pure(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_holds_every_source_of_the_checkout(wheel: Path, checkout: Path) -> None:
    library = {path.relative_to(checkout).as_posix() for path in (checkout / "inspector").rglob("*.py")}
    commands = {"inspector/" + path.relative_to(checkout).as_posix() for path in (checkout / "cli").rglob("*.py")}
    missing = (library | commands | {"inspector/py.typed"}) - names(wheel)
    assert not missing, f"not in the wheel (is the package listed in pyproject.toml?): {sorted(missing)}"


def test_the_wheel_holds_every_data_file_of_the_checkout(wheel: Path, checkout: Path) -> None:
    files = (path for path in (checkout / "inspector").rglob("*") if path.is_file())
    data = {path.relative_to(checkout).as_posix() for path in files if "__pycache__" not in path.parts}
    missing = {name for name in data if not name.endswith((".so", ".pyc"))} - names(wheel)
    assert not missing, f"not in the wheel (is it listed as package data in pyproject.toml?): {sorted(missing)}"


def test_the_wheel_brings_only_one_top_level_package(wheel: Path) -> None:
    roots = {name.partition("/")[0] for name in names(wheel)}
    assert {root for root in roots if not root.endswith((".dist-info", ".data"))} == {"inspector"}


def test_the_wheel_brings_the_manual_pages(wheel: Path, installed: Path, checkout: Path) -> None:
    pages = {path.name for path in (checkout / "man").iterdir()}
    assert "kinspect.1" in pages
    assert {name.rpartition("/")[2] for name in names(wheel) if "/share/man/man1/" in name} == pages
    assert {path.name for path in (installed.parents[1] / "share" / "man" / "man1").glob("kinspect*")} == pages


def test_the_wheel_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = run([installed, "--version"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "kinspect" in done.stdout


def test_the_wheel_reads_a_log_directory(installed: Path, tmp_path: Path, real_dirs: Mapping[str, Path]) -> None:
    done = run([installed, real_dirs["kafka-3.6.0-stopped"], "--topic", "hello-world-4"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in ("hello-world-4", "Hello Partitioner 4", "369"))
