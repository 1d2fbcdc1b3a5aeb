"""Findings at the regions that they are about: the field that broke says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..findings import Finding
from ..regions import Region

NO_DAMAGE = frozenset(("preallocated-tail", "zeroed-tail"))
"""What is found, and is as it should be."""


def tell(trees: Sequence[Region], findings: Iterable[Finding]) -> list[Region]:
    """The trees with each finding at its field; at the first tree, the whole entry, where there is no such field."""
    told = list(trees)
    for finding in findings:
        path = _path(finding)
        for number, tree in enumerate(told):
            changed = _at(tree, path, finding.message) if path else None
            if changed is not None:
                told[number] = changed
                break
        else:
            told[0] = replace(told[0], problem=told[0].problem or finding.message)
    return told


def _path(finding: Finding) -> list[tuple[str, ...]]:
    """The names on the way to the field, as far as the finding has them; a record may be a message."""
    at = finding.location
    record = [] if at.record is None else [(f"record {at.record}", f"message {at.record}")]
    return [*record, (at.field,)] if at.field else list(record)


def _at(region: Region, path: list[tuple[str, ...]], problem: str) -> Region | None:
    """The tree with the problem at the field; None where the field is not in it."""
    left = path[1:] if region.name in path[0] else path
    if not left:
        return replace(region, problem=region.problem or problem)
    for number, child in enumerate(region.children):
        changed = _at(child, left, problem)
        if changed is not None:
            children = (*region.children[:number], changed, *region.children[number + 1 :])
            return replace(region, children=children)
    return None


def tell_at_positions(regions: Sequence[Region], findings: Iterable[Finding]) -> list[Region]:
    """The regions with each finding at the one in which it lies, at its field where it names one."""
    told = list(regions)
    for finding in findings:
        position = finding.location.position or 0
        number = next((n for n, one in enumerate(told) if one.span.position <= position < one.span.end), None)
        if number is not None and finding.slug not in NO_DAMAGE:
            told[number] = tell([told[number]], [finding])[0]
    return told
