"""What bytes are, whatever the file is called: so that a log under an index's name is said to be one, and not misread.

Only what proves a kind counts: a batch header that fits, a checksum, a count that agrees with the size, characters and
nothing else. The rest is judged by how well the entries of the kind in the name keep their own rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..engine.messages import is_message, message_header, message_holds
from ..engine.plausibility import implausible
from ..engine.window import ShrunkError, Window
from ..source import Source
from ..spec import producer_snapshot
from ..spec.record_batch import HEADER_SIZE, MAGIC, MAGIC_POSITION, unpack_header
from .sweep import HEAD_ENTRIES, Layout, Values

RECORD_BATCHES = "record batches"
PRODUCER_SNAPSHOT = "a snapshot of producer state"
TEXT = "text"

TEXT_BYTES = 4096
"""So many bytes are looked at to tell text."""

_CONTROLS_IN_TEXT = "\t\r\n\f"


def evident_kind(source: Source) -> str | None:
    """What the content proves itself to be, or None."""
    try:
        window = Window(source, max(HEADER_SIZE, TEXT_BYTES))
        if _is_log(window):
            return RECORD_BATCHES
        if _is_producer_snapshot(window):
            return PRODUCER_SNAPSHOT
        return TEXT if is_text(window.read(0, TEXT_BYTES)) else None
    except ShrunkError:
        return None


def another_kind(source: Source, layout: Layout, others: Sequence[Layout]) -> str | None:
    """What the file is, where it cannot be of the kind of `layout`; None where it can.

    others: the layouts by which such a file could also be read.
    """
    evident = evident_kind(source)
    if evident is not None:
        return evident
    head = source.read_at(0, HEAD_ENTRIES * layout.entry.size)
    entries = layout.head(head)
    if not _is_flawless(layout, entries, source):
        rather = next((other.title for other in others if _is_rather(other, source)), None)
        if rather is not None:
            return rather
    if 2 * layout.broken(entries) > len(entries):
        return "bytes that break its rules from the start"
    return None


def is_text(data: bytes) -> bool:
    """True for characters of UTF-8 without control characters. `data` may end inside a character."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3:
            return False
        text = data[: error.start].decode()
    return bool(text) and all(character.isprintable() or character in _CONTROLS_IN_TEXT for character in text)


def _is_log(window: Window) -> bool:
    """A batch of format 2 is known by its header; a message of format 0 or 1 has less of one, but a checksum."""
    head = window.read(0, HEADER_SIZE)
    magic = head[MAGIC_POSITION : MAGIC_POSITION + 1]
    if magic == bytes((MAGIC,)) and len(head) == HEADER_SIZE:
        return implausible(unpack_header(head)) is None
    header = message_header(head) if is_message(head) else None
    return header is not None and message_holds(window, 0, header)


def _is_producer_snapshot(window: Window) -> bool:
    head = window.read(0, producer_snapshot.HEADER_SIZE)
    if len(head) < producer_snapshot.HEADER_SIZE:
        return False
    version, _, count = producer_snapshot.HEADER.unpack(head)
    size = producer_snapshot.HEADER_SIZE + count * producer_snapshot.ENTRY_SIZE
    return bool(version == producer_snapshot.VERSION and size == window.size)


def _is_rather(other: Layout, source: Source) -> bool:
    entries = other.head(source.read_at(0, HEAD_ENTRIES * other.entry.size))
    return len(entries) > 1 and _is_flawless(other, entries, source)


def _is_flawless(layout: Layout, entries: list[Values], source: Source) -> bool:
    """Whether these first entries, and the size of the file, keep every rule, and nothing about them is odd."""
    is_odd = any(layout.is_odd(before, values) for before, values in pairwise(entries))
    return not is_odd and not layout.broken(entries) and source.size % layout.entry.size == 0
