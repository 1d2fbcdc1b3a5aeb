"""The records of a batch of format v2: those that are opened, field by field, and the others as what was left out.

Kafka's rules hold: fields must take exactly the bytes that `length` claims, and behind the first record that breaks a
rule nothing more can be told apart.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..model import add_sequence, int64
from ..regions import Region
from ..spec.attributes import CONTROL, LOG_APPEND_TIME
from ..spec.record_batch import record_head, record_header
from ..words import counted, utc
from . import since
from .controls import control_regions
from .frames import Frame, chosen_run, record_frames
from .internal import internal_regions
from .leaves import Leaves, Piece, elided, group, parse, sizes_in_words, unread
from .wanted import Wanted

HEADERS_SHOWN = 50
"""So many headers of one record are opened."""

_SURPLUS = "Behind the last record there is nothing more: the broker refuses a batch with bytes left over."
_BEHIND_DAMAGE = "Where a record ends, only its fields tell: behind a broken one nothing can be told apart."


class Facts(NamedTuple):
    """What the header of the batch says that its records' values follow from."""

    base_offset: int
    base_timestamp: int
    max_timestamp: int
    base_sequence: int
    attributes: int
    records_count: int


class _Opened(NamedTuple):
    region: Region
    end: int
    is_whole: bool


@dataclass
class Records:
    """The records between two positions of a piece.

    broken_at: the record that is known to break a rule, or None.
    topic: whose records they are, as far as that is known.
    """

    piece: Piece
    start: int
    end: int
    facts: Facts
    wanted: Wanted
    broken_at: int | None = None
    topic: str | None = None

    def regions(self) -> list[Region]:
        """Regions that own all bytes from `start` to `end`, in order."""
        self._stream = io.BytesIO(self.piece.data[: self.end])
        frames = record_frames(self.piece.data, self.start, self.end, self.facts.records_count)[: self.broken_at]
        regions = list(self._of_frames(frames))
        end = frames[-1].end if frames else self.start
        if regions and regions[-1].span.end != self.piece.origin + end:
            return regions  # a record broke that its length did not tell, and took the rest
        if len(frames) < self.facts.records_count:
            return [*regions, *self._broken(len(frames), end)]
        if end < self.end:
            surplus = counted(self.end - end, "byte")
            regions.append(
                unread("surplus", self.piece.span(end, self.end), f"{surplus} behind the last record", _SURPLUS)
            )
        return regions

    def _of_frames(self, frames: list[Frame]) -> Iterator[Region]:
        run = chosen_run(frames, self.wanted.limit, self._target(frames))
        yield from self._left_out(frames, 0, run.start)
        for ordinal in run:
            opened = self._open(ordinal, frames[ordinal].start, frames[ordinal].end)
            yield opened.region
            if not opened.is_whole:
                yield from self._rest(opened.end)
                return
        yield from self._left_out(frames, run.stop, len(frames))

    def _target(self, frames: list[Frame]) -> int | None:
        """The record that was asked for, by its offset or by a byte in it."""
        delta = None if self.wanted.offset is None else self.wanted.offset - self.facts.base_offset
        at = None if self.wanted.position is None or self.piece.buffer else self.wanted.position - self.piece.origin
        for ordinal, frame in enumerate(frames):
            if delta is not None and frame.offset_delta == delta:
                return ordinal
            if at is not None and frame.start <= at < frame.end:
                return ordinal
        return None

    def _left_out(self, frames: list[Frame], first: int, stop: int) -> Iterator[Region]:
        if first >= stop:
            return
        span = self.piece.span(frames[first].start, frames[stop - 1].end)
        name = f"record {first}" if stop - first == 1 else f"records {first} to {stop - 1}"
        yield elided(name, span, f"{counted(stop - first, 'record')} left out, {counted(span.size, 'byte')}.")

    def _broken(self, ordinal: int, start: int) -> Iterator[Region]:
        """The first record that cannot be true, as far as it can be read, and what lies behind it."""
        if start == self.end:
            lacking = self.facts.records_count - ordinal
            problem = f"the bytes end here; {counted(lacking, 'record')} more should follow by records_count"
            yield unread(f"record {ordinal}", self.piece.span(start, start), problem)
            return
        opened = self._open(ordinal, start, None)
        yield opened.region
        yield from self._rest(opened.end)

    def _rest(self, start: int) -> Iterator[Region]:
        if start < self.end:
            yield unread("rest", self.piece.span(start, self.end), None, _BEHIND_DAMAGE)

    # -- one record

    def _open(self, ordinal: int, start: int, end: int | None) -> _Opened:
        self._stream.seek(start)
        head = parse(record_head, self.piece, self._stream, since.RECORD)
        name = f"record {ordinal}"
        if not head.is_whole:
            return _Opened(group(name, self._to_the_end(head.regions)), self.end, is_whole=False)
        headers, whole = self._headers(head, end)
        return self._told(name, head, headers, whole)

    def _told(self, name: str, head: Leaves, headers: list[Region], whole: bool) -> _Opened:
        regions = head.enrich(self._notes(head.values))
        if self.facts.attributes & CONTROL:
            regions = control_regions(regions, self.piece)
        else:
            regions = internal_regions(regions, self.piece, self.topic)
        size = sum(region.span.size for region in (*regions, *headers))
        own, claimed = regions[0].span.size, head.values["length"]
        if whole and size - own != claimed:
            problem = f"it says {claimed} bytes, the fields take {size - own}"
            regions[0], whole = replace(regions[0], problem=problem), False
        elif whole:
            regions[0] = replace(regions[0], formula=_sum(regions, headers, size))
        children = [*regions, *headers]
        region = group(name, children, sentence=self._sentence(head.values, size))
        return _Opened(region, region.span.end - self.piece.origin, whole)

    def _headers(self, head: Leaves, end: int | None) -> tuple[list[Region], bool]:
        """The headers of a record, up to a number of them; False where one of them broke."""
        count = head.values["headers_count"]
        regions: list[Region] = []
        if count < 0:
            return [self._rest_of_record(head.end, "it says that fewer than 0 headers follow")], False
        for number in range(count):
            start = self._stream.tell()
            if number == HEADERS_SHOWN and end is not None and start < end:
                span = self.piece.span(start, end)
                sentence = f"{counted(count - number, 'header')} left out, {counted(span.size, 'byte')}."
                return [*regions, elided(f"headers {number} to {count - 1}", span, sentence)], True
            header = parse(record_header, self.piece, self._stream, since.RECORD_HEADER)
            if not header.is_whole or number == HEADERS_SHOWN:
                regions.append(group(f"header {number}", self._to_the_end(header.regions)))
                return regions, False
            regions.append(group(f"header {number}", header.regions))
        return regions, True

    def _rest_of_record(self, start: int, problem: str) -> Region:
        return unread("headers", self.piece.span(start, self.end), problem)

    def _to_the_end(self, regions: list[Region]) -> list[Region]:
        """The field that broke takes all that is left: nothing behind it can be told apart."""
        broken = regions[-1]
        span = self.piece.span(broken.span.position - self.piece.origin, self.end)
        return [*regions[:-1], replace(broken, span=span, kind="unread", value=None)]

    def _notes(self, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What is to be said of a record's deltas."""
        return {
            "timestamp_delta": {"formula": _timestamp(self.facts, values["timestamp_delta"])},
            "offset_delta": {"formula": _offset(self.facts, values["offset_delta"])},
        }

    def _sentence(self, values: dict[str, Any], size: int) -> str:
        offset = int64(self.facts.base_offset + values["offset_delta"])
        moment = record_timestamp(self.facts, values["timestamp_delta"])
        return f"Offset {offset}, {'no timestamp' if moment == -1 else utc(moment)}, {counted(size, 'byte')}."


def record_timestamp(facts: Facts, delta: int) -> int:
    """A record's timestamp: under LogAppendTime that of all records of the batch."""
    by_broker = facts.attributes & LOG_APPEND_TIME
    return facts.max_timestamp if by_broker else int64(facts.base_timestamp + delta)


def _timestamp(facts: Facts, delta: int) -> str:
    if facts.attributes & LOG_APPEND_TIME:
        return f"timestamp = max_timestamp = {facts.max_timestamp}, as the batch's timestamp_type is LogAppendTime"
    moment = record_timestamp(facts, delta)
    return f"timestamp = base_timestamp + timestamp_delta = {facts.base_timestamp} + {_signed(delta)} = {moment}"


def _offset(facts: Facts, delta: int) -> str:
    offset = f"offset = base_offset + offset_delta = {facts.base_offset} + {_signed(delta)} = "
    offset += str(int64(facts.base_offset + delta))
    if facts.base_sequence < 0:
        return offset
    sequence = add_sequence(facts.base_sequence, delta)
    return f"{offset}; sequence = base_sequence + offset_delta = {facts.base_sequence} + {_signed(delta)} = {sequence}"


def _signed(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _sum(regions: list[Region], headers: list[Region], size: int) -> str:
    """How the bytes of a record come to their number."""
    own = regions[0].span.size
    parts = sizes_in_words(regions[1:])
    if headers:
        parts += f" + {sum(header.span.size for header in headers)} headers"
    return f"{size} bytes = {own} length + {size - own} that it counts; {size - own} = {parts}"
