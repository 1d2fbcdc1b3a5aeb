"""The loss statement in sentences: what is known, how it is known, and `unknown` for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..names import excerpt
from ..words import counted, utc
from .groups import Committed
from .loss import Loss

MOST_NAMED = 5
"""So many producers, keys or groups are named in a sentence."""


def loss_in_words(loss: Loss, groups: Mapping[str, int], committed: Committed) -> list[str]:
    """Offsets and records first, then when, who, which transactions, keys and groups.

    groups: what consumer groups committed on the partition. committed: where that was read.
    """
    return list(_sentences(loss, groups, committed))


def _sentences(loss: Loss, groups: Mapping[str, int], committed: Committed) -> Iterator[str]:
    yield f"{_offsets(loss)}: {_records(loss)}"
    told = {
        "when they were written": _times(loss),
        "whose they were": _producers(loss),
        "their keys": _keys(loss),
        "which groups had read them": _groups(loss, groups, committed),
    }
    yield from filter(None, told.values())
    if loss.transactions:
        open_ones = [f"{one.producer_id} (open since offset {one.first_offset})" for one in loss.transactions]
        yield f"transactions under way: of producer {_listed(open_ones)}"
    unknown = [what for what, words in told.items() if words is None]
    if unknown:
        yield f"unknown: {', '.join(unknown)}"


def _offsets(loss: Loss) -> str:
    first, last = loss.hole.first_offset, loss.hole.last_offset
    if last is None:
        return f"offset {first} and what followed"
    return f"offset {first}" if first == last else f"offsets {first} to {last}"


def _records(loss: Loss) -> str:
    if loss.records is None and loss.ends_at_least is not None:
        end, told_by = loss.ends_at_least
        return f"at least up to offset {end - 1}, by {told_by}; how many records is unknown"
    if loss.records is None:
        return "how many records is unknown"
    most = "" if loss.records_are_exact else "at most "
    return f"{most}{counted(loss.records, 'record')}"


def _times(loss: Loss) -> str | None:
    if loss.since is None and loss.until is None:
        return None
    how = "" if loss.times_are_exact else ", by the clocks of the producers beside them"
    if loss.until is None:
        return f"written after {utc(loss.since or 0)}{how}"
    if loss.since is None:
        return f"written before {utc(loss.until)}{how}"
    return f"written between {utc(min(loss.since, loss.until))} and {utc(max(loss.since, loss.until))}{how}"


def _producers(loss: Loss) -> str | None:
    if not loss.producers:
        return None
    named = [f"{counted(one.records, 'record')} of producer {one.producer_id}" for one in loss.producers]
    rest = (loss.records or 0) - sum(one.records for one in loss.producers)
    others = f", {rest} of unknown ones" if rest > 0 and loss.records_are_exact else ""
    return f"by sequence numbers {_listed(named)}{others}"


def _keys(loss: Loss) -> str | None:
    if not loss.hole.claims:
        return None
    return f"keys in the damaged bytes, not proven: {_listed(list(dict.fromkeys(map(_key, loss.hole.claimed))))}"


def _key(key: bytes | None) -> str:
    return "null" if key is None else f"'{excerpt(key.decode(errors='backslashreplace'))}'"


def _groups(loss: Loss, groups: Mapping[str, int], committed: Committed) -> str | None:
    """Those that had committed an offset beyond the hole had read it, or passed over it; the others had not."""
    if not committed.partitions:
        return None
    if not groups:
        return "no group has committed an offset of this partition, by the __consumer_offsets here"
    seen = loss.hole.first_offset if loss.hole.last_offset is None else loss.hole.last_offset
    unread = [f"{name} (at {offset})" for name, offset in sorted(groups.items()) if offset <= seen]
    past = {name: offset for name, offset in sorted(groups.items()) if offset > seen}
    parts = [f"not yet read by group {_listed(unread)}"] if unread else []
    return ", ".join(parts + ([f"read by group {_listed(_as_far_as_known(past, loss))}"] if past else []))


def _as_far_as_known(past: Mapping[str, int], loss: Loss) -> list[str]:
    """Groups that had read beyond a hole; of one without an end, how far."""
    if loss.hole.last_offset is not None:
        return list(past)
    return [f"{name} (up to offset {offset - 1})" for name, offset in past.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
