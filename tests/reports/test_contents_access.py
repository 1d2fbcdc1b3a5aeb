"""Small files that may not be read, given by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

INDEX = "00000000000000000100.index"


@pytest.mark.parametrize("name", [INDEX, "leader-epoch-checkpoint", ".lock"])
def test_a_file_that_may_not_be_read_is_a_finding(without_privileges, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch(mode=0o000)
    done = without_privileges("show", tmp_path / name)
    assert done.returncode == 3
    assert "could not be read: permission denied" in done.stdout


def test_a_file_in_a_folder_that_may_not_be_entered_is_an_error(without_privileges, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / INDEX).touch()
    closed.chmod(0o000)
    done = without_privileges("show", closed / INDEX)
    closed.chmod(0o755)
    assert (done.returncode, done.stdout) == (3, "")
    assert "permission denied" in done.stderr
