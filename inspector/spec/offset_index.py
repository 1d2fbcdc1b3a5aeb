"""Entries of an `.index` file: where in the segment an offset is to be found.

Source: `OffsetIndex`. No header, no checksum. While the segment is active the file is preallocated with zeros; an entry
of zeros cannot be written, because more than 4096 bytes precede every entry. The offset is the last one of the batch
(or, from brokers up to 3.9, of the whole append) that starts at the position.
"""

from __future__ import annotations

from construct import Int32sb, Struct

from .layout import header_struct

offset_index_entry = Struct(
    "relative_offset" / Int32sb * "Last offset of the batch or append, minus the base offset in the file's name.",
    "position" / Int32sb * "Where that batch or append starts in the segment, in bytes.",
)

ENTRY = header_struct(offset_index_entry)
ENTRY_SIZE = ENTRY.size
