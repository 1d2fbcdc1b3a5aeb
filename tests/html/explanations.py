"""Explanations made by hand, of bytes made by hand: a record batch of format 2, alone and in variations."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import google_crc32c

from inspector.findings import Finding
from inspector.location import Location, Span
from inspector.regions import BYTES, ELIDED, GROUP, UNREAD, Buffer, Explanation, Region

LOG = "00000000000000000000.log"
HEADER_SIZE = 61

SENTENCES = {
    "base_offset": "Offset of the first record as produced; compaction keeps it.",
    "batch_length": "Bytes after this field. A claim: check it against the file.",
    "partition_leader_epoch": "Set by the broker on append, so it stays outside the CRC.",
    "crc": "CRC-32C (Castagnoli) from `attributes` to the end of the batch.",
    "offset_delta": "How far the record's offset lies beyond the batch's base offset.",
}

HEADER = (
    ("base_offset", "int64"),
    ("batch_length", "int32"),
    ("partition_leader_epoch", "int32"),
    ("magic", "int8"),
    ("crc", "uint32"),
    ("attributes", "int16"),
    ("last_offset_delta", "int32"),
    ("base_timestamp", "int64"),
    ("max_timestamp", "int64"),
    ("producer_id", "int64"),
    ("producer_epoch", "int16"),
    ("base_sequence", "int32"),
    ("records_count", "int32"),
)
CODES = {"int8": ">b", "int16": ">h", "int32": ">i", "int64": ">q", "uint32": ">I"}


@dataclass
class Tape:
    """Fields one behind the other, with the bytes they stand for."""

    position: int = 0
    buffer: int = 0
    data: bytearray = field(default_factory=bytearray)

    def field(self, name: str, kind: str, data: bytes, **more: object) -> Region:
        """The next field."""
        span = Span(self.position + len(self.data), len(data), self.buffer)
        self.data += data
        return Region(name, span, kind, **{"sentence": SENTENCES.get(name, ""), **more})  # type: ignore[arg-type]

    def group(self, name: str, make: Callable[[], Iterable[Region]], **more: object) -> Region:
        """A group around the fields that are made meanwhile."""
        start = self.position + len(self.data)
        children = tuple(make())
        span = Span(start, self.position + len(self.data) - start, self.buffer)
        return Region(name, span, GROUP, children=children, **more)  # type: ignore[arg-type]


def varint(value: int) -> bytes:
    """A number as varint of a zigzag."""
    number, out = (value << 1) ^ (value >> 63), bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def varint_field(tape: Tape, name: str, value: int, **more: object) -> Region:
    """A varint with how it is read."""
    data = varint(value)
    number = (value << 1) ^ (value >> 63)
    steps = (
        f"bytes {data.hex(' ')}",
        "the first bit of each byte says whether another one follows",
        f"seven bits of each, the last byte first: {number}",
        f"zigzag: {number} is {value}",
    )
    return tape.field(name, "varint", data, value=value, steps=steps, **more)


def part(tape: Tape, name: str, data: bytes | None) -> Iterable[Region]:
    """A key or a value, with its length before it."""
    yield varint_field(tape, f"{name}_length", -1 if data is None else len(data))
    kind = BYTES if data is None or not data.isascii() else "text"
    yield tape.field(name, kind, data or b"", value=data if kind == BYTES else data.decode())  # type: ignore[union-attr]


def record(tape: Tape, number: int, key: bytes | None, value: bytes | None, base_offset: int) -> Region:
    """One record."""

    def fields() -> Iterable[Region]:
        body = varint(0) + varint(number * 250) + varint(number) + varint(0)
        size = (
            1
            + len(body)
            - 1
            + sum(len(varint(-1 if one is None else len(one))) + len(one or b"") for one in (key, value))
        )
        yield varint_field(tape, "length", size)
        yield tape.field("attributes", "int8", b"\0", value=0)
        yield varint_field(tape, "timestamp_delta", number * 250)
        formula = f"offset = base_offset + offset_delta = {base_offset} + {number} = {base_offset + number}"
        yield varint_field(tape, "offset_delta", number, formula=formula)
        yield from part(tape, "key", key)
        yield from part(tape, "value", value)
        yield varint_field(tape, "headers_count", 0)

    return tape.group(f"record {number}", fields)


def batch(tape: Tape, pairs: Iterable[tuple[bytes | None, bytes | None]], base_offset: int = 10) -> Region:
    """A batch of these records."""
    pairs = list(pairs)
    inner = Tape(tape.position + len(tape.data) + HEADER_SIZE)
    records = inner.group("records", lambda: [record(inner, n, *pair, base_offset) for n, pair in enumerate(pairs)])
    time = 1_700_000_000_000
    count = len(pairs)
    behind = [0, count - 1, time, time + 250 * (count - 1), -1, -1, -1, count]
    tail = b"".join(struct.pack(CODES[kind], one) for (_, kind), one in zip(HEADER[5:], behind, strict=True))
    crc = google_crc32c.value(tail + bytes(inner.data))
    values = [base_offset, HEADER_SIZE - 12 + len(inner.data), 0, 2, crc, *behind]
    start = tape.position + len(tape.data)
    covers = Span(start + 21, HEADER_SIZE - 21 + len(inner.data))

    def header() -> Iterable[Region]:
        for (name, kind), value in zip(HEADER, values, strict=True):
            more: dict[str, object] = {}
            if name == "crc":
                more = {"covers": covers, "shown": "matches"}
            if name == "attributes":
                more = {
                    "steps": (
                        "bits 0-2 = 000: compression none",
                        "bit 3 = 0: CreateTime",
                        "bit 4 = 0: not transactional",
                    )
                }
            if name.endswith("timestamp"):
                more = {"shown": "2023-11-14T22:13:20.000Z"}
            if name == "base_offset":
                more = {"since": "0.11 (KIP-98)"}
            yield tape.field(name, kind, struct.pack(CODES[kind], value), value=value, **more)

    def whole() -> Iterable[Region]:
        yield tape.group("header", header)
        tape.data.extend(inner.data)
        yield records

    return tape.group("batch 0", whole, sentence="Records that were sent, compressed and stored as one.")


PAIRS = ((b"alice", b"hello"), (None, b"no key"), (b"", b""), (b"\xff\xfe", b"x" * 200))


def explanation(pairs: Iterable[tuple[bytes | None, bytes | None]] = PAIRS, file: str = LOG) -> Explanation:
    """A file of one batch."""
    tape = Tape()
    region = tape.group(file, lambda: [batch(tape, pairs)])
    return Explanation(
        file, "A log segment: record batches.", (Buffer(0, file, len(tape.data), region, bytes(tape.data)),)
    )


def compressed() -> Explanation:
    """A file whose second part decompresses to another buffer."""
    inner = explanation()
    space = inner.buffers[0]
    within = Tape(buffer=1)
    region = within.group(
        "decompressed records", lambda: [record(within, n, *pair, 10) for n, pair in enumerate(PAIRS)]
    )
    tape = Tape()

    def fields() -> Iterable[Region]:
        yield tape.field("base_offset", "int64", struct.pack(">q", 10), value=10)
        yield tape.field("records", BYTES, bytes(range(90)), value=bytes(range(90)), opens=1, shown="gzip")

    whole = tape.group(LOG, lambda: [tape.group("batch 0", fields)])
    buffers = (
        replace(space, region=whole, data=bytes(tape.data), size=len(tape.data)),
        Buffer(1, "decompressed records of batch 0", len(within.data), region, bytes(within.data)),
    )
    return replace(inner, buffers=buffers)


def damaged() -> Explanation:
    """A file whose end could not be read, with what is found of that."""
    tape = Tape()

    def fields() -> Iterable[Region]:
        yield tape.field("base_offset", "int64", struct.pack(">q", 3), value=3)
        problem = "1,000 bytes are claimed, and 5 follow"
        yield tape.field("batch_length", "int32", struct.pack(">i", 1000), value=1000, problem=problem)
        yield tape.field("rest", UNREAD, b"\0\1\2\3\4", problem="the batch ends here")

    region = tape.group(LOG, lambda: [tape.group("batch 0", fields)])
    found = Finding("truncated-batch", Location(LOG, 8, 4, 0, field="batch_length"), 1000, 5)
    buffer = Buffer(0, LOG, len(tape.data), region, bytes(tape.data))
    return Explanation(LOG, "A log segment: record batches.", (buffer,), (found,), ("All of it is here.",))


def elided() -> Explanation:
    """A file of which only the beginning is explained."""
    tape = Tape()
    whole = tape.group(LOG, lambda: [batch(tape, PAIRS)])
    kept = len(tape.data)
    rest = Region("the other batches", Span(kept, 1_000_000), ELIDED, sentence="Left out; --batch N shows one of them.")
    region = replace(whole, span=Span(0, kept + 1_000_000), children=(*whole.children, rest))
    return Explanation(LOG, "A log segment.", (Buffer(0, LOG, kept + 1_000_000, region, bytes(tape.data)),))
