"""What the entries of the indexes and of producer snapshots mean."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import google_crc32c

from ..files.index_files import (
    LAYOUTS,
    OFFSET_INDEX,
    TIME_INDEX,
    TXN_INDEX,
    read_offset_index,
    read_time_index,
    read_txn_index,
)
from ..files.looks_like import another_kind
from ..files.producer_snapshot import read_producer_snapshot
from ..files.sweep import Layout, sweep
from ..findings import Finding
from ..location import Location
from ..model import SEQUENCE_LIMIT
from ..regions import Region
from ..source import Source
from ..spec import producer_snapshot, txn_index
from ..spec.offset_index import offset_index_entry
from ..spec.time_index import time_index_entry
from ..words import utc
from . import since
from .leaves import Piece, group, parse
from .tables import Entries, Notes, Values


def offset_index(base_offset: int) -> Entries:
    """Entries of an `.index` whose file name says `base_offset`."""

    def sentence(values: Values) -> str:
        offset, position = base_offset + values["relative_offset"], values["position"]
        return f"Offset {offset} lies in the segment at position {position}, or further on."

    return _relative(base_offset, offset_index_entry, OFFSET_INDEX, since.OFFSET_INDEX, read_offset_index, sentence)


def time_index(base_offset: int) -> Entries:
    """Entries of a `.timeindex` whose file name says `base_offset`."""

    def sentence(values: Values) -> str:
        offset = base_offset + values["relative_offset"]
        return f"Records later than {utc(values['timestamp'])} begin at offset {offset} at the earliest."

    return _relative(base_offset, time_index_entry, TIME_INDEX, since.TIME_INDEX, read_time_index, sentence)


def _relative(
    base_offset: int, definition: Any, layout: Layout, facts: Any, read: Any, sentence: Callable[[Values], str]
) -> Entries:
    """Entries of an index whose offsets count from the base offset in the file's name."""

    def notes(values: Values) -> Notes:
        return {"relative_offset": {"formula": _absolute(base_offset, values)}}

    return Entries(
        definition, layout.entry.size, facts,
        lambda source, at: _swept(source, layout, at, _findings(read, source, base_offset, at)),
        notes, sentence, lambda values: base_offset + int(values["relative_offset"]),
    )  # fmt: skip


def aborted_transactions(_base_offset: int) -> Entries:
    """Entries of a `.txnindex`."""

    def sentence(values: Values) -> str:
        first, last = values["first_offset"], values["last_offset"]
        return (
            f"Of offsets {first} to {last}, what producer {values['producer_id']} wrote in its transaction is aborted."
        )

    return Entries(
        txn_index.txn_index_entry, TXN_INDEX.entry.size, since.TXN_INDEX,
        lambda source, at: _swept(source, TXN_INDEX, at, _without_base(read_txn_index, source, at)),
        lambda _values: {}, sentence,
    )  # fmt: skip


def producers(_base_offset: int) -> Entries:
    """Entries of a producer-state `.snapshot`, behind its header."""
    return Entries(
        producer_snapshot.producer_snapshot_entry, producer_snapshot.ENTRY_SIZE, since.SNAPSHOT, _producers_read,
        _producer_notes, _producer_sentence, None, producer_snapshot.HEADER_SIZE, _snapshot_head,
    )  # fmt: skip


def _absolute(base_offset: int, values: Values) -> str:
    relative = values["relative_offset"]
    return f"offset = base offset of the name + relative_offset = {base_offset} + {relative} = {base_offset + relative}"


# -- what is found in them


def _findings(read: Any, source: Source, base_offset: int, at: Location) -> list[Finding]:
    findings: list[Finding] = []
    _exhaust(read(source, base_offset, at, findings))
    return findings


def _without_base(read: Any, source: Source, at: Location) -> list[Finding]:
    findings: list[Finding] = []
    _exhaust(read(source, at, findings))
    return findings


def _exhaust(entries: Iterable[object]) -> None:
    for _ in entries:
        pass


def _swept(source: Source, layout: Layout, at: Location, findings: list[Finding]) -> tuple[int, list[Finding]]:
    """Where the entries end, as the sweep sees it; 0 where the file is of another kind."""
    others = [other for other in LAYOUTS if other is not layout]
    if another_kind(source, layout, others) is not None:
        return 0, findings
    end = 0
    for position, _ in sweep(source, layout, at, []):
        end = position + layout.entry.size
    return end, findings


# -- snapshots of producer state


def _producers_read(source: Source, at: Location) -> tuple[int, list[Finding]]:
    findings: list[Finding] = []
    count = sum(1 for _ in read_producer_snapshot(source, at, findings))
    return producer_snapshot.HEADER_SIZE + count * producer_snapshot.ENTRY_SIZE, findings


def _snapshot_head(source: Source) -> list[Region]:
    data = source.read_at(0, source.size)
    piece = Piece(data[: producer_snapshot.HEADER_SIZE])
    leaves = parse(producer_snapshot.producer_snapshot_header, piece, io.BytesIO(piece.data), since.SNAPSHOT)
    if not leaves.is_whole:
        return leaves.regions
    regions = leaves.enrich(_head_notes(leaves.values, data))
    return [group("header", regions, sentence="10 bytes = 2 + 4 + 4; the producers follow, 46 bytes each.")]


def _head_notes(values: Mapping[str, Any], data: bytes) -> Notes:
    computed = google_crc32c.value(data[producer_snapshot.CRC_START :])
    stored = values["crc"]
    same = "the same as stored" if computed == stored else f"but {stored:#010x} is stored"
    covers = Piece(data).span(producer_snapshot.CRC_START, len(data))
    sentence = producer_snapshot.producer_snapshot_header.crc.docs
    size = producer_snapshot.HEADER_SIZE + values["entries_count"] * producer_snapshot.ENTRY_SIZE
    count = f"size = 10 + 46 * entries_count = 10 + 46 * {values['entries_count']} = {size}"
    crc = f"crc = CRC-32C of {covers.size:,} bytes, positions {covers.position} to {covers.end - 1}, = {computed:#010x}"
    if not covers.size:
        crc = f"crc = CRC-32C of no bytes = {computed:#010x}"
    return {
        "crc": {"shown": f"{stored:#010x}", "covers": covers, "formula": f"{crc}, {same}", "sentence": sentence
                + " The version and the checksum itself are left out."},
        "entries_count": {"formula": count},
    }  # fmt: skip


def _producer_sentence(values: Values) -> str:
    open_since = values["current_txn_first_offset"]
    transaction = f"its transaction is open since offset {open_since}" if open_since >= 0 else "no transaction is open"
    return f"Producer {values['producer_id']} in epoch {values['producer_epoch']}; {transaction}."


def _producer_notes(values: Values) -> Notes:
    last, delta, offset = values["last_sequence"], values["offset_delta"], values["last_offset"]
    if offset < 0:
        return {}
    first = last - delta if last >= delta else SEQUENCE_LIMIT - (delta - last)
    formula = f"first_sequence = last_sequence - offset_delta = {last} - {delta} = {first}"
    batch = f"first offset of that batch = last_offset - offset_delta = {offset} - {delta} = {offset - delta}"
    return {"last_sequence": {"formula": formula}, "offset_delta": {"formula": batch}}
