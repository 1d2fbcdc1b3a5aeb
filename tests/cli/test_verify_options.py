"""What `kinspect verify` is told: which checks, which segments, how fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from inspector.cli.main import kinspect

from inspector.checking import CHECKS
from inspector.reports.scope import Scope

COMMANDS = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ((), Scope()),
        (("--only", "crc"), Scope(only=frozenset({"crc"}))),
        (("--only", "crc", "--only", "epochs"), Scope(only=frozenset({"crc", "epochs"}))),
        (("--modified-since", "2026-03-01"), Scope(modified_since=1_772_323_200_000)),
        (("--modified-since", "1772323200000"), Scope(modified_since=1_772_323_200_000)),
        (("--modified-since", "2026-03-01", "--tz", "Europe/Berlin"), Scope(modified_since=1_772_319_600_000)),
        (("--max-rate", "20MiB"), Scope(max_rate=20 * 1024 * 1024)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_verify_passes_on(library, run, words, scope) -> None:
    assert run("verify", "./x", *words).exit_code == 0
    assert library.asked[1][2] == scope


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "crcs"), "'crcs' is not one of 'crc', "),
        (("--modified-since", "yesterday"), "'yesterday' is no time: "),
        (("--max-rate", "fast"), "'fast' is no rate: 50MB, 20MiB, or bytes a second"),
        (("--max-rate", "0"), "'0' is no rate to read at"),
    ],
)
def test_what_verify_refuses(library, run, words, said) -> None:
    done = run("verify", "./x", *words)
    assert (done.exit_code, library.calls) == (2, [])
    assert f"Invalid value for '{words[0]}'" in done.stderr and said in done.stderr


def test_every_check_can_be_asked_for(library, run) -> None:
    words = [word for name in CHECKS for word in ("--only", name)]
    assert run("verify", "./x", *words).exit_code == 0
    assert library.asked[1][2].not_run == []


def test_help_and_shell_list_the_checks(run) -> None:
    assert "[crc|" in run("verify", "--help").stdout
    offered = ShellComplete(kinspect, {}, "kinspect", "_X").get_completions(["verify", "--only"], "c")
    assert "crc" in [one.value for one in offered]


def test_every_check_is_documented() -> None:
    text = COMMANDS.read_text(encoding="utf-8")
    section = text[text.index("## `kinspect verify`") : text.index("## `kinspect placement`")]
    assert [name for name in CHECKS if f"| `{name}` |" not in section] == []
