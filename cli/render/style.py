"""What was asked about the look of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo

from .formats import FORMATS


@dataclass(frozen=True, slots=True)
class Style:
    """Format, columns (None: the report's own choice), colour (auto, always, never), and how wordy.

    tz: the zone that tables show times in. pager: whether a table that is longer than the terminal may be paged.
    """

    format: str = "table"
    columns: tuple[str, ...] | None = None
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    tz: tzinfo = UTC
    pager: bool = True

    @property
    def is_table(self) -> bool:
        """A table is for people; the other formats are for machines."""
        return FORMATS[self.format].is_table

    @property
    def prefers_lines(self) -> bool:
        """For people a finding is one readable line rather than a row, unless they chose columns."""
        return self.is_table and self.columns is None
