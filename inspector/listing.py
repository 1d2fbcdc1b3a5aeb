"""What lies in a partition directory: its entries, listed once and sorted into segments, their siblings and the rest.

Names and sizes only; nothing is opened. A directory with thousands of segments is listed in one pass, and what is kept
of each file is a few strings and numbers.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from .broker_files import Shutdown
from .findings import Finding
from .location import Location
from .names import printable
from .segment import FileName, Role, Segment, parse_file_name, renamed_folders
from .text_files import why_unreadable


class OtherFile(NamedTuple):
    """A file of a partition directory that is neither a segment nor a sibling of one.

    shown_as: its name for people, relative to the LOGDIR given. name: what its name says.
    """

    directory: str
    file_name: str
    shown_as: str
    name: FileName

    @property
    def path(self) -> Path:
        """To open it."""
        return Path(self.directory, self.file_name)


@dataclass(frozen=True, slots=True)
class Listing:
    """What was in a partition directory when it was listed.

    first_base_offset: of the first segment there, also where `segments` holds only the one that was given.
    directory: where it lay then. failed: it could not be listed; a finding says why.
    """

    segments: tuple[Segment, ...] = ()
    other_files: tuple[OtherFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    first_base_offset: int | None = None
    directory: Path = Path()
    failed: bool = False


def list_partition(directory: Path, at: Location, shutdown: Shutdown, inode: int = 0) -> Listing:
    """Lists a partition directory once. A directory that cannot be listed gives an empty listing with a finding.

    inode: that of the directory when it was found (0: not known), to know it again where it was renamed since.
    """
    lister = _Lister(directory, at)
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                lister.take(entry)
    except FileNotFoundError:
        moved_to = _renamed(directory, inode) if inode else None
        return _listed_elsewhere(moved_to, at, shutdown) if moved_to else _failed(Finding("vanished-file", at))
    except OSError as error:
        return _failed(unreadable(error, at))
    return lister.listing(shutdown)


def _failed(finding: Finding) -> Listing:
    return Listing(findings=(finding,), failed=True)


def _renamed(directory: Path, inode: int) -> Path | None:
    for candidate in renamed_folders(directory):
        try:
            if candidate.stat().st_ino == inode:
                return candidate
        except OSError:
            continue
    return None


def _listed_elsewhere(directory: Path, at: Location, shutdown: Shutdown) -> Listing:
    """The listing under the new name; its files are still called by the name under which the directory was found."""
    listing = list_partition(directory, at, shutdown)
    renamed = Finding("renamed-file", at, found=printable(directory.name))
    return listing if listing.failed else replace(listing, findings=(renamed, *listing.findings))


def holds_kafka_files(directory: Path) -> bool:
    """True when a file that only brokers write lies in `directory`, or when we may not look."""
    try:
        with os.scandir(directory) as entries:
            return any(parse_file_name(entry.name).role is not Role.FOREIGN for entry in entries)
    except PermissionError:
        return True
    except OSError:
        return False


def unreadable(error: OSError, at: Location) -> Finding:
    """The finding for what the operating system refused or failed to read."""
    return Finding("unreadable-file", at, found=why_unreadable(error))


def describe_foreign(entry: os.DirEntry[str]) -> str:
    """What a foreign entry is, in words."""
    if entry.is_dir():
        return "a folder"
    if entry.is_file():
        return "a file"
    return "a link that leads nowhere" if leads_nowhere(entry) else "neither a file nor a folder"


def leads_nowhere(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a link whose target is not there. Raises OSError where that cannot be found out."""
    if not entry.is_symlink():
        return False
    try:
        entry.stat()
    except FileNotFoundError:
        return True
    return False


def within(directory: Location, name: str) -> Location:
    """The place of a file in a partition directory, named relative to the LOGDIR given."""
    return Location(_shown_prefix(directory) + printable(name), topic=directory.topic, partition=directory.partition)


def _shown_prefix(directory: Location) -> str:
    return "" if directory.path == "." else f"{directory.path}/"


def _of_a_file(name: FileName) -> str:
    return "a segment" if name.role is Role.LOG and not name.pending else "a file of this partition"


class _Log(NamedTuple):
    """A segment as it was listed, in the order of its base offset."""

    base_offset: int
    name: str
    size: int
    inode: int


class _Lister:
    """Sorts the entries of a partition directory into segments, siblings, other files and findings."""

    def __init__(self, directory: Path, at: Location) -> None:
        self.directory = directory
        self.at = at
        self.logs: list[_Log] = []
        self.siblings: defaultdict[str, list[FileName]] = defaultdict(list)  # by the name's stem
        self.others: list[tuple[str, FileName]] = []
        self.findings: list[Finding] = []

    def take(self, entry: os.DirEntry[str]) -> None:
        """Sorts one entry in; an entry that cannot be looked at is a finding, one that vanished too."""
        try:
            self._sort_in(entry)
        except FileNotFoundError:
            self.findings.append(Finding("vanished-file", within(self.at, entry.name)))
        except OSError as error:
            self.findings.append(unreadable(error, within(self.at, entry.name)))

    def _sort_in(self, entry: os.DirEntry[str]) -> None:
        name = parse_file_name(entry.name)
        if name.role is not Role.FOREIGN and leads_nowhere(entry):
            self.findings.append(Finding("dangling-link", within(self.at, entry.name), _of_a_file(name)))
        elif name.role is Role.FOREIGN or not entry.is_file():
            foreign = Finding("foreign-entry", within(self.at, entry.name), found=describe_foreign(entry))
            self.findings.append(foreign)
        elif name.pending or name.number is None or name.role is Role.KRAFT_SNAPSHOT:
            self.others.append((entry.name, name))
        elif name.role is Role.LOG:
            status = entry.stat()
            self.logs.append(_Log(name.number, entry.name, status.st_size, status.st_ino))
        else:
            self.siblings[entry.name.partition(".")[0]].append(name)

    def listing(self, shutdown: Shutdown) -> Listing:
        """All that was taken, in order."""
        segments = tuple(self._segments(shutdown))
        for stem, without_log in self.siblings.items():
            self.others += [(f"{stem}.{name.role}", name) for name in without_log]
        directory = str(self.directory)
        others = (
            OtherFile(directory, name, within(self.at, name).path, parsed) for name, parsed in sorted(self.others)
        )
        findings = sorted(self.findings, key=lambda finding: finding.location.path)
        first = self.logs[0].base_offset if self.logs else None
        return Listing(segments, tuple(others), tuple(findings), first, self.directory)

    def _segments(self, shutdown: Shutdown) -> Iterator[Segment]:
        self.logs.sort()
        directory, shown_prefix = str(self.directory), _shown_prefix(self.at)
        for index, log in enumerate(self.logs, start=1):
            is_last = index == len(self.logs)
            yield Segment(
                directory=directory,
                file_name=log.name,
                shown_as=shown_prefix + printable(log.name),
                base_offset=log.base_offset,
                size=log.size,
                topic=self.at.topic,
                partition=self.at.partition,
                is_last=is_last,
                may_be_torn=is_last and shutdown is not Shutdown.CLEAN,
                sibling_roles=tuple(sorted(sibling.role for sibling in self.siblings.pop(_stem(log.name), ()))),
                inode=log.inode,
            )


def _stem(name: str) -> str:
    return name.partition(".")[0]
