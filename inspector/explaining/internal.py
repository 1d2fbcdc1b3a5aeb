"""Records of internal topics: key and value opened down to the fields of their schemas."""

from __future__ import annotations

from dataclasses import replace

from ..location import Span
from ..regions import BYTES, Region
from ..schemas import INTERNAL_TOPICS, FieldSpan, InternalRecord, Places, decode_internal_record
from .internal_facts import ABOUT, SENTENCES
from .internal_words import field_in_words, key_in_words, tombstone_in_words, value_in_words
from .leaves import Piece, group
from .schema_fields import as_regions, schema_field

FIELDS_SHOWN = 2_000
"""So many fields of one key or value are told apart."""

_MORE = "Fields like those in front of it, not told apart here."


def internal_regions(regions: list[Region], piece: Piece, topic: str | None) -> list[Region]:
    """The fields of a record of a topic, with its key and value opened where the topic is an internal one."""
    if topic not in INTERNAL_TOPICS:
        return regions
    by_name = {region.name: region for region in regions}
    key, value = by_name["key"], by_name["value"]
    places = Places(key.span.position, value.span.position, piece.buffer)
    record = decode_internal_record(topic or "", _payload(key), _payload(value), places) or InternalRecord()
    opened = {"key": _key(key, record, piece), "value": _value(value, record, piece)}
    return [opened.get(region.name, region) for region in regions]


def _payload(region: Region) -> bytes | None:
    return region.value if isinstance(region.value, bytes) else None


def _key(region: Region, record: InternalRecord, piece: Piece) -> Region:
    fields = _fields(record.key_spans, record, piece)
    if not fields:
        return replace(region, problem=region.problem or record.key_problem)
    sentence = f"Says what it is: {record.type_name}." if record.type_name else region.sentence
    return group("key", fields, sentence=sentence, shown=key_in_words(record), problem=record.key_problem)


def _value(region: Region, record: InternalRecord, piece: Piece) -> Region:
    fields = _fields(record.value_spans, record, piece)
    if region.value is None and record.key is not None:
        return replace(region, sentence=tombstone_in_words(record))
    if not fields:
        return replace(region, problem=region.problem or record.value_problem)
    about, came = ABOUT.get(record.type_name, ("", ""))
    sentence = f"{record.type_name}. {about}" if about else region.sentence
    shown = value_in_words(record)
    return group("value", fields, sentence=sentence, shown=shown, since=came, problem=record.value_problem)


def _fields(spans: tuple[FieldSpan, ...], record: InternalRecord, piece: Piece) -> list[Region]:
    """The spans as regions; nothing where they are but one stretch of bytes."""
    if not spans or spans[0].path.endswith("#rest"):
        return []
    shown = spans[:FIELDS_SHOWN]
    fields = as_regions(shown, [_field(one, record.type_name, piece) for one in shown])
    return [*fields, *_more(spans, piece)]


def _more(spans: tuple[FieldSpan, ...], piece: Piece) -> list[Region]:
    """The fields beyond those that are told apart, as bytes."""
    if len(spans) <= FIELDS_SHOWN:
        return []
    start, end = spans[FIELDS_SHOWN].span.position, spans[-1].span.end
    data = piece.data[start - piece.origin : end - piece.origin]
    span = Span(start, end - start, piece.buffer)
    shown = "" if spans[-1].path.endswith("#rest") else f"{len(spans) - FIELDS_SHOWN:,} fields"
    return [Region("more fields", span, BYTES, data, shown, _MORE)]


def _field(one: FieldSpan, type_name: str, piece: Piece) -> Region:
    """One field, with what is to be said of it: by its own name, or by that of the array that it is an element of."""
    field = one.path.rpartition(".")[2].partition("[")[0]
    if one.path == "value#api_key" or one.path == "key#type":
        return schema_field(one, piece, SENTENCES[one.path], type_name)
    by_type = SENTENCES.get(f"{type_name.removeprefix('Legacy')}.{field}")
    sentence = SENTENCES.get(one.path) or by_type or SENTENCES.get(field, "")
    return schema_field(one, piece, sentence, field_in_words(type_name, field, one.value))
