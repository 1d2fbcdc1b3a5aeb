"""What users install: the source distribution, both wheels made from it, and an environment with each, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import rust

BUILT_FROM = (
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs",
    "inspector",
    "cli",
    "man",
    "native",
)
SKIPPED = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info", "target", "corpus")

UNWANTED = ("PYTHONPATH", "KINSPECT_REQUIRE_NATIVE", "CARGO_TARGET_DIR")


class Installed(NamedTuple):
    """An environment that holds a wheel: its programs."""

    programs: Path

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.programs / "python"

    @property
    def kinspect(self) -> Path:
        """Its script."""
        return self.programs / "kinspect"


def run(
    command: list[str | Path], cwd: Path, *, cargo: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a program outside the checkout, with no PYTHONPATH that would lead back, and with no cargo unless asked."""
    surroundings = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    if not cargo:
        surroundings["PATH"] = path_without_cargo()
    surroundings.update(variables)
    return subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, text=True, timeout=1500, check=False)


def path_without_cargo() -> str:
    """The search path of a machine where Rust was never installed."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not shutil.which("cargo", path=folder))


def build_wheel(source: Path, out: Path, *, cargo: bool, **variables: str) -> subprocess.CompletedProcess[str]:
    """Builds the wheel from unpacked sources, as pip does."""
    command: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--outdir", out, source]
    return run(command, source.parent, cargo=cargo, **variables)


@pytest.fixture(scope="session")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, built from a copy: an old `build/` cannot lend it files."""
    folder = tmp_path_factory.mktemp("sdist")
    for name in BUILT_FROM:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=SKIPPED)
        else:
            shutil.copy2(source, folder / name)
    built = run([sys.executable, "-m", "build", "--sdist", "--outdir", folder / "dist", folder], folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((folder / "dist").glob("*.tar.gz"))


@pytest.fixture(scope="session")
def unpacked(sdist: Path) -> Callable[[Path], Path]:
    """Unpacks the source distribution into a folder, and returns the folder that holds the project then."""

    def unpack(folder: Path) -> Path:
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        return folder / sdist.name.removesuffix(".tar.gz")

    return unpack


@pytest.fixture(scope="session")
def pure_wheel(unpacked: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built where there is no cargo."""
    folder = tmp_path_factory.mktemp("pure")
    built = build_wheel(unpacked(folder), folder / "dist", cargo=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="session")
def cargo_target(require: Callable[[str, str], None]) -> str:
    """What cargo built for the checkout, to be built upon: crates are the same to it wherever they lie.

    Not below that folder, though: what lies there cargo takes for its own, and does not see that it changed.
    """
    if not shutil.which("cargo"):
        require("native", "cargo is not installed")
    return str(rust.target_dir())


@pytest.fixture(scope="session")
def native_wheel(unpacked: Callable[[Path], Path], cargo_target: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built where cargo is at hand."""
    folder = tmp_path_factory.mktemp("native")
    built = build_wheel(unpacked(folder), folder / "dist", cargo=True, CARGO_TARGET_DIR=cargo_target)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="session")
def pure(pure_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The pure wheel installed, with what its tests need."""
    return install(pure_wheel, tmp_path_factory.mktemp("pure-installed"), extra="[test]")


@pytest.fixture(scope="session")
def native(native_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with the native engine installed."""
    return install(native_wheel, tmp_path_factory.mktemp("native-installed"))


def install(wheel: Path, folder: Path, extra: str = "") -> Installed:
    """A new environment with the wheel and what it depends on."""
    home = folder / "venv"
    installed = Installed(home / ("Scripts" if os.name == "nt" else "bin"))
    made = run([sys.executable, "-m", "venv", home], folder)
    assert made.returncode == 0, made.stdout + made.stderr
    quietly = ("--quiet", "--disable-pip-version-check")
    done = run([installed.python, "-m", "pip", "install", *quietly, f"{wheel}{extra}"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return installed
