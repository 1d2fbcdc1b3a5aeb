"""Payloads that are JSON (RFC 8259). What only some readers take, such as NaN, is not."""

from __future__ import annotations

import json as library
import math
import re
from typing import NoReturn

from ..report import Decoded

DEEPEST = 200
"""Deeper nesting is not followed: whoever reads our output would have to follow it too."""

_OPENING = re.compile(r"[\[{]")


def json(data: bytes) -> Decoded:
    """JSON text in UTF-8."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return Decoded(problem=f"not JSON: byte 0x{data[error.start]:02x} at {error.start} is not UTF-8")
    try:
        return plain(library.loads(text, parse_constant=_refuse, parse_float=_finite))
    except library.JSONDecodeError as error:
        return Decoded(problem=f"not JSON: {error.msg} at character {error.pos}")
    except ValueError as error:  # from us, or an integer of more digits than Python takes
        return Decoded(problem=str(error) if str(error).startswith("not JSON") else "not read: a number too long")
    except RecursionError:
        return Decoded(problem=_TOO_DEEP)


def plain(value: object) -> Decoded:
    """A value of the kinds that JSON knows, shown as JSON text; a reason where it is none, or nested too deeply."""
    try:
        text = library.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        return Decoded(problem=_TOO_DEEP)
    except (TypeError, ValueError) as error:
        return Decoded(problem=f"not read: {type(error).__name__}: {error}")
    if len(_OPENING.findall(text)) > DEEPEST and _is_deep(value):
        return Decoded(problem=_TOO_DEEP)
    return Decoded(value, text="JSON null" if value is None else text)


_TOO_DEEP = f"not read: nested deeper than {DEEPEST} levels"


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _children(outer)]
    return any(isinstance(one, dict | list) for one in level)


def _children(outer: dict[str, object] | list[object]) -> list[object]:
    return list(outer.values()) if isinstance(outer, dict) else outer


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"not JSON: {constant} is no number of it")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not JSON: a number beyond the range of a double")
    return number
