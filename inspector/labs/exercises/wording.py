"""Phrases and commands that questions share."""

from __future__ import annotations

from ...model import RecordBatch
from .exercise import Place
from .material import Material, Placed
from .raw import RawBatch, RawRecord

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(number: int) -> str:
    """The word for a number from 0: `first`, `second`, … `11th`."""
    return ORDINALS[number] if number < len(ORDINALS) else f"{number + 1}th"


def the_batch(placed: Placed) -> str:
    """`the batch at position 114 of codecs-0/00000000000000000000.log`."""
    return f"the batch at position {placed.batch.position} of {placed.segment.shown_as}"


def spaced(data: bytes) -> str:
    """Bytes in hexadecimal digits: `00 2a`."""
    return data.hex(" ")


def in_hex(data: bytes) -> str:
    """`the byte 2a (hexadecimal)`, `the bytes a9 46 (hexadecimal)`."""
    return f"the byte{'' if len(data) == 1 else 's'} {spaced(data)} (hexadecimal)"


def at_batch(placed: Placed) -> Place:
    """The batch as the place of a question."""
    return Place(placed.log.topic, placed.log.partition, str(placed.segment.path), placed.batch.position)


def at_record(placed: Placed, raw: RawBatch, record: RawRecord) -> Place:
    """A record of an uncompressed batch as the place of a question."""
    return Place(placed.log.topic, placed.log.partition, str(placed.segment.path), raw.position_of(record))


def explain_batch(placed: Placed) -> tuple[str, ...]:
    """The command that shows a batch byte by byte."""
    return ("explain", str(placed.segment.path), "--position", str(placed.batch.position))


def explain_record(placed: Placed, record: RawRecord) -> tuple[str, ...]:
    """The command that shows a record byte by byte."""
    return ("explain", str(placed.segment.path), "--offset", str(offset_of(placed.batch, record)))


def show(material: Material, placed: Placed, *more: str) -> tuple[str, ...]:
    """The command that shows the records of the partition."""
    return (material.path, "--topic", placed.log.topic or "*", "--partition", str(placed.log.partition), *more)


def offset_of(batch: RecordBatch, record: RawRecord) -> int:
    """The offset of a record."""
    return (batch.base_offset or 0) + record.offset_delta
