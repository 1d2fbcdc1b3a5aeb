"""Opening the files beside a segment for the rules about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..errors import KinspectError, PathNotFoundError
from ..findings import Finding, Severity
from ..location import Location
from ..partition import PartitionLog
from ..segment import Role, Segment, renamed_files
from ..source import Meter, Source, open_source
from ..text_files import why_unreadable

T = TypeVar("T")
Reader = Callable[[Source, Location, list[Finding]], Iterator[T]]
"""As those of `files/` read: entries, and what is wrong goes to the list."""


class Beside(NamedTuple):
    """A file of a partition that is no log. offset: the one in its name."""

    offset: int
    path: Path
    at: Location

    def entries(self, read: Reader[T], findings: list[Finding], meter: Meter) -> Iterator[T]:
        """What `read` makes of the file; that it cannot be read, a finding says. Between two entries it is not held."""
        try:
            with open_source(self.path, self.at.path, renamed=renamed_files, meter=meter) as source:
                for entry in read(source, self.at, findings):
                    source.release()
                    yield entry
        except PathNotFoundError:
            findings.append(Finding("vanished-file", self.at))
        except KinspectError as error:
            findings.append(Finding("unreadable-file", self.at, found=why_unreadable(error)))


def sibling(segment: Segment, role: Role) -> Beside | None:
    """One file beside a segment, None where there is none."""
    path = segment.sibling(role)
    if path is None or segment.base_offset is None:
        return None
    return Beside(segment.base_offset, path, beside(segment, role))


def beside(segment: Segment, role: Role) -> Location:
    """Where a file beside a segment lies, or would lie."""
    shown_as = segment.shown_as.removesuffix(Role.LOG) + role
    return Location(shown_as, topic=segment.topic, partition=segment.partition)


def all_in_force(log: PartitionLog, role: Role) -> list[Beside]:
    """The files of a role by offset, those without a segment too, and none that wait for removal."""
    found = [one for segment in log.segments if (one := sibling(segment, role))]
    for other in log.other_files:
        if other.name.role is role and not other.name.pending and other.name.number is not None:
            at = Location(other.shown_as, topic=log.topic, partition=log.partition)
            found.append(Beside(other.name.number, other.path, at))
    return sorted(found, key=lambda one: one.offset)


def is_gone(findings: list[Finding]) -> bool:
    """Whether the file was removed since it was listed."""
    return any(one.slug in ("vanished-file", "vanished-while-read") for one in findings)


def damage_in(findings: list[Finding]) -> Finding | None:
    """The first finding that makes it pointless to compare the rest."""
    return next((one for one in findings if one.severity is Severity.ERROR or one.incomplete), None)
