"""Segments whose offsets do not fit into their indexes (KAFKA-6264), split as Kafka does it before it tries again.

Source: `LogLoader.retryOnOffsetOverflow`, `LocalLog.splitOverflowedSegment`.
"""

from __future__ import annotations

from collections.abc import Callable

from .folder import INDEX, INDEXES, LOG, TIME_INDEX, SimFile
from .indexes import MAX_RELATIVE
from .play import Play
from .segments import OverflowError, SimSegment
from .walk import RefusedError

Part = tuple[int, int, int]
"""Base offset, start and end of what becomes a segment of its own."""


def retried(play: Play, step: Callable[[Play], None]) -> None:
    """Runs a step again for each segment that has to be split."""
    while True:
        try:
            step(play)
        except OverflowError as overflow:
            _split(play, overflow)
        else:
            return


def _split(play: Play, overflow: OverflowError) -> None:
    """Kafka splits a segment whose last offset its indexes cannot hold; it gives up where another offset is odd."""
    segment, file = overflow.segment, play.shown(overflow.segment)
    end = segment.end_by_walking()
    if end <= segment.base_offset or 0 <= end - 1 - segment.base_offset <= MAX_RELATIVE:
        raise RefusedError("a batch with an offset that does not belong into its segment", file, overflow.position)
    parts = [(_first_offset(play, segment, base, start), start, stop) for base, start, stop in segment.parts()]
    if [(base, stop) for base, _, stop in parts] == [(segment.base_offset, segment.size)]:
        raise RefusedError("a segment that is split for ever, into itself", file, overflow.position)
    words = f"its offsets do not fit into its indexes: {len(parts)} segments instead"
    play.act("split-segment", file, position=0, end=segment.size, becomes=len(parts), words=words)
    _replace(play, segment, parts)


def _first_offset(play: Play, segment: SimSegment, base: int, start: int) -> int:
    """Of a compressed set of v0 or v1 only what is in it tells."""
    file = play.folder.files[segment.name(LOG)]
    told = play.losses.base_offset(play.folder, file.on_disk, file.start + start) if file.on_disk else None
    return base if told is None else told


def _replace(play: Play, segment: SimSegment, parts: list[Part]) -> None:
    whole = play.folder.files[segment.name(LOG)]
    for suffix in (LOG, *INDEXES):
        play.folder.delete(segment.name(suffix))
    play.segments.pop(segment.base_offset, None)
    if segment.base_offset not in (base for base, *_ in parts):
        play.drop_snapshot(segment.base_offset)
    for base, start, end in parts:
        part = play.segment(base)
        play.folder.files[part.name(LOG)] = SimFile(end - start, whole.on_disk, whole.start + start)
        play.folder.write(part.name(INDEX), 0)
        play.folder.write(part.name(TIME_INDEX), 0)
        play.segments[base] = part
