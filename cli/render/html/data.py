"""The explanation as JSON for the scripts of the page.

The regions of a buffer are one flat list in the order of the tree, each with its depth, so that no depth of a tree is
too deep. Texts are named by their number in one list, as most of them are said of every record.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..escape import line
from .words import value

if TYPE_CHECKING:
    from inspector.location import Span
    from inspector.regions import Buffer, Explanation, Region

_CLOSING = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}
"""What could end a script element, or begin a comment, is escaped as JSON allows. (U+2028 and U+2029 are no ASCII.)"""


class Texts:
    """Every text once, under a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of this text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """The texts in the order of their numbers."""
        return list(self._numbers)


def data(explanation: Explanation) -> Iterator[str]:
    """One JSON object, safe within a script element."""
    texts = Texts()
    yield f'{{"file":{_json(line(explanation.file))},"buffers":[\n'
    for index, buffer in enumerate(explanation.buffers):
        yield from _buffer(buffer, texts, ",\n" if index else "")
    yield f'],\n"texts":{_json(texts.all())}}}'


def _buffer(buffer: Buffer, texts: Texts, before: str) -> Iterator[str]:
    facts = {"id": buffer.id, "name": line(buffer.name), "size": buffer.size}
    span = {"start": buffer.region.span.position, "end": buffer.region.span.end}
    yield f'{before}{_json({**facts, **span})[:-1]},"bytes":"{b64encode(buffer.data).decode()}","regions":[\n'
    for index, (depth, region) in enumerate(walk(buffer.region)):
        yield f"{',' if index else ''}{_json(_row(depth, region, texts))}\n"
    yield "]}"


def walk(region: Region) -> Iterator[tuple[int, Region]]:
    """Every region of the tree with its depth, those above before those below."""
    waiting = [(0, region)]
    while waiting:
        depth, next_one = waiting.pop()
        yield depth, next_one
        waiting.extend((depth + 1, child) for child in reversed(next_one.children))


def _row(depth: int, region: Region, texts: Texts) -> list[object]:
    """depth, name, kind, position, size, value, sentence, since, and by name what only some regions have."""
    words = (region.name, region.kind), (value(region), region.sentence, region.since)
    first, last = ([texts.number(line(word)) for word in part] for part in words)
    more = {name: what for name, what in _more(region, texts) if what is not None}
    return [depth, *first, region.span.position, region.span.size, *last, *([more] if more else [])]


def _more(region: Region, texts: Texts) -> Iterator[tuple[str, object]]:
    shown = "" if region.shown == value(region) else region.shown
    for name, text in (("shown", shown), ("formula", region.formula), ("problem", region.problem)):
        yield name, texts.number(line(text)) if text else None
    yield "steps", [texts.number(line(step)) for step in region.steps] or None
    yield "opens", region.opens
    yield "covers", _span(region.covers)


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else [span.buffer, span.position, span.size]


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).translate(_CLOSING)
