"""Leader epochs: they never go back in a log (KIP-101), because a leader writes only in its own, latest epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..engine.chunk import Chunk
from ..findings import Finding
from ..segment import Segment
from .rule import NOTHING, Around, Rule


class LeaderEpochs(Rule):
    """The epochs of the batches. -1, as v0 and v1 and the first clients had it, says nothing."""

    needs_all = False
    skims = True

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._epoch = -1

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Most chunks are of one epoch, which is seen at a glance."""
        columns: dict[str, Any] = dict(chunk.batches.columns)
        epochs = columns["partition_leader_epoch"].values
        if not len(epochs) or min(epochs) == max(epochs) == self._epoch:
            return NOTHING
        return self._one_by_one(segment, columns)

    def _one_by_one(self, segment: Segment, columns: dict[str, Any]) -> Iterator[Finding]:
        for row, epoch in enumerate(columns["partition_leader_epoch"].values):
            if 0 <= epoch < self._epoch:
                at = segment.location().at(columns["position"].values[row], columns["batch_bytes"].values[row])
                offsets = columns["base_offset"][row], columns["last_offset"][row]
                field = at.of("partition_leader_epoch")
                yield Finding("leader-epoch-goes-back", field, self._epoch, epoch, *offsets)
            self._epoch = max(self._epoch, epoch)
