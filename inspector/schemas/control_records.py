"""Control records: the schemas of their keys and values, and how to read one.

Two of the schemas have no version field of their own: there Kafka puts an int16 version in front of the message. In
bytes that is the same as a first field, so `_with_version` makes it one, and every key and value here begins with its
`version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from ..location import FILE_BUFFER
from .families import load_family
from .part import Part, Reading, as_sentence, surplus
from .reader import FieldSpan, SchemaError
from .schema import Schema

_VERSION_ONLY = Schema.load(
    {
        "name": "Version",
        "validVersions": "0",
        "flexibleVersions": "none",
        "fields": [{"name": "Version", "type": "int16", "versions": "0+"}],
    }
)


def _with_version(schema: Schema) -> Schema:
    return replace(schema, fields=(*_VERSION_ONLY.fields, *schema.fields))


_SCHEMAS = load_family("control_records")

CONTROL_RECORD_KEY = _with_version(_SCHEMAS["ControlRecordTypeSchema"])
END_TXN_MARKER = _with_version(_SCHEMAS["EndTxnMarker"])


class ControlType(NamedTuple):
    """A type of control record: its name and the schema of its value.

    only_appends: later versions add at the end, so that the newest known layout reads their beginning.
    """

    name: str
    schema: Schema
    only_appends: bool = False


CONTROL_TYPES: Mapping[int, ControlType] = {
    0: ControlType("ABORT", END_TXN_MARKER, only_appends=True),
    1: ControlType("COMMIT", END_TXN_MARKER, only_appends=True),
    2: ControlType("LEADER_CHANGE", _SCHEMAS["LeaderChangeMessage"]),
    3: ControlType("SNAPSHOT_HEADER", _SCHEMAS["SnapshotHeaderRecord"]),
    4: ControlType("SNAPSHOT_FOOTER", _SCHEMAS["SnapshotFooterRecord"]),
    5: ControlType("KRAFT_VERSION", _SCHEMAS["KRaftVersionRecord"]),
    6: ControlType("KRAFT_VOTERS", _SCHEMAS["VotersRecord"]),
}


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """A control record as far as it could be understood.

    type_name: as Kafka names it; `UNKNOWN(9)` for a type without a name, or one that the key does not vouch for,
        `UNKNOWN` if the key is too short to tell. A name can be trusted whatever `problem` says.
    type_id, key_version: None if the key is too short.
    value: the fields by name, `version` first; None if they could not be read to the end.
    spans: of key and value, paths beginning with `key` and `value`; together they cover every byte, those not
        understood as `key#rest` and `value#rest`.
    problem: what is not as it should be, in words; None for a record that is understood whole.
    """

    type_name: str
    type_id: int | None
    key_version: int | None
    value: dict[str, object] | None
    spans: tuple[FieldSpan, ...]
    problem: str | None


def decode_control_record(
    key: bytes | None,
    value: bytes | None,
    *,
    key_position: int = 0,
    value_position: int = 0,
    buffer: int = FILE_BUFFER,
) -> ControlRecord:
    """Read a record of a control batch. Never raises for what the bytes hold: the record says what is wrong.

    key_position, value_position: where key and value lie in `buffer`; control batches are not compressed, so that is
    the segment file as a rule.
    """
    head = _read_key(Part("key", key or b"", key_position, buffer))
    source = Part("value", value or b"", value_position, buffer)
    if head.value is None:
        return ControlRecord("UNKNOWN", None, None, None, head.spans + source.rest(0), head.problem)
    version, type_id = _number(head.value, "version"), _number(head.value, "type")
    kind = CONTROL_TYPES.get(type_id)
    if head.problem is not None or kind is None:
        problem = head.problem or f"key.type: expected 0 to {max(CONTROL_TYPES)}, found {type_id}"
        return ControlRecord(f"UNKNOWN({type_id})", type_id, version, None, head.spans + source.rest(0), problem)
    body = source.unread(f"value: expected {kind.schema.name}, found null") if value is None else _read(source, kind)
    return ControlRecord(kind.name, type_id, version, body.value, head.spans + body.spans, body.problem)


def _read_key(source: Part) -> Reading:
    """Kafka reads a key of any later version as version 0, ignores what follows, and refuses a negative version."""
    try:
        key = source.decode(CONTROL_RECORD_KEY, 0)
    except SchemaError as error:
        return source.unread(as_sentence(error), error.spans)
    version = _number(key.value, "version")
    problem = f"key.version: expected 0 or more, found {version}" if version < 0 else None
    return Reading(key.value, key.spans + source.rest(key.end), problem)


def _read(source: Part, kind: ControlType) -> Reading:
    """A value by the layout that its own version selects."""
    try:
        version = _number(source.decode(_VERSION_ONLY, 0).value, "version")
        layout, layout_version = _layout_for(kind, version)
        message = source.decode(layout, layout_version)
    except SchemaError as error:
        return source.unread(as_sentence(error), error.spans)
    rest = source.rest(message.end)
    problem = _unknown_version(kind, version) or (surplus(source.path, kind.schema, rest) if rest else None)
    return Reading(message.value, message.spans + rest, problem)


def _layout_for(kind: ControlType, version: int) -> tuple[Schema, int]:
    """The schema and version to read by: a guess at an unknown layout would be worse than its version alone."""
    if version in kind.schema.versions:
        return kind.schema, version
    if kind.only_appends and version > kind.schema.versions.highest:
        return kind.schema, kind.schema.versions.highest
    return _VERSION_ONLY, 0


def _unknown_version(kind: ControlType, version: int) -> str | None:
    if version in kind.schema.versions:
        return None
    layout, layout_version = _layout_for(kind, version)
    how = "only the version was read" if layout is _VERSION_ONLY else f"read as version {layout_version}"
    return f"value.version: expected {kind.schema.name} version {kind.schema.versions}, found {version}; {how}"


def _number(value: Mapping[str, object], name: str) -> int:
    return cast(int, value[name])
