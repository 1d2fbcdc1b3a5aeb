"""Kafka's way through a log from a position on: batch after batch by header, whatever the headers say.

Sources: `FileLogInputStream.nextBatch`, `FileRecords.searchForOffsetWithSize`, `FileRecords.searchForTimestamp`. Unlike
our engines, Kafka does not look for the next batch behind damage: it refuses, or takes the log for ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..engine.window import ShrunkError, Window
from ..model import NO_TIMESTAMP, int64
from ..source import Source
from ..spec.message_set import HEADS
from ..spec.record_batch import HEADER_SIZE, LOG_OVERHEAD, MAGIC, MAGIC_POSITION, unpack_header

READ_BYTES = 4096
"""Read at a time: batches are mostly no smaller, and then what lies between two headers is not read."""

MIN_ENTRY_LENGTH = 14
"""What Kafka demands of the length field of a batch or message: the overhead of a message of format 0."""

MAX_POSITION = 2**31 - 1

_TIMESTAMP_FIELD = 5
"""Among the fields of a message of format 1."""

KEPT = 3
"""Batches at the beginning of a walk, and at its end, that are remembered one by one."""

CORRUPT, FAILED = "CORRUPT_MESSAGE", "UNKNOWN_SERVER_ERROR"
"""What clients are answered where the broker breaks off (`Errors`)."""


class RefusedError(Exception):
    """Kafka does not read on at a position. error: what clients are answered; the message says why, in words."""

    def __init__(self, error: str, position: int, why: str) -> None:
        super().__init__(why)
        self.error = error
        self.position = position
        self.why = why


class Frame(NamedTuple):
    """A batch (of formats 0 and 1: a message with all it holds) by its header, unchecked.

    base_offset: None in formats 0 and 1, whose messages tell their last offset only. max_timestamp: -1 in format 0.
    """

    position: int
    size: int
    magic: int
    base_offset: int | None
    last_offset: int
    max_timestamp: int

    @property
    def end(self) -> int:
        """The position behind it."""
        return self.position + self.size


@dataclass(slots=True)
class Walk:
    """The batches that were looked at from `start` on, up to the one that was found.

    first, last: a few of them, at both ends. found: the batch sought; None where the log ended before.
    refused: why Kafka broke off.
    """

    start: int
    first: list[Frame] = field(default_factory=list)
    last: list[Frame] = field(default_factory=list)
    count: int = 0
    found: Frame | None = None
    refused: RefusedError | None = None

    @property
    def seen(self) -> Frame | None:
        """The batch that was looked at last."""
        return self.last[-1] if self.last else None

    @property
    def bytes_passed(self) -> int:
        """From the start to the end of the last batch; not all of them were read."""
        return self.seen.end - self.start if self.seen else 0

    @property
    def left_out(self) -> int:
        """How many batches stand neither in `first` nor in `last`."""
        return max(0, self.count - 2 * KEPT)

    def note(self, frame: Frame) -> None:
        """Takes in the next batch."""
        if self.count < KEPT:
            self.first.append(frame)
        self.last = [*self.last, frame][-KEPT:]
        self.count += 1


def walk(source: Source, start: int, is_sought: Callable[[Frame], bool]) -> Walk:
    """Goes on from `start` to the first batch that is sought."""
    walked = Walk(start)
    try:
        for frame in frames(source, start):
            walked.note(frame)
            if is_sought(frame):
                walked.found = frame
                break
    except RefusedError as refused:
        walked.refused = refused
    return walked


def frames(source: Source, position: int) -> Iterator[Frame]:
    """The batches from a position on, as Kafka takes them. Raises RefusedError where Kafka throws."""
    window = Window(source, READ_BYTES)
    end = min(source.size, MAX_POSITION)
    if position < 0:
        raise RefusedError(FAILED, position, "a file cannot be read at a negative position")
    while position < end - MAGIC_POSITION - 1:
        frame = _frame(window, position, end)
        if frame is None:
            return
        yield frame
        position = frame.end


def _frame(window: Window, position: int, end: int) -> Frame | None:
    """The entry at a position; None where it claims more than the file holds: Kafka takes the log for ended."""
    head = _read(window, position, MAGIC_POSITION + 1)
    length = int.from_bytes(head[8:LOG_OVERHEAD], "big", signed=True)
    if length < MIN_ENTRY_LENGTH:
        raise RefusedError(CORRUPT, position, f"a length of {length:,} is less than any message has")
    if position > end - LOG_OVERHEAD - length:
        return None
    magic = int.from_bytes(head[MAGIC_POSITION:], "big", signed=True)
    make = _batch if magic >= MAGIC else _message
    return make(window, position, LOG_OVERHEAD + length, magic)


def _batch(window: Window, position: int, size: int, magic: int) -> Frame:
    header = unpack_header(_read(window, position, HEADER_SIZE))
    last_offset = int64(header.base_offset + header.last_offset_delta)
    return Frame(position, size, magic, header.base_offset, last_offset, header.max_timestamp)


def _message(window: Window, position: int, size: int, magic: int) -> Frame:
    """Formats below 0 are none; Kafka reads their offset all the same."""
    head = HEADS[1 if magic == 1 else 0]
    fields = head.unpack(_read(window, position, min(head.size, size)).ljust(head.size, b"\0"))
    return Frame(position, size, magic, None, fields[0], fields[_TIMESTAMP_FIELD] if magic == 1 else NO_TIMESTAMP)


def _read(window: Window, position: int, size: int) -> bytes:
    try:
        data = window.read(position, size)
    except ShrunkError:
        data = b""
    if len(data) < size:
        raise RefusedError(FAILED, position, "the file ends within a header")
    return data
