"""The virtual environment `.venv` in the checkout, with the project installed into it.

The install is editable, so that it follows the sources. It is repeated only when what describes it has changed, or
when a task needs more packages than the last one did.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
STAMP = HOME / "kinspect-installed.json"
PROGRAMS = HOME / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")

EXTRAS = ("", "test", "dev")
"""What a task may ask for: nothing but kinspect, the tests' packages too, the checkers too."""

DESCRIBED_BY = ("pyproject.toml", "setup.py", "native/**/*.rs", "native/**/*.toml", "native/**/*.lock")
"""The files whose change makes another install necessary. What cargo made of them in `target` is none."""


class EnvironmentProblem(Exception):  # noqa: N818 - not an error of the code, but something to tell its user
    """What keeps the environment from being made, in words."""


def provide(extra: str) -> None:
    """Makes sure that `.venv` exists and holds kinspect as the checkout describes it, with one of `EXTRAS`."""
    if not _works():
        _create()
    fingerprint = _fingerprint()
    installed = _installed_extra(fingerprint)
    if installed is not None and EXTRAS.index(installed) >= EXTRAS.index(extra):
        return
    wanted = max(installed or "", extra, key=EXTRAS.index)
    _install(wanted)
    STAMP.write_text(json.dumps({"fingerprint": fingerprint, "extra": wanted}), encoding="utf-8")


def _works() -> bool:
    """Whether `.venv` holds a Python that starts: the one it was made from may be gone."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _create() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise EnvironmentProblem(
            f"{sys.executable} cannot make virtual environments: its module venv (or ensurepip) is missing.\n"
            "On Debian and Ubuntu it is a package of its own: apt-get install python3-venv"
        )
    _tell(f"making the virtual environment {HOME.name}/ …")
    _call((sys.executable, "-m", "venv", "--clear", HOME), f"{HOME.name} could not be made")


def _install(extra: str) -> None:
    project = f".[{extra}]" if extra else "."
    _tell(f"installing {project} into {HOME.name}/ …")
    quietly = ("--quiet", "--disable-pip-version-check")
    _call(
        (PYTHON, "-m", "pip", "install", *quietly, "--editable", project),
        "the installation failed; pip's own words stand above",
    )


def _call(command: Sequence[str | Path], problem: str) -> None:
    # Standard output belongs to the task: a demo's is compared with the README.
    if subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode:
        raise EnvironmentProblem(problem)


def _installed_extra(fingerprint: str) -> str | None:
    """The extra that the last install brought, or None when there was none, or one of another description."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp["extra"] if stamp.get("fingerprint") == fingerprint and stamp.get("extra") in EXTRAS else None


def _fingerprint() -> str:
    """A digest of all files that describe the install, and of whether there is a cargo to build with."""
    digest = hashlib.sha256(b"cargo\0" if shutil.which("cargo") else b"")
    found = sorted(path for pattern in DESCRIBED_BY for path in ROOT.glob(pattern))
    for path in (path for path in found if "target" not in path.relative_to(ROOT).parts):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
