"""One entry of a snapshot against the replay, and producers that a snapshot lacks: what can be held against it.

Whatever lies at or below `Replay.hole` the log does not tell. Producers are forgotten when they were silent for long
(`producer.id.expiration.ms`), by the timestamp of their last batch or marker; those with an open transaction are not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from ..files.producer_snapshot import ProducerState
from ..findings import Finding
from ..location import Location
from .producer import NONE, Producer
from .replay import Replay


class Difference(NamedTuple):
    """What is wrong with an entry: the field, what the log says, and what the entry says."""

    slug: str
    field: str
    expected: str
    found: object


def differences(state: ProducerState, offset: int, replay: Replay) -> Difference | None:
    """The first thing about an entry of the snapshot at `offset` that cannot be."""
    beyond = _beyond(state, offset)
    if beyond is not None:
        return beyond
    known = replay.producers.get(state.producer_id)
    if known is None:
        return _not_in_log(state, replay.hole)
    unlike = _batch_unlike if known.updated > replay.hole else _older_batch_unlike
    field = unlike(state, known, replay.hole) or _txn_unlike(state, known, replay.hole)
    return None if field is None else _difference(field, state, known)


def _beyond(state: ProducerState, offset: int) -> Difference | None:
    for field in ("last_offset", "current_txn_first_offset"):
        value = _number(state, field)
        if value >= offset:
            return Difference("snapshot-unlike-log", field, f"an offset below {offset}, its own", value)
    return None


def _not_in_log(state: ProducerState, hole: int) -> Difference | None:
    """A producer that the log does not show must be one of what the log no longer holds."""
    for field in ("last_offset", "current_txn_first_offset"):
        value = _number(state, field)
        if value > hole:
            expected = f"no batch of producer {state.producer_id}"
            return Difference("snapshot-producer-not-in-log", field, expected, value)
    if hole < 0:
        expected = f"nothing of producer {state.producer_id}"
        return Difference("snapshot-producer-not-in-log", "producer_id", expected, state.producer_id)
    return None


def _batch_unlike(state: ProducerState, known: Producer, hole: int) -> str | None:
    """Its last batch or marker lies behind all holes, so the entry must be as that one left it."""
    if state.producer_epoch != known.epoch:
        return "producer_epoch"
    field = _same_batch_unlike(state, known) or _other_batch(state, known, hole)
    if field is None and state.timestamp != known.timestamp and not known.is_thinned:
        field = "timestamp"
    return field or _coordinator_unlike(state, known, hole)


def _other_batch(state: ProducerState, known: Producer, hole: int) -> str | None:
    """Behind a marker the batch before it may be forgotten, or lie where the log is not known."""
    last = _number(state, "last_offset")
    if last == known.last_offset:
        return None
    is_behind_marker = known.last_offset < known.updated
    return None if is_behind_marker and last <= hole else "last_offset"


def _older_batch_unlike(state: ProducerState, known: Producer, hole: int) -> str | None:
    """A later batch or marker may have gone since, so the entry may only be newer."""
    last = _number(state, "last_offset")
    if last > hole or NONE < last < known.last_offset:
        return "last_offset"
    return _same_batch_unlike(state, known)


def _same_batch_unlike(state: ProducerState, known: Producer) -> str | None:
    if known.last_offset < 0 or state.last_offset != known.last_offset:
        return None
    same = ("producer_epoch", "last_sequence", "offset_delta")
    return next((field for field in same if _number(state, field) != _value(known, field)), None)


def _coordinator_unlike(state: ProducerState, known: Producer, hole: int) -> str | None:
    """Set by each marker; a producer that was forgotten in between has none until the next one."""
    epoch = _number(state, "coordinator_epoch")
    if 0 <= hole >= known.marked or epoch == known.coordinator_epoch:
        return None
    return None if epoch == NONE and known.marked < known.updated else "coordinator_epoch"


def _txn_unlike(state: ProducerState, known: Producer, hole: int) -> str | None:
    first = _number(state, "current_txn_first_offset")
    if first == known.current_txn_first_offset:
        return None
    earliest = min(one for one in (first, known.current_txn_first_offset) if one >= 0)
    return "current_txn_first_offset" if earliest > hole else None


def _difference(field: str, state: ProducerState, known: Producer) -> Difference:
    of_producer = f"{_value(known, field)} as the log of producer {state.producer_id} has it"
    return Difference("snapshot-unlike-log", field, of_producer, _number(state, field))


def _number(state: ProducerState, field: str) -> int:
    value = getattr(state, field)
    return NONE if value is None else int(value)


def _value(known: Producer, field: str) -> int:
    return known.epoch if field == "producer_epoch" else int(getattr(known, field))


NEVER = 2**63
"""The age of a producer that proves nothing."""


class Missing:
    """The producers of the log that a snapshot lacks, although nothing explains it.

    Whatever makes a broker forget a producer makes it forget all that were silent for as long: those whose last batch
    or marker lies before in the log, and is no later by its timestamp. So one such that was kept is the proof.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._seen: set[int] = set()
        self._kept: list[tuple[int, int]] = []

    def note(self, state: ProducerState, is_sound: bool) -> None:
        """An entry of the snapshot. Open transactions keep a producer whatever its age."""
        known = self._replay.producers.get(state.producer_id)
        if known is None:
            return
        self._seen.add(state.producer_id)
        if is_sound and known.updated > self._replay.hole:
            is_open = state.current_txn_first_offset is not None
            self._kept.append((known.updated, NEVER if is_open else state.timestamp))

    def findings(self, at: Location, most: int) -> Iterator[Finding]:
        """Those that were not noted and should have been, up to a number."""
        hole, producers = self._replay.hole, self._replay.producers
        lacking = [one for one in producers if one not in self._seen and producers[one].updated > hole]
        if not lacking or not self._kept:
            return
        kept = sorted(self._kept)
        earliest = list(accumulate((timestamp for _, timestamp in kept), min))
        should_be_there = (one for one in lacking if self._is_proven(producers[one], kept, earliest))
        for _, producer_id in zip(range(most), should_be_there, strict=False):
            last = producers[producer_id].updated
            expected = f"producer {producer_id}, whose last batch or marker is at offset {last}"
            yield Finding("snapshot-lacks-producer", at, expected, None, last)

    @staticmethod
    def _is_proven(gone: Producer, kept: list[tuple[int, int]], earliest: list[int]) -> bool:
        before = bisect_left(kept, (gone.updated,))
        if not before:
            return False
        return gone.current_txn_first_offset >= 0 or earliest[before - 1] <= gone.timestamp
