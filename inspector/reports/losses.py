"""The loss statement below the findings of a partition, and its sum in the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ..engine import Engine
from ..files.kraft_snapshot import is_kraft_snapshot
from ..findings import Finding, Severity
from ..losing import Committed, Loss, committed_offsets, loss_in_words, losses_of
from ..partition import PartitionLog
from ..words import counted
from .inputs import Inputs

LOST = "lost-offsets"

MOST_CAUSES = 10_000
"""So many findings of a partition are held against the offsets that it has."""

TAILS = ("torn-tail", "offset-not-increasing", "unexplained-gap", "log-ends-early")
"""What is no error of bytes, and can have cost records."""


def may_cost(finding: Finding) -> bool:
    """Whether records can be lost where this was found."""
    is_about_bytes = finding.code.startswith(("KI-2", "KI-3"))
    return finding.slug in TAILS or finding.incomplete or (is_about_bytes and finding.severity is Severity.ERROR)


class Losses:
    """What was lost, partition by partition. partitions, offsets: how much so far, `open_ended` without a known end."""

    def __init__(self, inputs: Inputs, engine: Engine) -> None:
        self.partitions = self.offsets = self.open_ended = 0
        self._lines: list[str] = []
        self._inputs = inputs
        self._engine = engine

    @cached_property
    def _committed(self) -> Committed:
        logs = (log for log_dir in self._inputs.log_dirs for log in log_dir.partitions)
        return committed_offsets(logs, self._engine)

    def of(self, log: PartitionLog, damage: Sequence[Finding]) -> Iterator[Finding]:
        """One finding for each stretch of offsets that is lost, as a consequence of what is to blame."""
        if not damage or any(is_kraft_snapshot(segment) for segment in log.segments):  # whose offsets are its own
            return
        losses = losses_of(log, self._engine, damage)
        self.partitions += bool(losses)
        for loss in losses:
            self.offsets += loss.hole.offsets or 0
            self.open_ended += loss.hole.offsets is None
            yield self._finding(log, loss)

    def _finding(self, log: PartitionLog, loss: Loss) -> Finding:
        words = loss_in_words(loss, self._committed.of(log), self._committed)
        self._lines += [f"lost: {words[0]}", *(f"  {one}" for one in words[1:])]
        hole, cause = loss.hole, loss.hole.causes[0]
        found = Finding(LOST, cause.location, None, "; ".join(words), hole.first_offset, hole.last_offset)
        return found.because(cause.as_cause)

    def statement(self) -> list[str]:
        """What was lost of the partition that was asked for last, line by line; told once."""
        lines, self._lines = self._lines, []
        return lines

    def in_words(self) -> str:
        """For the verdict; "" where nothing was lost."""
        if not self.partitions:
            return ""
        known = counted(self.offsets, "offset") if self.offsets else ""
        tails = f"what followed the end of {counted(self.open_ended, 'log')}" if self.open_ended else ""
        return f"lost: {', and '.join(filter(None, (known, tails)))} in {counted(self.partitions, 'partition')}"
