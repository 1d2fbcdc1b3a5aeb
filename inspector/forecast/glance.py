"""Batches that are nothing to tell of, by whole columns: what `walk.py` would say of each, many times faster.

Where the batches of a chunk follow each other, are of v2, and their CRCs are right, Kafka's walk over them is ours.
Everything else is left to that walk, from exactly there on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import add
from typing import Any

from ..engine import Engine, ScanRequest
from ..engine.chunk import Chunk
from ..engine.window import Window
from ..location import Location
from ..source import open_source
from ..spec.attributes import CONTROL, TRANSACTIONAL
from .epochs import Epochs
from .folder import Folder
from .indexes import MAX_RELATIVE, BuiltIndexes
from .producers import Producers
from .walk import V2, Batch, Header

Columns = dict[str, Any]
Greatest = tuple[int, int]
"""A timestamp, and the offset of the batch that has it."""

SPECIAL = TRANSACTIONAL | CONTROL


def chunks(folder: Folder, name: str, engine: Engine, base_offset: int) -> Iterator[Chunk]:
    """The batches of a log as the engine reads them; none of a file that a start makes or splits."""
    file = folder.files[name]
    if not file.on_disk or file.start:
        return
    request = ScanRequest(base_offset=base_offset, records=False)
    with open_source(folder.path / file.on_disk, name, meter=engine.meter) as source:
        for chunk in engine.scan(source, request, Location(name)):
            source.release()
            yield chunk


def plain_end(chunk: Chunk, start: int, size: int, base_offset: int) -> int | None:
    """Where a chunk ends that begins at `start` and holds nothing odd; None for any other."""
    count = len(chunk.batches)
    columns: Columns = dict(chunk.batches.columns)
    if not count or not _are_set(columns["crc_ok"].values.bits, count):
        return None
    positions, magics, lasts = (columns[name].values for name in ("position", "magic", "last_offset"))
    ends = list(map(add, positions, columns["batch_bytes"].values))
    follow = positions[0] == start and ends[:-1] == list(positions[1:]) and ends[-1] <= size
    fit = base_offset <= min(lasts) and max(lasts) - base_offset <= MAX_RELATIVE
    return ends[-1] if follow and fit and min(magics) == max(magics) == V2 else None


def _are_set(bits: Any, count: int) -> bool:
    whole, rest = divmod(count, 8)
    return bytes(bits[:whole]) == b"\xff" * whole and (not rest or bits[whole] & (1 << rest) - 1 == (1 << rest) - 1)


def index(chunk: Chunk, indexes: BuiltIndexes, greatest: Greatest) -> Greatest:
    """The entries that a chunk is due, and the greatest timestamp behind it."""
    columns: Columns = dict(chunk.batches.columns)
    positions, lasts, times = (columns[name].values for name in ("position", "last_offset", "max_timestamp"))
    done = 0
    while (row := bisect_right(positions, indexes.due_behind, done)) < len(positions):
        greatest = _greatest(times, lasts, done, row + 1, greatest)
        indexes.batch(positions[row], lasts[row], greatest)
        done = row + 1
    return _greatest(times, lasts, done, len(positions), greatest)


def _greatest(times: Any, lasts: Any, start: int, stop: int, before: Greatest) -> Greatest:
    if start == stop or (latest := max(times[start:stop])) <= before[0]:
        return before
    return latest, lasts[start + list(times[start:stop]).index(latest)]


def take_epochs(chunk: Chunk, epochs: Epochs) -> None:
    """The leader epochs that begin in a chunk."""
    columns: Columns = dict(chunk.batches.columns)
    found = columns["partition_leader_epoch"].values
    if epochs.latest is None or max(found) > epochs.latest:
        for epoch, base_offset in zip(found, columns["base_offset"].values, strict=True):
            epochs.assign(epoch, base_offset)


def aborted_in(chunk: Chunk, producers: Producers, window: Window) -> int:
    """Takes in the producers of a chunk; how many transactions were aborted in it."""
    columns: Columns = dict(chunk.batches.columns)
    ids, attributes = columns["producer_id"].values, columns["attributes"].values
    aborted = 0
    if not producers.open and not any(map(SPECIAL.__and__, attributes)):
        producers.seen(dict(zip(ids, columns["max_timestamp"].values, strict=True)))
    else:
        for row, producer_id in enumerate(ids):
            if producer_id >= 0:
                aborted += _one(columns, row, producers, window)
    producers.map_end = columns["last_offset"].values[-1] + 1
    return aborted


def _one(columns: Columns, row: int, producers: Producers, window: Window) -> bool:
    values = {name: column[row] for name, column in columns.items() if name != "crc_ok"}
    batch = Batch(values["position"], values["batch_bytes"], values["base_offset"], values["magic"])
    attributes = values["attributes"]
    completed = producers.append(
        window,
        batch,
        Header(
            values["base_offset"], values["last_offset"], values["max_timestamp"], values["partition_leader_epoch"],
            values["producer_id"], values["producer_epoch"], bool(attributes & TRANSACTIONAL),
            bool(attributes & CONTROL), values["records_count"],
        ),
    )  # fmt: skip
    if completed is None:
        return False
    producers.complete(completed)
    return completed.is_aborted
