"""Adds the native engine to the build where cargo is found; everything else stands in pyproject.toml.

Without cargo, or with KINSPECT_REQUIRE_NATIVE=0, the result is a pure wheel with the spec engine. With
KINSPECT_REQUIRE_NATIVE=1 a missing cargo is an error. A compile error is always an error: the extension is never
optional, and a Rust that is too old is told so.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

from setuptools import setup

CRATE = Path(__file__).parent / "native" / "python" / "Cargo.toml"


def native_extension() -> dict[str, Any]:
    """The keywords of `setup()` that build `inspector._native`, or none where it cannot be built."""
    wish = os.environ.get("KINSPECT_REQUIRE_NATIVE")
    if wish == "0":
        return {}
    if not CRATE.exists() or not shutil.which("cargo"):
        if wish == "1":
            missing = "cargo" if CRATE.exists() else CRATE
            raise SystemExit(f"KINSPECT_REQUIRE_NATIVE=1, but {missing} is missing")
        return {}
    from setuptools_rust import Binding, RustExtension

    extension = RustExtension(
        "inspector._native", path=str(CRATE.relative_to(Path(__file__).parent)), binding=Binding.PyO3,
        debug=False, py_limited_api="auto", rust_version=f">={oldest_rust()}",
    )  # fmt: skip
    return {"rust_extensions": [extension], "options": {"bdist_wheel": {"py_limited_api": "cp311"}}}


def oldest_rust() -> str:
    """The version that the crates ask for."""
    workspace = tomllib.loads((CRATE.parents[1] / "Cargo.toml").read_text(encoding="utf-8"))
    return str(workspace["workspace"]["package"]["rust-version"])


setup(**native_extension())
