"""Entries of a `.timeindex` file: from which offset on all records are later than a timestamp.

Source: `TimeIndex` (KIP-33, 0.10.1). No header, no checksum. Preallocated with zeros while the segment is active, like
the offset index. Timestamps increase from entry to entry; closing the segment adds a last entry for its greatest one.
"""

from __future__ import annotations

from construct import Int32sb, Int64sb, Struct

from .layout import header_struct

time_index_entry = Struct(
    "timestamp" / Int64sb * "The greatest timestamp of the segment so far, in milliseconds; never negative.",
    "relative_offset"
    / Int32sb
    * "Offset of a record with it, or last offset of its batch, minus the base offset in the file's name.",
)

ENTRY = header_struct(time_index_entry)
ENTRY_SIZE = ENTRY.size
