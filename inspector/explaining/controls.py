"""Control records: key and value opened down to the fields of their schemas."""

from __future__ import annotations

import re
from dataclasses import replace

from ..regions import Region
from ..schemas import ControlRecord, FieldSpan, decode_control_record
from . import since
from .leaves import Piece, group
from .schema_fields import as_regions, schema_field

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
    fields = as_regions(spans, [_field(one, control, piece) for one in spans])
    came = since.CONTROL_TYPES.get(control.type_name, "")
    return group(region.name, fields, sentence=sentence, since=came, problem=problem)


def _field(one: FieldSpan, control: ControlRecord, piece: Piece) -> Region:
    """One field of the record, with what is to be said of it."""
    sentence = _SENTENCES.get(one.path) or _SENTENCES.get(one.path.rpartition(".")[2], "")
    return schema_field(one, piece, sentence, control.type_name if one.path == "key.type" else "")
