"""The small data of the benchmarks, made by Kafka's own writers. Whoever has no Java or Maven skips what needs them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks import data
from fixtures.make import java


@pytest.fixture(scope="session")
def quick_folder(require, tmp_path_factory) -> Path:
    """A folder for the data of quick runs."""
    reason = java.available()
    if reason:
        require("kafka", reason)
    folder: Path = tmp_path_factory.mktemp("benchmarks")
    return folder


@pytest.fixture(scope="session")
def made(quick_folder: Path) -> Mapping[str, data.Made]:
    """Every set, small, with what its maker says of it."""
    return data.provide(data.root_of(quick_folder, quick=True), list(data.SETS), quick=True)
