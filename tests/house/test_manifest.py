"""The bundled directories are, byte for byte, what the brokers wrote, and git leaves them so."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def files(fixtures_dir: Path) -> dict[str, Path]:
    """Every file under `fixtures/real/`, by its name in the manifest."""
    real = fixtures_dir / "real"
    found = {path.relative_to(fixtures_dir).as_posix(): path for path in sorted(real.rglob("*")) if path.is_file()}
    assert found, "fixtures/real holds no file"
    return found


@pytest.fixture(scope="module")
def bundled(fixtures_dir: Path) -> tuple[str, ...]:
    """Every file of the bundled data, built and damaged ones included, by its name in the repository."""
    folders = [fixtures_dir / name for name in ("real", "built", "damaged", "crashed")]
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple(path.relative_to(fixtures_dir.parent).as_posix() for path in files)


@pytest.fixture(scope="module")
def manifest(fixtures_dir: Path) -> dict[str, str]:
    """The digests of `fixtures/MANIFEST.sha256`, by name, as `sha256sum` writes them."""
    lines = (fixtures_dir / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


@pytest.fixture(scope="module")
def git(checkout: Path, require: Callable[[str, str], None]) -> Callable[..., list[str]]:
    """Runs git on the checkout, with names parted by NUL on both ends, and without the user's own ignore rules."""
    if not shutil.which("git") or not (checkout / ".git").exists():
        require("git", "this is no git checkout, or git is not installed")

    def run(*words: str, names: tuple[str, ...] = ()) -> list[str]:
        command = ["git", "-c", "core.excludesFile=", *words]
        given = "\0".join(names)
        done = subprocess.run(command, cwd=checkout, input=given, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        return done.stdout.split("\0")[:-1]

    return run


def test_the_manifest_lists_every_file_and_no_other(files: dict[str, Path], manifest: dict[str, str]) -> None:
    assert sorted(manifest) == sorted(files)


def test_the_digests_match(files: dict[str, Path], manifest: dict[str, str]) -> None:
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert {name for name in digests if digests[name] != manifest.get(name)} == set()


def test_all_of_it_stays_small(fixtures_dir: Path) -> None:
    """A checkout stays under 25 MB; what only repeats itself does not belong here."""
    assert sum(path.stat().st_size for path in fixtures_dir.rglob("*") if path.is_file()) < 21_000_000


def test_git_ignores_none_of_them(bundled: tuple[str, ...], git: Callable[..., list[str]]) -> None:
    assert git("check-ignore", "--no-index", "-z", "--stdin", names=bundled) == []


def test_git_keeps_all_of_them(bundled: tuple[str, ...], git: Callable[..., list[str]]) -> None:
    assert set(bundled) - set(git("ls-files", "-z", "fixtures")) == set()


def test_git_touches_no_line_ending_in_them(bundled: tuple[str, ...], git: Callable[..., list[str]]) -> None:
    told = git("check-attr", "-z", "--stdin", "text", names=bundled)
    assert set(told[2::3]) == {"unset"}
