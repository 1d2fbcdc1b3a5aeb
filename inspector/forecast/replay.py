"""Producers read anew from the last good snapshot and the log behind it. Source: `UnifiedLog.rebuildProducerState`."""

from __future__ import annotations

from .play import Play
from .producers import Producers
from .walk import RefusedError


def rebuild(play: Play, producers: Producers, start: int, end: int, is_last: bool = False) -> None:
    """Up to an offset. is_last: for good, not for the scan of one segment."""
    kept_at = {*sorted(play.segments)[-2:], end}
    if is_last and play.was_clean and not producers.snapshots:
        for offset in sorted(kept_at):
            producers.map_end = offset
            producers.take_snapshot()
        return
    was_empty = not producers.known and producers.map_end >= end
    producers.truncate_and_reload(start, end)
    if end > producers.map_end and not was_empty:
        _replay(play, producers, start, end, kept_at)
    producers.map_end = end
    producers.take_snapshot()


def _replay(play: Play, producers: Producers, start: int, end: int, kept_at: set[int]) -> None:
    holds_end = max((base for base in play.segments if base <= end), default=None)
    for segment in play.segments_from(producers.map_end, end):
        begin = max(segment.base_offset, producers.map_end, start)
        producers.map_end = begin
        if segment.base_offset in kept_at:
            producers.take_snapshot()
        upto = segment.size
        if segment.base_offset == holds_end:
            position = segment.position_of(end)
            upto = segment.size if position is None else position
        segment.load_producers(producers, begin, upto)


def remove_stray_snapshots(play: Play, producers: Producers) -> None:
    """Of snapshots at no segment's start only the last survives, and only behind the start of the last segment."""
    producers.take_stock()
    strays = [offset for offset in sorted(producers.snapshots) if offset not in play.segments]
    for offset in strays[:-1]:
        producers.forget(offset, "at no segment's start")
    if strays and strays[-1] < max(play.segments):
        producers.forget(strays[-1], "at no segment's start")


def look_up_unstable(play: Play, producers: Producers, start: int, end: int) -> None:
    """Where the first unstable offset lies is looked up at once, and damage before it is fatal."""
    unstable = producers.first_unstable
    if unstable is None or max(unstable, start) == end:
        return
    offset = max(unstable, start)
    if offset > end or offset < min(play.segments):
        if play.rules.forgives_unstable:
            return
        raise RefusedError(f"an open transaction from offset {offset} on, outside the log")
    for segment in play.segments_from(offset):
        if segment.position_of(offset) is not None:
            return
