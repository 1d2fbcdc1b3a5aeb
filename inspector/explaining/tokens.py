"""Pieces of text as leaves."""

from __future__ import annotations

from typing import Any

from ..regions import BYTES, Region
from .leaves import Piece

TEXT = "text"


def token(name: str, piece: Piece, start: int, end: int, sentence: str = "", **more: Any) -> Region:
    """A piece of text as a leaf; as bytes where it is no UTF-8."""
    raw = piece.data[start:end]
    span = piece.span(start, end)
    try:
        return Region(name, span, TEXT, raw.decode(), sentence=sentence, **more)
    except UnicodeDecodeError:
        return Region(name, span, BYTES, raw, sentence=sentence, **more)
