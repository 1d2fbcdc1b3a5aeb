"""A record batch of format v2: its header, and its records as they stand there or as they were before compression."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import google_crc32c

from .. import codecs
from ..model import add_sequence, int64
from ..regions import BYTES, Buffer, Region
from ..spec.attributes import COMPRESSION_MASK, CONTROL, DELETE_HORIZON
from ..spec.layout import field_table
from ..spec.record_batch import CRC_START, HEADER_SIZE, LOG_OVERHEAD, MIN_BATCH_LENGTH, record_batch_header
from ..words import compression_name, counted, utc
from . import since
from .bits import attribute_steps, attributes_in_words
from .explainer import EntryExplainer
from .leaves import Leaves, Piece, elided, group, needed, parse
from .records import Facts, Records

_LEFT_OUT_OF_CRC = (
    " The 21 bytes in front of `attributes` are left out: the broker sets base_offset and partition_leader_epoch when"
    " it appends the batch, and need not compute the checksum anew."
)
_COMPRESSED = "One compressed stream of all records; what it decompresses to is an address space of its own."
_HUSK = "A husk: compaction removed every record, and keeps the header for its producer's sequence, or its transaction."
_CONTROL = "A control batch: markers of the broker's own, which take offsets but are hidden from consumers."
_HORIZON = "base_timestamp is the delete horizon here, {}: from then on compaction may drop the tombstones in it."


class BatchExplainer(EntryExplainer):
    """Explains one batch of format v2."""

    def region(self) -> Region:
        """The batch as a group that owns all bytes up to `end`."""
        stream = io.BytesIO(self.piece.data[: min(HEADER_SIZE, self.end)])
        head = parse(record_batch_header, self.piece, stream, since.BATCH)
        if not head.is_whole:
            return group(self.name, [group("header", _to_the_end(head, self.piece, self.end))], sentence="Cut off.")
        values = head.values
        header = group("header", head.enrich(self._notes(values)), sentence=why_61())
        return group(self.name, [header, *self._records(values)], sentence=_in_words(values))

    # -- the header

    def _notes(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        notes = {name: note(values) for name, note in _NOTES.items()}
        notes["batch_length"] = {"formula": self._length(values["batch_length"])}
        notes["crc"] = self._crc(values["crc"], LOG_OVERHEAD + values["batch_length"])
        if values["attributes"] & DELETE_HORIZON:
            moment = utc(values["base_timestamp"])
            notes["base_timestamp"] = {"shown": f"{moment}, the delete horizon", "formula": ""}
        return notes

    def _length(self, length: int) -> str:
        start = self.piece.origin
        end = f"end = position + {LOG_OVERHEAD} + batch_length = {start} + {LOG_OVERHEAD} + {length} = "
        return f"{end}{start + LOG_OVERHEAD + length}"

    def _crc(self, stored: int, claimed: int) -> dict[str, Any]:
        """What the checksum covers, and whether it holds; nothing is computed where bytes are missing.

        claimed: the size of the batch as its header says.
        """
        more = {"sentence": _sentence_of("crc") + _LEFT_OUT_OF_CRC, "shown": f"{stored:#010x}"}
        covered = self.piece.span(CRC_START, self.end)
        if len(self.piece.data) < self.end or claimed > self.end:
            there = f"{covered.size:,} of the {claimed - CRC_START:,} bytes that it covers are there"
            return {**more, "covers": covered, "formula": f"it cannot be computed: {there}"}
        computed = google_crc32c.value(self.piece.data[CRC_START : self.end])
        same = "the same as stored" if computed == stored else f"but {stored:#010x} is stored"
        formula = f"crc = CRC-32C of {covered.size:,} bytes, positions {covered.position} to {covered.end - 1}, = "
        return {**more, "covers": covered, "formula": f"{formula}{computed:#010x}, {same}"}

    # -- the records

    def _records(self, values: Mapping[str, Any]) -> list[Region]:
        if self.end <= HEADER_SIZE:
            return []
        span = self.piece.span(HEADER_SIZE, self.end)
        if self.too_large:
            return [elided("records", span, "A batch of this size is not opened.")]
        codec = values["attributes"] & COMPRESSION_MASK
        if codec:
            return [self._compressed(values, codec)]
        return self._opened(self.piece, HEADER_SIZE, self.end, values)

    def _compressed(self, values: Mapping[str, Any], codec: int) -> Region:
        data = self.piece.data[HEADER_SIZE : self.end]
        region = Region("records", self.piece.span(HEADER_SIZE, self.end), BYTES, data, "", _COMPRESSED)
        try:
            opened = codecs.decompress(codec, data)
        except codecs.UnknownCodecError:
            return replace(region, problem=f"no release defines a codec {codec}")
        except codecs.DecompressionLimitError:
            return replace(region, problem=f"more than {codecs.DECOMPRESSION_LIMIT:,} bytes: not opened")
        except codecs.DecompressionError as error:
            return replace(region, problem=f"no whole stream of {compression_name(codec)}: {error}")
        inside = bytes(opened.data)
        shown = f"{compression_name(codec)}: {len(data):,} bytes for {counted(len(inside), 'byte')} of records"
        self.buffers.append(self._inside(inside, values))
        return replace(region, shown=shown, opens=self.buffer)

    def _opened(self, piece: Piece, start: int, end: int, values: Mapping[str, Any]) -> list[Region]:
        return Records(piece, start, end, _facts(values), self.wanted, self.broken_at, self.topic).regions()

    def _inside(self, data: bytes, values: Mapping[str, Any]) -> Buffer:
        piece = Piece(data, 0, self.buffer)
        records = self._opened(piece, 0, len(data), values)
        name = f"{self.name}, decompressed"
        tree = group(name, records, piece.span(0, 0), sentence="The records as they were before compression.")
        return Buffer(self.buffer, name, len(data), tree, needed(tree, data))


def _to_the_end(head: Leaves, piece: Piece, end: int) -> list[Region]:
    """The fields of a header that ends too early."""
    broken = head.regions[-1]
    start = broken.span.position - piece.origin
    return [*head.regions[:-1], replace(broken, span=piece.span(start, end))]


def why_61() -> str:
    """The sum of the header's fields."""
    sizes = [row.size for row in field_table(record_batch_header)]
    return f"{HEADER_SIZE} bytes, in every batch: {' + '.join(map(str, sizes))} = {HEADER_SIZE}."


def _sentence_of(name: str) -> str:
    return next(row.sentence for row in field_table(record_batch_header) if row.name == name)


def _facts(values: Mapping[str, Any]) -> Facts:
    return Facts(*(values[name] for name in Facts._fields))


def _in_words(values: Mapping[str, Any]) -> str:
    """What the batch is, in a sentence or a few."""
    first, last = values["base_offset"], _last_offset(values)
    told = [f"A record batch, format v2: offsets {first} to {last}, {counted(values['records_count'], 'record')}."]
    if values["attributes"] & CONTROL:
        told.append(_CONTROL)
    if values["records_count"] == 0 and values["batch_length"] == MIN_BATCH_LENGTH:
        told.append(_HUSK)
    if values["attributes"] & DELETE_HORIZON:
        told.append(_HORIZON.format(utc(values["base_timestamp"])))
    return " ".join(told)


def _last_offset(values: Mapping[str, Any]) -> int:
    return int64(values["base_offset"] + values["last_offset_delta"])


def _last_offset_note(values: Mapping[str, Any]) -> dict[str, Any]:
    first, delta = values["base_offset"], values["last_offset_delta"]
    return {"formula": f"last_offset = base_offset + last_offset_delta = {first} + {delta} = {_last_offset(values)}"}


def _sequence_note(values: Mapping[str, Any]) -> dict[str, Any]:
    first, delta = values["base_sequence"], values["last_offset_delta"]
    if first < 0:
        return {}
    last = add_sequence(first, delta)
    wraps = f", as {first + delta} wraps to 0 behind 2^31 - 1" if last != first + delta else ""
    return {"formula": f"last_sequence = base_sequence + last_offset_delta = {first} + {delta} = {last}{wraps}"}


def _attributes_note(values: Mapping[str, Any]) -> dict[str, Any]:
    attributes = values["attributes"]
    return {"shown": attributes_in_words(attributes, 2), "steps": attribute_steps(attributes, 2)}


_NOTES = {
    "last_offset_delta": _last_offset_note,
    "base_sequence": _sequence_note,
    "attributes": _attributes_note,
}
"""What is to be said of fields beyond their values."""
