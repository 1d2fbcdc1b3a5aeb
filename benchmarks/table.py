"""The table of results, as it comes and as Markdown, and the kind of machine it was measured on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

UNMEASURED = "not measured: "
HEAD = ("measure", "data", "against", "goal", "measured (min–max)", "seconds", "met")
MARKED = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


class Line(NamedTuple):
    """One line of the table. met: `yes`, or by how much not, or why it was not measured."""

    measure: str
    data: str
    against: str
    goal: str
    measured: str
    seconds: str
    met: str


def printed(line: Line) -> str:
    """For a terminal, while the others are still running."""
    what = f"{line.data}: {line.measure.replace('`', '')}" if line.data else line.measure.replace("`", "")
    against = "" if line.against == "–" else f" / {line.against.replace('`', '')}"
    return f"{what}{against}\n    {line.measured or '–'}, goal {line.goal}: {line.met}   [{line.seconds or '–'} s]"


def markdown(lines: Iterable[Line], head: str, notes: Sequence[str]) -> str:
    """The whole result: the machine, the table, what else was seen."""
    rows = [HEAD, ("---",) * len(HEAD), *_said_once(list(lines))]
    table = "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)
    return "\n".join([head + "\n", table, *(f"- {note}" for note in notes)]).rstrip() + "\n"


def _said_once(lines: Sequence[Line]) -> Iterator[Line]:
    """A measure, and who stands against it, are named in the first of its lines."""
    for before, line in zip([None, *lines], lines, strict=False):
        same = before is not None and (before.measure, before.against) == (line.measure, line.against)
        yield line._replace(measure="", against="") if same else line


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(path: Path, text: str) -> None:
    """Between the marks of a page that has them; else the file is this text and nothing else."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    marked = MARKED.search(page)
    whole = page[: marked.end(1)] + text + page[marked.start(2) :] if marked else text
    path.write_text(whole, encoding="utf-8")


def machine() -> str:
    """Its kind, not its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores ({_model()}), {memory:.0f} GiB of memory, {platform.system()}; page cache warm"


def _model() -> str:
    try:
        told = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        told = None
    return told[1] if told else platform.processor() or platform.machine()
