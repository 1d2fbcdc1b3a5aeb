"""What of a log directory `verify` is to look at, and how fast. Text in, values out; nothing is read here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..checking import BYTES, CHECKS, Check, Rule
from ..engine import ScanRequest
from ..partition import PartitionLog
from ..words import counted, utc

COUNTED = ScanRequest(columns=())
"""Every record is decoded, and none is kept."""

HEADERS = ScanRequest(records=False, check_crc=False)

MAX_RATE = 2**63 - 1

_RATE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([kmgt]?i?)b?(?:/s)?", re.IGNORECASE)
_UNITS = {"": 1, **{f"{letter}": 1000**power for power, letter in enumerate("kmgt", start=1)}}
_UNITS |= {f"{letter}i": 1024**power for power, letter in enumerate("kmgt", start=1)}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked: by which checks (None: all), of which segments, and how many bytes a second are read at most.

    modified_since: epoch milliseconds; segments whose files were last written to before are not read.
    """

    only: frozenset[str] | None = None
    modified_since: int | None = None
    max_rate: int | None = None

    @property
    def checks(self) -> dict[str, Check]:
        """The checks that run, by name."""
        return {name: check for name, check in CHECKS.items() if self.only is None or name in self.only}

    @property
    def not_run(self) -> list[str]:
        """What the other checks are about, in words."""
        return [check.title for name, check in CHECKS.items() if name not in self.checks]

    @property
    def reads_records(self) -> bool:
        """Whether every record is looked at."""
        return BYTES in self.checks

    def request(self, rules: Iterable[Rule]) -> ScanRequest:
        """What to read for these rules: no more than they need, and the headers alone where these tell it."""
        rules = list(rules)
        if self.reads_records or any(rule.columns for rule in rules):
            return COUNTED
        return HEADERS if all(rule.skims for rule in rules) else ScanRequest(records=False)

    def left_out(self, log: PartitionLog) -> frozenset[str]:
        """The names of the segment files that were not modified since."""
        if self.modified_since is None:
            return frozenset()
        return frozenset(one.file_name for one in log.segments if not self.holds(one.path))

    def holds(self, path: Path) -> bool:
        """Whether a file is to be read. One that cannot be asked is: whoever opens it says why."""
        if self.modified_since is None:
            return True
        try:
            return path.stat().st_mtime_ns >= self.modified_since * 1_000_000
        except OSError:
            return True


EVERYTHING = Scope()


@dataclass(slots=True)
class LeftOut:
    """What was not checked. segments, snapshots: files not modified since. titles: checks that need all of a log."""

    scope: Scope
    segments: int = 0
    snapshots: int = 0
    titles: dict[str, None] = field(default_factory=dict)

    def in_words(self) -> str:
        """`not checked: …` for the verdict, "" where nothing is left."""
        parts = [*self.scope.not_run, *self._files()]
        return f"not checked: {', '.join(parts)}" if parts else ""

    def _files(self) -> Iterator[str]:
        if self.scope.modified_since is None or not (self.segments or self.snapshots):
            return
        kinds = ((self.segments, "segment"), (self.snapshots, "KRaft snapshot"))
        files = " and ".join(counted(count, noun) for count, noun in kinds if count)
        there = f", and in the logs that these belong to {', '.join(self.titles)}" if self.titles else ""
        yield f"{files} not modified since {utc(self.scope.modified_since)}{there}"


def parse_rate(text: str) -> int:
    """Bytes a second as users type them: `20MiB`, `50MB/s`, `1000000`. Raises ValueError with a sentence."""
    match = _RATE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise ValueError(f"'{text}' is no rate: 50MB, 20MiB, or bytes a second")
    rate = int(float(match[1]) * unit)
    if not 0 < rate <= MAX_RATE:
        raise ValueError(f"'{text}' is no rate to read at: from 1 byte a second on")
    return rate
