"""Payload bytes → what they mean, for those who say how they were serialized. Nothing is guessed here.

A decoder is a function from bytes to `Decoded`: a value of the kinds that JSON knows, or the reason why there is none.
It never raises. Other packages add theirs as entry points of the group `kinspect.decoders`: functions from bytes to a
`Decoded` or to a plain value. They are loaded when they are asked for by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..names import no_such
from ..report import Decoded
from . import json, numbers, text

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Decoder = Callable[[bytes], Decoded]

AUTO = "auto"
"""The name for no decoder: tables show text where the bytes are UTF-8, else hexadecimal digits."""

ENTRY_POINTS = "kinspect.decoders"

BUILT_IN: Mapping[str, Decoder] = {
    "utf8": text.utf8,
    "json": json.json,
    "hex": text.hexadecimal,
    "base64": text.base64,
    "int16": numbers.int16,
    "int32": numbers.int32,
    "int64": numbers.int64,
    "float": numbers.float32,
    "double": numbers.float64,
    "uuid": text.uuid,
}


def find(name: str) -> Decoder:
    """The decoder of this name. Raises ValueError with a sentence where there is none, or where it cannot be loaded."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    others = entry_points()
    if name not in others:
        raise ValueError(no_such("type", name, (AUTO, *BUILT_IN, *others)))
    try:
        return guarded(name, others[name].load())
    except Exception as error:  # it is somebody else's code
        raise ValueError(f"the decoder '{name}' cannot be loaded: {type(error).__name__}: {error}") from error


def entry_points() -> dict[str, EntryPoint]:
    """The decoders of other packages, by name, not loaded yet."""
    from importlib import metadata

    return {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}


def guarded(name: str, decoder: Callable[[bytes], object]) -> Decoder:
    """Somebody else's decoder, with failures as reasons, and plain values as `Decoded`."""

    def decode(data: bytes) -> Decoded:
        try:
            made = decoder(data)
            return _sound(made) if isinstance(made, Decoded) else json.plain(made)
        except Exception as error:
            return Decoded(problem=f"{name} failed: {type(error).__name__}: {error}")

    return decode


def _sound(made: Decoded) -> Decoded:
    """What somebody else made of a payload, as `Decoded` promises it."""
    if made.problem is not None:
        return Decoded(problem=str(made.problem))
    as_json = json.plain(made.value)
    return as_json if as_json.problem else Decoded(made.value, text=None if made.text is None else str(made.text))
