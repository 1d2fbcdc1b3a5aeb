"""What whoever explains an entry of a log is told: a batch, or a message of the older formats."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..regions import Buffer
from .leaves import Piece
from .wanted import Wanted


@dataclass
class EntryExplainer:
    """Explains one entry. The piece holds its bytes, as many as there are.

    end: where it ends in the piece. buffer: the id for the decompressed bytes, should there be any; `buffers` has them.
    broken_at: the record that is known to break a rule, or None. too_large: its records are not to be opened.
    topic: whose records they are, as far as that is known: those of internal topics are opened.
    """

    piece: Piece
    end: int
    name: str
    wanted: Wanted
    buffer: int
    broken_at: int | None = None
    too_large: bool = False
    topic: str | None = None
    buffers: list[Buffer] = field(default_factory=list)
