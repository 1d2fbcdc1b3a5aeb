"""What all tests share: where the fixtures lie, and what happens when a tool that a test needs is missing."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
FIXTURES = CHECKOUT / "fixtures"
SCRIPT = Path(sysconfig.get_path("scripts")) / ("kinspect.exe" if os.name == "nt" else "kinspect")

Kinspect = Callable[..., "subprocess.CompletedProcess[str]"]


def require(name: str, reason: str) -> None:
    """Skips the test because `name` is missing, or fails it where KINSPECT_REQUIRE_<NAME>=1 says it must be there."""
    variable = f"KINSPECT_REQUIRE_{name.upper()}"
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}", pytrace=False)
    pytest.skip(f"{reason} ({variable}=1 makes this a failure)")


@pytest.fixture(name="require", scope="session")
def require_fixture() -> Callable[[str, str], None]:
    """The function `require`, for tests and fixtures that cannot import it."""
    return require


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """A test marked `kafka` that was skipped on grounds of its own fails too, where Kafka is required."""
    report = yield
    required = os.environ.get("KINSPECT_REQUIRE_KAFKA") == "1"
    if report.skipped and required and item.get_closest_marker("kafka") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"KINSPECT_REQUIRE_KAFKA=1, but the test was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """The folder `fixtures/`."""
    return FIXTURES


@pytest.fixture(scope="session")
def real_dirs() -> Mapping[str, Path]:
    """The bundled log directories that real brokers wrote, by name (`kafka-3.6.0-stopped`, …)."""
    folders = sorted(path for path in (FIXTURES / "real").glob("*/") if not path.name.endswith(".kafka-says"))
    return {path.name: path for path in folders}


@pytest.fixture(scope="session")
def kinspect() -> Kinspect:
    """Runs the installed command: `kinspect("ls", path)`, with `cwd=` and whatever else subprocess takes."""
    if not SCRIPT.exists():
        pytest.fail(f"{SCRIPT} is missing: the tests run what is installed (pip install -e '.[test]')", pytrace=False)

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        command = [str(SCRIPT), *map(str, arguments)]
        settings = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 60, "cwd": CHECKOUT}
        return subprocess.run(command, check=False, **{**settings, **options})  # type: ignore[call-overload]

    return run
