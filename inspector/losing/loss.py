"""What each hole cost: how many records, of which producers and transactions, and when they were written.

An idempotent producer numbers its records (KIP-98), so the number with which it goes on behind a hole tells how many
of its records lay in it. What nothing tells is None, and never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..engine import Engine
from ..findings import Finding, Severity
from ..model import SEQUENCE_LIMIT, RecordBatch, add_sequence
from ..partition import PartitionLog
from ..segment import Role
from .holes import MOST_HOLES, Hole, Seen, find_holes

MOST_PRODUCERS = 100_000
"""So many producers are followed; of further ones nothing is told."""


class ProducerLoss(NamedTuple):
    """What a producer lost in a hole, by its sequence numbers."""

    producer_id: int
    records: int


class OpenTransaction(NamedTuple):
    """A transaction that had begun before a hole, and no marker before it had ended."""

    producer_id: int
    first_offset: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What is known of one hole.

    records: how many records were lost, None where nothing tells. records_are_exact: by sequence numbers, or because
    every offset was a record; else it is the most there can have been.
    since, until: times (epoch milliseconds) between which they were written, by the whole batches beside the hole;
    None where there is none. times_are_exact: the broker's clock gave them (LogAppendTime).
    producers: those whose sequences tell that they lost records here. transactions: open when the hole begins.
    ends_at_least: where the log ends in the hole, what says that it was longer, and up to which offset.
    """

    hole: Hole
    records: int | None = None
    records_are_exact: bool = False
    since: int | None = None
    until: int | None = None
    times_are_exact: bool = False
    producers: tuple[ProducerLoss, ...] = ()
    transactions: tuple[OpenTransaction, ...] = ()
    ends_at_least: tuple[int, str] | None = None


@dataclass(slots=True)
class _Producer:
    """Where a producer was when it was seen last: after which hole, and whether inside a transaction."""

    epoch: int
    next_sequence: int
    holes: int
    began: int | None = None


@dataclass(eq=False)
class _Ledger:
    """Producers as they go by, and what their sequences say of the holes between."""

    producers: dict[int, _Producer] = field(default_factory=dict)
    missing: dict[int, dict[int, int]] = field(default_factory=dict)
    holes: int = 0

    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        known = self.producers.items()
        return tuple(OpenTransaction(number, one.began) for number, one in known if one.began is not None)

    def see(self, batch: RecordBatch, marker: str | None) -> None:
        """A batch of a producer; one hole since its last batch must hold all the sequences between."""
        if batch.producer_id < 0:
            return
        known = self.producers.get(batch.producer_id)
        if batch.is_control:
            if known is not None and marker in ("COMMIT", "ABORT"):
                known.began = None
            return
        if known is not None and known.epoch == batch.producer_epoch and self.holes - known.holes == 1:
            missing = (batch.base_sequence - known.next_sequence) % SEQUENCE_LIMIT
            if batch.base_sequence >= 0 and 0 < missing < SEQUENCE_LIMIT // 2:
                self.missing.setdefault(self.holes - 1, {})[batch.producer_id] = missing
        self._remember(batch, known)

    def _remember(self, batch: RecordBatch, known: _Producer | None) -> None:
        if known is None and len(self.producers) >= MOST_PRODUCERS:
            return
        began = known.began if known is not None and known.epoch == batch.producer_epoch else None
        if batch.is_transactional and began is None:
            began = batch.base_offset
        sequence = add_sequence(batch.last_sequence, 1) if batch.last_sequence >= 0 else -1
        self.producers[batch.producer_id] = _Producer(batch.producer_epoch, sequence, self.holes, began)


def losses_of(log: PartitionLog, engine: Engine, damage: Sequence[Finding]) -> list[Loss]:
    """What was lost of a partition with this damage; empty where all of its offsets are there in whole batches.

    Reads the partition once more; up to `MOST_HOLES` holes.
    """
    ledger = _Ledger()
    found = list(_holes(find_holes(log, engine, damage), ledger))
    losses = [_loss(hole, ledger.missing.get(number, {}), then) for number, (hole, then) in enumerate(found)]
    return [_with_end(loss, log) for loss in losses if _is_a_loss(loss.hole, log)]


def _holes(seen: Iterable[Seen], ledger: _Ledger) -> Iterator[tuple[Hole, tuple[OpenTransaction, ...]]]:
    """The holes, each with the transactions that were open then; the ledger is kept on the way."""
    for batch, hole, marker in seen:
        if hole is not None and ledger.holes < MOST_HOLES:
            yield hole, ledger.open_transactions()
            ledger.holes += 1
        if batch is not None:
            ledger.see(batch, marker)


def _loss(hole: Hole, missing: dict[int, int], transactions: tuple[OpenTransaction, ...]) -> Loss:
    producers = tuple(ProducerLoss(*pair) for pair in sorted(missing.items()))
    by_sequence = sum(one.records for one in producers)
    is_exact = hole.offsets is not None and (by_sequence == hole.offsets or not hole.is_thin)
    since, until = _times(hole)
    return Loss(
        hole,
        records=hole.offsets,
        records_are_exact=is_exact,
        since=since,
        until=until,
        times_are_exact=_is_append_time(hole),
        producers=producers,
        transactions=transactions,
    )


def _times(hole: Hole) -> tuple[int | None, int | None]:
    edges = (hole.before, hole.behind)
    since, until = (edge.timestamp if edge is not None and edge.timestamp >= 0 else None for edge in edges)
    return since, until


def _is_append_time(hole: Hole) -> bool:
    return all(edge is None or edge.is_append_time for edge in (hole.before, hole.behind))


# -- where the log ends in damage


def _is_a_loss(hole: Hole, log: PartitionLog) -> bool:
    """Whether records are gone that somebody was promised. What was only not read may be whole.

    A torn tail is none by itself: what was being written when the broker was killed was not acknowledged.
    """
    if all(finding.incomplete for finding in hole.causes):
        return False
    if hole.last_offset is not None or any(finding.severity is Severity.ERROR for finding in hole.causes):
        return True
    end = _told_end(log)
    return end is not None and end[0] > hole.first_offset


def _with_end(loss: Loss, log: PartitionLog) -> Loss:
    end = _told_end(log) if loss.hole.last_offset is None else None
    if end is None or end[0] <= loss.hole.first_offset:
        return loss
    return replace(loss, ends_at_least=end)


def _told_end(log: PartitionLog) -> tuple[int, str] | None:
    """The greatest offset that the log had reached by what stands beside it, and what tells so."""
    told = [
        (log.high_watermark, "the checkpointed high watermark"),
        (log.recovery_point, "the checkpointed recovery point"),
        (_snapshot_end(log), "the name of a producer snapshot"),
    ]
    known = [(offset, words) for offset, words in told if offset is not None]
    return max(known, key=lambda pair: pair[0], default=None)


def _snapshot_end(log: PartitionLog) -> int | None:
    snapshots = (other.name for other in log.other_files if other.name.role is Role.PRODUCER_SNAPSHOT)
    numbers = (name.number for name in snapshots if name.number is not None and not name.pending)
    return max(numbers, default=None)
