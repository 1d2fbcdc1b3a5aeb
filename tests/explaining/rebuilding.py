"""What every explanation must keep: each byte has one owner, and the values give the bytes again."""

from __future__ import annotations

import base64
import re

from inspector.explaining.leaves import ZEROS
from inspector.regions import BYTES, ELIDED, GROUP, UNREAD, Buffer, Explanation, Region
from inspector.spec.primitives import zigzag

SIZES = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "uint16": 2, "uint32": 4}
VARINT_BITS = {"varint": 32, "varlong": 64}
STEP = re.compile(r"0x([0-9a-f]{2}) = ")


def assert_whole(explanation: Explanation) -> None:
    """Holds every buffer of an explanation to it."""
    for buffer in explanation.buffers:
        assert_owned_once(buffer)
        assert_groups_hold(buffer.region)
        assert rebuilt(buffer)[: len(buffer.data)] == buffer.data


def assert_owned_once(buffer: Buffer) -> None:
    """The leaves lie one behind the other over the whole range, and in this buffer."""
    position = buffer.region.span.position
    for leaf in buffer.region.leaves():
        assert leaf.span.buffer == buffer.id
        assert leaf.span.position == position, leaf
        assert leaf.span.size >= 0
        position = leaf.span.end
    assert position == buffer.region.span.end
    assert position <= buffer.size


def assert_groups_hold(region: Region) -> None:
    """A group owns what its children do; a leaf has none."""
    if region.kind != GROUP:
        assert region.children == ()
    elif region.children:
        assert region.span.position == region.children[0].span.position
        assert region.span.end == region.children[-1].span.end
    else:
        assert region.span.size == 0
    for child in region.children:
        assert_groups_hold(child)


def rebuilt(buffer: Buffer) -> bytes:
    """The bytes of the range, from the values of its leaves. What has no value is taken as it lies there."""
    return b"".join(spelled(leaf, buffer) for leaf in buffer.region.leaves() if _is_kept(leaf, buffer))


def _is_kept(leaf: Region, buffer: Buffer) -> bool:
    return leaf.span.position - buffer.region.span.position < len(buffer.data)


def spelled(leaf: Region, buffer: Buffer) -> bytes:
    """The bytes of one leaf."""
    if leaf.kind in (UNREAD, ELIDED):
        return buffer.bytes_of(leaf.span)
    if leaf.kind == ZEROS:
        return bytes(len(buffer.bytes_of(leaf.span)))
    made = _SPELLERS[leaf.kind](leaf)
    assert len(made) == leaf.span.size, leaf
    return made


def _bytes(leaf: Region) -> bytes:
    return b"" if leaf.value is None else leaf.value


def _integer(leaf: Region) -> bytes:
    return leaf.value.to_bytes(SIZES[leaf.kind], "big", signed=not leaf.kind.startswith("u"))


def _varint(leaf: Region) -> bytes:
    """The value in as many bytes as there are; where bits were dropped, from the steps, which show every byte."""
    value = zigzag(leaf.value, VARINT_BITS[leaf.kind]) if leaf.kind in VARINT_BITS else leaf.value
    size = leaf.span.size
    made = bytes((value >> 7 * n & 0x7F) | (0x80 if n < size - 1 else 0) for n in range(size))
    shown = bytes(int(byte, 16) for step in leaf.steps for byte in STEP.findall(step))
    if any("dropped" in step for step in leaf.steps):
        return shown
    assert shown == made
    return made


_SPELLERS = {
    **dict.fromkeys(SIZES, _integer),
    **dict.fromkeys(("varint", "varlong", "uvarint"), _varint),
    BYTES: _bytes,
    "text": lambda leaf: leaf.value.encode(),
    "bool": lambda leaf: bytes([leaf.value]),
    "uuid": lambda leaf: base64.urlsafe_b64decode(leaf.value + "=="),
}


def leaves_of(region: Region) -> dict[str, Region]:
    """The leaves right below a region, by name."""
    return {child.name: child for child in region.children}


def regions_named(region: Region, name: str | None = None) -> list[Region]:
    """The region and all below it; only those of a name where one is given."""
    below = [one for child in region.children for one in regions_named(child, name)]
    return [region, *below] if name in (None, region.name) else below
