"""Damage that has a shape: zeros where a disk's sectors begin or end, bytes of something else, a batch half written.

A shape proves nothing by itself, so only what a disk or a file system does counts: whole sectors, zeros from a sector's
start to the end of the file, the magic of a known file.
"""

from __future__ import annotations

import math
from collections import Counter

from ..engine.messages import is_message, message_header
from ..engine.plausibility import implausible
from ..files.looks_like import is_text
from ..spec.record_batch import CRC_START, HEADER_SIZE, MAGIC, MAGIC_POSITION, unpack_header
from .restoring import Diagnosis
from .scene import Scene

TORN_WRITE, ZEROED_PAGE, FOREIGN_BYTES = "torn-write", "zeroed-page", "foreign-bytes"

SECTOR = 512
"""The least that a disk writes at once; pages and blocks are multiples of it."""

LARGEST_WRITE = 64 * 1024 * 1024
"""A batch that claims more than this was hardly ever to be written."""

LONGEST_LOOK = 1024 * 1024
"""So far beyond a batch zeros are followed."""

_SLACK = 8
"""Beside a zeroed sector there may be a few zeros that belong there."""

_STEP = 64 * 1024
_ZEROS = bytes(SECTOR)

_MAGICS = {
    b"\x1f\x8b\x08": "a gzip file",
    b"PK\x03\x04": "a zip or jar file",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x7fELF": "an ELF program",
    b"\xca\xfe\xba\xbe": "a Java class",
    b"%PDF-": "a PDF",
    b"SQLite format 3\0": "an SQLite file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"\xfd7zXZ\0": "an xz file",
}

_TEXT_SAMPLE = 64
_RANDOM_SAMPLE = 256
_RANDOM_BITS = 6.9
"""Of entropy a byte: so many random bytes have 7.2 on average, text and records have five."""

_MOST_ZEROS = 4
"""In the place of a header, of which a third or more are zeros."""


def zeros(scene: Scene) -> Diagnosis | None:
    """Whole sectors of zeros: to the end of the file or of the batch a write that was torn, else a page."""
    run = _first_zero_sectors(scene)
    if run is None:
        return None
    start, end = run
    if -start % SECTOR > _SLACK and end % SECTOR > _SLACK:
        return None  # a value of zeros, perhaps
    if end == scene.source.size or (end % SECTOR > _SLACK and end >= scene.position + scene.size):
        damage, words = TORN_WRITE, "a torn write"
    else:
        damage, words = ZEROED_PAGE, "zeroed pages or sectors"
    return Diagnosis(damage, f"looks like {words}: zeros from position {start} to {end}", end - scene.position)


def _first_zero_sectors(scene: Scene) -> tuple[int, int] | None:
    """The first run of zeros that covers a sector of the file, of which a part lies in what was damaged."""
    first = scene.position // SECTOR * SECTOR
    size = min(scene.size, len(scene.data))
    data = scene.source.read_at(first, scene.position - first) + scene.data[:size]
    data += scene.source.read_at(first + len(data), -len(data) % SECTOR)
    for sector in range(0, len(data), SECTOR):
        if data.startswith(_ZEROS[: len(data) - sector], sector):
            start = len(data[:sector].rstrip(b"\0"))
            end = len(data) - len(data[sector:].lstrip(b"\0"))
            before = _back_to_nonzero(scene, first) if start == 0 else first + start
            return before, _on_to_nonzero(scene, first + end) if end == len(data) else first + end
    return None


def _back_to_nonzero(scene: Scene, start: int) -> int:
    least = max(0, start - LONGEST_LOOK)
    while start > least:
        begin = max(least, start - _STEP)
        rest = scene.source.read_at(begin, start - begin).rstrip(b"\0")
        if rest:
            return begin + len(rest)
        start = begin
    return start


def _on_to_nonzero(scene: Scene, end: int) -> int:
    most = min(scene.source.size, end + LONGEST_LOOK)
    while end < most:
        piece = scene.source.read_at(end, min(_STEP, most - end))
        rest = piece.lstrip(b"\0")
        if rest or not piece:
            return end + len(piece) - len(rest)
        end += len(piece)
    return end


def torn(scene: Scene) -> Diagnosis | None:
    """A header that makes sense, of a batch that the file ends in."""
    if not scene.reaches_the_end or scene.size >= scene.claimed or len(scene.data) < HEADER_SIZE:
        return _torn_header(scene)
    if scene.claimed > LARGEST_WRITE or not _makes_sense(scene.data[:HEADER_SIZE]):
        return None
    return Diagnosis(TORN_WRITE, f"looks like a torn write: the file ends {scene.claimed - scene.size} bytes too early")


def _makes_sense(head: bytes) -> bool:
    return message_header(head) is not None if is_message(head) else implausible(unpack_header(head)) is None


def _torn_header(scene: Scene) -> Diagnosis | None:
    if (
        scene.reaches_the_end
        and 0 < scene.size < HEADER_SIZE
        and scene.finding.slug in ("truncated-batch", "torn-tail")
    ):
        return Diagnosis(
            TORN_WRITE, f"looks like a torn write: the file ends {scene.size} bytes behind the start of a batch"
        )
    return None


def foreign(scene: Scene) -> Diagnosis | None:
    """Bytes of something else where a batch should begin: the magic of a file, text, or what looks random."""
    data = scene.data[: scene.size]
    if len(data) >= HEADER_SIZE and _makes_sense(data[:HEADER_SIZE]):
        return None
    known = next((name for magic, name in _MAGICS.items() if data.startswith(magic)), None)
    if known is not None:
        return Diagnosis(FOREIGN_BYTES, f"looks like foreign bytes: {known} begins here")
    if len(data) >= _TEXT_SAMPLE and is_text(data[:_TEXT_SAMPLE]):
        return Diagnosis(FOREIGN_BYTES, "looks like foreign bytes: text")
    if _looks_random(data):
        return Diagnosis(FOREIGN_BYTES, "looks like foreign bytes: as random as compressed or encrypted data")
    return None


def foreign_inside(scene: Scene) -> Diagnosis | None:
    """The magic of a file at the start of a sector; text there, where the records are packed by gzip or zstd."""
    data = scene.data[: scene.size]
    is_packed = len(data) >= HEADER_SIZE and data[MAGIC_POSITION] == MAGIC and data[CRC_START + 1] & 7 in (1, 4)
    for sector in range(-scene.position % SECTOR, len(data), SECTOR):
        known = next((name for magic, name in _MAGICS.items() if data.startswith(magic, sector)), None)
        piece = data[sector : sector + _TEXT_SAMPLE]
        text = "text" if is_packed and len(piece) == _TEXT_SAMPLE and is_text(piece) else None
        if sector >= HEADER_SIZE and (known or text):
            words = f"looks like foreign bytes: {known or text} from position {scene.position + sector} on"
            return Diagnosis(FOREIGN_BYTES, words)
    return None


def _looks_random(data: bytes) -> bool:
    """Whether the bytes are spread evenly, those in a header's place too."""
    sample = data[:_RANDOM_SAMPLE]
    if len(sample) < _RANDOM_SAMPLE or sample[:HEADER_SIZE].count(0) > _MOST_ZEROS:
        return False
    shares = [count / _RANDOM_SAMPLE for count in Counter(sample).values()]
    return -sum(share * math.log2(share) for share in shares) > _RANDOM_BITS
