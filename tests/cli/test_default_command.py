"""The first token: a command, a path, an option, or a typing error."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.cli.stubs import typed


@pytest.fixture
def cwd(tmp_path, monkeypatch):
    """A folder with a directory, one named like a command, and one that needs `--`."""
    for name in ("kafka-logs", "verify", "-dash", "with space"):
        (tmp_path / name).mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("cwd")
@pytest.mark.parametrize(
    ("words", "verb", "paths"),
    [
        # 1: a known command, even where a directory has its name
        (["show", "kafka-logs"], "inventory", ["kafka-logs"]),
        (["verify", "kafka-logs"], "integrity", ["kafka-logs"]),
        (["batches", "verify"], "batches", ["verify"]),
        (["show", "verify"], "inventory", ["verify"]),
        # 2: begins with '.', '~' or a drive letter, holds a separator, or exists
        (["./verify"], "inventory", ["verify"]),
        ([".missing"], "inventory", [".missing"]),
        (["."], "inventory", ["."]),
        (["~nobody-of-this-name/logs"], "inventory", ["~nobody-of-this-name/logs"]),
        (["C:logs"], "inventory", ["C:logs"]),
        (["d:\\kafka\\logs"], "inventory", ["d:\\kafka\\logs"]),
        (["missing\\logs"], "inventory", ["missing\\logs"]),
        (["missing/logs"], "inventory", ["missing/logs"]),
        (["/missing"], "inventory", ["/missing"]),
        (["kafka-logs"], "inventory", ["kafka-logs"]),
        (["with space"], "inventory", ["with space"]),
        (["dangling"], "inventory", ["dangling"]),
        (["kafka-logs", "verify"], "inventory", ["kafka-logs", "verify"]),
        (["kafka-logs", "-t", "a"], "show", ["kafka-logs"]),
        (["kafka-logs", "--topic", "a"], "show", ["kafka-logs"]),
        # 3: an option of the default command
        (["-t", "a", "kafka-logs"], "show", ["kafka-logs"]),
        (["-ta", "kafka-logs"], "show", ["kafka-logs"]),
        (["--topic=a", "kafka-logs"], "show", ["kafka-logs"]),
        (["-J", "verify"], "inventory", ["verify"]),
        (["-Jqt", "a", "verify"], "show", ["verify"]),
        # 4: '--' first
        (["--", "kafka-logs"], "inventory", ["kafka-logs"]),
        (["--", "-dash"], "inventory", ["-dash"]),
        (["--", "verify"], "inventory", ["verify"]),
    ],
    ids=typed,
)
def test_the_first_token_decides_which_command_is_meant(library, run, words, verb, paths):
    result = run(*words)
    assert result.exit_code == 0, result.output
    asked, arguments, _ = library.asked
    assert (asked, arguments[0]) == (verb, [Path(path) for path in paths])


@pytest.mark.usefixtures("cwd")
@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("verfy", 2, "'verfy' is neither a command nor an existing path. Did you mean 'verify'?"),
        ("lab", 2, "'lab' is neither a command nor an existing path. Did you mean 'labs'?"),
        ("Show", 2, "'Show' is neither a command nor an existing path. Did you mean 'show'?"),
        ("kafka-log", 3, "'kafka-log' is neither a command nor an existing path. Did you mean 'kafka-logs'?"),
        ("zzzzzzzz", 3, "'zzzzzzzz' is neither a command nor an existing path."),
        ("", 3, "'' is neither a command nor an existing path."),
        ("\x1b[31mred\n", 3, "'\\u001b[31mred\\n' is neither a command nor an existing path."),
    ],
)
def test_a_word_that_is_neither_says_what_is_near(library, run, word, code, said):
    result = run(word)
    assert (result.exit_code, result.stderr, result.stdout) == (code, f"Error: {said}\n", "")
    assert library.calls == []


def test_a_tilde_that_the_shell_left_alone_is_the_home_directory(cwd, library, run, monkeypatch):
    monkeypatch.setenv("HOME", str(cwd))
    assert run("~/kafka-logs").exit_code == 0
    assert library.asked[1][0] == [cwd / "kafka-logs"]


@pytest.mark.usefixtures("cwd")
def test_a_directory_that_begins_with_a_tilde_is_itself(library, run):
    Path("~").mkdir()
    assert run("~").exit_code == 0
    assert library.asked[1][0] == [Path("~")]


def test_no_words_give_the_help_and_exit_2(run):
    result = run()
    assert result.exit_code == 2
    assert "Usage: kinspect" in result.output
    assert "batches" in result.output


def test_options_without_a_logdir_are_a_usage_error(run):
    result = run("-t", "a")
    assert result.exit_code == 2
    assert "Missing argument 'LOGDIR...'" in result.stderr


@pytest.mark.parametrize("engine", ["native", "spec"])
def test_the_version_names_the_engine_that_reads_unasked(run, engine, monkeypatch):
    monkeypatch.setattr("inspector.engine.taken_by_auto", lambda: engine)
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"kinspect 0.1.0 (engine: {engine})\n")


def test_what_the_library_warns_of_is_a_plain_line(run, monkeypatch):
    def warning() -> str:
        warnings.warn("the native engine is\x1b[2J broken", RuntimeWarning, stacklevel=1)
        return "spec"

    monkeypatch.setattr("inspector.engine.taken_by_auto", warning)
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, "kinspect 0.1.0 (engine: spec)\n")
    assert result.stderr == "Warning: the native engine is\\u001b[2J broken\n"


def test_the_help_lists_every_command_with_a_whole_sentence(run):
    result = run("--help")
    assert result.exit_code == 0
    for verb in ("show", "ls", "batches", "verify", "labs"):
        assert f"  {verb} " in result.stdout
    commands = result.stdout.partition("Commands:")[2]
    assert "..." not in commands


@pytest.mark.usefixtures("cwd")
def test_a_shell_may_complete_paths_as_well_as_commands():
    from click.shell_completion import ShellComplete
    from inspector.cli.main import kinspect

    completions = ShellComplete(kinspect, {}, "kinspect", "_KINSPECT_COMPLETE").get_completions
    assert {(item.value, item.type) for item in completions([], "ver")} == {("verify", "plain"), ("ver", "file")}
    assert [(item.value, item.type) for item in completions(["kafka-logs"], "kaf")] == [("kaf", "file")]
    assert "--topic" in [item.value for item in completions(["kafka-logs"], "--to")]
