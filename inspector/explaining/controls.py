"""Control records: key and value opened down to the fields of their schemas."""

from __future__ import annotations

from dataclasses import replace

from ..regions import Region
from ..schemas import ControlRecord, FieldSpan, decode_control_record
from . import since
from .leaves import Piece, group

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
    "value.coordinatorEpoch": "Epoch of the transaction coordinator that wrote the marker: an older one is fenced off.",
    "value.leaderId": "Node id of the new leader.",
    "value.lastContainedLogTimestamp": "Timestamp of the last record of the log that the snapshot stands for.",
    "value.kRaftVersion": "The version in force: 0 fixed voters, 1 voters that may change (KIP-853).",
}

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
    spans = [one for one in control.spans if one.path == region.name or one.path[len(region.name)] in ".#"
             if one.path.startswith(region.name)]  # fmt: skip
    problem = control.problem if (control.problem or "").startswith(region.name) else None
    if not spans:
        return replace(region, problem=region.problem or problem)
    about = _ABOUT.get(control.type_name, "")
    sentence = f"{control.type_name}. {about}" if region.name == "value" else f"Says what it is: {control.type_name}."
    fields = [_field(one, control, piece) for one in spans]
    came = since.CONTROL_TYPES.get(control.type_name, "")
    return group(region.name, fields, sentence=sentence, since=came, problem=problem)


def _field(one: FieldSpan, control: ControlRecord, piece: Piece) -> Region:
    path = one.path.partition(".")[2] or one.path.partition("#")[2]
    mark = one.path.rpartition("#")[2] if "#" in one.path else ""
    sentence = _SENTENCES.get(one.path, _OF_SPANS.get(mark, ""))
    shown = control.type_name if one.path == "key.type" else ""
    raw = piece.data[one.span.position - piece.origin : one.span.end - piece.origin]
    return Region(path, one.span, "bytes", raw, shown or _value(one.value), sentence)


def _value(value: object) -> str:
    return "null" if value is None else str(value)
