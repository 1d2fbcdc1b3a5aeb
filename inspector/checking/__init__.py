"""What is checked of a partition beyond the bytes of its batches: order, siblings, checkpoints. One rule a file.

`RULES` is the registry: the word of `kinspect verify --only`, what the verdict calls it, and the class.
"""

from __future__ import annotations

from typing import NamedTuple

from .checkpoints import Checkpoints
from .epochs import LeaderEpochs
from .gaps import Gaps
from .index import OffsetIndexes
from .order import Order
from .rule import Around, Damage, Rule
from .time_index import TimeIndexes


class Check(NamedTuple):
    """One thing that can be asked for alone. title: in a sentence about what was not checked."""

    title: str
    rules: tuple[type[Rule], ...]


BYTES = "crc"
"""Not a rule: what the engines find on their way, CRC, framing, codecs, records and the order of offsets."""

CHECKS: dict[str, Check] = {
    BYTES: Check("CRCs and records", ()),
    "order": Check("order of batches and segments", (Order,)),
    "gaps": Check("gaps in the offsets", (Gaps,)),
    "epochs": Check("leader epochs", (LeaderEpochs,)),
    "checkpoints": Check("checkpoints and topic ids", (Checkpoints,)),
    "index": Check("offset indexes", (OffsetIndexes,)),
    "timeindex": Check("time indexes", (TimeIndexes,)),
}

__all__ = ["BYTES", "CHECKS", "Around", "Check", "Damage", "Rule"]
