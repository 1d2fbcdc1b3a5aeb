"""What is said of the file as a whole: its name, its kind, what is wrong with it, what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from ..escape import line

if TYPE_CHECKING:
    from inspector.findings import Finding
    from inspector.regions import Explanation


def text(words: str) -> str:
    """Words on one line, as content of an element or value of an attribute."""
    return escape(line(words))


def name(explanation: Explanation) -> Iterator[str]:
    """The file as the user named it."""
    yield text(explanation.file)


def what(explanation: Explanation) -> Iterator[str]:
    """The kind of file, in a sentence."""
    yield text(explanation.what)


def findings(explanation: Explanation) -> Iterator[str]:
    """A list of what is wrong with the bytes; nothing where nothing is."""
    if explanation.findings:
        yield '<ul id="findings" class="findings" aria-label="Findings">\n'
        yield from (_finding(finding) for finding in explanation.findings)
        yield "</ul>\n"


def _finding(finding: Finding) -> str:
    """Its place is named so that a script can lead there."""
    position = finding.location.position
    place = "" if position is None else f' data-position="{position}"'
    at = "" if position is None else f' <span class="at">position {position:,}</span>'
    head = f'<b>{text(str(finding.severity))}</b> <span class="code">{text(finding.code)}</span>'
    return f'<li class="{text(str(finding.severity))}"{place}>{head} {text(finding.message)}{at}</li>\n'


def notes(explanation: Explanation) -> Iterator[str]:
    """A list of what was left out; nothing where all is there."""
    if explanation.notes:
        yield '<ul class="notes" aria-label="Notes">\n'
        yield from (f"<li>{text(note)}</li>\n" for note in explanation.notes)
        yield "</ul>\n"
