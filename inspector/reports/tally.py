"""Counts for the last line of a report: how much was read, and what was found, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..findings import KINDS, Finding, Severity
from ..found import not_kept
from ..words import counted

_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass(slots=True)
class Tally:
    """What has been read so far."""

    partitions: int = 0
    segments: int = 0
    snapshots: int = 0
    batches: int = 0
    records: int = 0


def findings_in_words(findings: list[Finding]) -> str:
    """`2 errors, 1 note`, or "" where there are none. Consequences of another finding are not counted."""
    by_severity = Counter(finding.severity for finding in findings if not finding.caused_by)
    for slug, count in not_kept(findings).items():
        by_severity[KINDS[slug].severity] += count
    return ", ".join(counted(by_severity[one], _NOUNS[one]) for one in reversed(Severity) if by_severity[one])


def damage_in_words(findings: list[Finding]) -> str:
    """Likewise, and a sentence where there are none."""
    return findings_in_words(findings) or "no damage seen"


def is_incomplete(findings: list[Finding]) -> bool:
    """True when part of the input was not read."""
    return any(finding.incomplete for finding in findings)
