"""Every file of a log directory with what it is: those of partitions, the broker's own, and those that are neither.

Names, sizes and neighbours only; nothing is opened. What `listing.py` keeps is what a log consists of; this is for
whoever wants to see the rest too. One directory is held in memory at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from .broker_files import BROKER_FILES, CLEAN_SHUTDOWN, LOCK
from .findings import Finding
from .listing import describe_foreign, unreadable, within
from .location import Location
from .names import printable
from .segment import BY_SUFFIX, FileName, Role, parse_file_name, parse_remote_name

BLOCK = 512
"""What `st_blocks` counts, in bytes."""

OF_PENDING = {
    "deleted": "taken out of the log, waiting to be removed",
    "cleaned": "what the log cleaner, or the split of a segment, was writing",
    "swap": "what the log cleaner, or the split of a segment, has written, not yet in its place",
    "tmp": "a replacement that was being written",
    "part": "a snapshot that was being written or fetched",
}
"""What was under way with a file, by `FileName.pending`."""

KINDS_OF_BROKER_FILES = {
    **{name: name for name in BROKER_FILES},
    "bootstrap.checkpoint": str(Role.KRAFT_SNAPSHOT),
    CLEAN_SHUTDOWN: "clean-shutdown-marker",
    LOCK: "lock",
}


class Entry(NamedTuple):
    """One file, or one folder that is not looked into.

    file_name: printable. kind: a role of `segment.Role`, or for a broker's own files mostly their name. pending: see
    `FileName`. offset: the one that the name begins with. size: bytes, None where they could not be asked for.
    disk_size: bytes it takes on the disk where these are fewer (a sparse file). note: in words, what the rest lacks.
    """

    file_name: str
    kind: str
    pending: str = ""
    offset: int | None = None
    size: int | None = None
    disk_size: int | None = None
    note: str = ""

    @property
    def is_foreign(self) -> bool:
        """True when no broker puts such a file here."""
        return self.kind == Role.FOREIGN


class _Named(NamedTuple):
    """What the name of an entry says, and what is to be added in words."""

    kind: str
    pending: str = ""
    offset: int | None = None
    note: str = ""


Naming = Callable[[str], _Named]


def partition_entries(directory: Path, at: Location, findings: list[Finding]) -> Iterator[Entry]:
    """The files of a partition's directory, by name; what cannot be looked at goes to `findings`."""
    listed = _listed(directory, at, findings)
    logs = {entry.name.partition(".")[0] for entry in listed if entry.name.endswith(f".{Role.LOG}")}

    def named(name: str) -> _Named:
        parsed = parse_file_name(name)
        needs_log = parsed.role in BY_SUFFIX.values() and parsed.role is not Role.PRODUCER_SNAPSHOT
        is_orphan = needs_log and not parsed.pending and name.partition(".")[0] not in logs
        return _of(parsed, "an index without its segment" if is_orphan else "")

    return _entries(listed, at, findings, named)


def remote_entries(directory: Path, at: Location, findings: list[Finding]) -> Iterator[Entry]:
    """The files of `remote-log-index-cache`."""
    note = "of a segment in remote storage"
    return _entries(_listed(directory, at, findings), at, findings, lambda name: _of(parse_remote_name(name), note))


def broker_entries(directory: Path, is_other: Callable[[str], bool], findings: list[Finding]) -> Iterator[Entry]:
    """The files and folders between the partitions; `is_other` tells by its name which folder is shown elsewhere."""
    at = Location(".")
    listed = [entry for entry in _listed(directory, at, findings) if not (is_other(entry.name) and _is_folder(entry))]
    return _entries(listed, at, findings, _broker_file)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # whoever looks closer will say why
        return False


def _broker_file(name: str) -> _Named:
    is_half_written = name.endswith(".tmp")
    kind = KINDS_OF_BROKER_FILES.get(name.removesuffix(".tmp"), str(Role.FOREIGN))
    pending = "tmp" if is_half_written and kind != Role.FOREIGN else ""
    return _Named(kind, pending, None, OF_PENDING.get(pending, ""))


def _of(parsed: FileName, note: str) -> _Named:
    words = ", ".join(filter(None, (note, OF_PENDING.get(parsed.pending, ""))))
    return _Named(str(parsed.role), parsed.pending, parsed.number, words if parsed.role is not Role.FOREIGN else "")


def _listed(directory: Path, at: Location, findings: list[Finding]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        findings.append(Finding("vanished-file", at))
    except OSError as error:
        findings.append(unreadable(error, at))
    return []


def _entries(listed: list[os.DirEntry[str]], at: Location, findings: list[Finding], named: Naming) -> Iterator[Entry]:
    for entry in listed:
        try:
            yield _entry(entry, named)
        except FileNotFoundError:
            findings.append(Finding("vanished-file", within(at, entry.name)))
        except OSError as error:
            findings.append(unreadable(error, within(at, entry.name)))


def _entry(entry: os.DirEntry[str], named: Naming) -> Entry:
    shown = printable(entry.name)
    if not entry.is_file():
        return Entry(shown, str(Role.FOREIGN), note=describe_foreign(entry))
    name, status = named(entry.name), entry.stat()
    taken = getattr(status, "st_blocks", None)
    is_sparse = taken is not None and taken * BLOCK < status.st_size
    disk_size = taken * BLOCK if taken is not None and is_sparse else None
    return Entry(shown, name.kind, name.pending, name.offset, status.st_size, disk_size, name.note)
