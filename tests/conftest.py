"""What all tests share: where the fixtures lie, and what happens when a tool that a test needs is missing."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parent.parent
FIXTURES = CHECKOUT / "fixtures"
SCRIPT = Path(sysconfig.get_path("scripts")) / ("kinspect.exe" if os.name == "nt" else "kinspect")

settings.register_profile("kinspect", deadline=None)  # how long a test takes says nothing about what is true
settings.load_profile("kinspect")

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


SHARING = ("benchmarks", "checking", "dump", "house", "html", "kafka", "kafka_says", "lookups")
"""Folders whose tests share what is dear to make (brokers, browsers, wheels, dumps).

Those of a file stay in one process.
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, says which belong together."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if item.path.parent.name in SHARING:
                item.add_marker(pytest.mark.xdist_group(str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """A test marked `kafka` that was skipped on grounds of its own fails too, where Kafka is required."""
    report = yield
    required = os.environ.get("KINSPECT_REQUIRE_KAFKA") == "1"
    if report.skipped and required and item.get_closest_marker("kafka") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"KINSPECT_REQUIRE_KAFKA=1, but the test was skipped: {report.longrepr}"
    return report


@pytest.fixture(params=("native", "spec"))
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Runs the test once on each engine, in this process and in commands, and makes sure that no other one read."""
    name, other = request.param, {"native": "spec", "spec": "native"}[request.param]
    if importlib.util.find_spec("inspector._native") is None and name == "native":
        require("native", "the native engine is not built")
    monkeypatch.setenv("KINSPECT_ENGINE", name)
    yield name
    from inspector.engine import choose

    assert choose().name == name, f"auto is {choose().name}"
    assert other not in READ_BY, f"{other} read"
    READ_BY.clear()


READ_BY: set[str] = set()
"""What `auto` was taken for in this process since the last test on each engine began."""


@pytest.fixture(autouse=True)
def _note_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    import inspector.engine

    READ_BY.clear()
    taken_by_auto = inspector.engine.taken_by_auto

    def noting() -> str:
        name = taken_by_auto()
        READ_BY.add(name)
        return name

    monkeypatch.setattr(inspector.engine, "taken_by_auto", noting)


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
