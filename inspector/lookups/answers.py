"""What lookups have in common: what a client is answered, and one segment that was searched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..segment import Segment
from .searching import IndexSearch
from .walking import Walk


class Answer(StrEnum):
    """What a client is answered, and whether the offset or time is there.

    FOUND: a record. NEXT: the offset is gone, what follows is returned. OUT_OF_RANGE: the error of that name.
    EMPTY: nothing yet, and no error. NONE: no such record (a lookup by time gives offset -1). ERROR: the broker breaks
    off.
    """

    FOUND = "found"
    NEXT = "next"
    OUT_OF_RANGE = "OFFSET_OUT_OF_RANGE"
    EMPTY = "empty"
    NONE = "none"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Visit:
    """One segment in which was searched: by its index for an offset, and on from there through the log.

    times: the search in the time index that told which offset; None in a lookup by offset.
    """

    segment: Segment
    search: IndexSearch
    walk: Walk
    times: IndexSearch | None = None
