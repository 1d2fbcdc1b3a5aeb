"""Options: what they pass to the library, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from inspector.cli import options

from inspector.engine import ENGINES
from inspector.reports.filters import Filters, HeaderFilter
from inspector.reports.selection import parse_offsets
from inspector.reports.times import TimeRange
from tests.cli.stubs import finding, record, records, typed


def test_show_passes_on_what_was_chosen(library, run):
    words = ["-t", "a*", "-t", "!ab", "-p", "0,3-5", "-o", "-10", "--tail", "5", "--no-control", "--full"]
    assert run("./x", "./y", *words).exit_code == 0
    chosen = library.selection
    assert [str(path) for path in library.asked[1][0]] == ["x", "y"]
    assert chosen.topics == ("a*", "!ab")
    assert chosen.partitions == frozenset({0, 3, 4, 5})
    assert chosen.offsets == parse_offsets("-10")
    assert (chosen.tail, chosen.limit, chosen.control, chosen.full) == (5, None, False, True)


def test_show_passes_on_the_filters(library, run):
    words = [
        "--since",
        "2026-03-01",
        "--until",
        "1772366400000",
        "--key",
        "",
        "--key-regex",
        "^a",
        "--value-regex",
        "ü",
    ]
    words += ["--header", "a=b", "--header", "c", "--transaction", "open", "--transaction", "none", "--control-only"]
    assert run("./x", "-t", "a", *words).exit_code == 0
    assert library.selection.filters == Filters(
        TimeRange(1_772_323_200_000, 1_772_366_400_000), b"", re.compile(b"^a"), re.compile("ü".encode()),
        (HeaderFilter(b"a", b"b"), HeaderFilter(b"c")), frozenset(("open", "none")),
    )  # fmt: skip
    assert (library.selection.data, library.selection.control) == (False, True)


@pytest.mark.parametrize("words", [[], ["ls"], ["ls", "--segments"], ["batches"], ["verify"]], ids=typed)
def test_every_command_that_reads_logs_passes_on_the_engine(library, run, words):
    assert run(*words, "./x", "--engine", "native").exit_code == 0
    assert library.selection.engine == "native"


def test_labs_check_passes_on_the_engine(library, run):
    assert run("labs", "check", "./x", "--engine", "spec").exit_code == 0
    assert library.asked[1][2] == "spec"


def test_unasked_the_engine_is_the_fastest_that_is_built(library, run):
    assert run("./x", "-t", "a").exit_code == 0
    assert library.selection.engine == "auto"


def test_the_engines_are_those_of_the_library():
    assert options.ENGINES == ENGINES


def test_no_filter_is_given_unasked(library, run):
    assert run("./x", "-t", "a").exit_code == 0
    assert not library.selection.has_filters


def test_times_without_a_zone_are_of_the_zone_asked_for(library, run):
    assert run("./x", "-t", "a", "--since", "2026-03-01T13:00", "--tz", "Europe/Berlin").exit_code == 0
    assert library.selection.filters.times == TimeRange(1_772_366_400_000)


def test_ago_counts_back_from_now(library, run):
    before = datetime.now(UTC).timestamp() * 1000
    assert run("./x", "-t", "a", "--since", "2h ago").exit_code == 0
    after = datetime.now(UTC).timestamp() * 1000
    assert before <= library.selection.filters.times.since + 2 * 3_600_000 <= after + 1


def test_batches_take_times_and_kinds_but_no_filters_on_records(library, run):
    assert run("batches", "./x", "--since", "5", "--no-control").exit_code == 0
    assert library.selection.filters == Filters(TimeRange(5))
    assert run("batches", "./x", "--control-only").exit_code == 0
    for words in (["--key", "a"], ["--key-regex", "a"], ["--header", "a"], ["--transaction", "open"]):
        assert run("batches", "./x", *words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ([], 50),
        (["-n", "7"], 7),
        (["-n", "0"], None),
        (["--tail", "7"], None),
        (["-J"], None),
        (["-f", "csv"], None),
        (["-f", "table"], 50),
        (["-J", "-n", "7"], 7),
    ],
    ids=typed,
)
def test_only_tables_have_a_default_limit(library, run, words, limit):
    assert run("./x", "-t", "a", *words).exit_code == 0
    assert library.selection.limit == limit


def test_the_inventory_has_no_default_limit(library, run):
    assert run("./x").exit_code == 0
    assert library.selection.limit is None
    assert library.asked[2] == {"segments": False}


@pytest.mark.usefixtures("library")
def test_a_limit_on_records_needs_a_topic(run):
    assert run("./x", "-n", "3").exit_code == 2


def test_ls_lists_one_kind_of_rows(run):
    done = run("ls", ".", "--files", "--segments")
    assert (done.exit_code, "--files and --segments exclude each other" in done.stderr) == (2, True)


def test_ls_lists_partitions_segments_files_or_identities(library, run):
    for words in ([], ["--segments", "-t", "a"], ["--files"], ["--identity"]):
        assert run("ls", "./x", *words).exit_code == 0
    assert [call[0] for call in library.calls] == ["inventory", "inventory", "files", "identity"]
    assert [call[2] for call in library.calls] == [{"segments": False}, {"segments": True}, {}, {}]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["./x", "-p", "a"], "'a' names no partitions"),
        (["./x", "-t", "a", "-o", "5:3"], "'5:3' ends before it begins"),
        (["./x", "-t", "a", "-n", "-1"], "-1 is not in the range 0<=x"),
        (["./x", "-t", "a", "-n", "1", "--tail", "1"], "-n and --tail exclude each other"),
        (["./x", "-J", "-f", "csv"], "-J means --format jsonl"),
        (["./x", "--format", "xml"], "'xml' is not one of"),
        (["./x", "--columns", " , "], "names at least one column"),
        (["./x", "--columns", "offest"], "Did you mean 'offset'?"),
        (["./x", "--columns", "zzz"], "There are: topic, offset"),
        (["./x", "-o", "3"], "-o is about records: say of which topic with -t"),
        (["./x", "--full"], "--full is about records"),
        (["./x", "--since", "5"], "--since is about records"),
        (["./x", "--key", "a"], "--key is about records"),
        (["./x", "--header", "a"], "--header is about records"),
        (["./x", "--transaction", "open"], "--transaction is about records"),
        (["./x", "-t", "a", "--since", "yesterday"], "'yesterday' is no time: 2026-03-01, "),
        (["./x", "-t", "a", "--since", "now", "--until", "1h ago"], "--until is a time before --since"),
        (["./x", "-t", "a", "--key-regex", "("], "'(' is no regular expression: missing )"),
        (["./x", "-t", "a", "--value-regex", "["], "'[' is no regular expression"),
        (["./x", "-t", "a", "--header", "=b"], "'=b' names no header"),
        (["./x", "-t", "a", "--transaction", "hanging"], "'hanging' is not one of"),
        (["./x", "-t", "a", "--control-only", "--no-control"], "--control-only and --no-control exclude each other"),
        (["./x", "--topc", "a"], "--topic"),
        (["./x", "--fail-on", "sometimes"], "sometimes"),
        (["show"], "Missing argument 'LOGDIR...'"),
        (["labs", "rnu"], "rnu"),
        (["labs", "run"], "Missing argument 'N...'"),
        (["labs", "run", "99"], "no lab 99; there are 1, 2, 3, 4, 5"),
        (["labs", "check", "1"], "Missing LOGDIR"),
        (["labs", "check", "./x", "77"], "no lab 77"),
    ],
    ids=typed,
)
def test_a_usage_error_says_what_is_wrong_and_exits_2(run, words, said):
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert said.lower() in result.stderr.lower()
    assert result.stdout == ""


def test_labs_check_tells_numbers_from_directories(library, run):
    assert run("labs", "check", "./x", "data", "./3", "1", "4").exit_code == 0
    name, (paths, numbers, _), _ = library.asked
    assert (name, [str(path) for path in paths], numbers) == ("lab_check", ["x", "data", "3"], (1, 4))


def test_labs_list_lists(library, run):
    assert run("labs", "list").exit_code == 0
    assert library.asked[0] == "lab_list"


COLORED = "\x1b["


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        ([], {}, False),  # not a terminal
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_colours_follow_the_option_and_the_surroundings(library, run, monkeypatch, words, environment, colored):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    library.report = records(record(1), findings=[finding("torn-tail")])
    assert (COLORED in run("./x", *words).stdout) == colored


def test_a_dumb_terminal_has_no_colours(monkeypatch):
    from inspector.cli.render.page import _wants_color

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert not _wants_color("auto", is_terminal=True)
    monkeypatch.setenv("TERM", "xterm")
    assert _wants_color("auto", is_terminal=True)


@pytest.mark.parametrize("verb", ["show", "ls", "batches", "verify", "labs", "labs list", "labs run", "labs check"])
def test_every_command_has_help(run, verb):
    result = run(*verb.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: kinspect {verb} ")
