"""A step of a lookup as a value: where something was looked at, what was seen, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """What a step looks at.

    LOG: the partition as a whole. SEGMENT, INDEX, TIME_INDEX, BATCH, RECORD: as they are called. KEY: the key alone.
    ANSWER: what a client is answered. CHECK: what reading past the indexes finds. COST: what the search read.
    """

    LOG = "log"
    SEGMENT = "segment"
    TIME_INDEX = "timeindex"
    INDEX = "index"
    BATCH = "batch"
    RECORD = "record"
    KEY = "key"
    ANSWER = "answer"
    CHECK = "check"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. what: what was seen, why: what follows from it; both in words, and the rest as values.

    file: the name of the file looked at. slot: the number of an index entry. position: in the log, in bytes.
    offset, last_offset: of what was looked at. timestamp: in milliseconds.
    order: `less`, `equal` or `greater`, as an index entry compares with what is sought.
    bytes_read: by this step. answer: of the step that ends the search, see `Answer`.
    """

    where: Where
    what: str
    why: str = ""
    file: str | None = None
    slot: int | None = None
    position: int | None = None
    offset: int | None = None
    last_offset: int | None = None
    timestamp: int | None = None
    order: str | None = None
    bytes_read: int | None = None
    answer: str | None = None
