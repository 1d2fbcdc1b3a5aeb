"""What a start does, as data: the kinds of actions, how bad each is, and the sentence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How bad an action is. LOSS: intact batches go, or cannot be reached any more. REFUSAL: no start, or not here.

    CHANGE: bytes that are no intact batch go, or something is made anew. ROUTINE: what any start does.
    """

    ROUTINE = "routine"
    CHANGE = "change"
    LOSS = "loss"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the broker will do.

    kind: one of `KINDS`. file: its name in the partition's directory, as it is now; "" is the directory itself.
    position, end: the bytes concerned begin and end here. first_offset, last_offset: of the records concerned.
    batches, intact: how many batches are lost by it, and how many of them are intact. becomes: what is there
    afterwards (a size in bytes, a number of entries, an offset: `words` tells). words: what and why.
    branch: what it depends on that no file tells; "" for nothing. versions: of the broker, if it depends on them.
    """

    kind: str
    file: str = ""
    position: int | None = None
    end: int | None = None
    first_offset: int | None = None
    last_offset: int | None = None
    batches: int | None = None
    intact: int | None = None
    becomes: int | None = None
    words: str = ""
    branch: str = ""
    versions: str = ""

    @property
    def weight(self) -> Weight:
        """That of its kind; a cut that costs intact batches is a loss."""
        return Weight.LOSS if self.intact else KINDS[self.kind]

    @property
    def size(self) -> int:
        """How many bytes are concerned."""
        return 0 if self.position is None or self.end is None else self.end - self.position


KINDS: Mapping[str, Weight] = {
    "leave": Weight.ROUTINE,
    "log": Weight.ROUTINE,
    "scan": Weight.ROUTINE,
    "scan-missing-index": Weight.CHANGE,
    "truncate": Weight.CHANGE,
    "empty-segment": Weight.CHANGE,
    "delete-segment": Weight.CHANGE,
    "delete-all-segments": Weight.CHANGE,
    "create-segment": Weight.CHANGE,
    "split-segment": Weight.CHANGE,
    "rebuild-indexes": Weight.ROUTINE,
    "create-index": Weight.CHANGE,
    "delete-file": Weight.ROUTINE,
    "delete-replaced": Weight.CHANGE,
    "delete-orphan": Weight.CHANGE,
    "finish-swap": Weight.CHANGE,
    "delete-snapshot": Weight.ROUTINE,
    "delete-bad-snapshot": Weight.CHANGE,
    "write-snapshot": Weight.ROUTINE,
    "rewrite-epochs": Weight.ROUTINE,
    "end-short": Weight.LOSS,
    "ignore-checkpoint": Weight.CHANGE,
    "delete-directory": Weight.ROUTINE,
    "missing-topic-id": Weight.CHANGE,
    "stray": Weight.CHANGE,
    "delete-stray": Weight.LOSS,
    "maybe-stray": Weight.ROUTINE,
    "keep-stray": Weight.ROUTINE,
    "keep-future": Weight.ROUTINE,
    "go-offline": Weight.REFUSAL,
    "refuse": Weight.REFUSAL,
}
"""Every kind of action; docs/recovery.md has a line for each."""
