"""Lets a test process go without one kind of finding, for `test_switched_off.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from inspector.checking.driver import Sweep
from inspector.findings import Finding

DROPPED = os.environ.get("KINSPECT_DROPPED")


@pytest.fixture(autouse=True)
def _without_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    if DROPPED is None:
        return
    findings = Sweep.findings

    def without(self: Sweep) -> Iterator[Finding]:
        return (finding for finding in findings(self) if finding.slug != DROPPED)

    monkeypatch.setattr(Sweep, "findings", without)
