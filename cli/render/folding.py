"""Text in lines of a given width: broken at blanks, and inside words that are wider than a line."""

from __future__ import annotations

from .widths import WidthOf, measure


def fold_words(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns."""
    width_of = measure([text])
    if width_of(text) <= width:
        return [text] if text else []
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(joined) <= width:
            lines[-1] = joined
            continue
        pieces = _pieces(word, width, width_of)
        lines[-1:] = [lines[-1], *pieces] if lines[-1] else pieces
    return lines


def _pieces(word: str, width: int, width_of: WidthOf) -> list[str]:
    """A word cut where the line ends."""
    pieces = [""]
    for char in word:
        if pieces[-1] and width_of(pieces[-1] + char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces
