"""Actions in words: one sentence for each kind, with the numbers of the one at hand."""

from __future__ import annotations

from collections.abc import Mapping

from ..words import counted
from .actions import Action

SENTENCES: Mapping[str, str] = {
    "leave": "left alone: {offsets}",
    "log": "afterwards: {offsets}",
    "scan": "scanned: {size}, {words}",
    "scan-missing-index": "scanned: {size}, because {words}",
    "truncate": "cut from {end:,} to {position:,} bytes at offset {first_offset}: {words}; {lost}",
    "empty-segment": "given up, down to {position:,} bytes: {words}; {lost}",
    "delete-segment": "deleted with its indexes: {words}; {lost}",
    "delete-all-segments": "deleted with its indexes: {words}; {lost}",
    "create-segment": "created, to begin at offset {first_offset}: {words}",
    "split-segment": "split: {words}",
    "rebuild-indexes": "indexes built anew: {words}",
    "create-index": "created: {words}",
    "delete-file": "deleted: {words}",
    "delete-replaced": "deleted: {words}",
    "delete-orphan": "deleted: {words}",
    "finish-swap": "renamed: {words}",
    "delete-snapshot": "deleted: {words}",
    "delete-bad-snapshot": "deleted: {words}; producers are read from an older one, or from the log",
    "write-snapshot": "written: the producers as of offset {first_offset}",
    "rewrite-epochs": "written anew: {words}",
    "end-short": "the log ends at offset {becomes}: {words}",
    "ignore-checkpoint": "ignored: {words}",
    "delete-directory": "removed: {words}",
    "missing-topic-id": "becomes a stray: {words}",
    "stray": "renamed to -stray: {words}",
    "delete-stray": "removed: {words}",
    "maybe-stray": "{words}",
    "keep-stray": "{words}",
    "keep-future": "{words}",
    "go-offline": "the log directory is taken offline: {words}",
    "refuse": "the broker does not start: {words}",
}


def sentence(action: Action) -> str:
    """What the broker does, and why."""
    return _what(action) + (f", if {action.versions}" if action.versions else "")


def _what(action: Action) -> str:
    return SENTENCES[action.kind].format(
        first_offset=action.first_offset,
        offsets=_offsets(action),
        becomes=action.becomes,
        position=action.position or 0,
        end=action.end or 0,
        size=f"{action.size:,} bytes",
        words=action.words,
        lost=_lost(action),
    )


def _offsets(action: Action) -> str:
    start, end = action.first_offset or 0, action.becomes or 0
    return f"offsets {start} to {end - 1}" if end > start else f"empty, the next offset is {end}"


def _lost(action: Action) -> str:
    if not action.batches:
        return "no batch is lost"
    which = "intact" if action.batches == 1 else f"{action.intact} of them intact"
    if action.batches == 1 and not action.intact:
        which = "damaged"
    return f"{counted(action.batches, 'batch')} lost, {which}"
