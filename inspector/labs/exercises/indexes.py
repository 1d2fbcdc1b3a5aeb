"""Exercises on the files beside a segment: how a broker finds an offset and a time, and what it keeps of producers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...files.index_files import OffsetIndexEntry, TimeIndexEntry, read_offset_index, read_time_index
from ...files.producer_snapshot import read_producer_snapshot
from ...findings import Finding
from ...model import RecordBatch
from ...segment import Role
from ...spec import producer_snapshot
from ...spec.record_batch import MAGIC
from ...words import utc
from .answers import Number
from .exercise import Exercise, Mistake, Place, Question
from .material import MOST_BATCHES, Headed, Material, Placed
from .wording import ordinal

MOST_LISTED = 6
"""So many entries of an index stand in a question."""


class _Lookup(NamedTuple):
    """An offset sought in a segment: the entries of its index, the slot that counts, the batch that holds it."""

    headed: Headed
    path: str
    entries: list[OffsetIndexEntry]
    slot: int
    sought: int
    batch: RecordBatch
    passed: int


def _lookups(material: Material) -> Iterator[_Lookup]:
    """For each offset index with two entries or more: an offset that is sought behind one of its inner entries.

    The batch that holds it is not the one that the entry points to, so there is something to pass over.
    """
    for headed, path, source, at in material.siblings(Role.OFFSET_INDEX):
        findings: list[Finding] = []
        entries = list(read_offset_index(source, headed.segment.base_offset or 0, at, findings))
        if findings or len(entries) < 2 or any(batch.magic != MAGIC for batch in headed.batches):
            continue
        for slot in range(min(len(entries) - 1, MOST_BATCHES)):
            lookup = _behind(headed, path, entries, slot)
            if lookup is not None and material.raw(Placed(headed.log, headed.segment, lookup.batch)) is not None:
                yield lookup
                break


def _behind(headed: Headed, path: str, entries: list[OffsetIndexEntry], slot: int) -> _Lookup | None:
    """The first offset of the last batch for which this entry is the one that counts."""
    entry, following = entries[slot : slot + 2]
    scanned = [batch for batch in headed.batches if entry.position <= batch.position]
    if not scanned or scanned[0].position != entry.position:
        return None
    held = [(number, batch) for number, batch in enumerate(scanned) if (batch.base_offset or 0) < following.offset]
    number, batch = held[-1] if held else (0, scanned[0])
    sought = batch.base_offset or 0
    if number == 0 or not entry.offset <= sought < following.offset:
        return None
    return _Lookup(headed, path, entries, slot, sought, batch, number)


def _index_slot(material: Material) -> Question | None:
    lookup = next(_lookups(material), None)
    if lookup is None:
        return None
    entry = lookup.entries[lookup.slot]
    return Question(
        Place(lookup.headed.log.topic, lookup.headed.log.partition, lookup.path),
        f"The index of {lookup.headed.segment.shown_as} has these entries: {_listed(lookup.entries, lookup.slot)}. A "
        f"consumer asks for offset {lookup.sought}. At which position does the broker begin to read?",
        Number(entry.position),
        "It takes the greatest entry that is not beyond the offset. A later one would be too far: nobody reads "
        "backwards in a log.",
        f"The greatest entry at or below {lookup.sought} is the {ordinal(lookup.slot)} one, offset {entry.offset}, and "
        f"it points to position {entry.position}. It is found by halving, and any further search is reading on.",
        _command(material, lookup, "--offset", str(lookup.sought)),
        (
            Mistake(
                Number(lookup.entries[lookup.slot + 1].position),
                "That entry is beyond the offset sought: the record may lie before it.",
            ),
            Mistake(Number(0), "That would find it too, but the index saves the broker some of it."),
        ),
    )


def _batch_of_offset(material: Material) -> Question | None:
    lookup = next(_lookups(material), None)
    if lookup is None:
        return None
    entry, batch = lookup.entries[lookup.slot], lookup.batch
    return Question(
        Place(lookup.headed.log.topic, lookup.headed.log.partition, str(lookup.headed.segment.path), entry.position),
        f"Looking for offset {lookup.sought}, the broker begins at position {entry.position} of "
        f"{lookup.headed.segment.shown_as} and goes from batch to batch. At which position begins the one that it "
        "hands out?",
        Number(batch.position),
        "It reads headers only, and stops at the first batch whose last offset reaches the one sought. kinspect "
        "batches lists them with their positions.",
        f"The batch at position {batch.position} holds the offsets {batch.base_offset} to {batch.last_offset}; "
        f"{lookup.passed} before it from position {entry.position} on end too early. All of the batch is handed out, "
        "and the client leaves out what lies before the offset that it asked for.",
        _command(material, lookup, "--offset", str(lookup.sought)),
    )


def _listed(entries: list[OffsetIndexEntry], slot: int) -> str:
    first = max(0, min(slot - 2, len(entries) - MOST_LISTED))
    some = entries[first : first + MOST_LISTED]
    listed = "; ".join(f"offset {entry.offset} at {entry.position}" for entry in some)
    return ("… " if first else "") + listed + (" …" if first + MOST_LISTED < len(entries) else "")


def _command(material: Material, lookup: _Lookup, *more: str) -> tuple[str, ...]:
    log = lookup.headed.log
    return ("lookup", material.path, "-t", log.topic or "*", "-p", str(log.partition), *more)


def _time_index(material: Material) -> Question | None:
    for headed, path, source, at in material.siblings(Role.TIME_INDEX):
        findings: list[Finding] = []
        entries = list(read_time_index(source, headed.segment.base_offset or 0, at, findings))
        if not findings and len(entries) > 1 and entries[1].timestamp - entries[0].timestamp > 1:
            return _about_time(material, headed, path, entries)
    return None


def _about_time(material: Material, headed: Headed, path: str, entries: list[TimeIndexEntry]) -> Question:
    entry, following, sought = entries[0], entries[1], entries[0].timestamp + 1
    listed = "; ".join(f"timestamp {one.timestamp}, offset {one.offset}" for one in entries[:MOST_LISTED])
    log = headed.log
    return Question(
        Place(log.topic, log.partition, path),
        f"The time index of {headed.segment.shown_as} begins with: {listed}. Somebody asks for the first record of "
        f"this segment from {sought} ({utc(sought)}) on. From which offset on does the broker look?",
        Number(entry.offset),
        "An entry says: the greatest timestamp up to this offset is this one. So which records cannot be the ones?",
        f"The greatest entry at or below {sought} is the first: up to offset {entry.offset} no record is later than "
        f"{entry.timestamp}. So the broker begins there, finds the position by the offset index, and compares record "
        "by record: timestamps may be in any order.",
        ("lookup", material.path, "-t", log.topic or "*", "-p", str(log.partition), "--time", str(sought)),
        (
            Mistake(
                Number(following.offset),
                "That entry is about a later time: a record that is late enough may come before it.",
            ),
        ),
    )


def _producers(material: Material) -> Question | None:
    for headed, path, source, at in material.siblings(Role.PRODUCER_SNAPSHOT):
        findings: list[Finding] = []
        count = sum(1 for _ in read_producer_snapshot(source, at, findings))
        if not findings and count:
            return _about_producers(headed, path, source.size, count)
    return None


def _about_producers(headed: Headed, path: str, size: int, count: int) -> Question:
    head, each = producer_snapshot.HEADER_SIZE, producer_snapshot.ENTRY_SIZE
    name = path.replace("\\", "/").rpartition("/")[2]
    return Question(
        Place(headed.log.topic, headed.log.partition, path),
        f"The file {name} beside {headed.segment.shown_as} has {size} bytes. Of how many producers does it keep the "
        "state?",
        Number(count),
        "A header comes first, then every entry has the same size. kinspect explain shows how large they are.",
        f"A version (2), a crc (4) and a count (4) take {head} bytes, each producer {each}: "
        f"({size} - {head}) / {each} = {count}. When the broker starts again it needs to read only what lies behind.",
        ("explain", path),
    )


EXERCISES = (
    Exercise("index-slot", "How an offset is found, by the index", "an offset index of several entries", _index_slot),
    Exercise("batch-of-offset", "… and by reading on", "an offset index of several entries", _batch_of_offset),
    Exercise("time-index", "How a time is found", "a time index of several entries", _time_index),
    Exercise("producers", "What the broker keeps of producers", "a producer snapshot with entries", _producers),
)
