"""Numbers as Kafka's serializers write them, big-endian: `ShortSerializer`, `IntegerSerializer`, `LongSerializer`,
`FloatSerializer`, `DoubleSerializer`."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from ..report import Decoded

_FLOAT_DIGITS = range(2, 10)
"""Nine significant digits tell any float of 32 bits from its neighbours; mostly fewer do."""


def _number(
    name: str, layout: str, shown: Callable[[float], object] = lambda number: number
) -> Callable[[bytes], Decoded]:
    form = struct.Struct(layout)

    def decode(data: bytes) -> Decoded:
        if len(data) != form.size:
            return Decoded(
                problem=f"not {name}: {len(data)} byte{'' if len(data) == 1 else 's'} instead of {form.size}"
            )
        return Decoded(shown(form.unpack(data)[0]))

    return decode


def _floating(number: float) -> object:
    """The number, or the name of what is none: JSON has no number for it."""
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"


def _shortest(number: float) -> object:
    """The shortest decimal number that is this float of 32 bits, as Java prints it, and not its 64-bit neighbour."""
    if not math.isfinite(number):
        return _floating(number)
    candidates = (float(f"{number:.{digits}g}") for digits in _FLOAT_DIGITS)
    return next((one for one in candidates if _as_float32(one) == number), number)


def _as_float32(number: float) -> float:
    try:
        rounded: float = struct.unpack(">f", struct.pack(">f", number))[0]
    except OverflowError:  # the greatest floats, rounded up
        return math.inf
    return rounded


int16 = _number("an int16", ">h")
int32 = _number("an int32", ">i")
int64 = _number("an int64", ">q")
float32 = _number("a float", ">f", _shortest)
float64 = _number("a double", ">d", _floating)
