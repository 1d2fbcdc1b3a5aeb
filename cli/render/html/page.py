"""The page as a stream of text: the template, with what was explained in its places."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from .data import data
from .listing import listing
from .said import findings, name, notes, what

if TYPE_CHECKING:
    from inspector.regions import Explanation

    from ..page import Page
    from ..style import Style

STYLES = ("page.css", "panes.css", "details.css", "print.css")
SCRIPTS = (
    *("data.js", "state.js", "rows.js", "hex.js", "tree.js"),
    *("bits.js", "steps.js", "details.js", "search.js", "page.js"),
)
"""In the order in which they stand in the page: each uses what those before it define."""

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def pieces(explanation: Explanation) -> Iterator[str]:
    """The whole page, piece by piece, in ASCII: whatever encoding it is written in, it stays what it is."""
    for index, part in enumerate(_PLACE.split(_text("page.html"))):
        pieces = _PLACES[part](explanation) if index % 2 else (part,)
        for piece in pieces:
            yield piece.encode("ascii", "xmlcharrefreplace").decode("ascii")


def write(explanation: Explanation, page: Page, _style: Style) -> None:
    """Writes the whole page, line by line."""
    begun = ""
    for piece in pieces(explanation):
        lines, newline, begun = (begun + piece).rpartition("\n")
        if newline:
            page.line(lines)


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _joined(names: Iterable[str]) -> str:
    return "".join(_text(name) for name in names)


def _style() -> str:
    return _joined(STYLES)


def _script() -> str:
    """All scripts as one that leaves no names behind."""
    return f'"use strict";\n(() => {{\n{_joined(SCRIPTS)}}})();\n'


def _policy() -> str:
    """Allows this style sheet and this script by their hashes, and nothing else at all."""
    hashes = (f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (_style(), _script()))
    allowed = "; ".join(f"{kind} {digest}" for kind, digest in zip(("style-src", "script-src"), hashes, strict=True))
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


_PLACES: dict[str, Callable[[Explanation], Iterable[str]]] = {
    "name": name,
    "what": what,
    "findings": findings,
    "notes": notes,
    "listing": listing,
    "data": data,
    "policy": lambda _: (_policy(),),
    "style": lambda _: (_style(),),
    "script": lambda _: (_script(),),
}
"""What stands in which place of the template."""
