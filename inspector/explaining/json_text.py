"""A file of one JSON object, member by member."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from ..regions import Region
from .leaves import Piece, group, unread
from .tokens import token

PUNCTUATION = "punctuation"

_NAME = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*')


def json_object(sentences: Mapping[str, str]) -> Callable[[Piece], list[Region]]:
    """One object of JSON, member by member; as one text where it is none."""

    def regions(piece: Piece) -> list[Region]:
        return _members(piece, sentences) if piece.data else []

    return regions


def _members(piece: Piece, sentences: Mapping[str, str]) -> list[Region]:
    """Read as one byte a character, so that places in the text are positions."""
    text = piece.data.decode("latin-1")
    opening = re.match(r"\s*\{\s*", text)
    if opening is None:
        return [token("content", piece, 0, len(text))]
    regions, position = [token(PUNCTUATION, piece, 0, opening.end())], opening.end()
    while (name := _NAME.match(text, position)) is not None:
        end = _value_end(text, name.end())
        if end is None:
            break
        parts = [token("name", piece, position, name.end()), _value(name[1], piece, name.end(), end, sentences)]
        regions.append(group(name[1], parts))
        position = end
        comma = re.compile(r"\s*,\s*").match(text, position)
        if comma is not None:
            regions.append(token(PUNCTUATION, piece, position, comma.end()))
            position = comma.end()
    if position < len(text):
        is_end = text[position:].strip() == "}"
        rest = piece.span(position, len(text))
        last = (
            token(PUNCTUATION, piece, position, len(text))
            if is_end
            else unread("rest", rest, "no member of the object")
        )
        regions.append(last)
    return regions


def _value(name: str, piece: Piece, start: int, end: int, sentences: Mapping[str, str]) -> Region:
    return token("value", piece, start, end, sentences.get(name, ""))


def _value_end(text: str, start: int) -> int | None:
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None
