"""Walks a segment entry by entry: what is a batch, what is damage, and where the log goes on behind it.

Everything a segment's bytes can be is told apart here, before any record is looked at: intact batches, batches whose
CRC fails but whose framing holds, entries of older formats, zero and torn tails, and bytes that are no batch. The rule
for finding the next batch is in `resync.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..findings import Finding
from ..location import Location
from ..spec.message_set import COMPRESSION_MASK, HEADS
from ..spec.record_batch import (
    CRC_START,
    HEADER_SIZE,
    MAGIC,
    MAGIC_POSITION,
    MIN_BATCH_LENGTH,
    unpack_header,
)
from .messages import MAGICS, is_message, lengths_end, message_crc, message_header
from .plausibility import Implausible, batch_size, implausible, last_offset, outside_segment
from .resync import BudgetSpentError, Search
from .window import ShrunkError, Window


class Entry(NamedTuple):
    """One entry in its frame: a v2 batch, or a v0 or v1 message under the names of a batch header.

    crc_ok: None where the CRC was not computed. follows: the last offset accepted before it.
    """

    position: int
    size: int
    header: Any
    crc_ok: bool | None
    ordinal: int
    follows: int


class Damage(NamedTuple):
    """Why no entry could be taken at a position. `header` is given where its own fields can still be believed."""

    slug: str
    expected: object
    found: object
    field: str | None = None
    header: Any = None


@dataclass(slots=True)
class Walk:
    """One pass over the entries of a segment, from `position` on.

    at: names the file in findings. base_offset: from the segment's name, None when unknown.
    last: the last offset accepted so far (of the previous segment, to begin with; -1: none).
    """

    window: Window
    at: Location
    base_offset: int | None = None
    position: int = 0
    last: int = -1
    check_crc: bool = True
    ordinal: int = 0
    search: Search = field(init=False)
    _follows_message: bool = False
    _outside_seen: bool = False

    def __post_init__(self) -> None:
        self.search = Search(self.window, self.base_offset)

    def entries(self) -> Iterator[Entry | Finding]:
        """Entries and findings in file order. Never raises on content."""
        try:
            while self.position < self.window.size:
                yield from self._step()
        except ShrunkError as error:
            yield self._finding("shrunk-file", self.window.size, error.size, size=0)
        if self.search.gave_up_at is not None:
            place = self.at.at(self.search.gave_up_at)
            yield Finding("search-budget-spent", place, self.search.budget, self.search.spent)

    def _step(self) -> Iterator[Entry | Finding]:
        seen = self._look()
        if isinstance(seen, Entry):
            yield from self._accept(seen)
        elif seen.slug == "zeroed-tail":
            yield self._finding(seen.slug, None, seen.found)
            self.position = self.window.size
        else:
            yield from self._step_over(seen)

    # -- what stands at the position

    def _look(self) -> Entry | Damage:
        head = self.window.read(self.position, HEADER_SIZE)
        remaining = self.window.size - self.position
        if not head.strip(b"\0"):
            return self._zeros(remaining)
        if is_message(head):
            return self._look_at_message(head, remaining)
        if len(head) < HEADER_SIZE:
            return Damage("truncated-batch", HEADER_SIZE, remaining)
        header = unpack_header(head)
        if header.magic != MAGIC:
            return self._v2_in_disguise(head)
        return self._frame_problem(header, remaining) or self._checked(header)

    def _zeros(self, remaining: int) -> Damage:
        end = self.window.first_nonzero(self.position)
        if end == self.window.size:
            return Damage("zeroed-tail", None, remaining)
        return Damage("unreadable-bytes", None, None)

    def _frame_problem(self, header: Any, remaining: int) -> Damage | None:
        believed = None if self._odd(header._replace(batch_length=2**30)) else header
        if header.batch_length < MIN_BATCH_LENGTH:
            return Damage("batch-length-too-small", MIN_BATCH_LENGTH, header.batch_length, "batch_length", believed)
        if batch_size(header) > remaining:
            return Damage("truncated-batch", batch_size(header), remaining, "batch_length", believed)
        return None

    def _checked(self, header: Any) -> Entry | Damage:
        end = self.position + batch_size(header)
        if not self.check_crc:
            problem = implausible(header)
            if problem and not self.search.plausible_at(end, -1):
                return Damage("implausible-header", problem.expected, problem.found, problem.field)
            return self._entry(header, None)
        computed = self.window.crc32c(self.position + CRC_START, end)
        if self._matches(computed, header):
            return self._entry(header, True)
        if self._frame_holds(header, end):
            return self._entry(header, False)
        believed = None if self._odd(header) else header
        return Damage("crc-mismatch", f"{header.crc:#010x}", f"{computed:#010x}", "crc", believed)

    def _matches(self, computed: int, header: Any) -> bool:
        """Whether the CRC holds. One that does not was in vain, and the next header may claim the same bytes again."""
        if computed != header.crc:
            self.search.charge(batch_size(header))
        return bool(computed == header.crc)

    def _entry(self, header: Any, crc_ok: bool | None) -> Entry:
        return Entry(self.position, batch_size(header), header, crc_ok, self.ordinal, self.last)

    def _odd(self, header: Any) -> Implausible | None:
        """The first field that no broker writes so in a segment of this name, or None."""
        return implausible(header) or outside_segment(header, self.base_offset)

    def _frame_holds(self, header: Any, end: int) -> bool:
        """Whether the length of a batch with a wrong CRC can be believed: the log goes on there, and not before.

        Its last offset may be what is damaged; the CRC of the next one then tells that it is the next.
        """
        if self._odd(header):
            return self.search.plausible_at(end, self.last)
        goes_on = self.search.plausible_at(end, last_offset(header)) or self.search.proven_at(end, self.last)
        if not goes_on and self.search.records_end(self.position, header).position != end:
            return False
        return not self._covers_the_next(header, end)

    def _covers_the_next(self, header: Any, end: int) -> bool:
        """Whether another batch starts before `end`: the length lies, or bytes are missing.

        It has the very next offsets, or it reaches beyond `end`; any other is a payload of this one.
        """
        start = self._behind_records(header)
        while (inside := self._search(start, self.last, stop=end)) is not None:
            inner = self.search.header_at(inside)
            if inner is None or inner.base_offset == last_offset(header) + 1 or inside + batch_size(inner) > end:
                return True
            start = inside + 1
        return False

    def _behind_records(self, header: Any) -> int:
        """Where to search behind a damaged batch: where its records end, if the log goes on there; else in its body."""
        end = self.search.records_end(self.position, header).position
        if end is not None and self.search.plausible_at(end, last_offset(header)):
            return end
        return self.position + HEADER_SIZE

    # -- stepping on

    def _accept(self, entry: Entry) -> Iterator[Entry | Finding]:
        header = entry.header
        yield from self._header_findings(entry)
        yield entry
        if outside_segment(header, self.base_offset) is None and entry.crc_ok is not False:
            self.last = last_offset(header)
        self._follows_message = header.magic in MAGICS
        self.position += entry.size
        self.ordinal += 1

    def _header_findings(self, entry: Entry) -> Iterator[Finding]:
        header = entry.header
        offsets = (header.base_offset, last_offset(header))
        if entry.crc_ok is False:
            computed = self._computed_crc(entry)
            yield self._finding(
                "crc-mismatch", f"{header.crc:#010x}", f"{computed:#010x}", "crc", size=entry.size, offsets=offsets
            )
            return  # whatever else is odd follows from it
        if outside_segment(header, self.base_offset):
            yield from self._misnamed(entry, offsets)
            return
        problem = None if header.magic in MAGICS else implausible(header)
        if problem:
            slug = "unknown-attributes" if problem.field == "attributes" else "implausible-header"
            yield self._finding(slug, problem.expected, problem.found, problem.field, size=entry.size, offsets=offsets)
        elif header.base_offset <= self.last:
            yield self._finding(
                "offset-not-increasing", self.last + 1, header.base_offset, "base_offset", entry.size, offsets
            )

    def _computed_crc(self, entry: Entry) -> int:
        end = entry.position + entry.size
        if entry.header.magic in MAGICS:
            return message_crc(self.window, entry.position, end)
        return self.window.crc32c(entry.position + CRC_START, end)

    def _misnamed(self, entry: Entry, offsets: tuple[int, int]) -> Iterator[Finding]:
        """Told once: where the name is wrong, every batch of the file is outside."""
        if not self._outside_seen:
            found = entry.header.base_offset
            yield self._finding("segment-name-mismatch", self.base_offset, found, "base_offset", entry.size, offsets)
        self._outside_seen = True

    def _step_over(self, damage: Damage) -> Iterator[Finding]:
        start = self.position
        end = self._next_position(damage)
        header = damage.header
        offsets = (header.base_offset, last_offset(header)) if header else None
        found = end - start if damage.slug == "unreadable-bytes" else damage.found
        yield self._finding(damage.slug, damage.expected, found, damage.field, end - start, offsets)
        self.position = end
        self.ordinal += 1

    def _next_position(self, damage: Damage) -> int:
        """Where the log goes on behind damage at the position: the next intact batch, or the file's end."""
        header = damage.header
        if header is None:
            return self._search(self.position + 1, self.last) or self.window.size
        if self._is_torn(header):
            return self.window.size
        start = self._behind_records(header)
        return self._search(start, last_offset(header)) or self._search(start, self.last) or self.window.size

    def _is_torn(self, header: Any) -> bool:
        """Whether the batch and its last record agree that the file ends inside them: nothing can follow."""
        records = self.search.records_end(self.position, header)
        return records.torn and batch_size(header) > self.window.size - self.position

    def _search(self, start: int, after: int, stop: int | None = None) -> int | None:
        """The next intact batch, or None, also where the budget is spent; `entries` says so in the end."""
        try:
            return self.search.next_batch(start, after, stop)
        except BudgetSpentError:
            return None

    # -- older formats

    def _look_at_message(self, head: bytes, remaining: int) -> Entry | Damage:
        header = message_header(head)
        if header is None:
            return self._no_message(head, remaining)
        end = self.position + batch_size(header)
        framed = lengths_end(self.window, self.position, header.magic) == end
        if end > self.window.size:
            cut = Damage("truncated-batch", batch_size(header), remaining, "message_size")
            return cut if framed or self._follows_message else self._v2_in_disguise(head)
        if framed and not self.check_crc:
            return self._entry(header, None)
        computed = message_crc(self.window, self.position, end)
        if self._matches(computed, header):
            return self._entry(header, True)
        if (framed or self._follows_message) and self._size_holds(header, end, framed):
            return self._entry(header, False)
        if self._follows_message:
            return Damage("crc-mismatch", f"{header.crc:#010x}", f"{computed:#010x}", "crc")
        return self._v2_in_disguise(head)

    def _size_holds(self, header: Any, end: int, framed: bool) -> bool:
        """Whether the size of a message with a wrong CRC can be believed: its lengths agree, and the log goes on there.

        One of the two will do where no other entry begins before its end; both, where that is not the next one.
        """
        goes_on = self.search.plausible_at(end, last_offset(header))
        if not framed and not (goes_on and self.window.read(end, HEADER_SIZE).strip(b"\0")):
            return False  # zeros behind it say nothing
        inside = self._search(self.position + 1, self.last, stop=end)
        return inside is None or (framed and goes_on and not self._is_next(inside, header))

    def _is_next(self, position: int, header: Any) -> bool:
        """Whether the entry at `position` has the offset behind that message; any other is its payload."""
        following = self.search.header_at(position)
        is_set = following is not None and following.attributes & COMPRESSION_MASK
        return following is not None and (is_set or following.base_offset == last_offset(header) + 1)

    def _no_message(self, head: bytes, remaining: int) -> Damage:
        """Too few bytes, or an offset or a size that no message has."""
        if remaining < HEADS[head[MAGIC_POSITION]].size:
            return Damage("truncated-batch", HEADS[head[MAGIC_POSITION]].size, remaining)
        return self._v2_in_disguise(head)

    def _v2_in_disguise(self, head: bytes) -> Damage:
        """A v2 batch whose magic byte alone was damaged still has the right CRC, which does not cover the magic."""
        header = unpack_header(head)._replace(magic=MAGIC) if len(head) == HEADER_SIZE else None
        if header is None or implausible(header) or batch_size(header) > self.window.size - self.position:
            return Damage("unreadable-bytes", None, None)
        computed = self.window.crc32c(self.position + CRC_START, self.position + batch_size(header))
        if not self._matches(computed, header):
            return Damage("unreadable-bytes", None, None)
        return Damage("unknown-magic", MAGIC, head[MAGIC_POSITION], "magic", header)

    def _finding(
        self,
        slug: str,
        expected: object,
        found: object,
        field: str | None = None,
        size: int | None = None,
        offsets: tuple[int, int] | None = None,
    ) -> Finding:
        size = self.window.size - self.position if size is None else size
        place = self.at.at(self.position, size, self.ordinal)
        first, last = offsets or (None, None)
        return Finding(slug, place.of(field) if field else place, expected, found, first, last)
