"""Findings, verdicts, failures, and the exit codes they lead to."""

from __future__ import annotations

import pytest

from inspector.errors import InputError, NotALogError, PathNotFoundError, UnknownTopicError
from inspector.location import Location
from inspector.report import Column, Report, Section, Verdict
from tests.cli.stubs import finding, record, records

ERROR, WARNING, INFO = finding("truncated-batch"), finding("bad-checkpoint"), finding("torn-tail")
INCOMPLETE = finding("unreadable-file")


@pytest.mark.parametrize(
    ("findings", "options", "code"),
    [
        ([], [], 0),
        ([INFO], [], 0),
        ([WARNING], [], 0),
        ([ERROR], [], 1),
        ([ERROR], ["--fail-on", "never"], 0),
        ([WARNING], ["--fail-on", "warning"], 1),
        ([INFO], ["--fail-on", "warning"], 0),
        ([INFO], ["--fail-on", "info"], 1),
        ([INFO], ["--fail-on", "info", "-q"], 1),
        ([ERROR, INCOMPLETE], [], 3),
        ([INCOMPLETE], ["--fail-on", "never"], 3),
    ],
)
@pytest.mark.parametrize("output", [[], ["-J"], ["-f", "csv"]], ids=["table", "jsonl", "csv"])
def test_findings_decide_the_exit_code(library, run, findings, options, code, output):
    library.report = records(findings=findings)
    assert run("./x", *options, *output).exit_code == code


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict("fine"), 0),
        (Verdict("misplaced", ok=False), 1),
        (Verdict("nothing matched", matched=False), 1),
        (Verdict("half", incomplete=True), 3),
        (Verdict("half, and misplaced", ok=False, incomplete=True), 3),
    ],
)
def test_the_verdict_decides_the_exit_code(library, run, verdict, code):
    library.report = records(verdict=verdict)
    result = run("./x")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (code, verdict.text)
    assert ("incomplete: not all of the input could be read" in result.stdout) == (code == 3)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NotALogError("no log: ./x"), 3, "Error: no log: ./x\n"),
        (InputError("cannot read ./x", hint="Look at the disk."), 3, "Error: cannot read ./x\nLook at the disk.\n"),
        (UnknownTopicError("no topic 'a\x1b'", hint="There is b."), 1, "Error: no topic 'a\\u001b'\nThere is b.\n"),
    ],
)
def test_an_error_of_the_library_is_a_sentence_and_an_exit_code(library, run, error, code, said):
    library.report = error
    result = run("./x")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", said)


@pytest.mark.parametrize(("typed", "near"), [("kafka-log", "kafka-logs"), ("kafak-logs/data", "kafka-logs")])
def test_a_missing_path_comes_with_a_did_you_mean(library, run, tmp_path, typed, near):
    (tmp_path / "kafka-logs").mkdir()
    path = str(tmp_path / typed)
    library.report = PathNotFoundError(f"no such file or directory: {path}", location=Location(path))
    result = run(path)
    assert result.exit_code == 3
    assert result.stderr == f"Error: no such file or directory: {path}\nDid you mean '{tmp_path / near}'?\n"


def test_nothing_near_is_nothing_said(library, run, tmp_path):
    library.report = PathNotFoundError("no such file", location=Location(str(tmp_path / "zzz")))
    assert run("./x").stderr == "Error: no such file\n"


@pytest.mark.parametrize("error", [KeyError("a\nb"), RecursionError(), MemoryError(), ValueError("bad")])
def test_an_unexpected_exception_is_one_plain_line_and_exit_3(library, run, error):
    library.report = error
    result = run("./x")
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: unexpected error (" + type(error).__name__)
    assert "please report" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert "Traceback" in run("./x", "-v").stderr


def test_an_error_half_way_shows_what_was_read_and_found_before(library, run):
    def rows():
        yield record(1, b"k", b"v")
        library.report.findings.append(ERROR)
        raise InputError("cannot read 0.log: Input/output error")

    library.report = records()
    library.report.sections[0].rows = rows()
    result = run("./x")
    assert result.exit_code == 3
    assert "k    v" in result.stdout
    assert "error KI-2003 truncated-batch: 0.log, position 4161: expected 100 bytes, found 7\n" in result.stdout
    assert result.stderr == "Error: cannot read 0.log: Input/output error\n"


def test_findings_stand_after_the_rows_of_their_section(library, run):
    findings = []

    def rows(offset, found):
        yield record(offset)
        findings.append(found)

    sections = [Section("t-0", rows=rows(0, WARNING)), Section("t-1", rows=rows(1, ERROR))]
    library.report = Report(records().columns, sections, findings, lambda: Verdict("2 records"))
    lines = run("./x").stdout.splitlines()
    assert [line.split()[0] for line in lines if line] == [
        "t-0", "offset", "0", "warning",
        "t-1", "offset", "1", "error",
        "2",
    ]  # fmt: skip
    assert [index for index, line in enumerate(lines) if not line] == [4, 9]


def test_consequences_are_folded_into_their_cause(library, run):
    follows = [finding("offset-not-increasing", n, caused_by="truncated-batch at 0.log, position 4161") for n in (1, 2)]
    library.report = records(findings=[ERROR, *follows])
    lines = run("./x").stdout.splitlines()
    assert lines[0].endswith("found 7 (+2 consequences)")
    assert "offset-not-increasing" not in "".join(lines)
    wordy = run("./x", "-v").stdout
    assert wordy.count("offset-not-increasing") == 2
    assert "  follows from: truncated-batch at 0.log, position 4161\n" in wordy
    assert "  next: The broker cuts the log here when it recovers; take a copy first.\n" in wordy


def test_a_consequence_without_its_cause_stands_for_itself(library, run):
    library.report = records(findings=[finding("torn-tail", caused_by="elsewhere at 1.log")])
    assert "info KI-2004 torn-tail" in run("./x").stdout


def test_many_of_a_kind_are_counted_in_a_table_and_all_told_beside_json(library, run):
    library.report = records(findings=[finding("torn-tail", n) for n in range(25)])
    lines = run("./x").stdout.splitlines()
    assert sum("KI-2004" in line for line in lines) == 20
    assert "… and 5 more torn-tail (all: -v)" in lines
    assert run("./x", "-J").stderr.count("KI-2004") == 25
    assert run("./x", "-v").stdout.count("KI-2004") == 25


def test_quiet_leaves_out_notes_and_evidence(library, run):
    library.report = records(findings=[INFO, WARNING], verdict=Verdict("done", lines=("evidence",)))
    lines = run("./x", "-q").stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["warning", "", "done"]


@pytest.mark.parametrize(("words", "stream"), [(["-v"], "stdout"), (["-v", "-J"], "stderr")], ids=["table", "jsonl"])
def test_what_was_read_is_told_to_those_who_ask(library, run, words, stream):
    library.report = records(record(0))
    library.report.progress.meter.bytes_read = 1_234_567
    lines = getattr(run("./x", "-t", "a", *words), stream).splitlines()
    assert lines[-2:] == ["read: 1,234,567 bytes of segments and indexes", "as expected"]
    assert "read:" not in run("./x", "-t", "a", *words[1:]).output
    library.report = records(record(0))
    assert "read:" not in run("./x", "-t", "a", "-v").output


def test_findings_and_titles_cannot_forge_lines(library, run):
    forged = finding("foreign-entry")
    forged = type(forged)("foreign-entry", Location("evil\n\x1b[2Jerror"), found="x\ny")
    library.report = records(title="t\r\n-0", facts=(("a\n", "b\x1b"),), findings=[forged])
    result = run("./x")
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines()[:2] == ["t\\r\\n-0", "  a\\n: b\\u001b"]
    assert "info KI-1001 foreign-entry: evil\\n\\u001b[2Jerror: " in result.stdout


VERIFY_COLUMNS = (Column("code"), Column("slug"), Column("severity", default=False))


def verify_report(*findings) -> Report:
    """A report as `verify` gives it: the rows are findings."""
    rows = ((f.code, f.slug, str(f.severity)) for f in findings)
    report = Report(VERIFY_COLUMNS, [Section(rows=rows)], list(findings), lambda: Verdict("done"))
    report.rows_are_findings = True
    return report


def test_verify_tells_findings_as_lines_and_as_objects(library, run):
    library.report = verify_report(ERROR)
    assert run("verify", "./x").stdout.splitlines() == [
        "error KI-2003 truncated-batch: 0.log, position 4161: expected 100 bytes, found 7", "", "done",
    ]  # fmt: skip
    library.report = verify_report(ERROR)
    result = run("verify", "./x", "-J")
    assert result.stdout == '{"code": "KI-2003", "slug": "truncated-batch", "severity": "error"}\n'
    assert (result.stderr, result.exit_code) == ("done\n", 1)


def test_verify_with_chosen_columns_is_a_table(library, run):
    library.report = verify_report(ERROR)
    assert run("verify", "./x", "--columns", "slug,severity").stdout.splitlines() == [
        "slug             severity", "truncated-batch  error", "", "done",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "verdict", "color"),
    [
        ([WARNING], Verdict("done"), 32),
        ([ERROR], Verdict("done"), 31),
        ([], Verdict("done", ok=False), 31),
        ([INCOMPLETE], Verdict("done"), 31),
    ],
)
def test_the_verdict_is_green_only_when_all_is_well(library, run, findings, verdict, color):
    library.report = records(findings=findings, verdict=verdict)
    assert run("./x", "--color", "always").stdout.endswith(f"\x1b[{color}m\x1b[1mdone\x1b[0m\n")


def test_doctor_asks_for_its_report(library, run):
    library.report = records(verdict=Verdict("broken: zstd", ok=False))
    assert run("doctor").exit_code == 1
    assert library.asked == ("doctor", (), {})
