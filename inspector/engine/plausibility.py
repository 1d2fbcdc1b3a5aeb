"""The cheap checks of a batch header: what no broker ever writes, told before any CRC is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..model import int64
from ..spec.attributes import COMPRESSION_MASK, CONTROL, KNOWN_ATTRIBUTES
from ..spec.record_batch import LOG_OVERHEAD, MAGIC, MIN_BATCH_LENGTH, MIN_RECORD_SIZE

SEGMENT_OFFSETS = 2**31
"""A segment holds offsets from its base offset up to this many further on (`LogSegment`, an i32 in the index)."""


def last_offset(header: Any) -> int:
    """The last offset a `BatchHeader` claims; wrapped to 64 bits, as Java adds."""
    return int64(header.base_offset + header.last_offset_delta)


class Implausible(NamedTuple):
    """A field that cannot be as it is."""

    field: str
    expected: str
    found: int


def _fits_count(header: Any) -> bool:
    """An uncompressed batch cannot hold more records than its bytes allow; an empty one is a bare header."""
    if header.records_count == 0:
        return bool(header.batch_length == MIN_BATCH_LENGTH)
    if header.attributes & COMPRESSION_MASK:
        return True
    return bool(header.records_count * MIN_RECORD_SIZE <= header.batch_length - MIN_BATCH_LENGTH)


_CHECKS: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("magic", "2", lambda header: header.magic == MAGIC),
    ("base_offset", "0 or more", lambda header: header.base_offset >= 0),
    ("batch_length", f"{MIN_BATCH_LENGTH} or more", lambda header: header.batch_length >= MIN_BATCH_LENGTH),
    ("partition_leader_epoch", "-1 or more", lambda header: header.partition_leader_epoch >= -1),
    ("attributes", "only bits 0 to 6", lambda header: 0 <= header.attributes <= KNOWN_ATTRIBUTES),
    ("last_offset_delta", "0 or more", lambda header: header.last_offset_delta >= 0),
    ("last_offset_delta", "no offset beyond 2^63 - 1", lambda header: last_offset(header) >= header.base_offset),
    ("producer_id", "-1 or more", lambda header: header.producer_id >= -1),
    ("producer_epoch", "-1 or more", lambda header: header.producer_epoch >= -1),
    ("base_sequence", "-1 or more", lambda header: header.base_sequence >= -1),
    ("records_count", "0 or more", lambda header: header.records_count >= 0),
    (
        "records_count",
        "last_offset_delta + 1 at most",
        lambda header: header.records_count <= header.last_offset_delta + 1,
    ),
    ("records_count", "no more records than the bytes can hold", _fits_count),
    (
        "base_sequence",
        "-1 in a control batch",
        lambda header: not header.attributes & CONTROL or header.base_sequence == -1,
    ),
)


def implausible(header: Any) -> Implausible | None:
    """The first field of a `BatchHeader` that no broker writes so, or None."""
    for field, expected, holds in _CHECKS:
        if not holds(header):
            return Implausible(field, expected, getattr(header, field))
    return None


def outside_segment(header: Any, base_offset: int | None) -> Implausible | None:
    """The offset of a batch that cannot lie in a segment of that name, or None."""
    if base_offset is None or 0 <= header.base_offset - base_offset < SEGMENT_OFFSETS:
        return None
    return Implausible("base_offset", f"from {base_offset} to {base_offset + SEGMENT_OFFSETS - 1}", header.base_offset)


def batch_size(header: Any) -> int:
    """Bytes of the whole batch, as its header claims."""
    return int(header.batch_length) + LOG_OVERHEAD
