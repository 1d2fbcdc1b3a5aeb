"""Stub reports for the command line: what commands ask of the library is recorded, what they show is given here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from inspector.cli.main import kinspect

from inspector.report import Report
from tests.cli.stubs import records


@dataclass
class Library:
    """The library's reports, replaced: `calls` are the questions asked, `report` the one answer."""

    report: Report | Exception | None = None
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def answering(self, name: str) -> Callable[..., Report]:
        def answer(*args: Any, **kwargs: Any) -> Report:
            self.calls.append((name, args, kwargs))
            if isinstance(self.report, Exception):
                raise self.report
            return self.report or records()

        return answer

    @property
    def asked(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """The one question that was asked."""
        assert len(self.calls) == 1, self.calls
        return self.calls[0]

    @property
    def selection(self) -> Any:
        """The selection that came with it."""
        return self.asked[1][1]


MODULES = {
    "show": ("show",),
    "inventory": ("inventory",),
    "files": ("files",),
    "identity": ("identity",),
    "batches": ("batches",),
    "integrity": ("integrity",),
    "labs": ("lab_list", "lab_check"),
    "doctor": ("doctor",),
}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Stands in for `inspector.reports`, all but the selection."""
    stub = Library()
    for module, names in MODULES.items():
        replaced = ModuleType(f"inspector.reports.{module}")
        for name in names:
            setattr(replaced, name, stub.answering(name))
        monkeypatch.setitem(sys.modules, replaced.__name__, replaced)
    return stub


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command line in this process, without the colours that the surroundings may ask for."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words: str, charset: str = "utf-8", color: bool = True) -> Result:
        return CliRunner(charset=charset).invoke(kinspect, words, color=color)

    return invoke
