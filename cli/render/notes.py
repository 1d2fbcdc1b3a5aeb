"""What is said about the rows: titles, facts, summaries, findings, evidence and the verdict.

In a table all of it stands on stdout around the rows; beside data for machines, what matters goes to stderr.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from inspector.findings import Severity

from .escape import line

if TYPE_CHECKING:
    from inspector.findings import Finding
    from inspector.report import Report, Section, Verdict

    from .prose import Prose
    from .style import Style

MOST_OF_A_KIND = 20
"""How many findings of one kind a table shows before it only counts them."""

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


class Notes:
    """Writes what stands around the rows, and remembers which findings were told."""

    def __init__(self, report: Report, style: Style, prose: Prose) -> None:
        self._report = report
        self._style = style
        self._prose = prose
        self._page = prose.page
        self._told = 0
        self._seen: Counter[str] = Counter()

    def open(self, section: Section) -> None:
        """Title and facts, before the rows of a table."""
        if not self._style.is_table:
            return
        self._page.gap()
        if section.title:
            self._prose.title(line(section.title))
        for name, text in section.facts:
            self._prose.fact(line(name), line(text))

    def close(self, section: Section) -> None:
        """Summaries and findings, after the rows; where the findings are the rows, they come first."""
        if self._report.rows_are_findings:
            self.findings()
        self._sum_up_rows(section)
        self.findings()
        self._page.flush()

    def _sum_up_rows(self, section: Section) -> None:
        source = f"{line(section.title)}: " if section.title and not self._style.is_table else ""
        for text in section.closing():
            self._prose.say(source + line(text))

    def findings(self) -> None:
        """The findings that came since this was last called, unless the rows are the findings."""
        new = self._report.findings[self._told :]
        self._told += len(new)
        if self._report.rows_are_findings and not self._style.prefers_lines:
            return
        for finding, consequences in self._folded(new):
            if self._style.quiet and finding.severity == Severity.INFO:
                continue
            self._seen[finding.slug] += 1
            if not self._is_cut_off(finding.slug):
                self._tell(finding, consequences)

    def end(self, verdict: Verdict) -> None:
        """Everything that is said once: findings of no section, counts of what was left out, evidence, verdict."""
        if self._style.is_table:
            self._page.gap()
        self.findings()
        self._count_the_rest()
        for text in () if self._style.quiet else verdict.lines:
            self._prose.say(line(text))
        self._tell_what_it_cost()
        self.sum_up(verdict)

    def sum_up(self, verdict: Verdict) -> None:
        """The last lines: the verdict, and whether it rests on everything."""
        if is_incomplete(self._report, verdict):
            self._prose.say("incomplete: not all of the input could be read", fg="red")
        if verdict.text:
            self._prose.say(line(verdict.text), bold=True, fg=self._mood(verdict))
        self._page.flush()

    def _tell_what_it_cost(self) -> None:
        size = self._report.progress.meter.bytes_read
        if self._style.verbose and size:
            self._prose.say(f"read: {size:,} bytes of segments and indexes")

    def _is_cut_off(self, slug: str) -> bool:
        return self._style.is_table and not self._style.verbose and self._seen[slug] > MOST_OF_A_KIND

    def _folded(self, findings: list[Finding]) -> list[tuple[Finding, int]]:
        """Each finding with the number of consequences that it stands for."""
        return [(finding, 0) for finding in findings] if self._style.verbose else fold(findings)

    def _tell(self, finding: Finding, consequences: int) -> None:
        more = f" (+{consequences} consequence{'s' if consequences > 1 else ''})" if consequences else ""
        text = f"{finding.severity} {finding.code} {finding.slug}: {line(str(finding))}{more}"
        self._prose.say(text, word=finding.severity, fg=COLORS[finding.severity])
        if self._style.verbose and finding.caused_by:
            self._prose.say(f"  follows from: {line(finding.caused_by)}")
        if self._style.verbose and finding.next_step:
            self._prose.say(f"  next: {line(finding.next_step)}")

    def _mood(self, verdict: Verdict) -> str:
        is_bad = not (verdict.ok and verdict.matched) or is_incomplete(self._report, verdict)
        return "red" if is_bad or any(f.severity is Severity.ERROR for f in self._report.findings) else "green"

    def _count_the_rest(self) -> None:
        if self._report.rows_are_findings and not self._style.prefers_lines:
            return  # they all passed as rows
        beyond = self._report.not_kept
        for slug, count in self._seen.items():
            told = MOST_OF_A_KIND if self._is_cut_off(slug) else count
            if told < count + beyond[slug]:
                how = " (all: -v)" if not beyond[slug] else " (all: kinspect verify -J)"
                self._prose.say(f"{self._page.dots} and {count + beyond[slug] - told:,} more {slug}{how}")


def is_incomplete(report: Report, verdict: Verdict) -> bool:
    """True when part of the input was not read, whoever says so."""
    return verdict.incomplete or any(finding.incomplete for finding in report.findings)


def fold(findings: list[Finding]) -> list[tuple[Finding, int]]:
    """Takes consequences into the finding they follow from: the last one before them of the kind they name.

    A consequence whose cause is not among these findings stands for itself.
    """
    folded: list[tuple[Finding, int]] = []
    place_of_cause: dict[str, int] = {}
    for finding in findings:
        place = place_of_cause.get((finding.caused_by or "").split(" ")[0].rstrip(":,"))
        if place is not None:
            folded[place] = (folded[place][0], folded[place][1] + 1)
            continue
        if finding.caused_by is None:
            place_of_cause[finding.slug] = len(folded)
        folded.append((finding, 0))
    return folded
