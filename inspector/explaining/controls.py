"""Control records: key and value opened down to the fields of their schemas."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from ..regions import BYTES, Region
from ..schemas import ControlRecord, FieldSpan, decode_control_record, snake_case
from . import since
from .leaves import Piece, group
from .varints import varint_steps

_ABOUT = {
    "ABORT": "A transaction ended here: its records are not to be given to consumers that read committed data only.",
    "COMMIT": "A transaction ended here: its records are in force.",
    "LEADER_CHANGE": "A new leader of the metadata quorum, and who voted for it.",
    "SNAPSHOT_HEADER": "The first record of a snapshot of the metadata.",
    "SNAPSHOT_FOOTER": "The last record of a snapshot of the metadata: without it, the snapshot is not whole.",
    "KRAFT_VERSION": "The version of the rules by which the metadata quorum works.",
    "KRAFT_VOTERS": "Who may vote in the metadata quorum, and where to reach them.",
}

_SENTENCES = {
    "key.version": "Version of the key; later ones are read as 0.",
    "key.type": "What kind of control record it is: 0 ABORT, 1 COMMIT, 2 LEADER_CHANGE and so on.",
    "value.version": "Version of the value: it selects the layout of what follows.",
    "coordinatorEpoch": "Epoch of the transaction coordinator that wrote the marker; one of an older epoch is refused.",
    "leaderId": "Node id of the new leader.",
    "voterId": "Node id of a voter.",
    "voterDirectoryId": "Id of the voter's log directory, in base64url: a node with a new disk is another voter.",
    "name": "Name of the listener.",
    "host": "Where the voter is reached.",
    "port": "Its port there.",
    "minSupportedVersion": "The least kraft.version that the voter knows.",
    "maxSupportedVersion": "The greatest kraft.version that the voter knows.",
    "lastContainedLogTimestamp": "Timestamp of the last record that the snapshot stands for, in milliseconds.",
    "kRaftVersion": "The version in force: 0 fixed voters, 1 voters that may change (KIP-853).",
}
"""By the path of a field, or by its own name."""

_UUID_SIZE = 16
_NUMBER_SIZES = (1, 2, 4, 8)
_VARINT_MARKS = ("length", "count", "tags", "tag", "size")

_SURPLUS = "No field of the schema: later versions may add bytes here."
_OF_SPANS = {
    "length": "Bytes that follow, plus one; 0 is null.",
    "count": "Elements that follow, plus one; 0 is null.",
    "tags": "Tagged fields that follow: optional ones, each with its number and size.",
    "tag": "Number of the tagged field.",
    "size": "Bytes of the tagged field.",
    "present": "Whether the structure is there.",
    "rest": _SURPLUS,
}


def control_regions(regions: list[Region], piece: Piece) -> list[Region]:
    """The fields of a record of a control batch, with its key and value opened."""
    by_name = {region.name: region for region in regions}
    key, value = by_name["key"], by_name["value"]
    control = decode_control_record(
        _payload(key), _payload(value), key_position=key.span.position, value_position=value.span.position,
        buffer=piece.buffer,
    )  # fmt: skip
    opened = {"key": _opened(key, control, piece), "value": _opened(value, control, piece)}
    return [opened.get(region.name, region) for region in regions]


def _payload(region: Region) -> bytes | None:
    return region.value if isinstance(region.value, bytes) else None


def _opened(region: Region, control: ControlRecord, piece: Piece) -> Region:
    """One of the two as a group of its fields; as it was where it has none."""
    spans = [one for one in control.spans if re.match(rf"{region.name}\b", one.path)]
    problem = control.problem if (control.problem or "").startswith(region.name) else None
    if not spans:
        return replace(region, problem=region.problem or problem)
    about = _ABOUT.get(control.type_name, "")
    sentence = f"{control.type_name}. {about}" if region.name == "value" else f"Says what it is: {control.type_name}."
    fields = nested([(_names(one.path), _field(one, control, piece)) for one in spans])
    came = since.CONTROL_TYPES.get(control.type_name, "")
    return group(region.name, fields, sentence=sentence, since=came, problem=problem)


def _names(path: str) -> list[str]:
    """The names on the way to a field of a key or value: `voters[0]`, `voter_id`."""
    names = [snake_case(name) for name in path.split(".")[1:]] or [path.partition("#")[2]]
    holder, _, mark = names[-1].partition("#")
    return [*names[:-1], holder, mark] if mark == "tags" and holder else names


def nested(fields: list[tuple[list[str], Region]]) -> list[Region]:
    """Fields as a tree: those with the same first name, one behind the other, in a group."""
    regions: list[Region] = []
    for name, some in groupby(fields, key=lambda one: one[0][0]):
        inside = list(some)
        if len(inside[0][0]) == 1:
            regions += [replace(region, name=name) for _, region in inside]
        else:
            regions.append(group(name, nested([(names[1:], region) for names, region in inside])))
    return regions


def _field(one: FieldSpan, control: ControlRecord, piece: Piece) -> Region:
    """One field of a schema, in the kind that its bytes show; it gets its name in the tree."""
    mark = one.path.rpartition("#")[2] if "#" in one.path else ""
    sentence = _SENTENCES.get(one.path) or _SENTENCES.get(one.path.rpartition(".")[2]) or _OF_SPANS.get(mark, "")
    raw = piece.data[one.span.position - piece.origin : one.span.end - piece.origin]
    kind, value, shown = spelling(raw, one.value, mark)
    steps = varint_steps(kind, raw) if kind == "uvarint" else ()
    shown = control.type_name if one.path == "key.type" else shown
    return Region(one.path, one.span, kind, value, shown, sentence, steps=steps)


def spelling(raw: bytes, value: object, mark: str) -> tuple[str, object, str]:
    """How bytes spell a value of a schema: the kind, the value that gives them again, and that of the schema in words.

    A compact length is an unsigned varint of one more than it means; a bool or number is told by its size.
    """
    if isinstance(value, str) and value.encode() == raw:
        return "text", value, "" if value else "empty"
    if isinstance(value, str) and len(raw) == _UUID_SIZE:
        return "uuid", value, ""
    if isinstance(value, int) and raw:
        return _number(raw, int(value), mark)
    return BYTES, raw, "" if isinstance(value, bytes) else str(value)


def _number(raw: bytes, value: int, mark: str) -> tuple[str, object, str]:
    for kind in (f"int{8 * len(raw)}", f"uint{8 * len(raw)}"):
        is_signed = not kind.startswith("u")
        if not mark and len(raw) in _NUMBER_SIZES and int.from_bytes(raw, "big", signed=is_signed) == value:
            return kind, value, ""
    unsigned = sum((byte & 0x7F) << 7 * number for number, byte in enumerate(raw)) & 0xFFFFFFFF
    if mark in _VARINT_MARKS and raw[-1] < 0x80 and unsigned in (value, value + 1):
        return "uvarint", unsigned, "" if unsigned == value else _one_less(value)
    return BYTES, raw, str(value)


def _one_less(value: int) -> str:
    """What a compact length means."""
    return "null" if value < 0 else f"one more than {value}"
