"""The engine under test, proved by its name, and short words for scanning bytes with it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from inspector.engine import Engine, ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import batches_of, records_of
from inspector.findings import Finding
from inspector.location import Location
from inspector.model import Record, RecordBatch
from inspector.source import BytesSource
from tests.conftest import require

try:
    from inspector.engine.by_native import NativeEngine
except ImportError:
    NativeEngine = None  # type: ignore[assignment, misc]


def make_native() -> Engine:
    """The native engine with threads, so that runs are made ahead; without it, the test is skipped or fails."""
    if NativeEngine is None:
        require("native", "the native engine is not built")
    return NativeEngine(threads=2)


ENGINES: dict[str, Callable[[], Engine]] = {"spec": SpecEngine, "native": make_native}


@pytest.fixture(params=ENGINES)
def engine(request) -> Engine:
    made = ENGINES[request.param]()
    assert made.name == request.param
    return made


@dataclass
class Scanned:
    batches: list[RecordBatch] = field(default_factory=list)
    records: list[tuple[RecordBatch, Record]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def offsets(self) -> list[int]:
        return [record.offset for _, record in self.records]

    @property
    def slugs(self) -> list[str]:
        return [finding.slug for finding in self.findings]

    @property
    def places(self) -> list[tuple[str, int | None]]:
        return [(finding.slug, finding.location.position) for finding in self.findings]


@pytest.fixture
def scan(engine):
    def run(data: bytes, **request) -> Scanned:
        scanned = Scanned()
        for chunk in engine.scan(BytesSource(data), ScanRequest(**request), Location("0.log")):
            scanned.batches += batches_of(chunk)
            scanned.records += records_of(chunk)
            scanned.findings += chunk.findings
        return scanned

    return run
