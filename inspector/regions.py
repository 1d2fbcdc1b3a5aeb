"""What explaining bytes gives: regions that own them, in trees, one tree for each address space.

A file is one address space (buffer 0); what a compressed batch decompresses to is another. The leaves of a tree own
every byte of what is explained exactly once, in order; the regions above them are groups, which own what their children
do. Values only: how bytes are parsed is for `explaining`, how regions look for the renderers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding
from .location import FILE_BUFFER, Span

GROUP, BYTES, UNREAD, ELIDED = "group", "bytes", "unread", "elided"
"""Kinds of regions that are no plain value: with children; bytes as they are; damaged; left out of the answer."""


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes with a name and a meaning.

    name: Kafka's own for a field (`base_offset`); for a group what it is (`batch 0`, `record 3`).
    kind: how the bytes spell the value (`int8` … `int64`, `uint32`, `varint`, `varlong`, `uvarint`, `text`, …), or one
        of the kinds above.
    value: what the bytes say: a number, text, bytes, None for null.
    shown: the value in words where it alone tells too little (a moment, the name of a codec); "" elsewhere.
    sentence: what the field is: who sets it, what it covers, where it surprises.
    formula: how a value that nobody stored follows from this one, with its numbers put in.
    steps: how the value comes out of the bytes, one step each: zigzag, or the bits of the attributes.
    since: the Kafka release that brought the field, and its KIP where there is one.
    problem: why it is not what it should be; None where it is. It is said at the field that broke.
    opens: the buffer that these bytes decompress to; None where they do not.
    covers: the bytes of which this is the checksum; None where it is none.
    """

    name: str
    span: Span
    kind: str = GROUP
    value: object = None
    shown: str = ""
    sentence: str = ""
    formula: str = ""
    steps: tuple[str, ...] = ()
    since: str = ""
    problem: str | None = None
    opens: int | None = None
    covers: Span | None = None
    children: tuple[Region, ...] = ()

    def leaves(self) -> Iterator[Region]:
        """The regions that own bytes, in order; those of no bytes (a null key) among them."""
        if self.kind != GROUP:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class Buffer:
    """An address space.

    name: what it is, for people. size: all its bytes, those too that are not explained.
    region: the tree over the range that is explained.
    data: the bytes of that range from its start on; shorter than it where all that follows is elided.
    """

    id: int
    name: str
    size: int
    region: Region
    data: bytes

    def bytes_of(self, span: Span) -> bytes:
        """The bytes of a span within the range; fewer where they were elided."""
        start = span.position - self.region.span.position
        return self.data[start : start + span.size]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A file, or a part of it, byte by byte.

    file: as the user named it. what: the kind of file, in a sentence. buffers: the file first.
    findings: what is wrong with the bytes. notes: what was left out, and how to see it.
    """

    file: str
    what: str
    buffers: tuple[Buffer, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def file_buffer(self) -> Buffer:
        """The file's own address space."""
        return self.buffers[FILE_BUFFER]
