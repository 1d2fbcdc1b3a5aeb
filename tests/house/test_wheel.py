"""The wheels that users get: what they hold, and that they run where there is no checkout.

Where cargo is at hand, a wheel with the native engine, or an error; where it is not, a pure one with the engine on the
spec, unless KINSPECT_REQUIRE_NATIVE=1 forbids that.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from inspector.engine import NATIVE, SPEC
from tests.house.conftest import Installed, build_wheel, run
from tools import wheel as tool

pytestmark = pytest.mark.timeout(1800)  # crates that were never built before take minutes

READING = (
    "tests/spec",
    "tests/engine/test_golden_batches.py",
    "tests/engine/test_against_kafka.py",
    "tests/engine/test_damage.py",
    "tests/engine/test_choice.py",
)
"""Tests of reading that are done in half a minute."""


LEFT_OUT = ("native/target/", "native/fuzz/", "native/core/tests/", "tests/", "fixtures/")
"""What stays in the repository, and out of the source distribution."""


def names(wheel: Path) -> set[str]:
    """The paths in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def version(installed: Installed, cwd: Path) -> str:
    """What `kinspect --version` says outside the checkout."""
    done = run([installed.kinspect, "--version"], cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


# -- the source distribution


def test_the_source_distribution_holds_all_that_the_crates_are_built_from(sdist: Path, checkout: Path) -> None:
    with tarfile.open(sdist) as archive:
        inside = {member.name.partition("/")[2] for member in archive if member.isfile()}
    crates = [checkout / "native" / name for name in ("core", "python")]
    sources = {path.relative_to(checkout).as_posix() for crate in crates for path in (crate / "src").rglob("*.rs")}
    manifests = {f"native/{name}" for name in ("Cargo.toml", "Cargo.lock", "core/Cargo.toml", "python/Cargo.toml")}
    assert sources | manifests | {"setup.py", "inspector/_native.pyi"} <= inside
    assert not [name for name in inside if name.startswith(LEFT_OUT)]


# -- the pure wheel


def test_without_cargo_the_wheel_is_pure(pure_wheel: Path) -> None:
    assert pure_wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in names(pure_wheel) if name.endswith((".so", ".pyd", ".rs"))]


def test_the_wheel_holds_every_source_of_the_checkout(pure_wheel: Path, checkout: Path) -> None:
    library = {path.relative_to(checkout).as_posix() for path in (checkout / "inspector").rglob("*.py")}
    commands = {"inspector/" + path.relative_to(checkout).as_posix() for path in (checkout / "cli").rglob("*.py")}
    missing = (library | commands | {"inspector/py.typed"}) - names(pure_wheel)
    assert not missing, f"not in the wheel (is the package listed in pyproject.toml?): {sorted(missing)}"


def test_the_wheel_holds_every_data_file_of_the_checkout(pure_wheel: Path, checkout: Path) -> None:
    library = {path: path.relative_to(checkout).as_posix() for path in (checkout / "inspector").rglob("*")}
    commands = {path: "inspector/" + path.relative_to(checkout).as_posix() for path in (checkout / "cli").rglob("*")}
    files = {path: name for path, name in (library | commands).items() if path.is_file()}
    data = {name for path, name in files.items() if "__pycache__" not in path.parts}
    missing = {name for name in data if not name.endswith((".so", ".pyc"))} - names(pure_wheel)
    assert not missing, f"not in the wheel (is it listed as package data in pyproject.toml?): {sorted(missing)}"


def test_the_wheel_brings_only_one_top_level_package(pure_wheel: Path) -> None:
    roots = {name.partition("/")[0] for name in names(pure_wheel)}
    assert {root for root in roots if not root.endswith((".dist-info", ".data"))} == {"inspector"}


def test_the_wheel_brings_the_manual_pages(pure_wheel: Path, pure: Installed, checkout: Path) -> None:
    pages = {path.name for path in (checkout / "man").iterdir()}
    assert "kinspect.1" in pages
    assert {name.rpartition("/")[2] for name in names(pure_wheel) if "/share/man/man1/" in name} == pages
    assert {path.name for path in (pure.programs.parent / "share" / "man" / "man1").glob("kinspect*")} == pages


def test_the_pure_wheel_reads_with_the_spec_outside_the_checkout(
    pure: Installed, tmp_path: Path, real_dirs: Mapping[str, Path]
) -> None:
    assert version(pure, tmp_path).endswith(f"(engine: {SPEC})")
    assert "Hello Partitioner 4" in shown(pure, tmp_path, real_dirs)


def test_the_pure_wheel_makes_a_page_of_a_log(pure: Installed, tmp_path: Path, real_dirs: Mapping[str, Path]) -> None:
    log = real_dirs["kafka-3.6.0-stopped"] / "hello-world-4-0" / "00000000000000000000.log"
    done = run([pure.kinspect, "explain", log, "--format", "html"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "</style>" in done.stdout and done.stdout.endswith("</html>\n")


def test_the_pure_wheel_passes_the_tests_of_reading(pure: Installed, tmp_path: Path, checkout: Path) -> None:
    # A folder that holds the tests and no `inspector`, so that they find the one that is installed.
    for name in ("tests", "fixtures"):
        (tmp_path / name).symlink_to(checkout / name, target_is_directory=True)
    shutil.copy2(checkout / "pyproject.toml", tmp_path)
    found = run([pure.python, "-c", "import inspector; print(inspector.__file__)"], tmp_path).stdout
    assert found.startswith(str(pure.programs.parent))
    done = run([pure.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *READING], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


# -- the wheel with the native engine


def test_with_cargo_the_wheel_is_for_every_python_from_3_11_on(native_wheel: Path) -> None:
    assert tool.one_of_every_python(native_wheel.parent) == native_wheel
    assert [name for name in names(native_wheel) if name.endswith(".so")] == ["inspector/_native.abi3.so"]


def test_both_wheels_hold_the_same_besides_the_engine(native_wheel: Path, pure_wheel: Path) -> None:
    native, pure = (
        {name for name in names(wheel) if ".dist-info/" not in name} for wheel in (native_wheel, pure_wheel)
    )
    assert native - pure == {"inspector/_native.abi3.so"}
    assert pure - native == set()


def test_the_native_wheel_reads_with_the_native_engine_outside_the_checkout(
    native: Installed, tmp_path: Path, real_dirs: Mapping[str, Path]
) -> None:
    assert version(native, tmp_path).endswith(f"(engine: {NATIVE})")
    assert "Hello Partitioner 4" in shown(native, tmp_path, real_dirs, "--engine", NATIVE)
    assert shown(native, tmp_path, real_dirs, "-J") == shown(native, tmp_path, real_dirs, "-J", "--engine", SPEC)


def shown(installed: Installed, cwd: Path, real_dirs: Mapping[str, Path], *words: str) -> str:
    """The records of a lab's topic."""
    command = [installed.kinspect, real_dirs["kafka-3.6.0-stopped"], "--topic", "hello-world-4", *words]
    done = run(command, cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("369") >= 1
    return done.stdout


# -- no wheel


def test_a_compile_error_fails_the_install(unpacked: Callable[[Path], Path], cargo_target: str, tmp_path: Path) -> None:
    source, out = unpacked(tmp_path / "source"), tmp_path / "dist"
    with (source / "native" / "python" / "src" / "lib.rs").open("a", encoding="utf-8") as library:
        library.write('\ncompile_error!("a slip of the pen");\n')
    built = build_wheel(source, out, cargo=True, CARGO_TARGET_DIR=cargo_target)
    assert built.returncode != 0
    assert "a slip of the pen" in built.stdout + built.stderr
    assert list(out.glob("*")) == []


def test_without_cargo_a_native_engine_that_is_required_fails_the_install(
    unpacked: Callable[[Path], Path], tmp_path: Path
) -> None:
    source = unpacked(tmp_path / "source")
    built = build_wheel(source, tmp_path / "dist", cargo=False, KINSPECT_REQUIRE_NATIVE="1")
    assert built.returncode != 0
    assert "KINSPECT_REQUIRE_NATIVE=1, but cargo is missing" in built.stdout + built.stderr
    assert list((tmp_path / "dist").glob("*")) == []


@pytest.fixture
def old_rust(tmp_path: Path) -> str:
    """The search path of a machine whose Rust is of 2022, as Debian 12 has it."""
    folder = tmp_path / "old"
    folder.mkdir()
    for program, said in (("cargo", "cargo 1.65.0"), ("rustc", "rustc 1.63.0 (4b91a6ea7 2022-08-08)")):
        (folder / program).write_text(f"#!/bin/sh\necho '{said}'\n")
        (folder / program).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_rust_that_is_too_old_is_told_so(
    unpacked: Callable[[Path], Path], old_rust: str, tmp_path: Path, checkout: Path
) -> None:
    built = build_wheel(unpacked(tmp_path / "source"), tmp_path / "dist", cargo=True, PATH=old_rust)
    needed = re.search(r'^rust-version = "(.*)"', (checkout / "native" / "Cargo.toml").read_text(), re.MULTILINE)
    assert needed is not None
    assert built.returncode != 0
    assert f"Rust 1.63.0 does not match extension requirement >={needed[1]}" in built.stdout + built.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_whoever_does_not_want_the_native_engine_gets_the_pure_wheel(
    unpacked: Callable[[Path], Path], old_rust: str, tmp_path: Path
) -> None:
    out = tmp_path / "dist"
    built = build_wheel(unpacked(tmp_path / "source"), out, cargo=True, PATH=old_rust, KINSPECT_REQUIRE_NATIVE="0")
    assert built.returncode == 0, built.stdout + built.stderr
    assert [path.name.partition("-py3")[2] for path in out.iterdir()] == ["-none-any.whl"]


@pytest.mark.parametrize("name", ["kinspect-0.1.0-py3-none-any.whl", "kinspect-0.1.0-cp311-cp311-linux_x86_64.whl"])
def test_a_wheel_for_some_pythons_only_is_not_taken_for_one_of_every(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(tool.EnvironmentProblem, match=f"expected one wheel tagged cp311-abi3, built {name}"):
        tool.one_of_every_python(tmp_path)
