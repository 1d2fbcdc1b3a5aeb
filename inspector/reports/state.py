"""What is known of a partition before its records are read: where the log starts and ends, and what is checkpointed."""

from __future__ import annotations

from ..broker_files import Shutdown
from ..engine import Engine
from ..errors import KinspectError
from ..files.kraft_snapshot import is_kraft_snapshot, snapshot_name
from ..partition import PartitionLog
from ..reading import last_batch
from ..words import counted

_SHUTDOWN_WORDS = {
    Shutdown.RUNNING: "a broker is running on it",
    Shutdown.CLEAN: "cleanly stopped",
    Shutdown.UNCLEAN: "not cleanly stopped (killed, or copied while it ran)",
    Shutdown.UNKNOWN: "unknown how the broker left it",
}


def shutdown_in_words(shutdown: Shutdown) -> str:
    """How the broker left the directory."""
    return _SHUTDOWN_WORDS[shutdown]


def log_end_offset(log: PartitionLog, engine: Engine, thorough: bool = False) -> int | None:
    """The offset behind the last whole batch on the disk, None where no file tells, or the end was not read.

    An empty active segment still tells it by its name. Reads the end of the last segment only; unless `thorough`, only
    where that is quick.
    """
    for segment in reversed(log.segments):
        try:
            batch = last_batch(segment, engine, thorough)
        except KinspectError:
            return None
        if batch is not None:
            return batch.last_offset + 1
        if segment.base_offset is not None:
            return segment.base_offset
    return None


def partition_facts(log: PartitionLog, end: int | None) -> tuple[tuple[str, str], ...]:
    """The lines under a partition's title, as name and text."""
    size = sum(segment.size for segment in log.segments)
    facts = [
        ("log", f"{counted(len(log.segments), 'segment')}, {size:,} bytes, {shutdown_in_words(log.shutdown)}"),
        *_what_offsets_mean(log, end),
    ]
    if log.is_internal:
        facts.append(("contents", "internal topic: shown as raw bytes, not decoded yet"))
    return tuple(facts)


def _what_offsets_mean(log: PartitionLog, end: int | None) -> list[tuple[str, str]]:
    """Of a log, its bounds; of a KRaft snapshot, whose offsets start anew at 0, what its name says."""
    if len(log.segments) == 1 and is_kraft_snapshot(log.segments[0]):
        named = snapshot_name(log.segments[0])
        stands_for = "the start of a new directory" if named is None else f"the log before offset {named.end_offset}"
        epoch = "" if named is None else f", up to leader epoch {named.epoch}"
        return [("snapshot", f"of {stands_for}{epoch}, by its name; its own offsets start at 0")]
    return [("offsets", _offsets(log, end)), ("high watermark", _high_watermark(log, end))]


def _offsets(log: PartitionLog, end: int | None) -> str:
    start = log.log_start_offset
    return f"log start offset {_known(start)}, log end offset {_known(end)}"


def _known(offset: int | None) -> str:
    return "not read" if offset is None else str(offset)


def _high_watermark(log: PartitionLog, end: int | None) -> str:
    if log.high_watermark is None:
        return log.high_watermark_source
    if end is not None and log.high_watermark > end:
        missing = counted(log.high_watermark - end, "offset")
        return f"checkpointed {log.high_watermark}, {missing} beyond what is here"
    doubt = " (may lag)" if log.shutdown is not Shutdown.CLEAN else ""
    return f"checkpointed {log.high_watermark}{doubt}"
