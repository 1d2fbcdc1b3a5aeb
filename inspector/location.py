"""Where something lies: a place in a file, and a span of a buffer.

Knows nothing of Kafka's formats. *position* counts bytes from the start of a file; *offset* (which counts records) is
never used for a place in a file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FILE_BUFFER = 0
"""The buffer id of the file itself; decompressed bytes are further buffers, numbered by the reader."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the disk.

    path: as the user would name it, relative to the LOGDIR given where there is one.
    position: bytes from the start of the file, or None when the whole file (or folder) is meant.
    size: how many bytes are meant, or None when unknown.
    batch, record: ordinals within the file and within the batch, from 0.
    field: Kafka's name of the field, if one is to blame.
    """

    path: str
    position: int | None = None
    size: int | None = None
    batch: int | None = None
    record: int | None = None
    field: str | None = None
    topic: str | None = None
    partition: int | None = None

    def of(self, field: str) -> Location:
        """The same place, narrowed to one field."""
        return replace(self, field=field)

    def at(self, position: int, size: int | None = None, batch: int | None = None) -> Location:
        """The same file, another place."""
        return replace(self, position=position, size=size, batch=batch)

    def __str__(self) -> str:
        named = (("position", self.position), ("batch", self.batch), ("record", self.record))
        parts = [self.path, *(f"{name} {value}" for name, value in named if value is not None)]
        return ", ".join([*parts, self.field] if self.field else parts)


@dataclass(frozen=True, slots=True)
class Span:
    """`size` bytes from `position` on, in the buffer with the id `buffer` (0 is the file)."""

    position: int
    size: int
    buffer: int = FILE_BUFFER

    @property
    def end(self) -> int:
        """The first position behind the span."""
        return self.position + self.size
