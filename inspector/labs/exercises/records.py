"""Exercises on the bytes of a record: sizes, deltas, zigzag, null, and where its time comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model import RecordBatch
from ...words import LOG_APPEND_TIME
from .answers import Moment, Number, Word
from .exercise import Exercise, Mistake, Question
from .material import Material, Placed
from .raw import RawBatch, RawRecord
from .wording import at_record, explain_record, in_hex, offset_of, ordinal, spaced, the_batch

Found = tuple[Placed, RawBatch, RawRecord]


def _any(_batch: RecordBatch) -> bool:
    return True


def _records(material: Material, suits: Callable[[RecordBatch], bool] = _any) -> Iterator[Found]:
    return ((placed, raw, record) for placed, raw in material.records(suits) for record in raw.records)


def _first(found: Iterator[Found], suits: Callable[[RawRecord], bool]) -> Found | None:
    return next((one for one in found if suits(one[2])), None)


def _record_size(material: Material) -> Question | None:
    found = _first(_records(material), lambda record: record.number > 0)
    if found is None:
        return None
    placed, raw, record = found
    spelled = record.spelled["length"]
    return Question(
        at_record(placed, raw, record),
        f"At position {raw.position_of(record)} of {placed.segment.shown_as} a record begins with its length, written "
        f"as {in_hex(spelled)}. How many bytes does the record take in all, those of the length included?",
        Number(record.size),
        "The length is a zigzag varint: what number is written, and what does it not count?",
        f"{_unzigzagged(spelled)}. So many bytes follow, and the length itself takes {len(spelled)}: "
        f"{record.length} + {len(spelled)} = {record.size}.",
        explain_record(placed, record),
        (
            Mistake(Number(record.length), "A length does not count itself."),
            Mistake(Number(record.length * 2), "That is the number before zigzag is undone: halve it."),
            Mistake(Number(record.length * 2 + len(spelled)), "Undo zigzag first: the number written is halved."),
        ),
    )


def _record_offset(material: Material) -> Question | None:
    found = _first(_records(material, lambda batch: bool(batch.base_offset)), lambda record: record.number > 0)
    if found is None:
        return None
    placed, raw, record = found
    base, delta, spelled = placed.batch.base_offset, record.offset_delta, record.spelled["offset_delta"]
    return Question(
        at_record(placed, raw, record),
        f"The {ordinal(record.number)} record in {the_batch(placed)} has an offset_delta that is written as "
        f"{in_hex(spelled)}; the base_offset of the batch is {base}. Which offset has the record?",
        Number(offset_of(placed.batch, record)),
        "No record carries its offset. Undo zigzag, and count from the first record of the batch.",
        f"{_unzigzagged(spelled)}, and {base} + {delta} = {offset_of(placed.batch, record)}. The leader assigned one "
        "number, base_offset, and no byte of any record had to change.",
        explain_record(placed, record),
        (
            Mistake(Number(delta), "That is how far it lies behind the first record of its batch."),
            Mistake(Number((base or 0) + 2 * delta), "Undo zigzag first: the number written is halved."),
        ),
    )


def _zigzag(material: Material) -> Question | None:
    found = _first(_records(material), lambda record: record.timestamp_delta < 0)
    found = found or _first(_records(material), lambda record: record.timestamp_delta != 0)
    if found is None:
        return None
    placed, raw, record = found
    spelled, delta = record.spelled["timestamp_delta"], record.timestamp_delta
    written = _unsigned(spelled)
    return Question(
        at_record(placed, raw, record),
        f"The record at position {raw.position_of(record)} of {placed.segment.shown_as} has a timestamp_delta that is "
        f"written as {in_hex(spelled)}. Which number is that?",
        Number(delta),
        "Seven bits of each byte count, the least significant group comes first. The number they make is even for "
        "0, 1, 2 … and odd for -1, -2, -3 …",
        f"The groups of seven bits make {written}; {_halved(written)}.",
        explain_record(placed, record),
        (
            Mistake(Number(written), "That is the number as it is written. Zigzag is still to be undone."),
            *_if_other(written, -delta),
        ),
    )


def _if_other(written: int, negated: int) -> tuple[Mistake, ...]:
    """The wrong sign, where it does not look like a zigzag that was not undone (1 for -1)."""
    hint = "The size is right, the sign is not: odd numbers stand for negative ones."
    return (Mistake(Number(negated), hint),) if negated != written else ()


def _null_or_empty(material: Material) -> Question | None:
    found = next(_absent(_records(material), b""), None) or next(_absent(_records(material), None), None)
    if found is None:
        return None
    (placed, raw, record), part = found
    spelled = record.spelled[f"{part}_length"]
    is_null = getattr(record, part) is None
    null, empty = Word("null", ("none", "nil")), Word("empty", ("not null",))
    return Question(
        at_record(placed, raw, record),
        f"The record at position {raw.position_of(record)} of {placed.segment.shown_as} has no byte of a {part}; its "
        f"{part}_length is written as {in_hex(spelled)}. Is the {part} null or empty?",
        null if is_null else empty,
        "Undo zigzag. One of the two is a length of no bytes, the other a length that no bytes can have.",
        f"{_unzigzagged(spelled)}, and that is {'null' if is_null else 'empty'}: -1 is written as 01, 0 as 00. A null "
        "value deletes its key in a compacted topic, an empty one is a value like any other.",
        explain_record(placed, record),
    )


def _absent(found: Iterator[Found], what: bytes | None) -> Iterator[tuple[Found, str]]:
    return ((one, part) for one in found for part in ("value", "key") if getattr(one[2], part) == what)


def _timestamp(material: Material) -> Question | None:
    def is_by_broker(batch: RecordBatch) -> bool:
        return batch.timestamp_type == LOG_APPEND_TIME

    found = _first(_records(material, is_by_broker), lambda record: record.number > 0)
    found = found or _first(_records(material, _is_as_produced), lambda record: record.timestamp_delta != 0)
    return None if found is None else _about_timestamp(*found)


def _is_as_produced(batch: RecordBatch) -> bool:
    return batch.delete_horizon_ms is None and batch.timestamp_type != LOG_APPEND_TIME


def _about_timestamp(placed: Placed, raw: RawBatch, record: RawRecord) -> Question:
    header, delta = raw.header, record.timestamp_delta
    produced = Moment(header.base_timestamp + delta)
    by_broker = placed.batch.timestamp_type == LOG_APPEND_TIME
    sum_of_both = f"{header.base_timestamp} + {delta} = {produced.timestamp}"
    return Question(
        at_record(placed, raw, record),
        f"The header of {the_batch(placed)} has attributes {header.attributes:#06x}, base_timestamp "
        f"{header.base_timestamp} and max_timestamp {header.max_timestamp}. Its {ordinal(record.number)} record has "
        f"timestamp_delta {delta}. Which timestamp does a consumer see?",
        Moment(header.max_timestamp) if by_broker else produced,
        "A bit of the attributes, 0x0008, tells whose clock counts.",
        _WHY_BY_BROKER if by_broker else f"Bit 0x0008 is not set, CreateTime: {sum_of_both}, the producer's clock.",
        explain_record(placed, record),
        (Mistake(produced, "That is what the producer wrote. Look at the attributes."),) if by_broker else (),
    )


_WHY_BY_BROKER = (
    "Bit 0x0008 is set, LogAppendTime: all records have the time of the append, max_timestamp. The broker put it there "
    "and left the records as the producer had written them."
)


def _unsigned(spelled: bytes) -> int:
    """What the groups of seven bits make, the first one the least significant."""
    return sum((byte & 0x7F) << 7 * number for number, byte in enumerate(spelled))


def _halved(written: int) -> str:
    if written % 2:
        return f"it is odd, so it stands for -({written} + 1) / 2 = {-(written + 1) // 2}"
    return f"it is even, so it stands for {written} / 2 = {written // 2}"


def _unzigzagged(spelled: bytes) -> str:
    written = _unsigned(spelled)
    return f"{spaced(spelled)} spells {written}; {_halved(written)}"


EXERCISES = (
    Exercise("record-size", "How large a record is", "a batch of several records", _record_size),
    Exercise("record-offset", "Where an offset comes from", "a batch of several records", _record_offset),
    Exercise("zigzag", "Negative numbers in few bytes", "a record with another time than its batch", _zigzag),
    Exercise("null-or-empty", "Null is not empty", "a key or value that is null or empty", _null_or_empty),
    Exercise("timestamp", "Whose clock it is", "records with times of their own", _timestamp),
)
