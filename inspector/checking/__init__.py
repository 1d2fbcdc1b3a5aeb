"""What is checked of a partition beyond the bytes of its batches: order, siblings, checkpoints. One rule a file.

`RULES` is the registry: the word of `kinspect verify --only`, what the verdict calls it, and the class.
"""

from __future__ import annotations

from typing import NamedTuple

from .epochs import LeaderEpochs
from .producers import Producers
from .rule import Around, Damage, Rule
from .snapshots import Snapshots
from .txn_index import TxnIndexes


class Check(NamedTuple):
    """One thing that can be asked for alone. title: in a sentence about what was not checked."""

    title: str
    rules: tuple[type[Rule], ...]


BYTES = "crc"
"""Not a rule: what the engines find on their way, CRC, framing, codecs, records and the order of offsets."""

CHECKS: dict[str, Check] = {
    BYTES: Check("CRCs and records", ()),
    "epochs": Check("leader epochs", (LeaderEpochs,)),
    "producers": Check("producer sequences", (Producers,)),
    "snapshot": Check("producer snapshots", (Snapshots,)),
    "txnindex": Check("indexes of aborted transactions", (TxnIndexes,)),
}

__all__ = ["BYTES", "CHECKS", "Around", "Check", "Damage", "Rule"]
