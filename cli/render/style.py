"""What was asked about the look of an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Format, columns (None: the report's own choice), colour (auto, always, never), and how wordy."""

    format: str = "table"
    columns: tuple[str, ...] | None = None
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False

    @property
    def is_table(self) -> bool:
        """A table is for people; the other formats are for machines."""
        return self.format == "table"

    @property
    def prefers_lines(self) -> bool:
        """For people a finding is one readable line rather than a row, unless they chose columns."""
        return self.is_table and self.columns is None
