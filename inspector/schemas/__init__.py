"""Kafka's versioned message schemas as data, and one interpreter that decodes them with spans."""

from .control_records import CONTROL_TYPES, ControlRecord, ControlType, decode_control_record
from .families import FAMILIES, load_family
from .internal_records import CLUSTER_METADATA, INTERNAL_TOPICS, InternalRecord, Places, decode_internal_record
from .interpreter import Decoded, decode, encode
from .reader import FieldSpan, SchemaError
from .schema import Field, Schema, Versions
from .snake_case import snake_case, with_snake_case
from .wire import UNKNOWN_TAGS, RawTaggedField

__all__ = [
    "CLUSTER_METADATA",
    "CONTROL_TYPES",
    "FAMILIES",
    "INTERNAL_TOPICS",
    "UNKNOWN_TAGS",
    "ControlRecord",
    "ControlType",
    "Decoded",
    "Field",
    "FieldSpan",
    "InternalRecord",
    "Places",
    "RawTaggedField",
    "Schema",
    "SchemaError",
    "Versions",
    "decode",
    "decode_control_record",
    "decode_internal_record",
    "encode",
    "load_family",
    "snake_case",
    "with_snake_case",
]
