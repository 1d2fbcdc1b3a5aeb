"""Kafka's versioned message schemas as data, and one interpreter that decodes them with spans."""

from .control_records import CONTROL_TYPES, ControlRecord, ControlType, decode_control_record
from .families import FAMILIES, load_family
from .interpreter import Decoded, decode, encode
from .reader import FieldSpan, SchemaError
from .schema import Field, Schema, Versions
from .snake_case import snake_case, with_snake_case
from .wire import UNKNOWN_TAGS, RawTaggedField

__all__ = [
    "CONTROL_TYPES",
    "FAMILIES",
    "UNKNOWN_TAGS",
    "ControlRecord",
    "ControlType",
    "Decoded",
    "Field",
    "FieldSpan",
    "RawTaggedField",
    "Schema",
    "SchemaError",
    "Versions",
    "decode",
    "decode_control_record",
    "encode",
    "load_family",
    "snake_case",
    "with_snake_case",
]
