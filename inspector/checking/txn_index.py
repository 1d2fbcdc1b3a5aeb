"""The index of aborted transactions beside each segment, against the markers in it.

Each abort of a transaction with records has one entry, and each entry its marker. Only as far as the log tells: a
transaction that began before the first record, or where some are missing, may have been any. Sources:
`TransactionIndex`, `ProducerStateManager.lastStableOffset`, `CleanedTransactionMetadata` (KIP-98).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..broker_files import Shutdown
from ..engine.chunk import Chunk
from ..files.index_files import AbortedTransaction, read_txn_index
from ..findings import Finding
from ..location import Location
from ..segment import Role, Segment
from ..spec.txn_index import ENTRY_SIZE
from .replay import replay_of
from .rule import Around, Rule
from .siblings import beside, damage_in, is_gone, sibling
from .told import Ended, Listener

MOST_A_FILE = 20
"""So many missing entries of a file are named, and so many that are wrong."""


class _Entry(NamedTuple):
    position: int
    of: AbortedTransaction


_Transaction = tuple[int, int]
"""Producer and first offset."""


class TxnIndexes(Rule, Listener):
    """The `.txnindex` files of a partition, each read along with the markers of its segment."""

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._replay = replay_of(around)
        self._replay.tell(self)
        self._number = -1
        self._wrong: list[Finding] = []
        self._in_file: list[Finding] = []
        self._lacking: list[tuple[_Transaction, Finding]] = []
        self._strays: dict[_Transaction, Finding] = {}
        self._entries: Iterator[_Entry] = iter(())
        self._entry: _Entry | None = None
        self._at = Location("")

    def begin(self, number: int, segment: Segment) -> Iterable[Finding]:
        """Opens the index of the segment, if there is one."""
        self._number = number
        self._at = beside(segment, Role.TXN_INDEX)
        self._in_file, self._lacking, self._wrong, self._strays = [], [], [], {}
        file = sibling(segment, Role.TXN_INDEX)
        entries = file.entries(read_txn_index, self._in_file, self.around.engine.meter) if file else iter(())
        self._entries = (_Entry(number * ENTRY_SIZE, entry) for number, entry in enumerate(entries))
        self._entry = next(self._entries, None)
        return self._taken()

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """The markers of this chunk."""
        self._replay.take(number, segment, chunk)
        return self._taken()

    def end(self, number: int, segment: Segment) -> Iterator[Finding]:
        """Entries behind the last marker, and markers without an entry; these follow from a damaged index."""
        while self._entry is not None:
            self._take_stray(self._entry)
        yield from self._taken()
        yield from self._in_file
        if is_gone(self._in_file):
            return
        damage = next((one for one in self._in_file if one.slug == "partial-entry"), damage_in(self._in_file))
        for of, finding in self._lacking:
            cause = damage or self._strays.get(of)
            yield finding.because(cause.as_cause) if cause else finding

    def _taken(self) -> list[Finding]:
        wrong, self._wrong = self._wrong, []
        return wrong

    def on_ended(self, segment: Segment, ended: Ended) -> None:
        """Holds a marker against the next entry."""
        offset = ended.batch.base_offset
        while self._entry is not None and self._entry.of.last_offset < offset:
            self._take_stray(self._entry)
        if not ended.is_abort:
            return
        if self._entry is not None and self._entry.of.last_offset == offset:
            self._compare(self._entry, ended)
            self._advance()
        elif ended.first_offset > self._replay.hole and not self._is_rebuilt(segment, offset):
            self._lack(ended)

    def _advance(self) -> None:
        self._entry = next(self._entries, None)

    # -- an entry and its marker

    def _compare(self, entry: _Entry, ended: Ended) -> None:
        field = self._unlike(entry.of, ended)
        if field is not None:
            values = {"producer_id": ended.batch.producer_id, "last_stable_offset": ended.stable}
            expected = values.get(field, ended.first_offset if ended.first_offset >= 0 else "no records")
            self._tell("txn-index-unlike-log", entry, field, expected, getattr(entry.of, field))

    def _unlike(self, entry: AbortedTransaction, ended: Ended) -> str | None:
        """The first field that cannot be; what lies at or below the hole, the log does not tell."""
        if entry.producer_id != ended.batch.producer_id:
            return "producer_id"
        first = ended.first_offset
        earliest = entry.first_offset if first < 0 else min(entry.first_offset, first)
        if entry.first_offset != first and earliest > self._replay.hole:
            return "first_offset"
        return "last_stable_offset" if self._is_stable_wrong(entry.last_stable_offset, ended) else None

    def _is_stable_wrong(self, found: int, ended: Ended) -> bool:
        """A follower takes a whole fetch at once, and so counts transactions that began behind the marker too."""
        behind = ended.batch.base_offset + 1
        if found < ended.stable:
            return found > self._replay.hole
        return found > ended.stable and ended.stable < behind and ended.stable > self._replay.hole

    def _tell(self, slug: str, entry: _Entry, field: str, expected: object, found: object) -> None:
        if len(self._wrong) < MOST_A_FILE:
            at = self._at.at(entry.position, ENTRY_SIZE).of(field)
            self._wrong.append(Finding(slug, at, expected, found, entry.of.first_offset, entry.of.last_offset))

    # -- one without the other

    def _take_stray(self, entry: _Entry) -> None:
        self._advance()
        offset = entry.of.last_offset
        if offset <= self._replay.hole or damage_in(self._in_file) or self._is_beyond(offset):
            return
        expected = f"an abort of producer {entry.of.producer_id} at offset {offset}"
        self._tell("txn-index-without-marker", entry, "last_offset", expected, "none")
        self._strays[entry.of.producer_id, entry.of.first_offset] = self._wrong[-1]

    def _is_beyond(self, offset: int) -> bool:
        """Whether the marker may stand, or have stood, behind what was read of the segment."""
        if offset < self._replay.end:
            return False
        segment = self.around.log.segments[self._number]
        damage = self.around.damage.between((self._number, 0), (self._number + 1, 0))
        return damage is not None or (segment.is_last is not False and self.around.log.shutdown is not Shutdown.CLEAN)

    def _is_rebuilt(self, segment: Segment, offset: int) -> bool:
        """Whether a broker makes the entry anew when it starts: it was not stopped, and this was not flushed.

        Or the segment has no `.index`, be it that somebody took the log alone; nor is a file in force any more that
        waits for removal.
        """
        shutdown = self.around.log.shutdown
        if segment.pending or segment.sibling(Role.OFFSET_INDEX) is None:
            return True
        if shutdown is Shutdown.CLEAN:
            return False
        return segment.may_be_torn if shutdown is Shutdown.UNKNOWN else offset >= (self.around.log.recovery_point or 0)

    def _lack(self, ended: Ended) -> None:
        if len(self._lacking) < MOST_A_FILE:
            batch, first = ended.batch, ended.first_offset
            expected = f"an entry for producer {batch.producer_id}, aborted from offset {first} to {batch.base_offset}"
            finding = Finding("txn-index-lacks-transaction", self._at, expected, None, first, batch.base_offset)
            self._lacking.append(((batch.producer_id, first), finding))
