"""The speed of `kinspect` and its native engine, in relation to Kafka's own tools, dd, and the bare decompressors.

`python -m benchmarks.native [FOLDER]` makes its data below FOLDER once (17 GB, by Kafka's own writers; Java and Maven
are needed), runs each pair of programs in turn, and prints the medians of their ratios, the least and the greatest.
`docs/performance.md` explains each row.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import alone, data, jvm, table
from benchmarks.competitors import KINSPECT, Competitors
from benchmarks.data import EVERY_MEASURE
from benchmarks.processes import CommandError
from benchmarks.questions import QUESTIONS, Answer, answers
from benchmarks.table import Line
from fixtures.make.java import KafkaError

MEASURES = (*QUESTIONS, "memory", "start", "explain")
OWN_SETS = {
    "crc": ("huge",),
    "memory": ("huge",),
    "seek": ("seek",),
    "placement": ("seek", "vast"),
    "verify": ("seek",),
}
"""Beside the sets that are measured in every way."""
PAIRS = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the data where they are missing, measures, prints. 1: something could not be measured."""
    given = _arguments(arguments)
    try:
        root = data.root_of(given.folder, quick=given.quick)
        made = data.provide(root, _sets(given), quick=given.quick)
    except (data.NoDataError, KafkaError) as problem:
        print(problem, file=sys.stderr)
        return 2
    competitors = Competitors(made, given.engine, given.quick, root / "output")
    return 0 if given.make else _measure(competitors, given)


def _measure(competitors: Competitors, given: argparse.Namespace) -> int:
    head = f"{table.machine()}; {_version()}, measured: {given.engine}; Kafka {jvm.VERSION}; pairs: {given.pairs}"
    head += "; small data: nothing here says how fast it is" if given.quick else ""
    print(head, flush=True)
    lines: list[tuple[str, Line]] = []
    for name, line in _lines(competitors, given):
        lines.append((name, line))
        print(table.printed(line), flush=True)
    competitors.output.unlink(missing_ok=True)
    notes = list(_notes(competitors, given.only))
    print(*notes, sep="\n")
    if given.markdown:
        in_order = [line for _, line in sorted(lines, key=lambda pair: MEASURES.index(pair[0]))]
        table.write(given.markdown, table.markdown(in_order, head, notes))
    return int(any(line.met.startswith(table.UNMEASURED) for _, line in lines))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.native", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=tempfile.gettempdir(), help="where the data are kept")
    parser.add_argument("--only", type=_some_of(MEASURES), default=MEASURES, help=f"of {','.join(MEASURES)}")
    parser.add_argument(
        "--sets", type=_some_of(EVERY_MEASURE), default=EVERY_MEASURE, help=f"of {','.join(EVERY_MEASURE)}"
    )
    parser.add_argument("--pairs", type=int, help=f"how often each pair runs (default: {PAIRS})")
    parser.add_argument(
        "--engine", choices=("native", "spec"), default="native", help="which one is measured (default: native)"
    )
    parser.add_argument("--quick", action="store_true", help="on small data, one pair: whether all works, not how fast")
    parser.add_argument(
        "--markdown", type=Path, help="write the table into this file, between its marks if it has them"
    )
    parser.add_argument("--make", action="store_true", help="only make the data")
    given = parser.parse_args(arguments)
    given.pairs = given.pairs or (1 if given.quick else PAIRS)
    return given


class _some_of:  # noqa: N801 - argparse shows its name
    """Words with commas between them, of those that are known."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        words = text.split(",")
        unknown = [word for word in words if word not in self._known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(self._known)}")
        return [word for word in self._known if word in words]


def _sets(given: argparse.Namespace) -> list[str]:
    """The data sets that the chosen measures need."""
    of_each = any(set(QUESTIONS[name].goals) & set(given.sets) for name in given.only if name in QUESTIONS)
    of_each = of_each or "memory" in given.only
    own = {name for only, names in OWN_SETS.items() if only in given.only for name in names}
    return [*(given.sets if of_each else ()), *(name for name in data.SETS if name in own)]


def _lines(competitors: Competitors, given: argparse.Namespace) -> Iterator[tuple[str, Line]]:
    chosen = [name for name in given.only if name in QUESTIONS]
    for name, answer in answers(competitors, chosen, list(competitors.made), given.pairs):
        yield name, _line(answer)
    if "memory" in given.only:
        yield from (("memory", line) for line in alone.memory(competitors, [*given.sets, "huge"]))
    if "placement" in given.only:
        yield from (("placement", line) for line in alone.memory_of_placement(competitors))
    if "start" in given.only:
        yield from (("start", line) for line in alone.start(competitors.engine, given.pairs))
    if "explain" in given.only:
        yield from (("explain", line) for line in alone.explain(competitors, given.pairs))


def _line(answer: Answer) -> Line:
    question, ratio = answer.question, answer.ratio
    about = (question.measure, answer.data, question.against, f"{answer.goal:.3g}")
    if ratio is None:
        return Line(*about, "", "", table.UNMEASURED + answer.problem)
    over = ratio.median / answer.goal
    return Line(
        *about,
        f"{ratio.median:.3f} ({ratio.least:.3f}–{ratio.greatest:.3f})",
        f"{ratio.ours:.3f} / {ratio.against:.3f}",
        "yes" if over <= 1 else f"no: {over:.2f} times the goal",
    )


def _notes(competitors: Competitors, chosen: Sequence[str]) -> Iterator[str]:
    """How much is read for one record, as kinspect says, and as the system counts it (Python's own files too)."""
    for at_the_end in (True, False) if "seek" in chosen else ():
        place = "near the end" if at_the_end else "at the beginning"
        try:
            run = competitors.seek("seek", "-v", at_the_end=at_the_end)
        except CommandError as problem:
            yield f"one record {place}: {table.UNMEASURED}{problem}"
            continue
        said = "; ".join(line for line in run.said.splitlines() if line.startswith("read: "))
        yield f"one record {place}: {said or 'kinspect does not say'}; the whole process read {run.bytes_read:,} bytes"


def _version() -> str:
    return subprocess.run([KINSPECT, "--version"], capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
