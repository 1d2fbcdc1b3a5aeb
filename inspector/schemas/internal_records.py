"""Records of Kafka's internal topics: which schemas their keys and values have, and how to read one.

The coordinators put an int16 in front of each: in the key it says which record it is, in the value which version
(`CoordinatorRecordSerde`). Metadata have no key, and in front of the message three unsigned varints: the version of
this frame, the message's `apiKey`, and its version (`AbstractApiMessageSerde`, `BytesApiMessageSerde`).

In some values lie bytes that are a message of the consumer protocol (`ConsumerProtocol`); they are opened too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple, cast

from ..location import FILE_BUFFER
from .families import load_family
from .part import Part, Reading, Spans, as_sentence
from .reader import FieldSpan, Reader, SchemaError
from .schema import Schema

CLUSTER_METADATA = "__cluster_metadata"
FRAME_VERSION = 1

MOST_FIELDS = 20_000
"""So many fields of a key or a value are told apart: a group of a thousand members has about as many."""

KEY, VALUE, MESSAGE = "coordinator-key", "coordinator-value", "metadata"
"""Types of schemas, as Kafka names them."""

_SUBSCRIPTION, _ASSIGNMENT = "ConsumerProtocolSubscription", "ConsumerProtocolAssignment"
_INSIDE: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "GroupMetadata": (
        (re.compile(r"value\.members\[\d+\]\.subscription"), _SUBSCRIPTION),
        (re.compile(r"value\.members\[\d+\]\.assignment"), _ASSIGNMENT),
    ),
    "ConsumerGroupMemberMetadata": (
        (re.compile(r"value\.classicMemberMetadata\.supportedProtocols\[\d+\]\.metadata"), _SUBSCRIPTION),
    ),
}
"""Fields of a record that hold a message of the consumer protocol."""


@dataclass(frozen=True, slots=True)
class InternalRecord:
    """A record of an internal topic as far as it could be understood.

    type_name: `OffsetCommit`, `TopicRecord` …; "" where the record does not tell one that is known.
    key, value: the fields by name; None where there are none, or they were not read to the end, as they could not be
        (then there is a problem) or are more than `MOST_FIELDS`.
    key_spans, value_spans: paths beginning with `key` and `value`; together they cover every byte, those not
        understood as `#rest`. What stands in front of a message is `key#type`, `value#version`, `value#frame_version`,
        `value#api_key`.
    key_problem, value_problem: what is not as it should be, in words.
    """

    type_name: str = ""
    key: dict[str, object] | None = None
    value: dict[str, object] | None = None
    key_spans: Spans = ()
    value_spans: Spans = ()
    key_problem: str | None = None
    value_problem: str | None = None


class Places(NamedTuple):
    """Where key and value lie in a buffer."""

    key: int = 0
    value: int = 0
    buffer: int = FILE_BUFFER


def decode_internal_record(topic: str, key: bytes | None, value: bytes | None, places: Places) -> InternalRecord | None:
    """A record of `topic`; None where the topic is not one of `INTERNAL_TOPICS`.

    Never raises for what the bytes hold: the record says what is wrong.
    """
    how = INTERNAL_TOPICS.get(topic)
    if how is None:
        return None
    key_part = None if key is None else Part("key", key, places.key, places.buffer, MOST_FIELDS)
    value_part = None if value is None else Part("value", value, places.value, places.buffer, MOST_FIELDS)
    return how.read(how.family, key_part, value_part)


@cache
def schemas_of(family: str) -> Mapping[tuple[str, int | None], Schema]:
    """The schemas of a family by their type and number."""
    return {(schema.type, schema.api_key): schema for schema in load_family(family).values()}


# -- the coordinators


def _of_coordinator(family: str, key: Part | None, value: Part | None) -> InternalRecord:
    if key is None:
        spans = value.rest(0) if value else ()
        return InternalRecord(value_spans=spans, value_problem="key: expected the type of the record, found null")
    try:
        head = key.head(_int16("key#type"))
    except SchemaError as error:
        return _unknown(key.unread(as_sentence(error)), value)
    type_id = cast(int, head[0].value)
    schema = schemas_of(family).get((KEY, type_id))
    if schema is None:
        return _unknown(key.unread(f"key.type: no record of type {type_id} is known, and Kafka skips it", head), value)
    read, name = key.message(schema, 0, head), schema.name.removesuffix("Key")
    body = _value(schemas_of(family)[VALUE, type_id], value)
    body = _opened(body, name, value) if value else body
    return InternalRecord(name, read.value, body.value, read.spans, body.spans, read.problem, body.problem)


def _unknown(key: Reading, value: Part | None) -> InternalRecord:
    return InternalRecord(
        key_spans=key.spans, value_spans=value.rest(0) if value else (), key_problem=key.problem
    )  # fmt: skip


def _value(schema: Schema, value: Part | None) -> Reading:
    if value is None:
        return Reading(None, ())
    try:
        head = value.head(_int16("value#version"))
    except SchemaError as error:
        return value.unread(as_sentence(error))
    return value.message(schema, cast(int, head[0].value), head)


def _int16(path: str) -> Callable[[Reader], None]:
    def read(reader: Reader) -> None:
        start = reader.position
        number = int.from_bytes(reader.take(2, path), "big", signed=True)
        reader.note(path, start, number)

    return read


# -- what lies in a value


def _opened(body: Reading, name: str, value: Part) -> Reading:
    """A value with what of it is a message of the consumer protocol opened."""
    patterns = _INSIDE.get(name, ())
    if not patterns or not body.value or body.value.get("protocolType", "consumer") != "consumer":
        return body
    parts, room = list[Reading](), MOST_FIELDS - len(body.spans)
    for one in body.spans:
        parts.append(_inside(one, patterns, value._replace(most=room)))
        room -= len(parts[-1].spans) - 1
    problems = (part.problem for part in parts if part.problem)
    spans = tuple(chain.from_iterable(part.spans for part in parts))
    return body._replace(spans=spans, problem=body.problem or next(problems, None))


def _inside(one: FieldSpan, patterns: tuple[tuple[re.Pattern[str], str], ...], value: Part) -> Reading:
    """A field, opened if it holds a message, and if there is room for a field of that."""
    schema = next((name for pattern, name in patterns if pattern.fullmatch(one.path)), None)
    if schema is None or not isinstance(one.value, bytes) or not one.value or value.most <= 0:
        return Reading(None, (one,))
    part = Part(one.path, one.value, one.span.position, value.buffer, value.most)
    return _protocol(part, load_family("consumer_protocol")[schema])


def _protocol(part: Part, schema: Schema) -> Reading:
    """Kafka reads a later version as the last one it knows, and never minds what follows."""
    try:
        head = part.head(_int16(f"{part.path}#version"))
    except SchemaError as error:
        return part.unread(as_sentence(error))
    read = part.message(schema, min(cast(int, head[0].value), schema.versions.highest), head)
    return read if read.value is None else read._replace(problem=None)


# -- metadata


def _of_metadata(family: str, key: Part | None, value: Part | None) -> InternalRecord:
    keys = key.rest(0) if key else ()
    if value is None:
        return InternalRecord(key_spans=keys, value_problem="value: expected a message, found null")
    name, read = _message(family, value)
    return InternalRecord(name, None, read.value, keys, read.spans, None, read.problem)


def _message(family: str, value: Part) -> tuple[str, Reading]:
    try:
        head = value.head(_frame)
    except SchemaError as error:
        return "", value.unread(as_sentence(error), error.spans)
    frame, api_key, version = (cast(int, one.value) for one in head)
    if frame != FRAME_VERSION:
        problem = f"value.frame_version: expected {FRAME_VERSION}, found {frame}"
        return "", value.unread(problem, head)
    schema = schemas_of(family).get((MESSAGE, api_key))
    if schema is None:
        return "", value.unread(f"value.api_key: no message of the number {api_key} is known", head)
    return schema.name, value.message(schema, version, head)


def _frame(reader: Reader) -> None:
    for mark in ("frame_version", "api_key", "version"):
        start = reader.position
        reader.note(f"value#{mark}", start, reader.varint(f"value#{mark}"))


class _How(NamedTuple):
    """How records of a topic are read, and by the schemas of which family."""

    read: Callable[[str, Part | None, Part | None], InternalRecord]
    family: str


INTERNAL_TOPICS: Mapping[str, _How] = {
    "__consumer_offsets": _How(_of_coordinator, "consumer_offsets"),
    "__transaction_state": _How(_of_coordinator, "transaction_state"),
    "__share_group_state": _How(_of_coordinator, "share_group_state"),
    CLUSTER_METADATA: _How(_of_metadata, "cluster_metadata"),
    "__remote_log_metadata": _How(_of_metadata, "remote_log_metadata"),
}
"""The topics whose records the broker itself writes and reads."""
