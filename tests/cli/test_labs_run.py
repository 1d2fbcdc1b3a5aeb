"""`labs run`: each record as it is acknowledged, then what to type next."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace

import pytest

from inspector.errors import BrokerUnavailableError
from inspector.labs import LABS


@dataclass
class StubRunner:
    """Stands in for `inspector.labs.run`."""

    ok: bool = True
    error: Exception | None = None
    calls: list[tuple[int, str, float]] = field(default_factory=list)

    def run(self, lab, bootstrap_server, *, timeout_s, on_ack):
        """Acknowledges two records."""
        self.calls.append((lab.number, bootstrap_server, timeout_s))
        on_ack(SimpleNamespace(key=None, value=b'{"number": 1}', partition=1, offset=0))
        if self.error:
            raise self.error
        on_ack(SimpleNamespace(key=b"foo\n", value=b"", partition=2, offset=10))
        result = SimpleNamespace(lines=("partition 1: 1 record",), text="placed as expected", ok=self.ok)
        return SimpleNamespace(result=result)


@pytest.fixture
def runner(monkeypatch):
    """Labs without a broker."""
    stub, module = StubRunner(), ModuleType("inspector.labs.run")
    module.run = stub.run
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return stub


def test_each_record_is_shown_and_then_what_to_type_next(runner, run):
    result = run("labs", "run", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"hello-world-1: {LABS[1].title}\n"
        '  partition 1  offset 0  key null  value {"number": 1}\n'
        '  partition 2  offset 10  key "foo\\n"  value ""\n'
        "partition 1: 1 record\n"
        "placed as expected\n"
        "\n"
        "Now look at what the broker wrote (LOGDIR is log.dirs in its server.properties):\n"
        "  kinspect LOGDIR --topic hello-world-1\n"
        "  kinspect labs check LOGDIR 1\n"
    )
    assert runner.calls == [(1, "localhost:9092", 30.0)]


def test_several_labs_run_in_the_order_typed(runner, run):
    result = run("labs", "run", "3", "1", "--bootstrap-server", "b:1", "--timeout", "2.5")
    assert runner.calls == [(3, "b:1", 2.5), (1, "b:1", 2.5)]
    assert result.stdout.endswith("  kinspect labs check LOGDIR 3 1\n")


def test_records_that_went_elsewhere_make_exit_code_1(runner, run):
    runner.ok = False
    assert run("labs", "run", "1").exit_code == 1


def test_a_broker_that_goes_away_is_exit_code_3_after_what_was_acknowledged(runner, run):
    runner.error = BrokerUnavailableError("the broker went away", hint="Does it still run?")
    result = run("labs", "run", "1", "2")
    assert result.exit_code == 3
    assert "offset 0" in result.stdout
    assert "Now look" not in result.stdout
    assert result.stderr == "Error: the broker went away\nDoes it still run?\n"
