"""Explained bytes for people: positions and hex on the left, the tree of fields with all that is to say on the right.

Every line fits the terminal. What was said once (the same sentence, the same steps) is not said again, so that the
second record of a batch takes less room than the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from inspector.findings import Finding, Severity
from inspector.regions import BYTES, ELIDED, GROUP, UNREAD, Buffer, Explanation, Region

from .cells import Cells
from .escape import line
from .folding import fold_words
from .notes import COLORS, fold
from .prose import Prose

if TYPE_CHECKING:
    from .page import Page
    from .style import Style

WIDTH, NARROWEST, WIDEST = 80, 60, 120
"""Columns that are used: in a pipe, at least, and at most, as long lines are hard to read."""

BYTES_A_LINE = 8
HEX_WIDTH = 3 * BYTES_A_LINE - 1
HEX_LINES = 4
"""Lines of hex that a field shows before it is cut."""

GAP = "  "
INDENT = 2
VALUE_CHARACTERS = 160
"""A key or value shows so much of itself as text."""

_KIND_COLORS = {
    "varint": "magenta",
    "varlong": "magenta",
    "uvarint": "magenta",
    "uint32": "yellow",
    BYTES: "green",
    "text": "green",
    UNREAD: "red",
    ELIDED: "bright_black",
    "zeros": "bright_black",
}
_COLOR_OF_NUMBERS = "cyan"


def write(explanation: Explanation, page: Page, style: Style) -> None:
    """Writes all of it: the buffers one after the other, then the findings and notes."""
    for buffer in explanation.buffers:
        _Tree(buffer, page, quiet=style.quiet).write()
        page.gap()
    tell(explanation, page, style)


def tell(explanation: Explanation, page: Page, style: Style) -> None:
    """What was found, and what was left out."""
    prose = Prose(page)
    for finding, _ in fold(list(explanation.findings)):
        if not (style.quiet and finding.severity is Severity.INFO):
            _tell(finding, prose, style)
    for note in explanation.notes:
        prose.say(f"note: {line(note)}")
    page.flush()


def _tell(finding: Finding, prose: Prose, style: Style) -> None:
    text = f"{finding.severity} {finding.code} {finding.slug}: {line(str(finding))}"
    prose.say(text, word=finding.severity, fg=COLORS[finding.severity])
    if style.verbose and finding.next_step:
        prose.say(f"  next: {line(finding.next_step)}")


@dataclass(frozen=True, slots=True)
class _Said:
    """Something to say of a region, and in which colour."""

    text: str
    color: str | None = None
    bold: bool = False


@dataclass
class _Tree:
    """The tree of one buffer on a page. said: what need not be said again."""

    buffer: Buffer
    page: Page
    quiet: bool
    said: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        width = self.page.width or WIDTH
        self.width = min(max(width, NARROWEST), WIDEST)
        self.numbers = max(len("position"), len(str(self.buffer.region.span.end)))
        self.room = self.width - self.numbers - HEX_WIDTH - 2 * len(GAP)
        self.cells = Cells(self.page.can_write, limit=VALUE_CHARACTERS)

    def write(self) -> None:
        """Title, heading, and the regions."""
        title = f"{self.buffer.name}, {self.buffer.size:,} bytes"
        for text in fold_words(line(title), self.width):
            self.page.line(self.page.styled(text, bold=True))
        root = self.buffer.region
        since = f" Since {root.since}." if root.since else ""
        for text in fold_words(line(f"{root.sentence}{since}"), self.width):
            self.page.line(text)
        if root.problem is not None:
            self.page.line("\n".join(fold_words(f"broken: {line(root.problem)}", self.width)))
        self.page.gap()
        self.page.line(f"{'position':>{self.numbers}}{GAP}{'bytes':<{HEX_WIDTH}}{GAP}field")
        for child in self.buffer.region.children:
            self._region(child, 0)

    def _region(self, region: Region, depth: int) -> None:
        left = [self._size(region)] if region.kind == GROUP else list(self._hex(region))
        right = list(self._folded(region, depth * INDENT))
        self._lines(region, left, right)
        for child in region.children:
            self._region(child, depth + 1)

    # -- the left

    def _size(self, region: Region) -> str:
        return _bytes(region.span.size)

    def _hex(self, region: Region) -> Iterator[str]:
        """The bytes in lines; of many, the first ones and how many more there are."""
        if region.kind in (ELIDED, "zeros"):
            yield _bytes(region.span.size)
            return
        data = self.buffer.bytes_of(region.span)[: BYTES_A_LINE * HEX_LINES]
        for start in range(0, len(data), BYTES_A_LINE):
            yield data[start : start + BYTES_A_LINE].hex(" ")
        more = region.span.size - len(data)
        if more:
            yield f"{self.page.dots} {more:,} more byte{'' if more == 1 else 's'}"

    # -- the right

    def _folded(self, region: Region, indent: int) -> Iterator[_Said]:
        """All that is said of a region, in lines that fit."""
        for number, said in enumerate(self._says(region)):
            own = indent + (INDENT if number else 0)
            for text in fold_words(said.text, max(self.room - own, INDENT)):
                yield _Said(" " * own + text, said.color, said.bold)

    def _says(self, region: Region) -> Iterator[_Said]:
        yield _Said(self._headline(region), _color(region), bold=region.kind == GROUP)
        if region.problem is not None:
            yield _Said(f"broken: {line(region.problem)}", "red")
        if not self.quiet:
            since = f"Since {region.since}." if region.since else ""
            yield from self._once(f"{region.sentence} {since}".strip())
        if region.formula:
            yield from (_Said(line(part)) for part in region.formula.split("; "))
        yield from self._once(*region.steps, color="bright_black")

    def _once(self, *texts: str, color: str | None = None) -> Iterator[_Said]:
        """What was not said yet."""
        if texts in self.said or not any(texts):
            return
        self.said.add(texts)
        yield from (_Said(line(text), color) for text in texts)

    def _headline(self, region: Region) -> str:
        """The name, and the value as it is and in words."""
        name = line(region.name)
        if region.kind == ELIDED:
            return f"{name}, left out"
        shown = line(region.shown)
        if region.kind in (GROUP, UNREAD, "zeros"):
            return f"{name}: {shown}" if shown else name
        value = self._value(region)
        if region.opens is not None:
            return f"{name}: {shown}; buffer {region.opens} below"
        if region.value is None or not shown:
            return f"{name} = {value}"
        return f"{name} = {shown}" if region.value == b"" else f"{name} = {value}, {shown}"

    def _value(self, region: Region) -> str:
        is_payload = region.value is None or isinstance(region.value, bytes)
        return self.cells.payload(region.value) if is_payload else self.cells.plain(region.value)

    # -- both

    def _lines(self, region: Region, left: list[str], right: list[_Said]) -> None:
        color = _color(region)
        for number, (raw, said) in enumerate(zip_longest(left, right, fillvalue=None)):
            position = str(region.span.position) if not number else ""
            hexed = self.page.styled(f"{raw or '':<{HEX_WIDTH}}", fg=color)
            text = self.page.styled(said.text, fg=said.color, bold=said.bold or None) if said else ""
            self.page.line(f"{position:>{self.numbers}}{GAP}{hexed}{GAP}{text}".rstrip())


def _color(region: Region) -> str | None:
    return None if region.kind == GROUP else _KIND_COLORS.get(region.kind, _COLOR_OF_NUMBERS)


def _bytes(size: int) -> str:
    return f"{size:,} byte{'' if size == 1 else 's'}"
