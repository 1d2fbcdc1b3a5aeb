"""The wheel with the native engine: one for every CPython from 3.11 on, of this platform."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools import rust
from tools.environment import PYTHON, ROOT, EnvironmentProblem

FOLDER = ROOT / "dist"
NAME = re.compile(r"kinspect-[^-]+-cp311-abi3-[^-]+\.whl")


def make() -> Path:
    """Builds the source distribution, from that the wheel, puts both into `dist/` and returns the wheel's path."""
    environment = {**os.environ, rust.REQUIRED: "1", "CARGO_TARGET_DIR": str(rust.target_dir())}
    with tempfile.TemporaryDirectory() as folder:
        command = (PYTHON, "-m", "build", "--outdir", folder, ROOT)
        if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
            raise EnvironmentProblem("the wheel could not be built; what went wrong stands above")
        wheel = one_of_every_python(Path(folder))
        FOLDER.mkdir(exist_ok=True)
        for made in Path(folder).iterdir():
            shutil.move(made, FOLDER / made.name)
    return FOLDER / wheel.name


def one_of_every_python(folder: Path) -> Path:
    """The one wheel in the folder, if its tag says that any CPython from 3.11 on takes it."""
    names = sorted(path.name for path in folder.glob("*.whl"))
    if len(names) != 1 or not NAME.fullmatch(names[0]):
        raise EnvironmentProblem(f"expected one wheel tagged cp311-abi3, built {', '.join(names) or 'none'}")
    return folder / names[0]
