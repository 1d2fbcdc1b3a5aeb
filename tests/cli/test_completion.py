"""Completion: what the shell is offered, and that it is offered quickly and quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from inspector.cli.bash import WholeWords
from inspector.cli.main import COMPLETE_VARIABLE, PROGRAM, kinspect


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A log directory by names alone."""
    for name in ("orders-0", "orders-1", "pay-ments-0", "pay-ments-12", "__consumer_offsets-49", "lost+found", "t-x"):
        (tmp_path / name).mkdir()
    (tmp_path / "file-3").touch()
    (tmp_path / "meta.properties").touch()
    return tmp_path


def offered(*words: str) -> list[str]:
    """What is offered for the last word, behind the others."""
    found = ShellComplete(kinspect, {}, PROGRAM, COMPLETE_VARIABLE).get_completions(list(words[:-1]), words[-1])
    return [item.value for item in found]


def test_topics_of_the_directory_are_offered_by_their_names(data):
    directory = str(data)
    assert offered(directory, "-t", "") == ["__consumer_offsets", "orders", "pay-ments"]
    assert offered("show", directory, "--topic", "pay") == ["pay-ments"]
    assert offered("verify", directory, "-t", "!o") == ["!orders"]
    assert offered("ls", directory, "-t", "orders", "-t", "p") == ["pay-ments"]


def test_topics_of_several_directories_are_offered_together(data, tmp_path):
    other = tmp_path / "other"
    (other / "more-0").mkdir(parents=True)
    assert offered(str(data), str(other), "-t", "") == ["__consumer_offsets", "more", "orders", "pay-ments"]


def test_a_home_directory_is_understood(data, monkeypatch):
    monkeypatch.setenv("HOME", str(data))
    assert offered("~", "-t", "or") == ["orders"]


def test_partitions_are_those_of_the_topics_asked_for(data):
    assert offered(str(data), "-t", "pay-ments", "-p", "") == ["0", "12"]
    assert offered(str(data), "-p", "1") == ["1", "12"]
    assert offered(str(data), "-t", "pay-ments", "-p", "0,") == ["0,12"]


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (["./x", "--columns", "off"], ["offset"]),
        (["./x", "--columns", "key,val"], ["key,value"]),
        (["ls", "./x", "--columns", "log_end"], ["log_end_offset"]),
        (["ls", "./x", "--segments", "--columns", "first_"], ["first_offset", "first_timestamp"]),
        (["batches", "./x", "--columns", "crc"], ["crc", "crc_ok"]),
        (["verify", "./x", "--columns", "slu"], ["slug"]),
        (["labs", "check", "./x", "--columns", "slu"], ["slug"]),
        (["./x", "-f", ""], ["table", "markdown", "jsonl", "json", "csv", "tsv"]),
        (["./x", "-s", "key=int"], ["key=int16", "key=int32", "key=int64"]),
        (["./x", "--tz", "Europe/Berl"], ["Europe/Berlin"]),
        (["veri"], ["verify", "veri"]),  # the second stands for the shell's own file names
    ],
    ids=str,
)
def test_words_that_kinspect_knows_are_offered(words, some):
    assert offered(*words) == some


@pytest.mark.parametrize(
    "words",
    [["/no/such/directory", "-t", ""], ["-t", ""], ["labs", "list", "--columns", ""], ["./x", "-p", "x"]],
    ids=str,
)
def test_where_there_is_nothing_to_offer_nothing_is(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert offered(*words) == []


def test_a_directory_that_must_not_be_read_is_no_error(data, monkeypatch):
    def refuse(_path):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    assert offered(str(data), "-t", "") == []


PROGRAM_THAT_TELLS = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
sys.argv = ["kinspect"]
from inspector.cli.start import main
main()
"""


@pytest.mark.parametrize("words", [["DIR", "-t", "or"], ["DIR", "--columns", "of"], ["DIR", "-s", "key=i"]], ids=str)
def test_a_shell_gets_its_answer_without_the_engine(data, words):
    words = ["kinspect", *(word.replace("DIR", str(data)) for word in words)]
    environment = {COMPLETE_VARIABLE: "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM_THAT_TELLS], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith("plain,")
    loaded = set(done.stderr.split())
    heavy = {"construct", "kafka", "cramjam", "tabulate", "google_crc32c"}
    assert not {name for name in loaded if name.partition(".")[0] in heavy or name.startswith("inspector.engine")}


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (["./x", "-s", "value", "=", "int"], ["int16", "int32", "int64"]),
        (["./x", "-s", "key", "="], ["auto", "utf8", "json"]),
        (["./x", "--format", "=", "j"], ["jsonl", "json"]),
        (["./x", "--tz", "=", "Europe/Berl"], ["Europe/Berlin"]),
        (["./x", "-f", "j"], ["jsonl", "json"]),
    ],
    ids=str,
)
def test_bash_may_cut_words_at_an_equals_sign(words, some):
    found = WholeWords(kinspect, {}, PROGRAM, COMPLETE_VARIABLE).get_completions(words[:-1], words[-1])
    assert [item.value for item in found][: len(some)] == some


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_makes_the_script_of_each_shell(shell, checkout, kinspect):
    documented = (checkout / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"_KINSPECT_COMPLETE={shell}_source kinspect" in documented
    done = kinspect(env={**os.environ, COMPLETE_VARIABLE: f"{shell}_source"})
    assert "kinspect" in done.stdout
    assert f"{COMPLETE_VARIABLE}={shell}_complete" in done.stdout
