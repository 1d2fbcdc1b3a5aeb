"""What interrupted work left in a partition's folder, and how a start undoes or finishes it.

Source: `LogLoader.removeTempFilesAndCollectSwapFiles`, and the passes behind it.
"""

from __future__ import annotations

from .folder import CLEANED, DELETED, KRAFT_DELETED, LOG, SWAP, offset_of, offset_or_none
from .play import Play


def finish_leftovers(play: Play) -> None:
    """Deletes what was being deleted or written, and puts finished replacements in their place."""
    _finish_swaps(play, _remove_temporary(play))


def _remove_temporary(play: Play) -> list[str]:
    """Deletes what was being deleted or written; the swap files that count."""
    for name in play.folder.names(DELETED):
        if not name.endswith(KRAFT_DELETED):
            play.delete(name, "delete-file", "it was being deleted")
    cleaned = play.folder.names(CLEANED)
    least = min((offset_of(name) for name in cleaned), default=None)
    swaps = play.folder.names(SWAP)
    split = [name for name in swaps if least is not None and offset_of(name) >= least]
    for name in split:
        play.delete(name, "delete-file", "half of a replacement: a .cleaned file of no greater offset is there")
    for name in cleaned:
        play.delete(name, "delete-file", "what the cleaner, or a split, had not finished")
    return [name for name in swaps if name not in split]


def _finish_swaps(play: Play, swaps: list[str]) -> None:
    replacing = [play.segment(offset_of(name), SWAP) for name in swaps if name.endswith(LOG + SWAP)]
    if replacing:
        first = min(segment.base_offset for segment in replacing)
        _delete_replaced(play, first, max(segment.next_offset for segment in replacing))
    for name in play.folder.names(SWAP):
        play.act("finish-swap", play.folder.shown(name), words="put in its place")
        play.folder.call_anew(name, name.removesuffix(SWAP))


def _delete_replaced(play: Play, first: int, behind: int) -> None:
    for name in play.folder.names():
        offset = None if name.endswith(SWAP) else offset_or_none(name)
        if offset is not None and first <= offset < behind:
            play.delete(name, "delete-replaced", f"replaced by the swap of offsets {first} to {behind - 1}")
