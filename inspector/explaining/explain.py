"""Which kind of file it is, and who explains it."""

from __future__ import annotations

from pathlib import Path

from ..engine import AUTO, choose
from ..log_dir import open_log_dir
from ..names import shown_path
from ..regions import Explanation
from .logs import LogExplainer
from .wanted import EVERYTHING, Wanted


def explain(path: Path, wanted: Wanted = EVERYTHING, engine: str = AUTO) -> Explanation:
    """Every byte of a file of a log directory, or of the part that is wanted, with what it means.

    Raises KinspectError where the file cannot be read, or holds nothing at the place that was asked for.
    """
    log_dir = open_log_dir(path)
    segment = log_dir.partitions[0].segments[0]
    return LogExplainer(segment, log_dir, wanted, shown_path(path), choose(engine)).explanation("a log: record batches")
