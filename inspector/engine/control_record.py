"""Whether a control record is one as Kafka writes it, which both engines ask."""

from __future__ import annotations

from ..schemas.control_records import decode_control_record

EXPECTED = "a control record as Kafka writes it"

MOST_ALIKE = 20
"""So many records of a batch are told for the same reason; a hostile one would have half a million to tell."""


def problem(key: bytes | None, value: bytes | None) -> str | None:
    """What keeps it from being understood, in words, or None."""
    return decode_control_record(key, value).problem
