"""Exercises on transactions: control records, what became of a record, how far read_committed consumers get."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ...model import RecordBatch
from ...partition import PartitionLog
from ...schemas.control_records import decode_control_record
from ...transactions import Outcome, Transactions
from ...words import CONTROL_TYPE_NAMES, control_type_name
from .answers import Number, Word
from .exercise import Exercise, Mistake, Place, Question
from .material import Headed, Material, Placed
from .raw import RawRecord
from .wording import at_batch, explain_batch, offset_of, show, spaced, the_batch

SPOKEN = {"COMMIT": ("committed",), "ABORT": ("aborted",)}
OUTCOMES = {
    Outcome.COMMITTED: Word("committed", ("commit", "yes")),
    Outcome.ABORTED: Word("aborted", ("abort", "no", "never")),
}


def _control_record(material: Material) -> Question | None:
    for placed in material.batches(lambda batch: batch.is_control and bool(batch.records_count)):
        raw = material.raw(placed)
        if raw is not None and raw.records and raw.records[0].key:
            return _about_control(placed, raw.records[0])
    return None


def _about_control(placed: Placed, record: RawRecord) -> Question | None:
    key, offset = record.key or b"", offset_of(placed.batch, record)
    type_id = decode_control_record(key, record.value).type_id
    if type_id not in CONTROL_TYPE_NAMES:
        return None
    name = control_type_name(type_id)
    return Question(
        at_batch(placed),
        f"The record with offset {offset} in {the_batch(placed)} was written by a broker: the bit 0x0020 of the "
        f"attributes is set. Its key is {spaced(key)}. What does it say?",
        Word(name, SPOKEN.get(name, ())),
        "The key is two numbers of two bytes each: a version, and the type. kinspect explain gives the type its name.",
        f"Version {int.from_bytes(key[:2])}, type {type_id}: {name}. It takes an offset like any record, and no "
        "consumer is ever handed it.",
        explain_batch(placed),
    )


def _fate(material: Material) -> Question | None:
    found: dict[Outcome, Placed] = {}
    for log, batches in _transactional(material):
        fates = Transactions(log, material.engine)
        for placed in batches:
            outcome = fates.outcome(placed.segment, placed.batch)
            if outcome in OUTCOMES:
                found.setdefault(outcome, placed)
        if Outcome.ABORTED in found:
            break
    outcome = Outcome.ABORTED if Outcome.ABORTED in found else Outcome.COMMITTED
    return _about_fate(material, found[outcome], outcome) if outcome in found else None


def _about_fate(material: Material, placed: Placed, outcome: Outcome) -> Question:
    batch = placed.batch
    return Question(
        at_batch(placed),
        f"The batch that begins with offset {batch.base_offset} in {placed.segment.shown_as} was written within a "
        f"transaction of producer {batch.producer_id}. Was it committed or aborted?",
        OUTCOMES[outcome],
        "The batch itself does not say. Which control record of the same producer_id comes first behind it?",
        f"The first marker of producer {batch.producer_id} behind offset {batch.last_offset} says so: {outcome}. "
        "The records stay where they are in both cases; it is the consumer (read_committed) that leaves them out.",
        show(material, placed),
    )


def _last_stable_offset(material: Material) -> Question | None:
    for log, batches in _transactional(material):
        fates = Transactions(log, material.engine)
        for placed in batches:
            if fates.outcome(placed.segment, placed.batch) is Outcome.OPEN:
                return _about_stable(material, placed)
    return None


def _about_stable(material: Material, placed: Placed) -> Question:
    base = placed.batch.base_offset or 0
    return Question(
        Place(placed.log.topic, placed.log.partition),
        f"A transaction in {placed.log.topic}, partition {placed.log.partition}, never ended. What is the last stable "
        "offset there, the first one that a read_committed consumer does not get to?",
        Number(base),
        "Such a consumer cannot pass the first record whose fate is still open. Whose records have no marker of the "
        "same producer_id behind them?",
        f"The batch with offset {base} is the first of a transaction without a marker: producer "
        f"{placed.batch.producer_id}. All before it is decided, so {base} is the last stable offset.",
        show(material, placed),
        (Mistake(Number(base - 1), "Nearly: it is the first offset that is not handed out, not the last that is."),),
    )


def _transactional(material: Material) -> Iterator[tuple[PartitionLog, list[Placed]]]:
    """The partitions with transactions, each with its data batches in them; those read to their ends only."""

    def is_in_one(batch: RecordBatch) -> bool:
        return batch.is_transactional and not batch.is_control and bool(batch.records_count)

    for log, segments in groupby(material.segments(), key=lambda headed: headed.log):
        headed = list(segments)
        if _is_whole(log, headed) and any(is_in_one(batch) for one in headed for batch in one.batches):
            yield log, list(material.batches(is_in_one, headed))


def _is_whole(log: PartitionLog, headed: list[Headed]) -> bool:
    return len(headed) == len(log.segments) and all(one.is_whole for one in headed)


EXERCISES = (
    Exercise("control-record", "What a control batch is", "a control record", _control_record),
    Exercise("fate", "What became of a transaction", "a transaction that has ended", _fate),
    Exercise("last-stable-offset", "How far read_committed gets", "an open transaction", _last_stable_offset),
)
