"""Exercises on batches: where they end, what their header takes, what their checksum covers."""

from __future__ import annotations

from ...model import RecordBatch
from ...spec.record_batch import CRC_START, HEADER_SIZE, LOG_OVERHEAD
from .answers import Number, Numbers
from .exercise import Exercise, Mistake, Question
from .material import Material, Placed
from .wording import at_batch, explain_batch, the_batch


def _is_in_the_middle(batch: RecordBatch) -> bool:
    return batch.position > 0


def _in_the_middle(material: Material) -> Placed | None:
    """A batch with others around it: the first where a count from its own start is no position yet."""
    return next((placed for placed in material.batches(_is_in_the_middle) if placed.follows), None)


def _next_batch(material: Material) -> Question | None:
    placed = _in_the_middle(material)
    if placed is None:
        return None
    at, size = placed.batch.position, placed.batch.batch_bytes
    length = size - LOG_OVERHEAD
    return Question(
        at_batch(placed),
        f"The header of {the_batch(placed)} says batch_length {length}. At which position does the next batch begin?",
        Number(at + size),
        "A length counts the bytes behind itself. Which fields stand before it, and how many bytes do they and the "
        "length itself take?",
        f"base_offset takes 8 bytes and batch_length 4; neither counts itself: "
        f"{at} + {LOG_OVERHEAD} + {length} = {at + size}.",
        explain_batch(placed),
        (
            Mistake(
                Number(at + length),
                "That would be right if batch_length counted from the start of the batch. It does not count what "
                "stands before it, nor itself.",
            ),
            Mistake(Number(size), "That is how large the batch is. Where does it begin?"),
        ),
    )


def _record_bytes(material: Material) -> Question | None:
    suitable = (raw for raw in material.records(_is_in_the_middle) if raw[0].batch.records_count != 1)
    placed, _ = next(suitable, (None, None))
    if placed is None:
        return None
    size, count = placed.batch.batch_bytes, placed.batch.records_count
    return Question(
        at_batch(placed),
        f"In all, {the_batch(placed)} takes {size} bytes and holds {count} records, not compressed. How many bytes do "
        "the records take together?",
        Number(size - HEADER_SIZE),
        "A header of format v2 always takes as many bytes: add up the sizes of its thirteen fields.",
        f"The thirteen fields of the header take 8+4+4+1+4+2+4+8+8+8+2+4+4 = {HEADER_SIZE} bytes, and nothing but "
        f"records follows: {size} - {HEADER_SIZE} = {size - HEADER_SIZE}.",
        explain_batch(placed),
        (Mistake(Number(size - LOG_OVERHEAD), "That is batch_length: it counts most of the header too."),),
    )


def _crc_reach(material: Material) -> Question | None:
    placed = _in_the_middle(material)
    if placed is None:
        return None
    at, size = placed.batch.position, placed.batch.batch_bytes
    start, covered = at + CRC_START, size - CRC_START
    return Question(
        at_batch(placed),
        f"The crc of {the_batch(placed)}, which takes {size} bytes, does not cover all of them. At which position of "
        "the file does it begin to count, and how many bytes does it cover? (two numbers)",
        Numbers((start, covered), ((start, at + size - 1), (start, at + size))),
        "It leaves out what a broker may still change when it takes the batch, the magic, and itself. Which field "
        "comes right behind the crc?",
        f"base_offset (8), batch_length (4), partition_leader_epoch (4), magic (1) and the crc itself (4) are left "
        f"out, {CRC_START} bytes: a leader sets offset and epoch and need not compute anything anew. It begins with "
        f"attributes, at {at} + {CRC_START} = {start}, and covers {size} - {CRC_START} = {covered} bytes.",
        explain_batch(placed),
        (
            Mistake(Numbers((CRC_START, covered)), "That is counted from the start of the batch, not of the file."),
            Mistake(Numbers((at, size)), "Then a leader would have to compute it anew for each offset it assigns."),
        ),
    )


EXERCISES = (
    Exercise("next-batch", "Where a batch ends", "a batch between two others", _next_batch),
    Exercise("record-bytes", "Why a header has 61 bytes", "a batch of several records", _record_bytes),
    Exercise("crc-reach", "What the checksum covers", "a batch between two others", _crc_reach),
)
