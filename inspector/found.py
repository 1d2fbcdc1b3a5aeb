"""The findings of a whole answer, in memory that a segment full of damage cannot blow up.

Of each kind so many are kept as somebody may want to read; further ones are only counted. Where the findings themselves
are the rows of an answer, all of them pass as rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .findings import Finding

MOST_KEPT = 10_000
"""So many findings of a kind are kept."""


class Findings(list[Finding]):
    """A list of findings that stops growing. beyond: by slug, how many more there were, consequences left out."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        super().__init__()
        self.beyond: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self.extend(findings)

    def append(self, finding: Finding) -> None:
        """Keeps or counts one finding."""
        if self._kept[finding.slug] < MOST_KEPT:
            self._kept[finding.slug] += 1
            super().append(finding)
        elif not finding.caused_by:
            self.beyond[finding.slug] += 1

    def extend(self, findings: Iterable[Finding]) -> None:
        """Keeps or counts each."""
        for finding in findings:
            self.append(finding)

    def __iadd__(self, findings: Iterable[Finding]) -> Findings:  # type: ignore[misc, override]
        self.extend(findings)
        return self


def not_kept(findings: list[Finding]) -> Counter[str]:
    """How many findings there were beyond those in the list, by slug."""
    return findings.beyond if isinstance(findings, Findings) else Counter()
