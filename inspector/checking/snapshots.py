"""Producer snapshots against the log: what a broker remembered at an offset, and what the batches before it make.

Only as far as Kafka itself holds it. A snapshot may know more than the log, whose beginning retention and compaction
removed; and less, as silent producers are forgotten. Sources: `ProducerStateManager`, KIP-98.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..broker_files import Shutdown
from ..engine.chunk import Chunk
from ..files.producer_snapshot import ProducerState, read_producer_snapshot
from ..findings import Finding
from ..location import Location
from ..segment import Role, Segment
from ..spec.producer_snapshot import ENTRY_SIZE, HEADER_SIZE
from ..words import utc
from .remembered import Missing, differences
from .replay import replay_of
from .rule import Around, Rule
from .siblings import Beside, all_in_force, damage_in
from .told import Listener

MOST_A_FILE = 20
"""A snapshot with so many wrong entries is not compared further: it belongs to another log."""


MOST_LOOKED_AT = 50_000_000
"""Producers of the log that are looked for in snapshots, all in all: each snapshot may lack each of them."""


class _Open(NamedTuple):
    """An open transaction whose records the log no longer holds. offset: that of the snapshot."""

    offset: int
    at: Location
    state: ProducerState


class Snapshots(Rule, Listener):
    """The `.snapshot` files of a partition, each when the replay reaches its offset."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._left = deque(all_in_force(around.log, Role.PRODUCER_SNAPSHOT))
        self.wanted = [file.offset for file in self._left]
        self._found: list[Finding] = []
        self._open: list[_Open] = []
        self._looked_at = 0
        self._replay = replay_of(around)
        self._replay.tell(self)

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Those that this chunk reaches."""
        self._replay.take(number, segment, chunk)
        return self._taken()

    def finish(self) -> Iterator[Finding]:
        """The one at the end of the log, and such as lie behind it."""
        self._replay.finish()
        yield from self._taken()
        yield from self._still_open()

    def _taken(self) -> list[Finding]:
        found, self._found = self._found, []
        return found

    def on_offset(self, offset: int) -> None:
        """Reads the snapshot, and compares it if there is nothing wrong with the file itself."""
        file = self._left.popleft()
        found: list[Finding] = []
        entries = file.entries(read_producer_snapshot, found, self.around.engine.meter)
        if self._is_beyond(offset):
            self._found += self._beyond(file, offset)
            _drain(entries)
        elif self._replay.end > offset:  # inside a batch: no broker takes a snapshot there
            _drain(entries)
        else:
            self._found += self._compared(file, entries, found)
        self._found += found

    # -- against the replay

    def _compared(self, file: Beside, entries: Iterable[ProducerState], found: list[Finding]) -> list[Finding]:
        """Findings on the entries; none where the file is damaged, which a broker then does not use."""
        wrong: list[Finding] = []
        missing = Missing(self._replay)
        self._open = []
        for number, state in enumerate(entries):
            if damage_in(found) or len(wrong) == MOST_A_FILE:
                continue
            at = file.at.at(HEADER_SIZE + number * ENTRY_SIZE, ENTRY_SIZE)
            difference = differences(state, file.offset, self._replay)
            if difference is not None:
                where = at.of(difference.field)
                wrong.append(Finding(difference.slug, where, difference.expected, difference.found, state.last_offset))
            missing.note(state, is_sound=difference is None)
            self._note_open(file.offset, at, state)
        if damage_in(found):
            self._open = []
            return []
        self._looked_at += len(self._replay.producers)
        if len(wrong) == MOST_A_FILE or self._looked_at > MOST_LOOKED_AT:
            return wrong
        return [*wrong, *missing.findings(file.at, MOST_A_FILE)]

    # -- behind the end

    def _is_beyond(self, offset: int) -> bool:
        segments = self.around.log.segments
        if not self._replay.is_finished or not segments or segments[-1].is_last is not True:
            return False
        return offset > self._end()

    def _end(self) -> int:
        return max(self._replay.end, self._replay.damaged_end, self.around.log.segments[-1].base_offset or 0)

    def _beyond(self, file: Beside, offset: int) -> Iterator[Finding]:
        """While a broker writes, a snapshot may be newer than what was read of the log."""
        if self.around.log.shutdown is Shutdown.RUNNING:
            return
        last = len(self.around.log.segments) - 1
        damage = self.around.damage.between((last, 0), (last + 1, 0))
        finding = Finding("snapshot-beyond-the-log", file.at, self._end(), offset)
        yield finding.because(damage.as_cause) if damage else finding

    # -- what only a snapshot remembers

    def _note_open(self, offset: int, at: Location, state: ProducerState) -> None:
        first = state.current_txn_first_offset
        known, hole = self._replay.producers.get(state.producer_id), self._replay.hole
        if first is None or first > hole or len(self._open) == MOST_A_FILE:
            return
        if known is None or (known.current_txn_first_offset != first and known.current_txn_first_offset <= hole):
            self._open.append(_Open(offset, at, state))

    def _still_open(self) -> Iterator[Finding]:
        """Those of the last snapshot, unless a marker behind it ended them, or may have."""
        for offset, at, state in self._open:
            known = self._replay.producers.get(state.producer_id)
            if self._replay.hole >= offset or (known is not None and known.marked >= offset):
                continue
            found = f"producer {state.producer_id} in epoch {state.producer_epoch}, last seen {utc(state.timestamp)}"
            first = state.current_txn_first_offset
            yield Finding("open-transaction-in-snapshot", at.of("current_txn_first_offset"), first, found, first)


def _drain(entries: Iterable[ProducerState]) -> None:
    """Reads to the end, for what is wrong with the file itself."""
    for _ in entries:
        pass
