"""Explained bytes in each format there is for them; what people read is in `field_tree.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from inspector.regions import ELIDED, GROUP, Buffer, Explanation, Region

from .values import as_json, json_value

if TYPE_CHECKING:
    from .page import Page
    from .style import Style


class Writer(Protocol):
    """Writes an explanation to a page."""

    def __call__(self, explanation: Explanation, page: Page, style: Style) -> None:
        """Writes all of it."""


@dataclass(frozen=True, slots=True)
class ExplainedFormat:
    """One format: what it is, and where its writer lies in this package, as `module.function`.

    is_text: for people. has_findings: findings and notes are part of it; else they are told beside it.
    """

    about: str
    writer: str
    is_text: bool = False
    has_findings: bool = True

    def load(self) -> Writer:
        """The writer, imported now that it is used."""
        module, _, name = self.writer.rpartition(".")
        writer: Writer = getattr(import_module(f".{module}", __package__), name)
        return writer


EXPLAINED_FORMATS = {
    "text": ExplainedFormat("for people, the default", "field_tree.write", is_text=True),
    "json": ExplainedFormat("one JSON object", "explained.write_json"),
    "jsonl": ExplainedFormat("one field a line", "explained.write_lines", has_findings=False),
}


def write_json(explanation: Explanation, page: Page, _style: Style) -> None:
    """One object, with the trees of regions nested."""
    page.line(as_json(as_object(explanation), ascii_only=not page.is_utf8))


def write_lines(explanation: Explanation, page: Page, _style: Style) -> None:
    """One object a leaf, with the names on the way to it."""
    for buffer in explanation.buffers:
        for path, leaf in _leaves(buffer):
            values = {"buffer": buffer.id, "path": path, **_own(leaf), **_hex(leaf, buffer)}
            page.line(as_json(values, ascii_only=not page.is_utf8))


def as_object(explanation: Explanation) -> dict[str, Any]:
    """An explanation as docs/json.md describes it."""
    return {
        "file": explanation.file,
        "what": explanation.what,
        "size": explanation.file_buffer.size,
        "buffers": [_buffer(buffer) for buffer in explanation.buffers],
        "findings": [_finding(finding) for finding in explanation.findings],
        "notes": list(explanation.notes),
    }


def _buffer(buffer: Buffer) -> dict[str, Any]:
    return {
        "id": buffer.id,
        "name": buffer.name,
        "size": buffer.size,
        "position": buffer.region.span.position,
        "hex": buffer.data.hex(),
        "region": _nested(buffer.region),
    }


def _nested(region: Region) -> dict[str, Any]:
    own = _own(region)
    return {**own, "children": [_nested(child) for child in region.children]} if region.kind == GROUP else own


def _own(region: Region) -> dict[str, Any]:
    """What a region says itself; what it has nothing to say of is left out."""
    values: dict[str, Any] = {
        "name": region.name,
        "position": region.span.position,
        "size": region.span.size,
        "kind": region.kind,
    }
    if region.kind != GROUP:
        values["value"] = json_value(region.value)
    more = {
        "shown": region.shown,
        "sentence": region.sentence,
        "formula": region.formula,
        "steps": list(region.steps),
        "since": region.since,
        "problem": region.problem,
        "opens": region.opens,
        "covers": region.covers and {"position": region.covers.position, "size": region.covers.size},
    }
    return {**values, **{name: value for name, value in more.items() if value}}


def _hex(leaf: Region, buffer: Buffer) -> dict[str, str]:
    return {} if leaf.kind in (ELIDED, "zeros") else {"hex": buffer.bytes_of(leaf.span).hex()}


def _leaves(buffer: Buffer) -> Iterator[tuple[str, Region]]:
    """The leaves, each with its path. The root of the file is left out of it, that of another buffer is not."""
    root = [buffer.name] if buffer.id else []
    for child in buffer.region.children:
        yield from _below(child, root)


def _below(region: Region, above: list[str]) -> Iterator[tuple[str, Region]]:
    path = [*above, region.name]
    if region.kind != GROUP:
        yield "/".join(path), region
    for child in region.children:
        yield from _below(child, path)


def _finding(finding: Any) -> dict[str, Any]:
    at = finding.location
    return {
        "code": finding.code,
        "slug": finding.slug,
        "severity": str(finding.severity),
        "position": at.position,
        "size": at.size,
        "batch": at.batch,
        "record": at.record,
        "field": at.field,
        "expected": json_value(finding.expected),
        "found": json_value(finding.found),
        "message": finding.message,
        "next_step": finding.next_step,
        "caused_by": finding.caused_by,
    }
