"""Which kind of file it is, and who explains it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ..engine import AUTO, choose
from ..errors import KinspectError, NotALogError
from ..files.kinds import Kind, Named, kind_of
from ..files.kraft_snapshot import is_kraft_snapshot
from ..location import FILE_BUFFER, Location
from ..log_dir import open_log_dir
from ..names import printable, shown_path
from ..reading import looks_like_a_log
from ..regions import Buffer, Explanation, Region
from ..segment import Role, Segment
from ..source import as_kinspect_error, open_source
from ..text_files import limit_of
from ..words import counted
from . import texts
from .indexes import aborted_transactions, offset_index, producers, time_index
from .leaves import Piece, elided, group, needed, unread
from .logs import BUDGET, LogExplainer
from .tables import Entries, TableExplainer
from .wanted import EVERYTHING, Wanted

FILES_NAMED = 8
"""So many files of a directory are named where one was given instead of a file."""

TABLES: Mapping[Kind, Callable[[int], Entries]] = {
    Kind.OFFSET_INDEX: offset_index,
    Kind.TIME_INDEX: time_index,
    Kind.TXN_INDEX: aborted_transactions,
    Kind.PRODUCER_SNAPSHOT: producers,
}

_LOG = "a log: record batches, or messages of the older formats, one behind the other"
_SNAPSHOT = "a snapshot of the metadata log: record batches like a log's, with a header and a footer"

_PENDING = {
    "deleted": "It waits to be removed.",
    "cleaned": "The cleaner was writing it; a broker that starts throws it away.",
    "swap": "It is to take the place of other files; a broker that starts finishes that.",
    "tmp": "It was being written, and is not in force.",
    "part": "It was being written, and is not in force.",
}


def explain(path: Path, wanted: Wanted = EVERYTHING, engine: str = AUTO) -> Explanation:
    """Every byte of a file of a log directory, or of the part that is wanted, with what it means.

    Raises KinspectError where the file cannot be read, is of no kind that is known, or holds nothing at the place that
    was asked for.
    """
    if os.path.isdir(path):  # False too where its folder may not be entered: whoever opens it says so
        raise _a_directory(path)
    named = kind_of(path.name)
    if named is None:
        return _log(path, wanted, engine)
    return _table(path, named, wanted) if named.kind in TABLES else _text(path, named, wanted)


def _a_directory(path: Path) -> KinspectError:
    """The error for a directory, which names some of the files in it."""
    shown = shown_path(path)
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError as error:
        return as_kinspect_error(error, shown)
    some = ", ".join(map(printable, names[:FILES_NAMED])) + (", …" if len(names) > FILES_NAMED else "")
    hint = f"Name one of its files: {some}" if names else "There is no file in it: name one in a partition's directory."
    return NotALogError(
        f"a directory, and one file is explained at a time: {shown}", location=Location(shown), hint=hint
    )


# -- logs


def _log(path: Path, wanted: Wanted, engine: str) -> Explanation:
    log_dir = open_log_dir(path)
    segment = log_dir.partitions[0].segments[0]
    if segment.role is Role.FOREIGN and not is_kraft_snapshot(segment) and not looks_like_a_log(segment):
        raise NotALogError(
            f"not a file of a log directory: {shown_path(path)}",
            location=Location(shown_path(path)),
            hint="It is not named like one, and holds no record batch.",
        )
    explainer = LogExplainer(segment, log_dir.shutdown, wanted, shown_path(path), choose(engine))
    return explainer.explanation(_with_pending(_what_log(segment), segment.pending))


def _what_log(segment: Segment) -> str:
    return _SNAPSHOT if is_kraft_snapshot(segment) else _LOG


def _with_pending(what: str, pending: str) -> str:
    return f"{what}. {_PENDING[pending]}" if pending in _PENDING else what


# -- what lies beside logs


def _table(path: Path, named: Named, wanted: Wanted) -> Explanation:
    what = _with_pending(str(named.kind), named.pending)
    with open_source(path, printable(path.name)) as source:
        entries = TABLES[named.kind](named.base_offset)
        return TableExplainer(source, entries, wanted, what, shown_path(path)).explanation()


def _text(path: Path, named: Named, wanted: Wanted) -> Explanation:
    """A small file is explained whole, of a large one the first lines; what is too large for its kind is not read."""
    name = printable(path.name)
    what, kind = _with_pending(str(named.kind), named.pending), texts.BY_NAME[_name_in_force(path.name, named)]
    with open_source(path, name) as source:
        if source.size > limit_of(kind.parse):
            raise NotALogError(f"too large for {named.kind}: {shown_path(path)}", location=Location(shown_path(path)))
        piece = Piece(source.read_at(0, source.size))
    findings = texts.findings_of(kind, piece.data, Location(name))
    regions, notes = _regions(kind, piece)
    if not wanted.is_everything:
        notes.append("a text file is explained from its start: nothing in it is chosen by position, offset or number")
    problem = findings[0].message if findings else None
    sentence = f"{_about(what)} {kind.about}"
    tree = group(name, regions, piece.span(0, 0), sentence=sentence, since=kind.since, problem=problem)
    file = Buffer(FILE_BUFFER, name, len(piece.data), tree, needed(tree, piece.data))
    return Explanation(shown_path(path), what, (file,), findings, tuple(notes))


def _regions(kind: texts.TextFile, piece: Piece) -> tuple[list[Region], list[str]]:
    """The tokens of the first lines, and what is left out behind them."""
    if not _is_text(piece.data):
        return [_no_text(piece)], []
    shown = _end_of_lines(piece.data)
    regions = kind.regions(piece._replace(data=piece.data[:shown]))
    if shown == len(piece.data):
        return regions, []
    left = counted(len(piece.data) - shown, "more byte")
    rest = elided("more lines", piece.span(shown, len(piece.data)), "Lines of the same form.")
    return [*regions, rest], [f"{left} from position {shown} on are left out"]


def _end_of_lines(data: bytes) -> int:
    """Where the last line ends that is shown."""
    if len(data) <= BUDGET:
        return len(data)
    return data.rfind(b"\n", 0, BUDGET) + 1 or BUDGET


def _name_in_force(name: str, named: Named) -> str:
    """The name without what says that something is under way."""
    return name.removesuffix(f".{named.pending}") if named.pending else name


def _no_text(piece: Piece) -> Region:
    return unread("content", piece.span(0, len(piece.data)), "no text: it has bytes of zero")


def _is_text(data: bytes) -> bool:
    return b"\0" not in data


def _about(what: str) -> str:
    return f"This file is {what}{'' if what.endswith('.') else '.'}"
