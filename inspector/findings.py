"""Findings: what is wrong, odd or worth knowing about bytes that were read, each with its place.

What kinds there are is told in `kinds/`. A kind with `incomplete` means that part of the input was not read, so the
answer is not whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .kinds import KINDS, Kind, Severity
from .location import Location

__all__ = ["KINDS", "Finding", "Kind", "Severity"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: its kind (a slug of `KINDS`), where, what was expected and what was there.

    first_offset, last_offset: the offsets concerned, as far as known.
    caused_by: `<slug> at <place>` of the finding this one follows from; consequences are folded in what users see.
    damage: the kind of damage that the bytes look like (`bit-flip`, `torn-write` …), a hypothesis; diagnosis: in words.
    """

    slug: str
    location: Location
    expected: object = None
    found: object = None
    first_offset: int | None = None
    last_offset: int | None = None
    caused_by: str | None = None
    damage: str | None = None
    diagnosis: str | None = None

    @property
    def kind(self) -> Kind:
        """The line of the table this finding belongs to."""
        return KINDS[self.slug]

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.kind.severity

    @property
    def code(self) -> str:
        """The stable code, for instance KI-2003."""
        return self.kind.code

    @property
    def next_step(self) -> str:
        """What a person can do now."""
        return self.kind.next_step

    @property
    def incomplete(self) -> bool:
        """True when part of the input was not read because of this."""
        return self.kind.incomplete

    @property
    def message(self) -> str:
        """In plain words, without the place."""
        sentence = self.kind.sentence.format(expected=self.expected, found=self.found)
        return f"{sentence}; {self.diagnosis}" if self.diagnosis else sentence

    @property
    def damages_batch(self) -> bool:
        """True when the records of the batch concerned cannot be trusted as a whole."""
        return self.code.startswith("KI-3") and self.severity is Severity.ERROR

    @property
    def as_cause(self) -> str:
        """What the `caused_by` of its consequences says: a consequence hands on its own cause."""
        return self.caused_by or f"{self.slug} at position {self.location.position}"

    def because(self, cause: str) -> Finding:
        """The same finding as a consequence of another, named by slug and place."""
        return replace(self, caused_by=cause)

    def as_slug(self, slug: str) -> Finding:
        """The same place and values under another kind."""
        return replace(self, slug=slug)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"
