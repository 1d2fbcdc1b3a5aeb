"""The same as plain tables: for paper, and for browsers that run no scripts.

On a screen with scripts it is there and hidden, so it is kept to a length that costs no time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from inspector.regions import GROUP, UNREAD

from .data import walk
from .said import text
from .words import value

if TYPE_CHECKING:
    from inspector.regions import Buffer, Explanation, Region

MOST_FIELDS = 2000
"""How many regions of a buffer are listed."""

MOST_BYTES = 48
"""How many bytes of a region are listed."""

_NAME, _CODE = re.compile("`([^`]*)`"), r"<code>\1</code>"
"""How a sentence names a field, and how the page does."""

_HEAD = "<thead><tr><th>position</th><th>bytes</th><th>field</th><th>value</th></tr></thead>"


def listing(explanation: Explanation) -> Iterator[str]:
    """A table for each buffer. A sentence is said once, at the first field that it is true of."""
    told: set[str] = set()
    for buffer in explanation.buffers:
        yield f"<h2>{text(buffer.name)}</h2>\n" if len(explanation.buffers) > 1 else ""
        yield f"<table>{_HEAD}<tbody>\n"
        yield from _rows(buffer, told)
        yield "</tbody></table>\n"


def _rows(buffer: Buffer, told: set[str]) -> Iterator[str]:
    shown = (one for one in walk(buffer.region) if one[1] is not buffer.region or one[1].kind != GROUP)
    for number, (depth, region) in enumerate(shown):
        if number == MOST_FIELDS:
            yield _row("group", "", f"Only the first {MOST_FIELDS:,} are listed here.")
            return
        yield _group(depth, region) if region.kind == GROUP else _field(buffer, region, told)


def _group(depth: int, region: Region) -> str:
    size = f"{region.span.size:,} bytes"
    heading = f"<b>{text(region.name)}</b> {text(region.shown)} <span>{size}</span>{_problem(region)}"
    return _row(f"group depth{min(depth, 6)}", str(region.span.position), heading)


def _row(kind: str, first: str, rest: str) -> str:
    return f'<tr class="{kind}"><td>{first}</td><td colspan="3">{rest}</td></tr>\n'


def _field(buffer: Buffer, region: Region, told: set[str]) -> str:
    cells = (
        str(region.span.position),
        f"<code>{_bytes(buffer, region)}</code>",
        text(region.name),
        f"{_value(region)}{_problem(region)}{_sentence(region, told)}",
    )
    kind = ' class="unread"' if region.kind == UNREAD or region.problem else ""
    return f"<tr{kind}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _value(region: Region) -> str:
    said = value(region)
    shown = f" <span>{text(region.shown)}</span>" if region.shown not in ("", said) else ""
    formula = f'<p class="formula">{text(region.formula)}</p>' if region.formula else ""
    return f"<b>{text(said)}</b>{shown}{formula}"


def _problem(region: Region) -> str:
    return "" if region.problem is None else f'<p class="problem">{text(region.problem)}</p>'


def _sentence(region: Region, told: set[str]) -> str:
    if not region.sentence or region.sentence in told:
        return ""
    told.add(region.sentence)
    since = f" <span>Since Kafka {text(region.since)}.</span>" if region.since else ""
    return f"<p>{_NAME.sub(_CODE, text(region.sentence))}{since}</p>"


def _bytes(buffer: Buffer, region: Region) -> str:
    found = buffer.bytes_of(region.span)
    digits = found[:MOST_BYTES].hex(" ")
    return f"{digits} \u2026" if region.span.size > MOST_BYTES else digits
