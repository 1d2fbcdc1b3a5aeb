"""A message of format v0 or v1; in a compressed one, the wrapper, the messages inside."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from .. import codecs
from ..model import int64
from ..regions import BYTES, UNREAD, Buffer, Region
from ..spec.layout import field_table
from ..spec.message_set import COMPRESSION_MASK, CRC_START, LOG_APPEND_TIME, MESSAGES
from ..spec.record_batch import LOG_OVERHEAD, MAGIC_POSITION
from ..words import compression_name, counted, utc
from . import since
from .bits import attribute_steps, attributes_in_words
from .explainer import EntryExplainer
from .frames import MOST_RECORDS, Frame, chosen_run
from .internal import internal_regions
from .leaves import Leaves, Piece, elided, group, in_words, needed, parse, unread
from .wanted import Wanted

_COMPRESSED = "A compressed set of messages; what it decompresses to is an address space of its own."
_LEFT_OUT_OF_CRC = " `offset` and `message_size` are left out, as the broker rewrites the offset on append."
_PARTIAL = "A message that is not whole: Kafka ends the set in front of it."
_NO_TIMESTAMP = -1


class _Inside(NamedTuple):
    """What a message inside a wrapper takes from it. last: the offset that the last message inside carries."""

    magic: int
    offset: int
    timestamp: int
    attributes: int
    last: int

    def offset_of(self, own: int) -> str:
        """How the offset of a message inside comes to be."""
        if self.magic == 0:
            return f"offset = {own}: offsets inside a wrapper of format v0 are absolute"
        if self.offset == 0:
            return f"offset = {own}, as it is: the wrapper's own offset is 0, so it tells nothing"
        offset = int64(self.offset - self.last + own)
        return (
            f"offset = the wrapper's - the last one inside + this one = {self.offset} - {self.last} + {own} = {offset}"
        )

    def timestamp_of(self, own: int) -> str:
        """What the timestamp of a message inside counts."""
        if self.magic == 1 and self.attributes & LOG_APPEND_TIME:
            return f"timestamp = the wrapper's = {self.timestamp}, as its timestamp_type is LogAppendTime"
        return f"timestamp = {own}" if own != _NO_TIMESTAMP else ""


class MessageExplainer(EntryExplainer):
    """Explains one entry of these formats."""

    def region(self) -> Region:
        """The entry as a group that owns all bytes up to `end`."""
        if self.too_large:
            return group(self.name, [unread("message", self.piece.span(0, self.end), "too large to be opened")])
        piece = Piece(self.piece.data[: self.end], self.piece.origin, self.piece.buffer)
        region, leaves = _message(self.name, piece, None, self.topic)
        codec = leaves.values.get("attributes", 0) & COMPRESSION_MASK
        if not codec or not leaves.is_whole:
            return region
        self.name = self.name.replace("message", "wrapper")
        children = [self._opened(one, leaves.values, codec) if one.name == "value" else one for one in region.children]
        return replace(region, name=self.name, children=tuple(children), sentence=_wrapper(leaves.values))

    def _opened(self, value: Region, values: Mapping[str, Any], codec: int) -> Region:
        """The value of a wrapper, with what it decompresses to."""
        data = values["value"]
        if data is None:
            return value
        region = replace(value, kind=BYTES, sentence=_COMPRESSED)
        try:
            inside = bytes(codecs.decompress_messages(values["magic"], codec, data).data)
        except codecs.UnknownCodecError:
            return replace(region, problem=f"format v{values['magic']} has no codec {codec}")
        except codecs.DecompressionLimitError:
            return replace(region, problem=f"more than {codecs.DECOMPRESSION_LIMIT:,} bytes: not opened")
        except codecs.DecompressionError as error:
            return replace(region, problem=f"no whole stream of {compression_name(codec)}: {error}")
        self.buffers.append(self._inside(inside, values))
        shown = f"{compression_name(codec)}: {len(data):,} bytes for {counted(len(inside), 'byte')} of messages"
        return replace(region, shown=shown, opens=self.buffer)

    def _inside(self, data: bytes, values: Mapping[str, Any]) -> Buffer:
        piece = Piece(data, 0, self.buffer)
        frames = _frames(data)
        last = frames[-1].offset_delta if frames else None
        wrapper = _Inside(
            values["magic"], values["offset"], values.get("timestamp", _NO_TIMESTAMP), values["attributes"], last or 0
        )
        name = f"{self.name}, decompressed"
        regions = list(_messages(piece, frames, self.wanted, wrapper, self.topic))
        tree = group(name, regions, piece.span(0, 0), sentence="The messages as they were before compression.")
        return Buffer(self.buffer, name, len(data), tree, needed(tree, data))


def _messages(
    piece: Piece, frames: list[Frame], wanted: Wanted, wrapper: _Inside, topic: str | None
) -> Iterator[Region]:
    """The messages inside a wrapper: some opened, the others as what was left out."""
    run = chosen_run(frames, wanted.limit, _target(frames, wanted, wrapper))
    yield from _left_out(piece, frames, 0, run.start)
    for ordinal in run:
        frame = frames[ordinal]
        inner = Piece(piece.data[frame.start : frame.end], frame.start, piece.buffer)
        yield _message(f"message {ordinal}", inner, wrapper, topic)[0]
    yield from _left_out(piece, frames, run.stop, len(frames))
    end = frames[-1].end if frames else 0
    if end < len(piece.data):
        yield unread("partial message", piece.span(end, len(piece.data)), None, _PARTIAL)


def _target(frames: list[Frame], wanted: Wanted, wrapper: _Inside) -> int | None:
    if wanted.offset is None:
        return None
    first = wrapper.offset - wrapper.last if wrapper.magic == 1 and wrapper.offset else 0
    return next((number for number, one in enumerate(frames) if first + (one.offset_delta or 0) == wanted.offset), None)


def _left_out(piece: Piece, frames: list[Frame], first: int, stop: int) -> Iterator[Region]:
    if first < stop:
        span = piece.span(frames[first].start, frames[stop - 1].end)
        name = f"message {first}" if stop - first == 1 else f"messages {first} to {stop - 1}"
        yield elided(name, span, f"{counted(stop - first, 'message')} left out, {counted(span.size, 'byte')}.")


def _frames(data: bytes) -> list[Frame]:
    """The whole messages in a decompressed set, by their size fields, with the offsets that they carry."""
    frames: list[Frame] = []
    start = 0
    while len(data) - start >= LOG_OVERHEAD and len(frames) < MOST_RECORDS:
        size = int.from_bytes(data[start + 8 : start + LOG_OVERHEAD], "big", signed=True)
        end = start + LOG_OVERHEAD + size
        if size < 0 or end > len(data):
            break
        frames.append(Frame(start, end, int.from_bytes(data[start : start + 8], "big", signed=True)))
        start = end
    return frames


# -- one message


def _message(name: str, piece: Piece, wrapper: _Inside | None, topic: str | None) -> tuple[Region, Leaves]:
    """The message that takes the whole piece, field by field."""
    magic = piece.data[MAGIC_POSITION] if len(piece.data) > MAGIC_POSITION else 0
    definition = MESSAGES.get(magic, MESSAGES[0])
    leaves = parse(definition, piece, io.BytesIO(piece.data), since.MESSAGE)
    regions = leaves.enrich(_notes(leaves.values, piece, wrapper)) if leaves.is_whole else _to_the_end(leaves, piece)
    size = len(piece.data)
    if magic not in MESSAGES:
        problem = f"no message has the magic {magic}"
        regions = [replace(one, problem=problem) if one.name == "magic" else one for one in regions]
    if leaves.is_whole and not leaves.values["attributes"] & COMPRESSION_MASK:
        regions = internal_regions(regions, piece, topic)
    if leaves.is_whole and leaves.end < size:
        regions.append(
            unread("surplus", piece.span(leaves.end, size), "bytes behind the value that belong to no field")
        )
    return group(name, regions, piece.span(0, 0), sentence=_sentence(leaves.values)), leaves


def _to_the_end(leaves: Leaves, piece: Piece) -> list[Region]:
    """The field that broke takes all that is left."""
    if not leaves.regions:
        return [unread("offset", piece.span(0, len(piece.data)), "the bytes end here")] if piece.data else []
    broken = leaves.regions[-1]
    span = piece.span(broken.span.position - piece.origin, len(piece.data))
    return [*leaves.regions[:-1], replace(broken, span=span, kind=UNREAD)]


def _sentence(values: Mapping[str, Any]) -> str:
    if "magic" not in values:
        return "Cut off."
    moment = values.get("timestamp", _NO_TIMESTAMP)
    when = "no timestamp" if moment == _NO_TIMESTAMP else utc(moment)
    return f"A message, format v{values['magic']}: offset {values['offset']}, {when}."


def _wrapper(values: Mapping[str, Any]) -> str:
    inside = "relative to the first" if values["magic"] else "absolute"
    return (
        f"A wrapper, format v{values['magic']}: a message whose value is a compressed set of messages. Its offset, "
        f"{values['offset']}, is that of the last one inside; offsets inside are {inside}."
    )


def _notes(values: Mapping[str, Any], piece: Piece, wrapper: _Inside | None) -> dict[str, dict[str, Any]]:
    magic, size = values["magic"], values["message_size"]
    end = f"end = position + {LOG_OVERHEAD} + message_size = {piece.origin} + {LOG_OVERHEAD} + {size} = "
    shown, steps = attributes_in_words(values["attributes"], magic), attribute_steps(values["attributes"], magic)
    notes: dict[str, dict[str, Any]] = {
        "message_size": {"formula": f"{end}{piece.origin + LOG_OVERHEAD + size}"},
        "attributes": {"shown": shown, "steps": steps},
        "crc": _crc(values, piece),
        "timestamp": {"shown": in_words("timestamp", values.get("timestamp"))},
    }
    if wrapper is not None:
        notes["offset"] = {"formula": wrapper.offset_of(values["offset"])}
        notes["timestamp"]["formula"] = wrapper.timestamp_of(values.get("timestamp", _NO_TIMESTAMP))
    return notes


def _crc(values: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    """What the checksum covers, and whether it holds."""
    stored, magic = values["crc"], values["magic"]
    covered, size = piece.span(CRC_START, len(piece.data)), LOG_OVERHEAD + values["message_size"]
    if size > len(piece.data):
        there = f"{covered.size:,} of the {size - CRC_START:,} bytes that it covers are there"
        return {"shown": f"{stored:#010x}", "covers": covered, "formula": f"it cannot be computed: {there}"}
    computed = zlib.crc32(piece.data[CRC_START:])
    same = "the same as stored" if computed == stored else f"but {stored:#010x} is stored"
    formula = f"crc = CRC-32 of {covered.size:,} bytes, positions {covered.position} to {covered.end - 1}, = "
    sentence = next((row.sentence for row in field_table(MESSAGES.get(magic, MESSAGES[0])) if row.name == "crc"), "")
    return {
        "shown": f"{stored:#010x}",
        "covers": covered,
        "formula": f"{formula}{computed:#010x}, {same}",
        "sentence": sentence + _LEFT_OUT_OF_CRC,
        "problem": None if computed == stored else f"the bytes give {computed:#010x}",
    }
