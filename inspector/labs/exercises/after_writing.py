"""Exercises on what the log cleaner leaves: gaps, husks, delete horizons."""

from __future__ import annotations

from ...model import RecordBatch
from ...spec.record_batch import HEADER_SIZE
from ...words import utc
from .answers import Moment, Number
from .exercise import Exercise, Mistake, Question
from .material import Material
from .wording import at_batch, explain_batch, the_batch


def _has_gaps(batch: RecordBatch) -> bool:
    return 0 < (batch.records_count or 0) < _span(batch)


def _span(batch: RecordBatch) -> int:
    """How many offsets a batch took when it was produced."""
    return batch.last_offset - (batch.base_offset or 0) + 1


def _compacted_away(material: Material) -> Question | None:
    placed = next(material.batches(_has_gaps), None)
    if placed is None:
        return None
    batch, span, count = placed.batch, _span(placed.batch), placed.batch.records_count or 0
    return Question(
        at_batch(placed),
        f"The header of {the_batch(placed)} has base_offset {batch.base_offset}, last_offset_delta {span - 1} and "
        f"records_count {count}. How many of its records has compaction removed?",
        Number(span - count),
        "last_offset_delta is kept when records are removed, so it still tells how many offsets the batch once took.",
        f"It took {span} offsets, {batch.base_offset} to {batch.last_offset} (the delta of the first is 0), and "
        f"{count} still have a record: {span} - {count} = {span - count}.",
        explain_batch(placed),
        (Mistake(Number(span - 1 - count), "The first record has the delta 0, so there is one offset more."),),
    )


def _husk(material: Material) -> Question | None:
    placed = next(material.batches(lambda batch: batch.records_count == 0), None)
    if placed is None:
        return None
    batch, delta = placed.batch, _span(placed.batch) - 1
    return Question(
        at_batch(placed),
        f"Of {the_batch(placed)} compaction left {HEADER_SIZE} bytes, the header alone: records_count 0, base_offset "
        f"{batch.base_offset}, last_offset_delta {delta}. Which is the least offset that the next batch may have?",
        Number(batch.last_offset + 1),
        "The records are gone, their offsets are not given to others.",
        f"The batch still stands for the offsets {batch.base_offset} to {batch.last_offset}: the next one begins with "
        f"{batch.base_offset} + {delta} + 1 = {batch.last_offset + 1} or later. The header stays because it "
        "still tells something of its producer: the sequence by which a repeated batch is recognised, or a "
        "transaction.",
        explain_batch(placed),
        (Mistake(Number(batch.base_offset or 0), "That offset was given to a record once, and is never given again."),),
    )


def _delete_horizon(material: Material) -> Question | None:
    placed = next(material.batches(lambda batch: batch.delete_horizon_ms is not None), None)
    if placed is None or placed.batch.delete_horizon_ms is None:
        return None
    raw, horizon = material.raw(placed), placed.batch.delete_horizon_ms
    attributes = raw.header.attributes if raw else 0
    return Question(
        at_batch(placed),
        f"The header of {the_batch(placed)} has attributes {attributes:#06x}, base_timestamp {horizon} and "
        f"max_timestamp {placed.batch.max_timestamp}. From which moment on may the cleaner remove its tombstones?",
        Moment(horizon),
        "One bit of the attributes, 0x0040, gives the field base_timestamp another meaning.",
        f"Bit 0x0040 is set, so base_timestamp is the delete horizon, {utc(horizon)}: the time of the first cleaning, "
        "and delete.retention.ms. Until then consumers that lag behind can still learn that the key was deleted. The "
        "deltas of the records were changed along, so that base_timestamp + timestamp_delta is still their time.",
        explain_batch(placed),
        (
            Mistake(
                Moment(placed.batch.max_timestamp),
                "That is the time of the newest record. How long a tombstone stays is not decided by it.",
            ),
        ),
    )


EXERCISES = (
    Exercise("compacted-away", "What compaction leaves", "a batch that lost some of its records", _compacted_away),
    Exercise("husk", "A batch without records", "a batch that lost all of its records", _husk),
    Exercise("delete-horizon", "How long a tombstone stays", "a batch with a delete horizon", _delete_horizon),
)
