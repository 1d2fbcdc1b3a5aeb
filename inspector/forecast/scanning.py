"""Segments scanned, cut and deleted by a start. Source: `LogLoader.recoverSegment` and `recoverLog`."""

from __future__ import annotations

from .folder import INDEX, INDEXES, LOG
from .indexes import InvalidOffsetError
from .play import Play
from .recovering import scan
from .replay import rebuild
from .segments import SimSegment
from .walk import RefusedError


def recover_segment(play: Play, segment: SimSegment, kind: str, words: str) -> int:
    """Scans one segment, and cuts it. How many bytes were cut off."""
    size, file = segment.size, play.shown(segment)
    play.act(kind, file, position=0, end=size, words=words)
    play.done.scanned_bytes += size
    producers = play.new_producers()
    rebuild(play, producers, play.checkpoints.log_start_offset, segment.base_offset)
    try:
        scanned = scan(segment, producers, play.epochs, play.losses.engine)
    except RefusedError as refused:
        raise RefusedError(refused.why, file, refused.position) from refused
    if scanned.truncated:
        _tell_cut(play, "truncate", segment, scanned.valid, size, scanned.next_offset, scanned.why)
    words = f"{scanned.offsets} entries in .index, {scanned.times} in .timeindex"
    play.act("rebuild-indexes", segment.name(INDEX), becomes=scanned.offsets, words=words)
    producers.take_snapshot()
    play.report(producers)
    return scanned.truncated


def _tell_cut(play: Play, kind: str, segment: SimSegment, position: int, size: int, offset: int, why: str) -> None:
    lost = play.losses.behind(segment, position, size, offset - 1)
    play.act(
        kind, play.shown(segment), position=position, end=size, first_offset=offset, last_offset=lost.last_offset,
        batches=lost.batches, intact=lost.intact, becomes=position, words=why,
    )  # fmt: skip


def recover_unflushed(play: Play) -> None:
    """Every segment from the recovery point on; behind a cut all that follow are deleted."""
    left = play.segments_from(play.checkpoints.recovery_point)
    while left:
        segment = left.pop(0)
        words = f"from the recovery point {play.checkpoints.recovery_point} on"
        try:
            cut = recover_segment(play, segment, "scan", words)
        except InvalidOffsetError:
            cut = _give_up(play, segment)
        if cut:
            for behind in left:
                drop(play, behind, "delete-segment", "it lies behind a cut")
            return


def _give_up(play: Play, segment: SimSegment) -> int:
    size = segment.size
    cut = segment.empty()
    why = "offsets that go back while its index is built"
    _tell_cut(play, "empty-segment", segment, size - cut, size, segment.base_offset, why)
    return cut


def drop(play: Play, segment: SimSegment, kind: str, words: str) -> None:
    """Deletes a segment with all that is its own."""
    lost = play.losses.behind(segment, 0, segment.size, segment.base_offset - 1)
    play.act(
        kind, play.shown(segment), position=0, end=segment.size, first_offset=segment.base_offset,
        last_offset=lost.last_offset, batches=lost.batches, intact=lost.intact, words=words,
    )  # fmt: skip
    for suffix in (LOG, *INDEXES):
        play.folder.delete(segment.name(suffix))
    del play.segments[segment.base_offset]
    play.drop_snapshot(segment.base_offset)


def end_offset(play: Play) -> int | None:
    """Where the log ends; None where it holds no segment, or ends before it begins and is deleted for that."""
    if not play.segments:
        return None
    end, start = play.last.next_offset, play.checkpoints.log_start_offset
    if end >= start:
        return end
    for segment in list(play.segments.values()):
        drop(play, segment, "delete-all-segments", f"the log ends at {end}, before its log start offset {start}")
    play.epochs.clear()
    if play.producers is not None:
        play.producers.forget_all(start)
    return None
