"""What is checked of a partition beyond the bytes of its batches: order, siblings, checkpoints. One rule a file.

`CHECKS` is the registry: the word of `kinspect verify --only`, what the verdict calls it, and the rules.
"""

from __future__ import annotations

from typing import NamedTuple

from .checkpoints import Checkpoints
from .epochs import LeaderEpochs
from .gaps import Gaps
from .index import OffsetIndexes
from .order import Order
from .producers import Producers
from .rule import Around, Damage, Rule
from .snapshots import Snapshots
from .time_index import TimeIndexes
from .txn_index import TxnIndexes


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
    "producers": Check("producer sequences", (Producers,)),
    "snapshot": Check("producer snapshots", (Snapshots,)),
    "txnindex": Check("indexes of aborted transactions", (TxnIndexes,)),
}

__all__ = ["BYTES", "CHECKS", "Around", "Check", "Damage", "Rule"]
