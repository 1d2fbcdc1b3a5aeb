"""Values as machine formats have them: what JSON knows, the stored bytes, and nothing that steers a terminal.

Bytes are a string where they are valid UTF-8, else `{"$base64": "…"}`. Characters that could steer a terminal are
escaped inside the strings, which JSON readers undo.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterable
from enum import Enum

from inspector.report import Decoded, Hint, NotApplicable, Unreadable

_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def as_json(value: object, *, ascii_only: bool) -> str:
    """Compact enough for a line, spaced enough to be read."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text if ascii_only else _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_value(value: object, hint: Hint = Hint.PLAIN) -> object:
    """The value as JSON knows it; what does not exist or could not be read is null."""
    if value is None or isinstance(value, NotApplicable | Unreadable):
        return None
    if isinstance(value, Decoded):
        return json_value(value.value)
    if hint is Hint.HEADERS and isinstance(value, Iterable):
        return [[json_value(key), json_value(content)] for key, content in pairs(value)]
    if isinstance(value, bytes):
        return json_bytes(value)
    if isinstance(value, tuple | list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(name): json_value(item) for name, item in value.items()}
    return _scalar(value)


def _scalar(value: object) -> object:
    """Numbers, flags and names. JSON has no number for what is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, bool | int | float) and not isinstance(value, Enum):
        return value
    return json_text(str(value))


def json_bytes(value: bytes) -> object:
    """A string, or base64 under a name of its own."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64(value)


def json_text(text: str) -> object:
    """A name from the file system may hold bytes that are no text: then it is bytes."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    try:
        return base64(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return base64(text.encode("utf-8", "surrogatepass"))


def base64(value: bytes) -> dict[str, str]:
    """Bytes that are no text."""
    return {"$base64": b64encode(value).decode("ascii")}


def pairs(headers: Iterable[object]) -> Iterable[tuple[object, object]]:
    """Headers as (key, value), whether they come as pairs or as objects with these names."""
    for header in headers:
        if isinstance(header, tuple | list):
            yield header[0], header[1]
        else:
            yield getattr(header, "key", None), getattr(header, "value", None)
