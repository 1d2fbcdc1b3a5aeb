"""How many columns of a terminal text takes, and how it is cut, wrapped and fitted to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from inspector.report import Hint

GAP = 2
LONG_TEXT = 24
"""Text columns keep so many characters before anything else gives way."""

MEDIUM_TEXT = 16
FLEXIBLE_FLOOR = 8
FLOOR = 3
FEWEST = 4
"""So many columns are shown however narrow the terminal is."""

RIGID = (Hint.NUMBER, Hint.SIZE, Hint.TIMESTAMP)
"""Cut only when cutting everything else to FLEXIBLE_FLOOR does not suffice."""

WidthOf = Callable[[str], int]


def measure(texts: Iterable[str]) -> WidthOf:
    """How to count the columns a text takes on a terminal: characters, unless some are wide or combine."""
    if all(map(str.isascii, texts)):
        return len
    from wcwidth import wcswidth

    return lambda text: len(text) if text.isascii() else max(0, wcswidth(text))


def cut(text: str, width: int, mark: str, width_of: WidthOf, keeps_end: bool = False) -> str:
    """The text, or as much of it as fits beside the mark: of its beginning, or of its end."""
    if width_of(text) <= width:
        return text
    kept = text[1 - width :] if keeps_end else text[: width - 1]
    while width_of(kept) > width - 1:
        kept = kept[1:] if keeps_end else kept[:-1]
    return f"{mark}{kept}" if keeps_end else f"{kept}{mark}"


def wrap(text: str, width: int) -> list[str]:
    """The text in lines that break at blanks; those behind the first are indented, so that they pass for no other.

    A word that is wider than the terminal stays whole, so that a path can be copied.
    """
    width_of = measure([text])
    if width_of(text) <= width:
        return [text]
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    lines, line = [], ""
    for number, word in enumerate(text.split(" ")):
        if line.strip() and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line = indent + word
        else:
            line = f"{line} {word}" if number else word
    return [*lines, line]


def words_of(name: str) -> list[str]:
    """The parts of a column's name, each with the underscore behind it."""
    return [word for word in re.split("(?<=_)", name) if word]


def folded(name: str, width: int) -> list[str]:
    """A column's name in as many lines as it takes, or in one where a word of it is wider than the column."""
    words = words_of(name)
    if len(name) <= width or any(len(word) > width for word in words):
        return [name]
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += word
    return lines


def fit(
    widths: list[int],
    hints: list[Hint],
    room: int | None,
    needs: list[int] | None = None,
    words: list[int] | None = None,
) -> list[int]:
    """The widths, narrowed until they fit, in each turn the widest first.

    The turns: long text, names that take more lines then (`words`: their longest word, or the cells), text, names that
    are cut then (`needs`: the cells), more of the text, everything.
    """
    if room is None:
        return widths
    flexible = [place for place, hint in enumerate(hints) if hint not in RIGID]
    everyone = list(range(len(widths)))
    narrowed = _narrowed(list(widths), flexible, [LONG_TEXT] * len(widths), room)
    narrowed = _narrowed(narrowed, everyone, words or widths, room)
    narrowed = _narrowed(narrowed, flexible, [MEDIUM_TEXT] * len(widths), room)
    narrowed = _narrowed(narrowed, everyone, [max(need, FLOOR) for need in needs or widths], room)
    narrowed = _narrowed(narrowed, flexible, [FLEXIBLE_FLOOR] * len(widths), room)
    return _narrowed(narrowed, everyone, [FLOOR] * len(widths), room)


def how_many(widths: list[int], hints: list[Hint], room: int | None, needs: list[int]) -> int:
    """How many of the columns a narrow terminal can hold so that they still tell something, and a mark behind them."""
    floors = [
        min(width, FLEXIBLE_FLOOR if hint not in RIGID else max(need, FLOOR))
        for width, hint, need in zip(widths, hints, needs, strict=True)
    ]
    count = len(widths)
    while room is not None and count > FEWEST and total(floors[:count]) + (count < len(widths)) * (GAP + 1) > room:
        count -= 1
    return count


def _narrowed(widths: list[int], candidates: list[int], floors: list[int], room: int) -> list[int]:
    left = [place for place in candidates if widths[place] > floors[place]]
    while left and total(widths) > room:
        widest = max(left, key=widths.__getitem__)
        widths[widest] -= 1
        if widths[widest] <= floors[widest]:
            left.remove(widest)
    return widths


def total(widths: list[int]) -> int:
    """The columns that a line of cells takes, gaps included."""
    return sum(widths) + GAP * (len(widths) - 1)
