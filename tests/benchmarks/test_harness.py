"""The harness of the benchmarks measures everything it speaks of, and what it computes from that is right."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import data, native, pairs, processes, table
from benchmarks.questions import QUESTIONS
from inspector.engine import taken_by_auto

LINE = table.Line("speed", "plain", "a | b", "0.5", "0.4 (0.3–0.6)", "1 / 2", "yes")


@pytest.mark.kafka
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("made")
def test_a_quick_run_measures_every_row(quick_folder: Path, tmp_path: Path, checkout: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- measured -->\nstale\n<!-- end -->\nbehind\n")
    measures = [name for name in native.MEASURES if name != "raw" or shutil.which("cargo")]
    words = ["--quick", "--sets", "lz4", "--engine", taken_by_auto(), "--only", ",".join(measures), "--markdown", page]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.native", quick_folder, *words], cwd=checkout, capture_output=True, text=True
    )
    assert (done.returncode, table.UNMEASURED in done.stdout) == (0, False), done.stdout + done.stderr
    text = page.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(measures) + 4  # two of memory, two of the start, three of placement
    assert all(QUESTIONS[name].measure in text for name in measures if name in QUESTIONS)
    assert text.startswith("before\n") and text.endswith("behind\n") and "stale" not in text
    assert "read: " in text
    assert not (data.root_of(quick_folder, quick=True) / "output").exists()


@pytest.mark.kafka
def test_a_program_that_reads_too_little_is_no_result(made, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    folder = made["tiny"].logs.parents[1]
    counted = processes.answer
    monkeypatch.setattr(processes, "answer", lambda words: {**counted(words), "records": 1})
    assert native.main([str(folder), "--quick", "--sets", "tiny", "--only", "cold", "--engine", "spec"]) == 1
    assert (
        f"not measured: records of Java, cold in tiny: 1, and {made['tiny'].records:,} were made"
        in capsys.readouterr().out
    )


def test_every_second_round_runs_in_reverse() -> None:
    order: list[str] = []
    both = [pairs.Competitor(name, lambda name=name: order.append(name) or 1.0) for name in "ab"]
    assert pairs.rounds(both, 3) == {"a": [1.0] * 3, "b": [1.0] * 3}
    assert "".join(order) == "abbaab"


def test_a_ratio_is_the_median_of_the_pairs() -> None:
    # The medians of the seconds alone would say 2 / 4.
    assert pairs.ratio([1, 2, 6], [4, 4, 8]) == pairs.Ratio(0.5, 0.25, 0.75, 2, 4)
    assert pairs.ratio([2, 3, 10], [10, 2, 4]).median == 1.5


def test_a_command_is_timed_to_its_end_and_its_output_counted() -> None:
    run = processes.thrown_away(["sh", "-c", "printf 12345; exec 1>&-; sleep 0.2"])
    assert run.output_bytes == 5 and run.seconds >= 0.2
    assert processes.lines_counted(["printf", r"a\nb\n"])[1] == 2


def test_a_command_that_fails_is_told_with_its_words() -> None:
    with pytest.raises(processes.CommandError, match="sh ended with 4: of no use"):
        processes.thrown_away(["sh", "-c", "echo of no use >&2; exit 4"])


def test_a_command_that_is_missing_is_told() -> None:
    with pytest.raises(processes.CommandError, match="no-such-program is not installed"):
        processes.thrown_away(["no-such-program"])


def test_output_goes_to_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("longer than what comes")
    assert processes.into_file(["printf", "abc"], path).output_bytes == 3
    assert path.read_text() == "abc"


def test_a_table_names_a_measure_once(tmp_path: Path) -> None:
    text = table.markdown([LINE, LINE._replace(data="zstd")], "machine", ["seen"])
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[2:] == [
        r"| speed | plain | a \| b | 0.5 | 0.4 (0.3–0.6) | 1 / 2 | yes |",
        "|  | zstd |  | 0.5 | 0.4 (0.3–0.6) | 1 / 2 | yes |",
    ]
    table.write(tmp_path / "new.md", text)
    assert (tmp_path / "new.md").read_text() == text


def test_no_data_are_made_in_the_checkout(checkout: Path, capsys) -> None:
    assert native.main([str(checkout / "build"), "--only", "crc"]) == 2
    assert "not in the checkout" in capsys.readouterr().err


def test_a_disk_without_room_is_told_before_anything_is_made(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 10**9))
    assert native.main([str(tmp_path), "--only", "crc"]) == 2
    assert "4.0 GiB of data and 4.0 GiB to spare are needed" in capsys.readouterr().err


def test_every_measure_is_explained(checkout: Path) -> None:
    text = (checkout / "docs" / "performance.md").read_text(encoding="utf-8")
    assert [name for name in native.MEASURES if f"| `{name}` |" not in text] == []
    assert [name for name in data.SETS if f"| `{name}` |" not in text] == []
    assert table.MARKED.search(text)
