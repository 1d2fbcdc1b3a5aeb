"""An index beside a segment, as the rules about indexes see it: opened, looked over, and followed along the log.

What the directory tells of it is judged here too: whether the segment is closed, so that its indexes are final, and
whether the broker makes them anew at its next start anyway.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from ..broker_files import Shutdown
from ..errors import KinspectError, PathNotFoundError
from ..files.index_columns import NO_COLUMNS, Columns, IndexLayout, LookedOver, columns_of, look_over
from ..findings import Finding
from ..location import Location
from ..partition import PartitionLog
from ..segment import Role, Segment, renamed_files
from ..source import FileSource, Meter, open_source
from ..text_files import why_unreadable
from .misleading import Misleading

SPACE = "preallocated-tail"


class Sibling:
    """One index of one segment. findings: what is wrong with the file itself, or why there is nothing to follow."""

    def __init__(self, segment: Segment, role: Role, which: IndexLayout, meter: Meter) -> None:
        self.at = location_of(segment, role)
        self.findings: list[Finding] = []
        self.known = LookedOver([], [], frozenset(), [])
        self.size = 0
        self._source: FileSource | None = None
        self._pieces: Iterator[Columns] = iter(())
        self._piece, self._next = NO_COLUMNS, 0
        self._open(segment, role, which, meter)

    def _open(self, segment: Segment, role: Role, which: IndexLayout, meter: Meter) -> None:
        path = segment.sibling(role)
        assert path is not None
        assert segment.base_offset is not None
        try:
            with open_source(path, self.at.path, renamed=renamed_files, meter=meter) as source:
                self._source, self.size = source, source.size
                self.known = look_over(source, which, segment.base_offset, self.at)
            self._pieces = columns_of(source, which, segment.base_offset, self.known)
            self.findings += self.known.findings
        except PathNotFoundError:
            self.findings.append(Finding("vanished-file", self.at))
        except KinspectError as error:
            self.findings.append(Finding("unreadable-file", self.at, found=why_unreadable(error)))

    @property
    def is_usable(self) -> bool:
        """Whether its entries can be told at all."""
        return self.size == 0 or bool(self.known.runs) or any(one.slug == SPACE for one in self.findings)

    @cached_property
    def disordered(self) -> frozenset[int]:
        """The entries, by their numbers, that do not follow the one before, or that no writer makes."""
        slugs = ("entry-out-of-order", "impossible-entry")
        places = (one.location for one in self.findings if one.slug in slugs)
        return frozenset((place.position or 0) // (place.size or 1) for place in places)

    def because_of(self, misleading: Misleading) -> Iterator[Finding]:
        """What is wrong with the file; an entry is out of order because of the one before, if that one misleads."""
        for finding in self.findings:
            number = (finding.location.position or 0) // (finding.location.size or 1)
            cause = misleading.cause_of(number) if finding.slug == "entry-out-of-order" else None
            yield finding.because(cause.as_cause) if cause else finding

    def ahead(self) -> tuple[Columns, int]:
        """A piece of the index, and the place in it of the next entry, which is its length behind the last one."""
        while self._next == len(self._piece.keys):
            try:
                following = next(self._pieces, None)
            except KinspectError:  # it vanished, or the disk does not deliver: what was seen of it stands
                following = None
            if following is None:
                break
            self._piece, self._next = following, 0
        return self._piece, self._next

    def before(self, key: int) -> Iterator[Columns]:
        """Takes the entries of a lower key, some at a time."""
        while True:
            piece, start = self.ahead()
            count = bisect_left(piece.keys, key, start) - start
            if not count:
                return
            yield self.take(count)

    def rest(self) -> Iterator[Columns]:
        """Takes all entries that are left, some at a time."""
        while True:
            piece, start = self.ahead()
            if start == len(piece.keys):
                return
            yield self.take(len(piece.keys) - start)

    def take(self, count: int) -> Columns:
        """Takes the next entries of those in `ahead`."""
        taken = self._piece.part(self._next, self._next + count)
        self._next += count
        return taken

    def release(self) -> None:
        """Holds no descriptor while somebody else has the turn."""
        if self._source is not None:
            self._source.release()


def location_of(segment: Segment, role: Role) -> Location:
    """The place of a sibling file, there or not."""
    return replace(segment.location(), path=f"{segment.shown_as.rpartition('.')[0]}.{role}")


def is_closed(log: PartitionLog, segment: Segment) -> bool:
    """Whether nothing was appended to a segment any more, and its indexes were trimmed to what they hold."""
    return segment.is_last is False or (segment.is_last is True and log.was_closed)


def is_made_anew(log: PartitionLog, number: int) -> bool:
    """Whether the broker makes the indexes of a segment anew at its next start, as it does from the recovery point on.

    So it is after an unclean stop; see `LogLoader.recoverLog`.
    """
    if log.shutdown is not Shutdown.UNCLEAN:
        return False
    following = log.segments[number + 1].base_offset if number + 1 < len(log.segments) else None
    return following is None or log.recovery_point is None or following > log.recovery_point


def is_still_there(log: PartitionLog, segment: Segment) -> bool:
    """False where a running broker has put another file in the place of the segment since it was listed.

    Its indexes are then not those of what was read.
    """
    if log.shutdown is not Shutdown.RUNNING or not segment.inode:
        return True
    try:
        return segment.path.stat().st_ino == segment.inode
    except OSError:
        return False
