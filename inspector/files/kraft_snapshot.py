"""The frame of a KRaft snapshot: a header first, a footer last, and what the file's name says of it.

A snapshot is read like a log; its offsets start anew at 0. Kafka writes the footer and only then gives the file its
name (KIP-630; `RecordsSnapshotWriter`, `Snapshots`), so a snapshot without one was cut off. `bootstrap.checkpoint`,
which the formatting of a directory leaves (KIP-778), has the same frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..engine.chunk import Chunk
from ..findings import Finding
from ..segment import PENDING_SUFFIXES, Role, Segment
from ..words import control_type_name

BOOTSTRAP = "bootstrap.checkpoint"
UNFINISHED = "part"
"""What the name of a snapshot ends with until it is whole."""

HEADER, FOOTER = "SNAPSHOT_HEADER", "SNAPSHOT_FOOTER"

_NUMBERS = re.compile(r"(\d{20})-(\d{10})[-.]")


class SnapshotName(NamedTuple):
    """What the name says: the snapshot stands for the log before `end_offset`, whose last record is of `epoch`."""

    end_offset: int
    epoch: int


def snapshot_name(segment: Segment) -> SnapshotName | None:
    """The numbers in a snapshot's name; None for logs and for the bootstrap snapshot."""
    numbers = _NUMBERS.match(segment.file_name) if segment.role is Role.KRAFT_SNAPSHOT else None
    return SnapshotName(int(numbers[1]), int(numbers[2])) if numbers else None


def is_kraft_snapshot(segment: Segment) -> bool:
    """Whether a file of record batches is named as a snapshot and not as a log."""
    stem, _, suffix = segment.file_name.rpartition(".")
    name = stem if suffix in PENDING_SUFFIXES else segment.file_name
    return segment.role is Role.KRAFT_SNAPSHOT or name == BOOTSTRAP


class Frame:
    """Watches the chunks of a whole snapshot go by, and tells at the end whether its frame was there."""

    def __init__(self, segment: Segment) -> None:
        self._at = segment.location()
        self._name = snapshot_name(segment)
        self._is_unfinished = segment.pending == UNFINISHED
        self._first: str | None = None
        self._footer: int | None = None
        self._behind: int | None = None
        self._other_epoch: tuple[int, int] | None = None
        self._cut: Finding | None = None

    def see(self, chunk: Chunk) -> None:
        """The next chunk, with its records."""
        self._cut = next((finding for finding in chunk.findings if finding.slug == "truncated-batch"), self._cut)
        positions: Any = chunk.batches.columns["position"]
        self._compare_epochs(positions, chunk.batches.columns["partition_leader_epoch"])
        types: Any = chunk.records.columns["control_type"]
        batches: Any = chunk.records.columns["batch"]
        for row in range(len(chunk.records)):
            self._note(types[row], positions[batches[row]])

    def _note(self, type_id: int | None, position: int) -> None:
        kind = "a record of data" if type_id is None else control_type_name(type_id)
        self._first = self._first or kind
        if self._footer is not None and self._behind is None:
            self._behind = position
        if kind == FOOTER and self._footer is None:
            self._footer = position

    def _compare_epochs(self, positions: Any, epochs: Any) -> None:
        if self._name is None or self._other_epoch is not None:
            return
        rows = range(positions.length)
        self._other_epoch = next(
            ((positions[row], epochs[row]) for row in rows if epochs[row] != self._name.epoch), None
        )

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the frame."""
        if self._is_unfinished and self._footer is None:
            yield Finding("kraft-snapshot-unfinished", self._at)
            return
        if self._first != HEADER:
            yield Finding("kraft-snapshot-header-missing", self._at.at(0), HEADER, self._first or "no record")
        if self._footer is None and self._first is not None:
            missing = Finding("kraft-snapshot-footer-missing", self._at)
            yield missing.because(self._cut.as_cause) if self._cut else missing
        if self._behind is not None:
            yield Finding("kraft-snapshot-goes-on", self._at.at(self._behind), found=self._footer)
        if self._other_epoch is not None and self._name is not None:
            position, epoch = self._other_epoch
            where = self._at.at(position).of("partition_leader_epoch")
            yield Finding("kraft-snapshot-epoch", where, self._name.epoch, epoch)
