"""What a kind of finding is: its code, how bad it is, and what to say of it."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How much it matters; comparable, so that `--fail-on` is one comparison."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Kind(NamedTuple):
    """One line of the table: stable code, severity, sentence (with {expected} and {found}), next step."""

    code: str
    severity: Severity
    sentence: str
    next_step: str
    incomplete: bool = False


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
"""For the tables."""
