"""docs/tutorial.md followed with a broker of one's own: its labs in its order, then its looks at the directory."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig

import pytest

from tests.kafka.answers import succeeded

pytestmark = pytest.mark.kafka

BLOCK = re.compile(r"^```(shell|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (kinspect .*)$", re.MULTILINE)
BUNDLED = "fixtures/real/kafka-3.6.0-stopped"


@pytest.fixture(scope="module")
def commands(checkout) -> list[str]:
    """Every command of ours that the tutorial tells to type, from top to bottom."""
    text = (checkout / "docs" / "tutorial.md").read_text(encoding="utf-8")
    return [command for _, block in BLOCK.findall(text) for command in COMMAND.findall(block)]


def test_the_tutorial_runs_every_lab_and_looks_at_each(commands):
    labs = range(1, 6)
    assert [c for c in commands if " labs run " in c] == [
        f"kinspect labs run {lab} --bootstrap-server localhost:9092" for lab in labs
    ]
    looked_at = [c.split()[3] for c in commands if c.startswith(f"kinspect {BUNDLED} --topic ")]
    assert looked_at == [f"hello-world-{lab}" for lab in labs]


def test_its_commands_work_with_a_broker_of_ones_own(commands, new_broker, checkout):
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    with new_broker("4.3.0") as broker:
        for command in commands:
            typed = command.replace("localhost:9092", broker.bootstrap).replace(BUNDLED, str(broker.log_dir))
            done = succeeded(
                subprocess.run(
                    ["sh", "-c", typed],
                    cwd=checkout,
                    env={**os.environ, "PATH": path},
                    capture_output=True,
                    encoding="utf-8",
                    timeout=60,
                )
            )
            assert done.stderr == "", command
        assert done.stdout.endswith("\n5 of 5 labs as expected\n"), "the last command checks them all"
