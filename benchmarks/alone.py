"""What is measured against a number, and not against another program: memory, and how long a person waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks import processes, scale, table
from benchmarks.competitors import KINSPECT, Competitors
from benchmarks.data import CHECKOUT
from benchmarks.processes import CommandError, Words
from benchmarks.table import Line

MOST_MEGABYTES = 64
FLAT = 1.1
"""Eight times the file, and at most so many times the memory."""

HELP_SECONDS, FIRST_ROW_SECONDS = 0.15, 0.3
EXPLAIN_SECONDS, EXPLAIN_LARGE_SECONDS = 0.5, 3.0
FIRST_ROW = "first row of the fixtures"
VIEWS: Mapping[str, tuple[Sequence[str], int]] = {"inventory": ((), scale.HEAD), "records": (("-t", "*", "-J"), 0)}
"""What is shown of a directory, and how many lines stand above its first row."""

NOBODY = "–"

_BATCH = CHECKOUT / "fixtures" / "real" / "kafka-3.6.0-stopped" / "codecs-0" / f"{0:020}.log"


def memory(competitors: Competitors, sets: Sequence[str]) -> Iterator[Line]:
    """The peaks of `show` and of `verify`, one run a set; of the plain ones the larger must not need more."""
    for verb, words in (("show", competitors.show_words), ("verify", competitors.verify_words)):
        try:
            peaks = {name: processes.peak_megabytes(words(name)) for name in sets}
        except CommandError as problem:
            yield _memory_line(verb, "", table.UNMEASURED + str(problem))
            continue
        shown = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in peaks.items())
        yield _memory_line(verb, f"{shown} MB", _memory_verdict(competitors, peaks))


def memory_of_placement(competitors: Competitors) -> Iterator[Line]:
    """Its peaks for a small and a large topic; the larger must not need more."""
    try:
        peaks = {name: processes.peak_megabytes(competitors.placement_words(name)) for name in ("seek", "vast")}
    except CommandError as problem:
        yield Line("peak memory of `placement`", "", NOBODY, "flat", "", "", table.UNMEASURED + str(problem))
        return
    shown = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in peaks.items())
    times = peaks["vast"] / peaks["seek"]
    met = "yes" if times <= FLAT else f"no: vast takes {times:.2f} times the memory of seek"
    yield Line("peak memory of `placement`", "", NOBODY, "flat", f"{shown} MB", "", met)


def _memory_line(verb: str, measured: str, met: str) -> Line:
    goal = f"flat; {MOST_MEGABYTES} MB + the largest batch"
    return Line(f"peak memory of `{verb}`", "", NOBODY, goal, measured, "", met)


def _memory_verdict(competitors: Competitors, peaks: dict[str, float]) -> str:
    limits = {name: MOST_MEGABYTES + competitors.made[name].largest_batch / 1e6 for name in peaks}
    above = [f"{name} by {peaks[name] - limit:.0f} MB" for name, limit in limits.items() if peaks[name] > limit]
    if {"plain", "huge"} <= peaks.keys() and peaks["huge"] > FLAT * peaks["plain"]:
        above.append(f"huge takes {peaks['huge'] / peaks['plain']:.2f} times the memory of plain")
    return f"no: {', '.join(above)}" if above else "yes"


def explain(competitors: Competitors, runs: int) -> Iterator[Line]:
    """How soon one batch is explained: a usual one, and one of a megabyte, most records of which are left out."""
    asked = [("a fixture's", _BATCH, EXPLAIN_SECONDS)]
    if "big" in competitors.made:
        asked.append(("big", competitors.made["big"].files[0], EXPLAIN_LARGE_SECONDS))
    for data, file, goal in asked:
        words: Words = [KINSPECT, "explain", file, "--batch", "0", "--engine", competitors.engine]
        yield _start_line(
            "`explain` of one batch", data, goal, [processes.thrown_away(words).seconds for _ in range(runs)]
        )


def start(engine: str, runs: int) -> Iterator[Line]:
    """How soon something is seen."""
    command: Words = [KINSPECT, "--help"]
    yield _start_line("`--help`", "", HELP_SECONDS, [processes.thrown_away(command).seconds for _ in range(runs)])
    try:
        seconds = {
            f"{view} of {folder.name}": [_first_row(folder, view, engine) for _ in range(runs)]
            for folder in _fixtures()
            for view in VIEWS
        }
    except CommandError as problem:
        yield Line(FIRST_ROW, "", NOBODY, f"{FIRST_ROW_SECONDS:g} s", "", "", table.UNMEASURED + str(problem))
        return
    slowest = max(seconds, key=lambda name: median(seconds[name]))
    yield _start_line(FIRST_ROW, f"slowest: {slowest}", FIRST_ROW_SECONDS, seconds[slowest])


def _fixtures() -> list[Path]:
    folders = (CHECKOUT / "fixtures" / "real").glob("*/")
    return sorted(folder for folder in folders if not folder.name.endswith(".kafka-says"))


def _first_row(folder: Path, view: str, engine: str) -> float:
    options, head = VIEWS[view]
    words: Words = [KINSPECT, "show", folder, *options, "--fail-on", "never", "--engine", engine]
    try:
        seconds = scale.measure(words, head=head).first_row
    except SystemExit as problem:
        raise CommandError(str(problem)) from problem
    if seconds is None:
        raise CommandError(f"{folder.name} has no row to show")
    return seconds


def _start_line(measure: str, data: str, goal: float, seconds: Sequence[float]) -> Line:
    middle = median(seconds)
    met = "yes" if middle <= goal else f"no: {middle / goal:.2f} times the goal"
    measured = f"{middle:.3f} s ({min(seconds):.3f}–{max(seconds):.3f})"
    return Line(measure, data, NOBODY, f"{goal:g} s", measured, f"{middle:.3f}", met)
