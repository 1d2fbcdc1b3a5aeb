"""Which part of a file is to be explained."""

from __future__ import annotations

from dataclasses import dataclass

RECORDS_SHOWN = 20
"""So many records of a batch are opened unasked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; all None: everything, or as much of it as fits.

    position: the entry that holds this byte. offset: the entry that holds this offset. batch: the entry of this
    number, from 0; negative ones count from the end. limit: how many records of a batch are opened (0: all).
    """

    position: int | None = None
    offset: int | None = None
    batch: int | None = None
    limit: int = RECORDS_SHOWN

    @property
    def is_everything(self) -> bool:
        """Whether no entry was chosen."""
        return self.position is None and self.offset is None and self.batch is None


EVERYTHING = Wanted()
